"""The package index in SQLite or PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from pypicloud_like.cache import queries, reconciling, reports
from pypicloud_like.cache.listings import Listings
from pypicloud_like.cache.marks import Marks, clear
from pypicloud_like.cache.watch import Touched
from pypicloud_like.cache.writes import (
    AT_ONCE,
    add,
    add_changes,
    is_one,
    load_head,
    load_old,
    load_snapshot,
    lock,
    store,
)
from pypicloud_like.core.errors import AlreadyExists
from pypicloud_like.core.model import (
    Change,
    Entry,
    File,
    FileRecord,
    Listing,
    Project,
    ProjectRecord,
    Snapshot,
)
from pypicloud_like.core.ports import Edit, Overview, Portion, Share, Sought
from pypicloud_like.db.engine import Database
from pypicloud_like.db.index_tables import clock, unfinished
from pypicloud_like.db.migrate import open_database
from pypicloud_like.settings.model import DatabaseSettings


class SqlCache:
    """The Cache port over one database. Threads and processes may share it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._touched = Touched(database)
        self._listings = Listings(database)
        self._marks = Marks()

    @classmethod
    def from_settings(cls, settings: DatabaseSettings) -> SqlCache:
        """Open the index, creating or upgrading it where needed.

        :raises ConfigurationError: it was made by a newer release, or has no place
        :raises Unavailable: it cannot be reached
        """
        return cls(open_database(settings, clock=clock, family="index"))

    # What moved

    @cached_property
    def birth(self) -> str:
        """A random id that this index was born with."""
        return self.database.birth()

    def serial(self) -> int:
        """The highest serial of any change, 0 in an empty index."""
        with self.database.read(once=True) as connection:
            return queries.serial(connection)

    def moved(self) -> int:
        """A number that moves with every committed change of any process."""
        return self.database.moved()

    def touched(self, project: Project) -> int:
        """A number that moves with every committed change of that project, by any process.

        Differs between processes. Ask it before reading rows that are to be kept under it.
        """
        return self._touched.of(project)

    def moved_since(self, ecosystem: str, moved: int) -> Sequence[Project]:
        """The projects of which anything changed after :meth:`moved` gave that number."""
        with self.database.read(once=True) as connection:
            return queries.moved_since(connection, ecosystem, moved)

    # Reading: see queries.py

    def projects(self, ecosystem: str) -> Sequence[Listing]:
        """All projects with a visible file that are not quarantined, by name. While none of the ecosystem
        moves it is the same sequence.
        """
        return self._listings.of(ecosystem)

    def known_projects(self, ecosystem: str) -> Sequence[Project]:
        """Every project that has any row, visible or not, by name."""
        with self.database.read(once=True) as connection:
            return queries.known_projects(connection, ecosystem)

    def exists(self, project: Project) -> bool:
        """Whether the name is ours: a file of ours, a tombstone of one, or a project record."""
        with self.database.read(once=True) as connection:
            return queries.exists(connection, project)

    def record(self, project: Project) -> ProjectRecord | None:
        """The project's own record, if it was ever changed."""
        with self.database.read(once=True) as connection:
            head = load_head(connection, project)
        return None if head is None else head.record

    def snapshot(self, project: Project, identities: Collection[str] | None) -> Snapshot:
        """The project's own record and its rows of these identities (None: all), tombstones included."""
        with self.database.read(once=is_one(identities)) as connection:
            return load_snapshot(connection, project, identities).snapshot

    def files(self, project: Project) -> Sequence[File]:
        """Its visible files in no promised order. Their facts are not even read."""
        with self.database.read(once=True) as connection:
            return queries.files_of(connection, project)

    def described(self, project: Project, version: str | None = None) -> Sequence[FileRecord]:
        """Its visible files with their facts, of one version (as stored) or all."""
        with self.database.read(once=True) as connection:
            return queries.described(connection, project, version)

    def file(self, project: Project, filename: str) -> FileRecord | None:
        """One visible file by its exact name."""
        with self.database.read(once=True) as connection:
            return queries.file_named(connection, project, filename)

    def newest_files(self, ecosystem: str | None, *, limit: int) -> Sequence[File]:
        """The visible files uploaded last, of one ecosystem or all, newest first; none in quarantine."""
        with self.database.read(once=True) as connection:
            return queries.newest_files(connection, ecosystem, limit)

    def newest_projects(self, ecosystem: str, *, limit: int) -> Sequence[File]:
        """The first visible file of each of the projects that came last, newest first; none that is
        quarantined.
        """
        with self.database.read(once=True) as connection:
            return queries.newest_projects(connection, ecosystem, limit)

    def all_files(self, ecosystem: str) -> Iterator[File]:
        """Every visible file, by project name and file name.

        Reads on in portions, each a snapshot of its own: however slowly they are taken, no transaction
        stays open and little is in memory.
        """
        return queries.all_files(self.database, ecosystem)

    def overviews(self, ecosystem: str) -> Iterator[Overview]:
        """Every project that has any row, by name, with its own record and its visible files.

        Reads on in portions, each a snapshot of its own.
        """
        return queries.overviews(self.database, ecosystem)

    def search(
        self,
        ecosystem: str,
        *,
        name: Collection[str] = (),
        summary: Collection[str] = (),
        every: bool = False,
    ) -> Sequence[Project]:
        """Projects as in :meth:`projects` whose name or whose latest summary contains one of the words (all
        of them if ``every``; the two fields are joined by "or"), case-insensitively, by name. No words
        match nothing.
        """
        with self.database.read(once=True) as connection:
            return queries.search(connection, ecosystem, name=name, summary=summary, every=every)

    def serials(self, project: Project) -> Mapping[str, tuple[int, bool]]:
        """Identity → (serial, is the record due) of every row of a project, its own record and tombstones
        included.
        """
        settled = self._marks.settled()
        with self.database.read() as connection:
            return queries.serials(connection, project, settled)

    def journal(self, *, after: int = 0, limit: int = 100, newest: bool = False) -> Sequence[Change]:
        """Journal rows above a serial, oldest first; or the newest ones, newest first."""
        with self.database.read(once=True) as connection:
            return queries.journal(connection, after=after, limit=limit, newest=newest)

    def due(self, project: Project | None = None, *, limit: int = 1000) -> Sequence[Entry]:
        """Entries whose record is still to be written to storage, oldest first."""
        settled = self._marks.settled()  # before the rows: a mark cleared in between is in neither
        with self.database.read() as connection:
            return queries.due(connection, project, settled, limit)

    # Writing

    def change(self, project: Project, edit: Edit, *, identities: Collection[str] | None) -> Sequence[Entry]:
        """Carry out one change in one write transaction; see the port.

        :raises AlreadyExists: a filename of a visible file is taken by another identity
        """
        settled = self._marks.settled()
        tried: list[Entry] = []

        def work(connection: sa.Connection) -> Sequence[Entry]:
            lock(connection, project)
            loaded = load_snapshot(connection, project, identities)
            head, old = loaded.head, loaded.old
            tried[:] = edit(loaded.snapshot)
            if not tried:
                return ()
            if any(entry.project != project for entry in tried):
                raise ValueError(f"a change of {project} may not write entries of another project")
            unread = set() if identities is None else {entry.identity for entry in tried} - set(identities)
            if head and unread:
                old |= load_old(connection, head, unread)
            last = self.database.tick(connection, len(tried))
            first = last - len(tried) + 1
            entries = [replace(entry, serial=first + place) for place, entry in enumerate(tried)]
            if head is None:
                head = add(connection, project, entries, touched=last, due=True)
            else:
                store(connection, head, entries, old, touched=last, due=True)
            add_changes(connection, head.id, entries)
            clear(connection, settled)
            return entries

        try:
            entries = self.database.transact(work)
        except IntegrityError as error:
            raise self._taken(project, tried, error) from error
        if entries:
            self._marks.forget(settled)
        return entries

    def settle(self, entries: Collection[Entry]) -> None:
        """The records of these entries are in storage. Their marks go with the next change, when
        there are many, or on :meth:`close`.
        """
        if self._marks.settle(entries):
            self.flush()

    def flush(self) -> None:
        """Clear the marks that are settled."""
        self._marks.flush(self.database)

    def reconcile(self, entries: Collection[Entry]) -> int:
        """Take over entries read from records, each unless the row has this serial or a higher one, in
        transactions of bounded size. Journal rows that are missing are added. Serials given later are above
        all of them. Returns how many rows changed.
        """
        ordered = sorted(entries, key=lambda entry: (entry.project, entry.serial))
        taken = 0
        for project, group in groupby(ordered, key=lambda entry: entry.project):
            of_project = list(group)
            for start in range(0, len(of_project), AT_ONCE):
                some = of_project[start : start + AT_ONCE]
                taken += reconciling.reconcile(self.database, project, some)
        return taken

    def forget(self, rows: Collection[tuple[Project, str, int]]) -> int:
        """Remove rows (project, identity, serial) that have no record, unless they changed or carry a
        mark. Returns how many went.
        """
        self.flush()
        gone = 0
        for project, group in groupby(sorted(rows), key=lambda row: row[0]):
            serials = {identity: serial for _, identity, serial in group}
            gone += reconciling.forget(self.database, project, serials)
        return gone

    def begin_filling(self) -> None:
        """From now on the index is known not to be whole, whatever becomes of this process."""

        def work(connection: sa.Connection) -> None:
            connection.execute(sa.delete(unfinished))
            connection.execute(sa.insert(unfinished).values(what="filling"))

        self.database.transact(work)

    def end_filling(self) -> None:
        """All of it is there."""
        self.database.transact(lambda connection: connection.execute(sa.delete(unfinished)))

    def is_whole(self) -> bool:
        """Whether no filling was begun that has not ended."""
        with self.database.read(once=True) as connection:
            return connection.execute(sa.select(unfinished)).first() is None

    def raise_serial(self, least: int) -> None:
        """Serials given from now on are above ``least``."""
        self.database.transact(lambda connection: self.database.raise_clock(connection, least))

    def sought(self, sought: Sought, *, before: int | None = None, limit: int = 100) -> Portion[Change]:
        """Rows of the journal, the newest first, with serials below ``before``."""
        with self.database.read() as connection:
            return reports.sought(connection, sought, before, limit)

    def shares(self) -> Sequence[Share]:
        """What all visible files take."""
        with self.database.read() as connection:
            return reports.shares(connection)

    def largest(self, *, limit: int) -> Sequence[File]:
        """The visible files of most bytes, the largest first."""
        with self.database.read(once=True) as connection:
            return reports.largest(connection, limit)

    def check(self) -> None:
        """:raises Unavailable: the database cannot be used now"""
        self.database.check()

    def close(self) -> None:
        """Write what is pending and let go of all connections."""
        try:
            self.flush()
        finally:
            self.database.close()

    def _taken(self, project: Project, tried: Collection[Entry], error: IntegrityError) -> Exception:
        """Which of the names the database refused."""
        new = [entry for entry in tried if isinstance(entry, FileRecord) and not entry.deleted]
        if not any(name in str(error.orig) for name in ("files_filename", "files.filename")):
            return error
        for file in new:
            holder = self.file(project, file.filename)
            if holder and holder.identity != file.identity:
                return AlreadyExists(file.filename, why="the name belongs to another file")
        return AlreadyExists(new[0].filename)
