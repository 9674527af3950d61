"""The access ports: who someone is, and what is granted."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from pypicloud_like.core.model import Account, Grants, Project, Right


class Access(Protocol):
    """Who someone is and what is granted. Deciding is :mod:`pypicloud_like.access.policy`'s job."""

    @property
    def name(self) -> str:
        """The backend's name as in the settings."""

    def moved(self) -> int:
        """A number that moves whenever users, groups or grants change, in any process. Cheap."""

    def identify(self, username: str, password: str) -> Account | None:
        """The account, if the password is right and the account may log in. Costs the same time
        for an unknown user.
        """

    def account(self, username: str) -> Account | None:
        """The account without a password, None if unknown or pending."""

    def accounts(self) -> Sequence[Account]:
        """All approved accounts by name."""

    def groups(self) -> Mapping[str, Collection[str]]:
        """Group → members, the built-in groups left out."""

    def grants(self) -> Mapping[Project, Grants]:
        """All explicit grants. Kept in memory between changes."""

    def dump(self) -> dict[str, Any]:
        """Everything, in the shape of pypicloud's ACL export, password hashes included."""

    def check(self) -> None:
        """:raises Unavailable: the backend cannot be used now"""


@runtime_checkable
class MutableAccess(Access, Protocol):
    """An access backend that can be changed over the API. Changes and their audit row are one
    transaction; ``actor`` is who did it.
    """

    def has_admin(self) -> bool:
        """Whether any approved administrator exists."""

    def registration(self) -> bool:
        """Whether newcomers may register themselves."""

    def set_registration(self, allowed: bool, *, actor: str | None) -> None:
        """Switch registration on or off."""

    def add_user(
        self, name: str, password: str, *, admin: bool = False, pending: bool = False, actor: str | None
    ) -> None:
        """:raises Conflict: the name exists or is pending
        :raises InvalidRequest: the name or password is not acceptable
        """

    def add_first_admin(self, name: str, password: str) -> bool:
        """Create the first administrator; False, and nothing done, if one exists. Of two at once one wins."""

    def remove_user(self, name: str, *, actor: str | None) -> None:
        """Remove a user with memberships, grants, tokens and sessions; fine if unknown.

        :raises Conflict: it is the last administrator
        """

    def set_password(self, name: str, password: str, *, actor: str | None) -> None:
        """Also ends the user's sessions. :raises NotFound: no such user"""

    def set_admin(self, name: str, admin: bool, *, actor: str | None) -> None:
        """:raises NotFound: no such user
        :raises Conflict: it is the last administrator
        """

    def pending_users(self) -> Sequence[str]:
        """Names waiting for approval."""

    def approve_user(self, name: str, *, actor: str | None) -> None:
        """:raises NotFound: no such user"""

    def add_group(self, name: str, *, actor: str | None) -> None:
        """:raises Conflict: the group exists
        :raises InvalidRequest: the name is reserved or not acceptable
        """

    def remove_group(self, name: str, *, actor: str | None) -> None:
        """Remove a group with its grants; fine if unknown."""

    def add_member(self, group: str, user: str, *, actor: str | None) -> None:
        """:raises NotFound: no such user or group"""

    def remove_member(self, group: str, user: str, *, actor: str | None) -> None:
        """Fine if not a member."""

    def grant(self, project: Project, kind: str, principal: str, right: Right, *, actor: str | None) -> None:
        """``kind`` is ``user`` or ``group``. The project need not exist yet.

        :raises NotFound: no such user or group (the built-in groups exist)
        """

    def revoke(self, project: Project, kind: str, principal: str, right: Right, *, actor: str | None) -> None:
        """Fine if it was not granted."""

    def load(self, dump: Mapping[str, Any], *, actor: str | None) -> None:
        """Merge an ACL export; never removes. Existing users keep their password.

        :raises InvalidRequest: the dump is malformed; nothing is changed
        """
