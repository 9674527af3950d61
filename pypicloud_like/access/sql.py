"""Users, groups and grants in the state database, changed over the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import sqlalchemy as sa

from pypicloud_like.access import merge, rows
from pypicloud_like.access.dump import parse_dump
from pypicloud_like.access.names import group_name, parse_project, user_name
from pypicloud_like.access.passwords import Passwords
from pypicloud_like.access.policy import BUILT_IN_GROUPS
from pypicloud_like.access.sql_reading import SqlReading
from pypicloud_like.core.clock import Clock, system_clock
from pypicloud_like.core.errors import Conflict, InvalidRequest, NotFound
from pypicloud_like.core.model import Project, Right
from pypicloud_like.core.spelling import normal_form
from pypicloud_like.db.engine import Database
from pypicloud_like.settings.model import AccessSettings
from pypicloud_like.state.changes import Recorder
from pypicloud_like.state.curation_tables import uses
from pypicloud_like.state.people_tables import downloaders, people
from pypicloud_like.state.publisher_tables import publishers
from pypicloud_like.state.scope_tables import scope_invites, scope_members
from pypicloud_like.state.tables import grants, groups, memberships, owners, sessions, tokens, users


class SqlAccess(SqlReading):
    """The :class:`~pypicloud_like.core.ports.MutableAccess` over the state database: to the questions
    it adds the changes, each in one transaction with its row of the audit.
    """

    def __init__(self, database: Database, passwords: Passwords, *, clock: Clock = system_clock) -> None:
        super().__init__(database, passwords)
        self._clock = clock
        self._recorder = Recorder(database, clock)

    @classmethod
    def from_settings(
        cls, _settings: AccessSettings, *, passwords: Passwords, database: Database, clock: Clock
    ) -> Self:
        """The backend that ``pypi.auth = sql`` names, over the state database."""
        return cls(database, passwords, clock=clock)

    def set_registration(self, allowed: bool, *, actor: str | None) -> None:
        """Switch registration on or off."""

        def work(connection: sa.Connection) -> None:
            if rows.read_registration(connection) != allowed:
                rows.write_registration(connection, allowed)
                self._record(connection, "registration", "", actor=actor, allowed=allowed)

        self._recorder.change(work)

    def add_user(
        self, name: str, password: str, *, admin: bool = False, pending: bool = False, actor: str | None
    ) -> None:
        """:raises Conflict: the name exists or is pending
        :raises InvalidRequest: the name or password is not acceptable
        """
        accepted = user_name(name)
        if accepted in self._people().accounts or accepted in self._people().pending:
            raise _taken(accepted)  # before the expense of a hash
        hashed = self._hash(password)

        def work(connection: sa.Connection) -> None:
            self._insert(connection, accepted, hashed, admin=admin, pending=pending, actor=actor)

        self._recorder.change(work)

    def add_first_admin(self, name: str, password: str) -> bool:
        """Create the first administrator; False, and nothing done, if one exists. Of two at once one wins.

        :raises Conflict: the name belongs to somebody who is no administrator
        :raises InvalidRequest: the name or password is not acceptable
        """
        accepted = user_name(name)
        if self.has_admin():
            return False
        hashed = self._hash(password)

        def work(connection: sa.Connection) -> bool:
            if rows.admin_exists(connection):
                return False
            self._insert(connection, accepted, hashed, admin=True, pending=False, actor=accepted)
            return True

        return self._recorder.change(work)

    def remove_user(self, name: str, *, actor: str | None) -> None:
        """Remove a user with memberships, grants, owned names, publishers, tokens, sessions; fine if unknown.

        :raises Conflict: it is the last administrator
        """
        known = normal_form(name)

        def work(connection: sa.Connection) -> None:
            if not rows.user_exists(connection, known):
                return
            rows.keep_an_admin(connection, without=known)
            for table, which in (
                (tokens, tokens.c.owner == known),
                (publishers, publishers.c.creator == known),
                (sessions, sessions.c.user_name == known),
                (owners, owners.c.user_name == known),
                (scope_members, scope_members.c.user_name == known),
                (scope_invites, scope_invites.c.user_name == known),
                (grants, sa.and_(grants.c.kind == "user", grants.c.principal == known)),
                (memberships, memberships.c.user_name == known),
                (people, people.c.name == known),
                (uses, uses.c.user_name == known),
                (downloaders, downloaders.c.user_name == known),
                (users, users.c.name == known),
            ):
                connection.execute(sa.delete(table).where(which))
            self._record(connection, "user.remove", known, actor=actor)

        self._recorder.change(work)

    def set_password(self, name: str, password: str, *, actor: str | None) -> None:
        """Also ends the user's sessions. :raises NotFound: no such user"""
        known = normal_form(name)
        hashed = self._hash(password)

        def work(connection: sa.Connection) -> None:
            self._update_user(connection, known, password=hashed)
            connection.execute(sa.delete(sessions).where(sessions.c.user_name == known))
            self._record(connection, "user.password", known, actor=actor)

        self._recorder.change(work)

    def set_admin(self, name: str, admin: bool, *, actor: str | None) -> None:
        """:raises NotFound: no such user
        :raises Conflict: it is the last administrator
        """
        known = normal_form(name)

        def work(connection: sa.Connection) -> None:
            if not admin:
                rows.keep_an_admin(connection, without=known)
            self._update_user(connection, known, admin=admin)
            self._record(connection, "user.admin", known, actor=actor, admin=admin)

        self._recorder.change(work)

    def approve_user(self, name: str, *, actor: str | None) -> None:
        """:raises NotFound: no such user"""
        known = normal_form(name)

        def work(connection: sa.Connection) -> None:
            self._update_user(connection, known, pending=False)
            self._record(connection, "user.approve", known, actor=actor)

        self._recorder.change(work)

    def add_group(self, name: str, *, actor: str | None) -> None:
        """:raises Conflict: the group exists
        :raises InvalidRequest: the name is reserved or not acceptable
        """
        accepted = group_name(name)

        def work(connection: sa.Connection) -> None:
            if rows.group_exists(connection, accepted):
                raise Conflict(f"The group '{accepted}' exists")
            connection.execute(sa.insert(groups).values(name=accepted))
            self._record(connection, "group.add", accepted, actor=actor)

        self._recorder.change(work)

    def remove_group(self, name: str, *, actor: str | None) -> None:
        """Remove a group with its memberships and grants; fine if unknown."""
        known = normal_form(name)

        def work(connection: sa.Connection) -> None:
            if not rows.group_exists(connection, known):
                return
            connection.execute(sa.delete(memberships).where(memberships.c.group_name == known))
            connection.execute(sa.delete(grants).where(grants.c.kind == "group", grants.c.principal == known))
            connection.execute(sa.delete(groups).where(groups.c.name == known))
            self._record(connection, "group.remove", known, actor=actor)

        self._recorder.change(work)

    def add_member(self, group: str, user: str, *, actor: str | None) -> None:
        """Fine if a member already. :raises NotFound: no such user or group"""
        key = {"group_name": normal_form(group), "user_name": normal_form(user)}

        def work(connection: sa.Connection) -> None:
            _require_group(connection, key["group_name"])
            _require_user(connection, key["user_name"])
            if connection.execute(sa.select(memberships).filter_by(**key)).one_or_none() is not None:
                return
            connection.execute(sa.insert(memberships).values(key))
            self._record(connection, "member.add", key["group_name"], actor=actor, user=key["user_name"])

        self._recorder.change(work)

    def remove_member(self, group: str, user: str, *, actor: str | None) -> None:
        """Fine if not a member."""
        key = {"group_name": normal_form(group), "user_name": normal_form(user)}

        def work(connection: sa.Connection) -> None:
            if connection.execute(sa.delete(memberships).filter_by(**key)).rowcount:
                self._record(
                    connection, "member.remove", key["group_name"], actor=actor, user=key["user_name"]
                )

        self._recorder.change(work)

    def grant(self, project: Project, kind: str, principal: str, right: Right, *, actor: str | None) -> None:
        """``kind`` is ``user`` or ``group``. The project need not exist yet.

        :raises NotFound: no such user or group (the built-in groups exist)
        :raises InvalidRequest: another kind, or no name of a project
        """
        name = _principal(kind, principal)
        named = parse_project(str(project))

        def work(connection: sa.Connection) -> None:
            if kind == "user":
                _require_user(connection, name)
            elif name not in BUILT_IN_GROUPS:
                _require_group(connection, name)
            if rows.add_rights(connection, named, kind, name, {right}):
                self._record(connection, "grant", str(named), actor=actor, right=right.value, **{kind: name})

        self._recorder.change(work)

    def revoke(self, project: Project, kind: str, principal: str, right: Right, *, actor: str | None) -> None:
        """Fine if it was not granted.

        :raises InvalidRequest: another kind, or no name of a project
        """
        name = _principal(kind, principal)
        named = parse_project(str(project))

        def work(connection: sa.Connection) -> None:
            if rows.remove_right(connection, named, kind, name, right):
                self._record(connection, "revoke", str(named), actor=actor, right=right.value, **{kind: name})

        self._recorder.change(work)

    def load(self, dump: Mapping[str, Any], *, actor: str | None) -> None:
        """Merge an ACL export; never removes. Existing users keep their password.

        :raises InvalidRequest: the dump is malformed, names somebody who is neither in it nor here, or
            has a password hash that could never be verified; nothing is changed
        """
        parsed = parse_dump(dump)

        def work(connection: sa.Connection) -> None:
            for name, hashed in merge.new_hashes(connection, parsed).items():
                fault = self._passwords.fault_of(hashed)
                if fault is not None:
                    raise InvalidRequest(f"users.{name}.password", fault)
            merge.merge_dump(connection, parsed, at=self._clock())
            self._record(
                connection,
                "access.load",
                "",
                actor=actor,
                users=len(parsed.users) + len(parsed.pending),
                groups=len(parsed.groups),
                projects=len(parsed.grants),
            )

        self._recorder.change(work)

    def _hash(self, password: str) -> str:
        if not password:
            raise InvalidRequest("password", "must not be empty")
        return self._passwords.hash(password)

    def _insert(
        self,
        connection: sa.Connection,
        name: str,
        hashed: str,
        *,
        admin: bool,
        pending: bool,
        actor: str | None,
    ) -> None:
        if rows.user_exists(connection, name):
            raise _taken(name)
        rows.insert_user(connection, name, hashed, admin=admin, pending=pending, at=self._clock())
        self._record(connection, "user.add", name, actor=actor, admin=admin, pending=pending)

    def _update_user(self, connection: sa.Connection, name: str, **values: Any) -> None:
        _require_user(connection, name)
        connection.execute(sa.update(users).where(users.c.name == name).values(**values))

    def _record(
        self, connection: sa.Connection, action: str, subject: str, *, actor: str | None, **detail: Any
    ) -> None:
        self._recorder.record(connection, action, subject, actor=actor, **detail)


def _taken(name: str) -> Conflict:
    return Conflict(f"The user '{name}' exists")


def _principal(kind: str, principal: str) -> str:
    if kind not in {"user", "group"}:
        raise InvalidRequest("kind", "must be user or group")
    return normal_form(principal)


def _require_user(connection: sa.Connection, name: str) -> None:
    if not rows.user_exists(connection, name):
        raise NotFound(f"User '{name}'")


def _require_group(connection: sa.Connection, name: str) -> None:
    if not rows.group_exists(connection, name):
        raise NotFound(f"Group '{name}'")
