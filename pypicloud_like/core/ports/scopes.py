"""The port of scopes: parts of a namespace that belong to their members."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ScopeRecord:
    """One scope, its name without ``@``. Times are aware, UTC.

    ``ci_only`` says that people may not publish, only jobs with an identity of their own; ``verify_actor``
    that whoever started such a job must be a member.
    """

    name: str
    description: str
    creator: str
    ci_only: bool
    verify_actor: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who publishes in a scope; an admin also says who else does."""

    scope: str
    user: str
    admin: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Invite:
    """Somebody who was asked to become a member, and by whom."""

    scope: str
    user: str
    inviter: str
    created_at: datetime


class Scopes(Protocol):
    """Scopes, who is in them and who was asked. Each change is one transaction with its audit row."""

    def add(self, name: str, *, creator: str, description: str = "") -> ScopeRecord:
        """Make a scope; its creator is its first admin.

        :raises Conflict: there is one of this name, hyphens aside
        """

    def some(
        self, *, containing: str = "", start: int = 0, limit: int = 50
    ) -> tuple[Sequence[ScopeRecord], int]:
        """Scopes by name, from the ``start``-th on, and how many there are in all.

        :param containing: a part of the name
        """

    def scope(self, name: str) -> ScopeRecord | None:
        """The scope of just this name."""

    def update(
        self,
        name: str,
        *,
        actor: str | None,
        description: str | None = None,
        ci_only: bool | None = None,
        verify_actor: bool | None = None,
    ) -> ScopeRecord:
        """Change what is not None. :raises NotFound: there is no such scope"""

    def remove(self, name: str, *, actor: str | None) -> None:
        """Remove a scope with its members and invites. :raises NotFound: there is no such scope"""

    def of_user(self, user: str) -> Sequence[ScopeRecord]:
        """The scopes that somebody is a member of, by name."""

    def created_by(self, user: str) -> int:
        """How many scopes somebody made that still are there."""

    def members(self, scope: str) -> Sequence[Member]:
        """The members, by name."""

    def member(self, scope: str, user: str) -> Member | None:
        """Somebody's membership."""

    def set_admin(self, scope: str, user: str, admin: bool, *, actor: str | None) -> Member:
        """Make a member an admin, or no longer.

        :raises NotFound: they are no member
        :raises Conflict: they are the only admin
        """

    def remove_member(self, scope: str, user: str, *, actor: str | None) -> None:
        """:raises NotFound: they are no member
        :raises Conflict: they are the only admin
        """

    def invite(self, scope: str, user: str, *, inviter: str) -> Invite | None:
        """Ask somebody; None if they were asked before.

        :raises NotFound: there is no such scope
        :raises Conflict: they are a member
        """

    def invites(self, scope: str) -> Sequence[Invite]:
        """Whom a scope has asked, by name."""

    def invites_of(self, user: str) -> Sequence[Invite]:
        """The scopes that have asked somebody, by name."""

    def accept(self, scope: str, user: str) -> Member:
        """Become a member, no admin. :raises NotFound: nobody asked them"""

    def remove_invite(self, scope: str, user: str, *, actor: str | None) -> None:
        """:raises NotFound: nobody asked them"""
