"""The marks "record due", and which of them are settled though still set in the database."""

from __future__ import annotations

import threading
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from pypicloud_like.cache.writes import execute_each
from pypicloud_like.core.model import Entry, FileRecord
from pypicloud_like.db.engine import Database
from pypicloud_like.db.index_tables import files, projects

MOST = 1000
"""How many settled marks are kept in memory at most."""

_CLEAR_FILE = (
    sa.update(files).where(files.c.record_due, files.c.serial == sa.bindparam("due")).values(record_due=False)
)
_CLEAR_PROJECT = (
    sa.update(projects)
    .where(projects.c.record_due, projects.c.record_serial == sa.bindparam("due"))
    .values(record_due=False)
)


@dataclass(frozen=True, slots=True)
class Settled:
    """Serials whose record is in storage while their row still carries the mark."""

    files: frozenset[int]
    projects: frozenset[int]

    def __len__(self) -> int:
        return len(self.files) + len(self.projects)


class Marks:
    """Remembers settled marks until a write transaction clears them on its way.

    A serial belongs to one row only, so it says which mark is meant, and a row changed meanwhile
    keeps its new mark.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._files: set[int] = set()
        self._projects: set[int] = set()

    def settle(self, entries: Collection[Entry]) -> bool:
        """Remember these; True when there are so many that they should be cleared now."""
        with self._lock:
            for entry in entries:
                kept = self._files if isinstance(entry, FileRecord) else self._projects
                kept.add(entry.serial)
            return len(self._files) + len(self._projects) >= MOST

    def settled(self) -> Settled:
        """What is remembered now."""
        with self._lock:
            return Settled(frozenset(self._files), frozenset(self._projects))

    def forget(self, settled: Settled) -> None:
        """These are cleared in the database, and that is committed."""
        with self._lock:
            self._files -= settled.files
            self._projects -= settled.projects

    def flush(self, database: Database) -> None:
        """Clear what is remembered in a transaction of its own."""
        settled = self.settled()
        if not settled:
            return

        def work(connection: sa.Connection) -> None:
            database.tick(connection, 0)  # takes the clock's row, as every write does first
            clear(connection, settled)

        database.transact(work)
        self.forget(settled)


def clear(connection: sa.Connection, settled: Settled) -> None:
    """Clear marks inside a write transaction that holds the clock's row."""
    for statement, serials in ((_CLEAR_FILE, settled.files), (_CLEAR_PROJECT, settled.projects)):
        execute_each(connection, statement, [{"due": serial} for serial in sorted(serials)])
