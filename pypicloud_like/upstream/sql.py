"""What is held from upstreams, in the index's database."""

from __future__ import annotations

import logging
import threading
import zlib
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

from pypicloud_like.core import records
from pypicloud_like.core.clock import Clock, micros, moment, system_clock
from pypicloud_like.core.errors import Unavailable
from pypicloud_like.core.model import FileRecord, Project
from pypicloud_like.core.ports import Document, HeldProject, HeldUse
from pypicloud_like.db.engine import Database
from pypicloud_like.db.index_tables import clock as index_clock
from pypicloud_like.db.migrate import open_database
from pypicloud_like.db.upsert import insert_into
from pypicloud_like.db.upstream_tables import documents, held
from pypicloud_like.settings.model import DatabaseSettings
from pypicloud_like.upstream import reports

log = logging.getLogger(__name__)

_EVERY = timedelta(minutes=10)
"""How often the use of one file is written."""
_AT_ONCE = 200
_PATIENCE = 5.0

_Use = tuple[Project, str]


class SqlHeld:
    """The :class:`~pypicloud_like.core.ports.Held` port over one database."""

    def __init__(self, database: Database, *, clock: Clock = system_clock) -> None:
        self._database = database
        self._clock = clock
        self._uses = _Uses(database)

    @classmethod
    def from_settings(cls, settings: DatabaseSettings, *, clock: Clock = system_clock) -> SqlHeld:
        """Open the tables beside the index's, creating or upgrading them where needed.

        :raises ConfigurationError: the database was made by a newer release, or has no place
        :raises Unavailable: it cannot be reached
        """
        return cls(open_database(settings, clock=index_clock, family="index"), clock=clock)

    def document(self, upstream: str, project: Project, kind: str) -> Document | None:
        """The last answer kept."""
        statement = sa.select(documents).where(
            *_of(documents, project), documents.c.upstream == upstream, documents.c.kind == kind
        )
        with self._database.read(once=True) as connection:
            row = connection.execute(statement).one_or_none()
        if row is None:
            return None
        return Document(
            upstream,
            project,
            kind,
            None if row.body is None else zlib.decompress(row.body),
            row.content_type,
            row.etag,
            row.last_modified,
            row.url,
            moment(row.fetched_at),
            moment(row.checked_at),
        )

    def keep_document(self, document: Document) -> None:
        """Keep an answer in the place of the one before."""
        key = {
            "ecosystem": document.project.ecosystem,
            "project": document.project.name,
            "upstream": document.upstream,
            "kind": document.kind,
        }
        values = {
            "content_type": document.content_type,
            "etag": document.etag,
            "last_modified": document.last_modified,
            "url": document.url,
            "fetched_at": micros(document.fetched_at),
            "checked_at": micros(document.checked_at),
            "body": None if document.body is None else zlib.compress(document.body, 6),
        }
        self._database.transact(lambda connection: _upsert(connection, documents, key, values))

    def files(self, project: Project) -> Sequence[FileRecord]:
        """The files held of a project, in no promised order."""
        return self._read(sa.select(held.c.record).where(*_of(held, project)))

    def file(self, project: Project, filename: str) -> FileRecord | None:
        """One held file by its exact name."""
        statement = sa.select(held.c.record).where(*_of(held, project), held.c.filename == filename)
        return next(iter(self._read(statement)), None)

    def projects(self, ecosystem: str) -> Sequence[Project]:
        """Every project of which a file is held, by name."""
        with self._database.read(once=True) as connection:
            return reports.projects(connection, ecosystem)

    def knows(self, project: Project) -> bool:
        """Whether a file is held, or an upstream's page about it; of a pattern, about any it stands for."""
        with self._database.read() as connection:
            for table, more in ((held, ()), (documents, (documents.c.body.is_not(None),))):
                found = sa.select(table.c.id).where(*_covered(table, project), *more).limit(1)
                if connection.scalar(found) is not None:
                    return True
        return False

    def keep(self, record: FileRecord) -> FileRecord | None:
        """Hold a file; gives the one of that name it replaces."""
        key = {
            "ecosystem": record.project.ecosystem,
            "project": record.project.name,
            "filename": record.filename,
        }
        values = {
            "blob_key": record.blob.key,
            "size": record.blob.size,
            "last_used_at": micros(self._clock()),
            "record": records.to_bytes(record).decode("ascii"),
        }
        before = sa.select(held.c.record).filter_by(**key)

        def work(connection: sa.Connection) -> str | None:
            old: str | None = connection.scalar(before)
            pinned = reports.is_pinned(connection, record.project)
            _upsert(connection, held, key, values, first={"pinned": pinned})
            return old

        old = self._database.transact(work)
        return None if old is None else _record(old)

    def used(self, project: Project, filename: str) -> None:
        """It was asked for now."""
        self._uses.note((project, filename), self._clock())

    def pin(self, project: Project, pinned: bool) -> int:
        """Never let go of the files of a project, or allow it again; how many it has."""
        statement = sa.update(held).where(*_of(held, project)).values(pinned=pinned)
        return self._database.transact(lambda connection: connection.execute(statement).rowcount)

    def is_pinned(self, project: Project) -> bool:
        """Whether a file of a project is never let go of."""
        with self._database.read(once=True) as connection:
            return reports.is_pinned(connection, project)

    def use(self) -> HeldUse:
        """How much is held in all."""
        statement = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(held.c.size), 0))
        with self._database.read(once=True) as connection:
            files, size = connection.execute(statement).one()
        return HeldUse(files, int(size))

    def overview(
        self, *, containing: str = "", oldest_first: bool = False, start: int = 0, limit: int = 50
    ) -> tuple[Sequence[HeldProject], int]:
        """Projects of which files are held, and how many there are in all."""
        with self._database.read() as connection:
            return reports.overview(connection, containing, oldest_first, start, limit)

    def known(self, ecosystem: str) -> Sequence[Project]:
        """Every project of which a file is held, or an upstream's page that tells of it; by name."""
        with self._database.read(once=True) as connection:
            return reports.known(connection, ecosystem)

    def doubt(self, project: Project, *, before: datetime) -> int:
        """Take every page about a project for confirmed before that moment at the latest."""
        return self._database.transact(lambda connection: reports.doubt(connection, project, before))

    def oldest(self, *, limit: int, before: datetime | None = None) -> Sequence[FileRecord]:
        """The files used longest ago (before a moment), pinned ones left out."""
        statement = sa.select(held.c.record).where(~held.c.pinned).order_by(held.c.last_used_at, held.c.id)
        if before is not None:
            statement = statement.where(held.c.last_used_at < micros(before))
        return self._read(statement.limit(limit))

    def drop(self, records: Collection[FileRecord]) -> Sequence[FileRecord]:
        """Forget files unless their bytes lie elsewhere meanwhile; gives those that went."""

        def work(connection: sa.Connection) -> list[FileRecord]:
            gone = []
            for record in records:
                which = (held.c.filename == record.filename, held.c.blob_key == record.blob.key)
                statement = sa.delete(held).where(*_of(held, record.project), *which)
                if connection.execute(statement).rowcount:
                    gone.append(record)
            return gone

        return self._database.transact(work)

    def close(self) -> None:
        """Write what is pending and let go of all connections."""
        self._uses.finish()
        self._database.close()

    def _read(self, statement: sa.Select[Any]) -> list[FileRecord]:
        with self._database.read(once=True) as connection:
            texts = connection.scalars(statement).all()
        found = []
        for text in texts:
            try:
                found.append(_record(text))
            except records.BadRecord as error:  # one row must not hide the others
                log.warning("what is held of a file cannot be read: %s", error)
        return found


