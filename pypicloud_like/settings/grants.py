"""The lines of an .ini file that make users, groups and grants: ``user.*``, ``group.*``, ``package.*``.

Read strictly: a line that is not understood gives nobody anything, it stops the start.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from pypicloud_like.core.model import Grants, Project, Right
from pypicloud_like.settings import parse
from pypicloud_like.settings.given import Given
from pypicloud_like.settings.model import Secret
from pypicloud_like.settings.projects import parse_project

LINES = ("user.", "group.", "package.")
BUILT_IN = frozenset({"everyone", "authenticated"})
BUILT_IN_IN_LISTS = BUILT_IN | {"admin"}
RESERVED_USERS = BUILT_IN | {"anonymous", "__token__", "password", "scopes", "invites", "member", "tokens"}
RESERVED_GROUPS = RESERVED_USERS | BUILT_IN_IN_LISTS
"""Names that mean something else in access lists, in logins with a token, or in addresses."""

_PACKAGE = re.compile(r"package\.(?P<project>.+)\.(?P<kind>user|group)\.(?P<principal>.+)\Z")
_CUT_BY_COLON = re.compile(r"(?P<name>\S+\.(?:user|group)\.\S+?)\s*=")
_RIGHTS = {
    "r": frozenset({Right.READ}),
    "w": frozenset({Right.WRITE}),
    "rw": frozenset({Right.READ, Right.WRITE}),
    "wr": frozenset({Right.READ, Right.WRITE}),
    "read": frozenset({Right.READ}),
    "write": frozenset({Right.WRITE}),
}


@dataclass(slots=True)
class AccessLists:
    """Users with their password hashes, groups with their members, and the grants."""

    users: dict[str, Secret] = field(default_factory=dict)
    groups: dict[str, frozenset[str]] = field(default_factory=dict)
    grants: dict[Project, Grants] = field(default_factory=dict)


def read(lines: Iterable[Given], fault: Callable[[str], None]) -> AccessLists:
    """The access lists of these lines; what is wrong with them goes to ``fault``."""
    lists = AccessLists()
    readers = {"user": _read_user, "group": _read_group}
    rights: dict[Project, dict[str, dict[str, frozenset[Right]]]] = {}
    ordered = sorted(lines, key=lambda given: LINES.index(given.key.partition(".")[0] + "."))
    for given in ordered:
        try:
            if given.source != "ini":
                raise ValueError("users, groups and grants cannot come from the environment")  # noqa: TRY301 - one place makes the fault
            reader = readers.get(given.key.partition(".")[0])
            if reader:
                reader(lists, given)
            else:
                _read_grant(lists, rights, given)
        except ValueError as error:
            fault(given.fault(str(error)))
    lists.grants = {project: Grants(kinds["user"], kinds["group"]) for project, kinds in rights.items()}
    return lists


def _read_user(lists: AccessLists, given: Given) -> None:
    name = parse.principal(given.key.removeprefix("user."))
    if name in RESERVED_USERS:
        raise ValueError(f"{name!r} is reserved")
    if name in lists.users:
        raise ValueError(f"the user {name} is there already, in another spelling")
    if not given.text.startswith("$"):
        raise ValueError("must be a password hash; `pypicloud-like gen-password` makes one")
    lists.users[name] = Secret(given.text)


def _read_group(lists: AccessLists, given: Given) -> None:
    name = parse.principal(given.key.removeprefix("group."))
    if name in RESERVED_GROUPS:
        raise ValueError(f"{name!r} is reserved")
    if name in lists.groups:
        raise ValueError(f"the group {name} is there already, in another spelling")
    members = parse.principals(given.text)
    unknown = members - lists.users.keys()
    if unknown:
        raise ValueError(f"no such user: {', '.join(sorted(unknown))}")
    lists.groups[name] = members


def _read_grant(
    lists: AccessLists, rights: dict[Project, dict[str, dict[str, frozenset[Right]]]], given: Given
) -> None:
    match = _PACKAGE.match(given.key)
    if match is None:
        raise ValueError(_explain_key(given))
    project, kind = parse_project(match["project"]), match["kind"]
    principal = parse.principal(match["principal"])
    known: Mapping[str, object] = lists.users if kind == "user" else lists.groups
    if principal not in known and not (kind == "group" and principal in BUILT_IN):
        raise ValueError(f"no such {kind}: {principal}")
    words = rights.setdefault(project, {"user": {}, "group": {}})[kind]
    if principal in words:
        raise ValueError(f"{project} has this line already, in another spelling")
    words[principal] = _rights(given.text)


def _rights(text: str) -> frozenset[Right]:
    """The words of pypicloud, ``r``, ``rw``, and longer ones; nothing at all is a grant of nothing."""
    words = text.split()
    unknown = [word for word in words if word not in _RIGHTS]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is no right; write r, w, rw, read, write or nothing")
    return frozenset().union(*(_RIGHTS[word] for word in words))


def _explain_key(given: Given) -> str:
    ecosystem = given.key.removeprefix("package.")
    cut = _CUT_BY_COLON.match(given.text)
    if cut:
        return f"a colon ends the key in an .ini file; write package.{ecosystem}/{cut['name']} = …"
    return "must be package.<project>.user.<name> or package.<project>.group.<name>"
