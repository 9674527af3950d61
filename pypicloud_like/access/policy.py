"""The one decision: may this caller do this act on this project? Pure functions over plain data.

The rules are pypicloud's: explicit grants on a project replace the defaults, write does not imply
read, administrators read and write everything, overwriting and deleting are given by group lists.
Added to them: owners, publishing of new names, and the scope of a token, which only ever takes away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import TypeGuard

from pypicloud_like.core.model import Account, Caller, Grants, Project, Right
from pypicloud_like.settings.model import AccessSettings

EVERYONE = "everyone"
AUTHENTICATED = "authenticated"
ADMINISTRATORS = "admin"
BUILT_IN_GROUPS = frozenset({EVERYONE, AUTHENTICATED, ADMINISTRATORS})
"""Groups that follow from who someone is. A backend's group of such a name counts for nothing."""

FAILED_LOGIN = Caller(via="failed")
"""Whoever sent a wrong password: they may read what anybody may read, and nothing else. Otherwise a
mistyped password would upload as nobody where everybody may upload.
"""

_ANYBODY = frozenset({EVERYONE})
_SIGNED_IN = frozenset({EVERYONE, AUTHENTICATED})


class Act(StrEnum):
    """What somebody may want to do. The values are the words of a token's scope."""

    READ = "read"
    WRITE = "write"
    """upload a file"""
    OVERWRITE = "overwrite"
    """replace a file by other bytes"""
    DELETE = "delete"
    YANK = "yank"
    """yank and un-yank, change the project's status"""
    OWNERS = "owners"
    """say who owns it"""
    CREATE = "create"
    """publish a name that does not exist here"""
    CACHE_UPDATE = "cache_update"
    """have files fetched from an upstream"""
    ADMIN = "admin"
    """server administration"""
    ACCOUNT = "account"
    """one's own account: password, tokens, sessions"""


PACKAGE_ACTS = frozenset(Act) - {Act.ADMIN, Act.ACCOUNT}
"""What a token may do unless it is told: everything with packages, nothing with people."""


def allows(
    caller: Caller,
    act: Act,
    project: Project | None,
    *,
    grants: Grants | None,
    owner: bool,
    exists: bool,
    rules: AccessSettings,
    held: bool = False,
) -> bool:
    """Whether ``caller`` may do ``act`` on ``project``.

    ``project`` of None stands for a project of which nothing is said (no grants, no owner): the
    answer by default. ``grants`` are the explicit ones on the project, ``owner`` whether the caller
    owns it, ``exists`` whether the name exists here: WRITE on one that does not is CREATE. ``held`` says
    that the name is in a scope that belongs to its members: the defaults let nobody else write there.
    ADMIN and ACCOUNT concern no project.

    ADMIN and ACCOUNT need somebody; a pending account is nobody. Every act must stand in a token's
    scope by its own word: no act of a scope brings another with it.
    """
    if act is Act.WRITE and not exists:
        act = Act.CREATE
    if not in_scope(caller, act, project):
        return False
    account = live(caller)
    if act is Act.ADMIN or act is Act.ACCOUNT:
        return account is not None and (account.admin or act is Act.ACCOUNT)
    groups = principals(account)
    if act is Act.OWNERS:
        groups -= _SIGNED_IN  # who owns it is for somebody in particular to say
    right, by_default, also_in = _terms(act, rules)
    if held and right is Right.WRITE:
        by_default = frozenset()
    return (also_in is None or _in_any(groups, also_in)) and (
        (account is not None and (account.admin or owner))
        or (_granted(right, account, groups, grants) if _is_explicit(grants) else _in_any(groups, by_default))
    )


def live(caller: Caller) -> Account | None:
    """The caller's account, unless it is still pending: such a caller is anonymous."""
    account = caller.account
    return None if account is None or account.pending else account


def in_scope(caller: Caller, act: Act, project: Project | None) -> bool:
    """Whether the caller's credentials let them ask at all. A scope of some projects only does not reach
    what concerns no project in particular. A token without a scope may do nothing, and
    :data:`FAILED_LOGIN` only read.
    """
    scope = caller.scope
    if scope is None:
        return act is Act.READ if caller.via == "failed" else caller.via != "token"
    return act in scope.actions and (
        scope.projects is None or (project is not None and is_among(project, scope.projects))
    )


