"""Scopes, their members and invites, in the state database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from pypicloud_like.core.clock import Clock, system_clock
from pypicloud_like.core.errors import Conflict, NotFound
from pypicloud_like.core.ports.scopes import Invite, Member, ScopeRecord
from pypicloud_like.core.spelling import normal_form
from pypicloud_like.db.engine import Database
from pypicloud_like.state.changes import Recorder
from pypicloud_like.state.scope_tables import scope_invites, scope_members, scopes

s, m, i = scopes.c, scope_members.c, scope_invites.c


class SqlScopes:
    """The :class:`~pypicloud_like.core.ports.Scopes` port. Threads and processes may share it."""

    def __init__(self, database: Database, *, clock: Clock = system_clock) -> None:
        self._database = database
        self._clock = clock
        self._recorder = Recorder(database, clock)

    def add(self, name: str, *, creator: str, description: str = "") -> ScopeRecord:
        """See the port."""
        now, user = self._clock(), normal_form(creator)
        new = ScopeRecord(name, description, user, False, True, now, now)

        def work(connection: sa.Connection) -> ScopeRecord:
            plain = name.replace("-", "")
            taken = connection.scalar(sa.select(s.name).where(s.plain == plain))
            if taken is not None:
                raise Conflict(f"The scope @{taken} exists already")
            connection.execute(sa.insert(scopes).values(plain=plain, **_values(new)))
            connection.execute(sa.insert(scope_members).values(_member_values(name, user, True, now)))
            self._recorder.record(connection, "scope.add", f"@{name}", actor=user)
            return new

        return self._recorder.change(work)

    def some(
        self, *, containing: str = "", start: int = 0, limit: int = 50
    ) -> tuple[Sequence[ScopeRecord], int]:
        """See the port."""
        which = s.name.contains(containing, autoescape=True)
        statement = sa.select(scopes).where(which).order_by(s.name).offset(start).limit(limit)
        with self._database.read() as connection:
            found = [_scope(row) for row in connection.execute(statement)]
            size = connection.scalar(sa.select(sa.func.count()).select_from(scopes).where(which)) or 0
        return found, size

    def scope(self, name: str) -> ScopeRecord | None:
        """See the port."""
        with self._database.read(once=True) as connection:
            return _find(connection, name)

    def update(
        self,
        name: str,
        *,
        actor: str | None,
        description: str | None = None,
        ci_only: bool | None = None,
        verify_actor: bool | None = None,
    ) -> ScopeRecord:
        """See the port."""
        given = {"description": description, "ci_only": ci_only, "verify_actor": verify_actor}
        changes = {key: value for key, value in given.items() if value is not None}

        def work(connection: sa.Connection) -> ScopeRecord:
            _require(connection, name)
            changed = sa.update(scopes).where(s.name == name).values(updated_at=self._clock(), **changes)
            connection.execute(changed)
            self._recorder.record(connection, "scope.change", f"@{name}", actor=actor, **changes)
            return _require(connection, name)

        return self._recorder.change(work)

    def remove(self, name: str, *, actor: str | None) -> None:
        """See the port."""

        def work(connection: sa.Connection) -> None:
            _require(connection, name)
            for table, column in ((scope_invites, i.scope), (scope_members, m.scope), (scopes, s.name)):
                connection.execute(sa.delete(table).where(column == name))
            self._recorder.record(connection, "scope.remove", f"@{name}", actor=actor)

        self._recorder.change(work)

    def of_user(self, user: str) -> Sequence[ScopeRecord]:
        """See the port."""
        statement = sa.select(scopes).join(scope_members, m.scope == s.name).order_by(s.name)
        with self._database.read(once=True) as connection:
            rows = connection.execute(statement.where(m.user_name == normal_form(user))).all()
        return [_scope(row) for row in rows]

    def created_by(self, user: str) -> int:
        """See the port."""
        statement = sa.select(sa.func.count()).where(s.creator == normal_form(user))
        with self._database.read(once=True) as connection:
            return connection.scalar(statement) or 0

    def members(self, scope: str) -> Sequence[Member]:
        """See the port."""
        statement = sa.select(scope_members).where(m.scope == scope).order_by(m.user_name)
        with self._database.read(once=True) as connection:
            return [_member(row) for row in connection.execute(statement)]

    def member(self, scope: str, user: str) -> Member | None:
        """See the port."""
        with self._database.read() as connection:
            return _membership(connection, scope, normal_form(user))

    def set_admin(self, scope: str, user: str, admin: bool, *, actor: str | None) -> Member:
        """See the port."""
        name = normal_form(user)

        def work(connection: sa.Connection) -> Member:
            _require_member(connection, scope, name)
            if not admin:
                _keep_an_admin(connection, scope, without=name)
            values = {"admin": admin, "updated_at": self._clock()}
            connection.execute(sa.update(scope_members).where(_is(scope, name)).values(values))
            self._recorder.record(connection, "scope.admin", f"@{scope}", actor=actor, user=name, admin=admin)
            return _require_member(connection, scope, name)

        return self._recorder.change(work)

    def remove_member(self, scope: str, user: str, *, actor: str | None) -> None:
        """See the port."""
        name = normal_form(user)

        def work(connection: sa.Connection) -> None:
            _require_member(connection, scope, name)
            _keep_an_admin(connection, scope, without=name)
            connection.execute(sa.delete(scope_members).where(_is(scope, name)))
            self._recorder.record(connection, "scope.member.remove", f"@{scope}", actor=actor, user=name)

        self._recorder.change(work)

    def invite(self, scope: str, user: str, *, inviter: str) -> Invite | None:
        """See the port."""
        name, by = normal_form(user), normal_form(inviter)
        new = Invite(scope, name, by, self._clock())

        def work(connection: sa.Connection) -> Invite | None:
            _require(connection, scope)
            if _membership(connection, scope, name) is not None:
                raise Conflict(f"{name} is a member of @{scope} already")
            if connection.execute(sa.select(scope_invites).where(_asked(scope, name))).one_or_none():
                return None
            values = {"scope": scope, "user_name": name, "inviter": by, "created_at": new.created_at}
            connection.execute(sa.insert(scope_invites).values(values))
            self._recorder.record(connection, "scope.invite", f"@{scope}", actor=by, user=name)
            return new

        return self._recorder.change(work)

    def invites(self, scope: str) -> Sequence[Invite]:
        """See the port."""
        return self._invites(i.scope == scope)

    def invites_of(self, user: str) -> Sequence[Invite]:
        """See the port."""
        return self._invites(i.user_name == normal_form(user))

    def accept(self, scope: str, user: str) -> Member:
        """See the port."""
        name, now = normal_form(user), self._clock()

        def work(connection: sa.Connection) -> Member:
            _drop_invite(connection, scope, name)
            if _membership(connection, scope, name) is None:
                connection.execute(sa.insert(scope_members).values(_member_values(scope, name, False, now)))
            self._recorder.record(connection, "scope.member.add", f"@{scope}", actor=name, user=name)
            return _require_member(connection, scope, name)

        return self._recorder.change(work)

    def remove_invite(self, scope: str, user: str, *, actor: str | None) -> None:
        """See the port."""
        name = normal_form(user)

        def work(connection: sa.Connection) -> None:
            _drop_invite(connection, scope, name)
            self._recorder.record(connection, "scope.invite.remove", f"@{scope}", actor=actor, user=name)

        self._recorder.change(work)

    def _invites(self, which: sa.ColumnElement[bool]) -> Sequence[Invite]:
        statement = sa.select(scope_invites).where(which).order_by(i.scope, i.user_name)
        with self._database.read(once=True) as connection:
            rows = connection.execute(statement).all()
        return [Invite(row.scope, row.user_name, row.inviter, row.created_at) for row in rows]


def _values(record: ScopeRecord) -> dict[str, Any]:
    return {
        "name": record.name,
        "description": record.description,
        "creator": record.creator,
        "ci_only": record.ci_only,
        "verify_actor": record.verify_actor,
        "created_at": record.created_at,
        "updated_at": record.updated_at,
    }


def _member_values(scope: str, user: str, admin: bool, now: Any) -> dict[str, Any]:
    return {"scope": scope, "user_name": user, "admin": admin, "created_at": now, "updated_at": now}


def _scope(row: sa.Row[Any]) -> ScopeRecord:
    return ScopeRecord(
        row.name, row.description, row.creator, row.ci_only, row.verify_actor, row.created_at, row.updated_at
    )


def _member(row: sa.Row[Any]) -> Member:
    return Member(row.scope, row.user_name, row.admin, row.created_at, row.updated_at)


def _is(scope: str, user: str) -> sa.ColumnElement[bool]:
    return sa.and_(m.scope == scope, m.user_name == user)


def _asked(scope: str, user: str) -> sa.ColumnElement[bool]:
    return sa.and_(i.scope == scope, i.user_name == user)


def _find(connection: sa.Connection, name: str) -> ScopeRecord | None:
    row = connection.execute(sa.select(scopes).where(s.name == name)).one_or_none()
    return None if row is None else _scope(row)


def _require(connection: sa.Connection, name: str) -> ScopeRecord:
    found = _find(connection, name)
    if found is None:
        raise NotFound(f"The scope @{name}")
    return found


def _membership(connection: sa.Connection, scope: str, user: str) -> Member | None:
    row = connection.execute(sa.select(scope_members).where(_is(scope, user))).one_or_none()
    return None if row is None else _member(row)


def _require_member(connection: sa.Connection, scope: str, user: str) -> Member:
    found = _membership(connection, scope, user)
    if found is None:
        raise NotFound(f"The member {user}")
    return found


def _drop_invite(connection: sa.Connection, scope: str, user: str) -> None:
    if connection.execute(sa.delete(scope_invites).where(_asked(scope, user))).rowcount == 0:
        raise NotFound("The invite")


def _keep_an_admin(connection: sa.Connection, scope: str, *, without: str) -> None:
    admins = set(connection.scalars(sa.select(m.user_name).where(m.scope == scope, m.admin)))
    if admins == {without}:
        raise Conflict(f"@{scope} must keep an admin")
