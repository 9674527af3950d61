"""Access lists as one JSON object, in the shape of pypicloud's export, so that either side reads it.

::

    {"version": …, "allow_register": true,
     "users": [{"username": …, "admin": false, "password": hash}],
     "pending_users": [{"username": …, "password": hash}],
     "groups": {group: [member, …]},
     "packages": {"users": {project: {user: ["read", …]}},
                  "groups": {project: {group: ["read", …]}}}}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pypicloud_like.access.names import group_name, parse_project, user_name
from pypicloud_like.access.policy import BUILT_IN_GROUPS
from pypicloud_like.core.errors import InvalidRequest
from pypicloud_like.core.model import Grants, Project, Right

VERSION = "1"

_KEYS = frozenset({"version", "allow_register", "users", "pending_users", "groups", "packages"})
_Rights = dict[str, frozenset[Right]]


@dataclass(frozen=True, slots=True)
class DumpedUser:
    """A user with the hash of their password."""

    name: str
    password: str
    admin: bool = False


@dataclass(frozen=True, slots=True)
class AclDump:
    """All of an access backend. Names are in normal form; ``allow_register`` is None if nothing is
    said of it. ``users`` and ``pending`` are by name.
    """

    users: Mapping[str, DumpedUser] = field(default_factory=dict)
    pending: Mapping[str, DumpedUser] = field(default_factory=dict)
    groups: Mapping[str, frozenset[str]] = field(default_factory=dict)
    grants: Mapping[Project, Grants] = field(default_factory=dict)
    allow_register: bool | None = None


def to_json(dump: AclDump) -> dict[str, Any]:
    """The dump as a JSON object, everything sorted."""
    grants = sorted(dump.grants.items())
    return {
        "version": VERSION,
        "allow_register": bool(dump.allow_register),
        "users": [
            {"username": user.name, "admin": user.admin, "password": user.password}
            for _, user in sorted(dump.users.items())
        ],
        "pending_users": [
            {"username": user.name, "password": user.password} for _, user in sorted(dump.pending.items())
        ],
        "groups": {group: sorted(members) for group, members in sorted(dump.groups.items())},
        "packages": {
            "users": {str(project): _words(held.users) for project, held in grants if held.users},
            "groups": {str(project): _words(held.groups) for project, held in grants if held.groups},
        },
    }


def parse_dump(data: Mapping[str, Any]) -> AclDump:
    """What an export says. Keys may be absent; spellings of one project are taken together.

    :raises InvalidRequest: the field that is malformed, unknown, or names two users alike
    """
    unknown = _object(data, "export").keys() - _KEYS
    if unknown:
        raise InvalidRequest(str(min(unknown, key=str)), "is not a part of an access export")
    allow = data.get("allow_register")
    if allow is not None and not isinstance(allow, bool):
        raise InvalidRequest("allow_register", "must be true or false")
    users = _users(data, "users")
    pending = _users(data, "pending_users")
    both = users.keys() & pending.keys()
    if both:
        raise InvalidRequest("pending_users", f"'{min(both)}' is also among users")
    packages = _object(data.get("packages", {}), "packages")
    if packages.keys() - {"users", "groups"}:
        raise InvalidRequest("packages", "must have users and groups only")
    return AclDump(users, pending, _groups(data), _grants(packages), allow)


def _words(rights: Mapping[str, frozenset[Right]]) -> dict[str, list[str]]:
    return {principal: sorted(right.value for right in held) for principal, held in sorted(rights.items())}


def _users(data: Mapping[str, Any], key: str) -> dict[str, DumpedUser]:
    users: dict[str, DumpedUser] = {}
    for index, item in enumerate(_array(data.get(key, []), key)):
        field_name = f"{key}[{index}]"
        entry = _object(item, field_name)
        name = _name(entry.get("username"), f"{field_name}.username", user_name)
        password = entry.get("password")
        admin = entry.get("admin", False)
        if not isinstance(password, str) or not password:
            raise InvalidRequest(f"{field_name}.password", "must be a password hash")
        if not isinstance(admin, bool):
            raise InvalidRequest(f"{field_name}.admin", "must be true or false")
        if name in users:
            raise InvalidRequest(field_name, f"'{name}' is there twice")
        users[name] = DumpedUser(name, password, admin)
    return users


def _groups(data: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    groups: dict[str, frozenset[str]] = {}
    for key, members in _object(data.get("groups", {}), "groups").items():
        name = _name(key, "groups", group_name)
        listed = frozenset(
            _name(member, f"groups.{key}", user_name) for member in _array(members, f"groups.{key}")
        )
        groups[name] = groups.get(name, frozenset()) | listed
    return groups


def _grants(packages: Mapping[str, Any]) -> dict[Project, Grants]:
    users = _rights_by_project(packages, "users", user_name)
    groups = _rights_by_project(packages, "groups", _any_group)
    return {
        project: Grants(users.get(project, {}), groups.get(project, {}))
        for project in sorted(users.keys() | groups.keys())
    }


def _rights_by_project(
    packages: Mapping[str, Any], key: str, named: Callable[[str], str]
) -> dict[Project, _Rights]:
    found: dict[Project, _Rights] = {}
    for spelling, principals in _object(packages.get(key, {}), f"packages.{key}").items():
        field_name = f"packages.{key}.{spelling}"
        held = found.setdefault(parse_project(spelling), {})
        for text, words in _object(principals, field_name).items():
            name = _name(text, field_name, named)
            held[name] = held.get(name, frozenset()) | _rights(words, f"{field_name}.{text}")
    return {project: held for project, held in found.items() if held}


def _rights(words: Any, field_name: str) -> frozenset[Right]:
    try:
        return frozenset(Right(word) for word in _array(words, field_name))
    except ValueError as error:
        raise InvalidRequest(field_name, "must be a list of read and write") from error


def _any_group(text: str) -> str:
    return text if text in BUILT_IN_GROUPS else group_name(text)


def _name(text: Any, field_name: str, checked: Callable[[str], str]) -> str:
    if not isinstance(text, str):
        raise InvalidRequest(field_name, "must be a name")
    try:
        return checked(text)
    except InvalidRequest as error:
        raise InvalidRequest(field_name, f"{text[:100]!r}: {error.reason}") from error


def _object(value: Any, field_name: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidRequest(field_name, "must be an object")
    return value


def _array(value: Any, field_name: str) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise InvalidRequest(field_name, "must be a list")
    return list(value)
