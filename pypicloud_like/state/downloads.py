"""Counts of downloads, gathered in memory and written in batches."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import sqlalchemy as sa

from pypicloud_like.core.clock import Clock, system_clock
from pypicloud_like.core.errors import Unavailable
from pypicloud_like.core.model import Project
from pypicloud_like.core.ports import DayCount, VersionCount
from pypicloud_like.db.engine import Database
from pypicloud_like.db.upsert import insert_into
from pypicloud_like.state.people_tables import download_totals, downloaders, downloads

log = logging.getLogger(__name__)

_EPOCH = date(1970, 1, 1)
_PAUSE = 2.0
"""Seconds between two batches: a count is written that late at most."""
_MOST_PENDING = 100_000
"""Beyond it counts are let go of, while the database takes none."""

_Key = tuple[str, str, int, str]
_Downloader = tuple[str, str, str]
"""Ecosystem, project, user."""


class SqlDownloads:
    """The :class:`~pypicloud_like.core.ports.Downloads` port. Threads share it.

    The thread that writes lives only while there is something to write, so it is never inherited by a
    process that was forked before the first download.
    """

    def __init__(self, database: Database, *, clock: Clock = system_clock) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._pending: Counter[_Key] = Counter()
        self._users: dict[_Downloader, int] = {}
        self._writer: threading.Thread | None = None
        self._stop = threading.Event()

    def count(self, project: Project, version: str, *, user: str | None = None) -> None:
        """See the port."""
        day = day_number(self._clock().date())
        key = (project.ecosystem, project.name, day, version)
        with self._lock:
            if key in self._pending or len(self._pending) < _MOST_PENDING:
                self._pending[key] += 1
            if user is not None and len(self._users) < _MOST_PENDING:
                self._users[project.ecosystem, project.name, user] = day
            if self._writer is None and not self._stop.is_set():
                self._writer = threading.Thread(target=self._write_all, name="downloads", daemon=True)
                self._writer.start()

    def daily(self, project: Project, *, since: date, until: date) -> Sequence[DayCount]:
        """Counts by version and day, both days included, oldest first."""
        statement = (
            sa.select(downloads.c.version, downloads.c.day, downloads.c.count)
            .where(downloads.c.ecosystem == project.ecosystem, downloads.c.project == project.name)
            .where(downloads.c.day.between(day_number(since), day_number(until)))
            .order_by(downloads.c.day, downloads.c.version)
        )
        with self._database.read(once=True) as connection:
            rows = connection.execute(statement).all()
        return [DayCount(version, _EPOCH + timedelta(days=day), count) for version, day, count in rows]

    def totals(self, project: Project) -> Mapping[str, int]:
        """Version → all downloads ever."""
        statement = sa.select(download_totals.c.version, download_totals.c.count).where(
            download_totals.c.ecosystem == project.ecosystem, download_totals.c.project == project.name
        )
        with self._database.read(once=True) as connection:
            return {row["version"]: int(row["count"]) for row in connection.execute(statement).mappings()}

    def by_project(self, ecosystem: str, *, since: date | None = None) -> Mapping[Project, int]:
        """Project → downloads since a day, or ever, of those that have any."""
        table = download_totals if since is None else downloads
        statement = sa.select(table.c.project, sa.func.sum(table.c.count)).where(
            table.c.ecosystem == ecosystem
        )
        if since is not None:
            statement = statement.where(downloads.c.day >= day_number(since))
        with self._database.read(once=True) as connection:
            rows = connection.execute(statement.group_by(table.c.project)).all()
        return {Project(ecosystem, name): int(count) for name, count in rows}

    def by_day(self, *, since: date, until: date) -> Mapping[date, int]:
        """Day → downloads of everything, both days included; days without any are left out."""
        statement = (
            sa.select(downloads.c.day, sa.func.sum(downloads.c.count))
            .where(downloads.c.day.between(day_number(since), day_number(until)))
            .group_by(downloads.c.day)
        )
        with self._database.read(once=True) as connection:
            rows = connection.execute(statement).all()
        return {_EPOCH + timedelta(days=day): int(count) for day, count in rows}

    def most(self, *, since: date, limit: int) -> Sequence[VersionCount]:
        """The versions downloaded most since a day, of all ecosystems, the most first."""
        count = sa.func.sum(downloads.c.count)
        what = (downloads.c.ecosystem, downloads.c.project, downloads.c.version)
        statement = (
            sa.select(*what, count)
            .where(downloads.c.day >= day_number(since))
            .group_by(*what)
            .order_by(count.desc(), *what)
            .limit(limit)
        )
        with self._database.read(once=True) as connection:
            rows = connection.execute(statement).all()
        return [VersionCount(Project(*named), version, int(number)) for *named, version, number in rows]

    def flush(self) -> None:
        """Write what is counted so far.

        :raises Unavailable: the database takes nothing now; the counts are kept for the next time
        """
        with self._writing:
            with self._lock:
                pending, self._pending = self._pending, Counter()
                users, self._users = self._users, {}
            if not pending:
                return

            def work(connection: sa.Connection) -> None:
                _add(connection, pending)
                _note(connection, users)

            try:
                self._database.transact(work)
            except BaseException:
                with self._lock:
                    self._pending.update(pending)
                    self._users = {**users, **self._users}
                raise

    def close(self) -> None:
        """Write what is counted, and stop."""
        self._stop.set()
        with self._lock:
            writer = self._writer
        if writer is not None:
            writer.join()
        try:
            self.flush()
        except Unavailable as error:
            log.warning("counts of downloads are lost: %s", error)

    def _write_all(self) -> None:
        while True:
            self._stop.wait(_PAUSE)
            try:
                self.flush()
            except Unavailable as error:
                log.warning("counts of downloads are not written yet: %s", error)
            with self._lock:
                if not self._pending or self._stop.is_set():
                    self._writer = None
                    return


def day_number(day: date) -> int:
    """A day as the tables have it: days since 1970-01-01."""
    return (day - _EPOCH).days


def _add(connection: sa.Connection, counts: Mapping[_Key, int]) -> None:
    """In one order for all processes: no deadlocks."""
    totals: Counter[tuple[str, str, str]] = Counter()
    for (ecosystem, project, day, version), count in sorted(counts.items()):
        totals[ecosystem, project, version] += count
        key = {"ecosystem": ecosystem, "project": project, "day": day, "version": version}
        _raise(connection, downloads, key, count)
    for (ecosystem, project, version), count in sorted(totals.items()):
        key = {"ecosystem": ecosystem, "project": project, "version": version}
        _raise(connection, download_totals, key, count)


def _note(connection: sa.Connection, users: Mapping[_Downloader, int]) -> None:
    """When users were last seen to download from projects; in one order, as above."""
    for (ecosystem, project, user), day in sorted(users.items()):
        key = {"ecosystem": ecosystem, "project": project, "user_name": user}
        insert = insert_into(connection, downloaders).values(**key, day=day)
        later = downloaders.c.day < insert.excluded.day
        again = insert.on_conflict_do_update(index_elements=list(key), set_={"day": day}, where=later)
        connection.execute(again)


def _raise(connection: sa.Connection, table: sa.Table, key: Mapping[str, object], count: int) -> None:
    insert = insert_into(connection, table).values(**key, count=count)
    more = {"count": table.c.count + count}
    connection.execute(insert.on_conflict_do_update(index_elements=list(key), set_=more))