class _Uses:
    """Writes when files were last used, in batches and in another thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._noted: dict[_Use, datetime] = {}
        self._pending: dict[_Use, datetime] = {}
        self._writer: threading.Thread | None = None

    def note(self, use: _Use, now: datetime) -> None:
        with self._lock:
            noted = self._noted.get(use)
            if noted is not None and abs(now - noted) < _EVERY:
                return
            if len(self._noted) >= _AT_ONCE * 50:
                self._noted.clear()
            self._noted[use] = self._pending[use] = now
            if self._writer is None:
                self._writer = threading.Thread(target=self._write_all, name="held-uses", daemon=True)
                self._writer.start()

    def finish(self) -> None:
        with self._lock:
            writer = self._writer
        if writer is not None:
            writer.join(_PATIENCE)

    def _write_all(self) -> None:
        while True:
            with self._lock:
                some = dict(sorted(self._pending.items())[:_AT_ONCE])
                for use in some:
                    del self._pending[use]
                if not some:
                    self._writer = None
                    return
            with suppress(Unavailable):  # its next use tries again
                self._database.transact(partial(_write_uses, uses=some))


def _write_uses(connection: sa.Connection, uses: dict[_Use, datetime]) -> None:
    for (project, filename), at in uses.items():
        which = (*_of(held, project), held.c.filename == filename, held.c.last_used_at < micros(at))
        connection.execute(sa.update(held).where(*which).values(last_used_at=micros(at)))


def _of(table: sa.Table, project: Project) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return table.c.ecosystem == project.ecosystem, table.c.project == project.name


def _covered(table: sa.Table, project: Project) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    if not project.name.endswith("*"):
        return _of(table, project)
    begins = table.c.project.startswith(project.name[:-1], autoescape=True)
    return table.c.ecosystem == project.ecosystem, begins


def _upsert(
    connection: sa.Connection,
    table: sa.Table,
    key: Mapping[str, object],
    values: Mapping[str, object],
    *,
    first: Mapping[str, object] | None = None,
) -> None:
    """Insert the row of a key, or update it; ``first`` is only for a new row."""
    insert = insert_into(connection, table).values(**key, **values, **(first or {}))
    connection.execute(insert.on_conflict_do_update(index_elements=list(key), set_=values))


def _record(text: str) -> FileRecord:
    entry = records.from_bytes(text.encode("ascii"))
    assert isinstance(entry, FileRecord)
    return entry
