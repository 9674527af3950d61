"""How everything in the state database changes: one after the other, each with its row of the audit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import sqlalchemy as sa

from pypicloud_like.core.asker import told
from pypicloud_like.core.clock import Clock
from pypicloud_like.db.engine import Database
from pypicloud_like.state import tables

T = TypeVar("T")

_LONGEST_TEXT = 1000
_ALONE = sa.select(tables.clock.c.id).with_for_update()
_NOTE = sa.insert(tables.audit).inline()


class Recorder:
    """Carries out changes that decisions depend on, in transactions that wait for one another."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    def change(self, work: Callable[[sa.Connection], T]) -> T:
        """Run ``work`` in a write transaction that nobody else's change overlaps, so that what it
        reads stays true until it commits. ``work`` calls :meth:`record` for what it changed.
        """

        def alone(connection: sa.Connection) -> T:
            if connection.dialect.name != "sqlite":  # which has one writer anyway
                connection.execute(_ALONE)
            return work(connection)

        return self.database.transact(alone)

    def record(
        self, connection: sa.Connection, action: str, subject: str, *, actor: str | None, **detail: Any
    ) -> None:
        """Write the audit row of a change and advance the clock, so that every process reads anew."""
        self.note(connection, action, subject, actor=actor, detail=detail)
        people_moved(connection, self.database.tick(connection))

    def record_beside(
        self, connection: sa.Connection, action: str, subject: str, *, actor: str | None, **detail: Any
    ) -> None:
        """As :meth:`record`, of a change that leaves users, groups, grants and the registration as they are:
        these need not be read anew.
        """
        self.note(connection, action, subject, actor=actor, detail=detail)
        self.database.tick(connection)

    def note(
        self,
        connection: sa.Connection,
        action: str,
        subject: str,
        *,
        actor: str | None,
        detail: Mapping[str, Any],
    ) -> None:
        """Write an audit row of something that no decision depends on. It also says how whoever did it came
        here.
        """
        by = told()
        row = {
            "at": self.clock(),
            "action": _storable(action),
            "actor": None if actor is None else _storable(actor),
            "subject": _storable(subject),
            "detail": _storable({**detail, "by": by} if by else dict(detail)),
        }
        connection.execute(_NOTE, row)


def people_moved(connection: sa.Connection, at: int) -> None:
    """Users, groups, grants or the registration may have changed.

    :param at: the clock's new value
    """
    connection.execute(sa.update(tables.clock).values(people=at))


def _storable(value: Any) -> Any:
    """The same value with what a database refuses in texts (NUL, lone surrogates) replaced, and long
    texts cut: subjects and details may come from anybody, and the event must be written nevertheless.
    """
    match value:
        case str():
            text = value[:_LONGEST_TEXT].replace("\0", "\ufffd")
            return text.encode("utf-8", "replace").decode("utf-8")
        case Mapping():
            return {_storable(str(key)): _storable(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_storable(item) for item in value]
        case None | bool() | int() | float():
            return value
        case _:
            return _storable(str(value))