def is_among(project: Project, others: Collection[Project]) -> bool:
    """Whether a project is one of these, or one of these patterns stands for it."""
    return project in others or any(other.covers(project) for other in others)


def principals(account: Account | None) -> frozenset[str]:
    """The groups somebody is in, the built-in ones included."""
    if account is None:
        return _ANYBODY
    groups = _SIGNED_IN | (account.groups - BUILT_IN_GROUPS)
    return groups | {ADMINISTRATORS} if account.admin else groups


def _terms(act: Act, rules: AccessSettings) -> tuple[Right, frozenset[str], frozenset[str] | None]:
    """What an act needs: the right on the project, the groups that have it by default, and the groups
    of which somebody must be in one besides (None: of none).
    """
    match act:
        case Act.READ:
            return Right.READ, rules.default_read, None
        case Act.CACHE_UPDATE:
            return Right.READ, rules.default_read, rules.cache_update
        case Act.CREATE if rules.create_groups is not None:
            by_default = rules.create_groups
        case Act.OWNERS:
            by_default = frozenset()  # what they do would outlast the default
        case Act.OVERWRITE:
            return Right.WRITE, rules.default_write, rules.overwrite_groups
        case Act.DELETE:
            return Right.WRITE, rules.default_write, rules.delete_groups
        case _:
            by_default = rules.default_write
    return Right.WRITE, by_default, None


def _is_explicit(grants: Grants | None) -> TypeGuard[Grants]:
    """Whether anybody was given anything, be it nothing at all: then the defaults do not apply."""
    return grants is not None and bool(grants.users or grants.groups)


def _granted(right: Right, account: Account | None, groups: frozenset[str], grants: Grants) -> bool:
    if account is not None and right in grants.users.get(account.name, ()):
        return True
    return any(right in rights and group in groups for group, rights in grants.groups.items())


def _in_any(groups: frozenset[str], listed: frozenset[str]) -> bool:
    return not groups.isdisjoint(listed)


@dataclass(frozen=True)
class ReadSet:
    """What one caller may read of one ecosystem: all, or only what a pattern stands for; and in each case
    ``exceptions`` the other way round.
    """

    default: bool
    exceptions: frozenset[Project]
    patterns: frozenset[Project] = frozenset()

    def __contains__(self, project: Project) -> bool:
        return (project in self.exceptions) != self._by_rule(project)

    def _by_rule(self, project: Project) -> bool:
        return self.default or any(pattern.covers(project) for pattern in self.patterns)

    @cached_property
    def digest(self) -> str:
        """A text that is equal for equal sets in every process; ``ALL`` when all may be read."""
        if self.default and not self.exceptions:
            return "ALL"
        hashed = hashlib.sha256(b"all but" if self.default else b"only")
        for project in sorted(self.exceptions | self.patterns):
            hashed.update(f"\n{project.ecosystem}\t{project.name}".encode())
        return hashed.hexdigest()[:32]


def readable(
    caller: Caller,
    ecosystem: str,
    *,
    grants: Mapping[Project, Grants],
    owned: frozenset[Project],
    rules: AccessSettings,
) -> ReadSet:
    """All that ``caller`` may read of an ecosystem: exactly where :func:`allows` lets them READ.

    ``grants`` are all explicit grants, ``owned`` the projects the caller owns and the patterns of such.
    """

    def may_read(project: Project | None, explicit: Grants | None = None) -> bool:
        return allows(
            caller, Act.READ, project, grants=explicit, owner=owns(project, owned), exists=True, rules=rules
        )

    def may_read_any(pattern: Project) -> bool:
        """Whether they read what a pattern stands for, where nothing else is said of it."""
        return may_read(Project(ecosystem, pattern.name[:-1]))

    default = may_read(None)
    named = caller.scope.projects if caller.scope is not None and caller.scope.projects is not None else ()
    special = {each for each in (*grants, *owned, *named) if each.ecosystem == ecosystem}
    patterns = frozenset(each for each in special if each.name.endswith("*"))
    reads = ReadSet(
        default, frozenset(), frozenset() if default else frozenset(filter(may_read_any, patterns))
    )
    exceptions = (each for each in special - patterns if may_read(each, grants.get(each)) != (each in reads))
    return replace(reads, exceptions=frozenset(exceptions))


def owns(project: Project | None, owned: frozenset[Project]) -> bool:
    """Whether a project is among what somebody owns, itself or by its scope."""
    return project in owned or (project is not None and project.space in owned)
