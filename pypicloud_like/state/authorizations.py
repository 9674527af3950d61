"""Authorizations under way, in the state database."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from pypicloud_like.access.tokens import digest
from pypicloud_like.core.clock import Clock, system_clock
from pypicloud_like.core.errors import NotFound
from pypicloud_like.core.ports.authorizations import Authorization
from pypicloud_like.db.engine import Database
from pypicloud_like.state.changes import Recorder
from pypicloud_like.state.scope_tables import authorizations

LIFETIME = timedelta(minutes=10)
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without I and O, which are read as digits."""
_EXCHANGE_BYTES = 20
_AFTERLIFE = timedelta(hours=1)
"""How long one that has expired is still told to have expired."""

a = authorizations.c


class SqlAuthorizations:
    """The :class:`~pypicloud_like.core.ports.Authorizations` port."""

    def __init__(self, database: Database, *, clock: Clock = system_clock) -> None:
        self._database = database
        self._clock = clock
        self._recorder = Recorder(database, clock)

    def begin(self, challenge: str, permissions: tuple[str, ...] | None) -> tuple[str, Authorization]:
        """See the port."""
        now, secret = self._clock(), secrets.token_hex(_EXCHANGE_BYTES)
        new = Authorization(_new_code(), challenge, permissions, now, now + LIFETIME)

        def work(connection: sa.Connection) -> None:
            connection.execute(sa.delete(authorizations).where(a.expires_at < now - _AFTERLIFE))
            connection.execute(
                sa.insert(authorizations).values(
                    digest=digest(secret),
                    code=new.code,
                    challenge=challenge,
                    permissions=None if permissions is None else list(permissions),
                    created_at=now,
                    expires_at=new.expires_at,
                )
            )

        self._database.transact(work)
        return secret, new

    def by_code(self, code: str) -> Authorization | None:
        """See the port."""
        with self._database.read(once=True) as connection:
            row = connection.execute(sa.select(authorizations).where(self._waits(code))).one_or_none()
        return None if row is None else _authorization(row)

    def decide(self, code: str, *, user: str, approved: bool) -> None:
        """See the port."""

        def work(connection: sa.Connection) -> None:
            decided = sa.update(authorizations).where(self._waits(code))
            done = connection.execute(decided.values(user_name=user, approved=approved))
            if done.rowcount == 0:
                raise NotFound("The authorization")
            word = "authorization.approve" if approved else "authorization.deny"
            self._recorder.note(connection, word, user, actor=user, detail={"code": code})

        self._recorder.change(work)

    def exchange(self, secret: str) -> Authorization | None:
        """See the port."""
        mine = a.digest == digest(secret)

        def work(connection: sa.Connection) -> Authorization | None:
            row = connection.execute(sa.select(authorizations).where(mine)).one_or_none()
            if row is None:
                return None
            if row.approved is not None or row.expires_at <= self._clock():
                connection.execute(sa.delete(authorizations).where(mine))
            return _authorization(row)

        return self._recorder.change(work)

    def _waits(self, code: str) -> sa.ColumnElement[bool]:
        return sa.and_(a.code == code, a.approved.is_(None), a.expires_at > self._clock())


def _new_code() -> str:
    letters = "".join(secrets.choice(_LETTERS) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


def _authorization(row: sa.Row[Any]) -> Authorization:
    permissions = None if row.permissions is None else tuple(map(str, row.permissions))
    return Authorization(
        row.code, row.challenge, permissions, row.created_at, row.expires_at, row.user_name, row.approved
    )
