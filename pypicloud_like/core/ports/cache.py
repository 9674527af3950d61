"""The cache port: what is known about every file. Derived from storage."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

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
from pypicloud_like.core.ports.looking_back import Portion, Sought

Overview = tuple[Project, ProjectRecord | None, Sequence[FileRecord]]
"""A project, its own record if there is one, and its visible files."""
Edit = Callable[[Snapshot], Sequence[Entry]]
"""Decides a change: gets the rows as they are inside the transaction, returns the new ones (serial
0; none at all for "nothing to do"), or raises, and then nothing is changed. Must be pure: it may be
called again after a lock or serialisation error."""


@dataclass(frozen=True, slots=True)
class Share:
    """What came of one project on one day (UTC) and is still there: how many files, and their bytes without
    what lies beside them.
    """

    project: Project
    day: date
    files: int
    size: int


class Cache(Protocol):
    """The package index: everything known about every file. Derived from storage."""

    @property
    def birth(self) -> str:
        """A random id that an index is born with."""

    def serial(self) -> int:
        """The highest serial of any change, 0 in an empty index."""

    def moved(self) -> int:
        """A number that moves with every committed change of any process. Cheap."""

    def touched(self, project: Project) -> int:
        """A number that moves with every committed change of that project, by any process. Cheap:
        no SQL while nothing moved. Ask it *before* reading rows that are to be kept under it.
        """

    def moved_since(self, ecosystem: str, moved: int) -> Sequence[Project]:
        """The projects of which anything changed after :meth:`moved` gave that number, in no promised order.
        Projects that did not change may be among them. Its cost grows with their number alone.
        """

    def projects(self, ecosystem: str) -> Sequence[Listing]:
        """All projects with a visible file that are not quarantined, by name. While none of the ecosystem
        moves it is the same sequence.
        """

    def exists(self, project: Project) -> bool:
        """Whether the name is ours: a file of ours, a tombstone or a project record."""

    def record(self, project: Project) -> ProjectRecord | None:
        """The project's own record, if it was ever changed."""

    def files(self, project: Project) -> Sequence[File]:
        """Its visible (not deleted) files in no promised order."""

    def described(self, project: Project, version: str | None = None) -> Sequence[FileRecord]:
        """Its visible files with their facts, of one version (as stored) or all."""

    def file(self, project: Project, filename: str) -> FileRecord | None:
        """One visible file by its exact name."""

    def snapshot(self, project: Project, identities: Collection[str] | None) -> Snapshot:
        """The project's own record and its rows of these identities (None: all), tombstones included."""

    def newest_files(self, ecosystem: str | None, *, limit: int) -> Sequence[File]:
        """The visible files uploaded last, of one ecosystem or (None) of all, newest first."""

    def newest_projects(self, ecosystem: str, *, limit: int) -> Sequence[File]:
        """The first visible file of each of the projects that came last, newest first."""

    def all_files(self, ecosystem: str) -> Iterator[File]:
        """Every visible file, by project name and file name."""

    def overviews(self, ecosystem: str) -> Iterator[Overview]:
        """Every project that has any row, by name, with its own record and its visible files: what reading
        them one by one would give, in far less time.
        """

    def search(
        self,
        ecosystem: str,
        *,
        name: Collection[str] = (),
        summary: Collection[str] = (),
        every: bool = False,
    ) -> Sequence[Project]:
        """Projects whose name or whose latest summary contains one of the words (all of them if
        ``every``; the two fields are joined by "or"), case-insensitively. No words match nothing.
        """

    def change(self, project: Project, edit: Edit, *, identities: Collection[str] | None) -> Sequence[Entry]:
        """Carry out one change in one write transaction: read the project's rows of these
        identities (None: all), let ``edit`` decide, write the rows it returns with one new serial
        each, the journal rows, and the mark that their records are due. Returns the entries as
        written. The unique constraint on the identity is the judge of races.

        :raises AlreadyExists: a filename of a visible file is taken by another identity
        """

    def due(self, project: Project | None = None, *, limit: int = 1000) -> Sequence[Entry]:
        """Entries whose record is still to be written to storage, oldest first."""

    def settle(self, entries: Collection[Entry]) -> None:
        """The records of these entries are in storage. The marks may be cleared later, with the
        next change: writing a record twice does no harm.
        """

    def serials(self, project: Project) -> Mapping[str, tuple[int, bool]]:
        """Identity → (serial, is the record due) of every row of a project, its own record and tombstones
        included.
        """

    def known_projects(self, ecosystem: str) -> Sequence[Project]:
        """Every project that has any row, visible or not."""

    def reconcile(self, entries: Collection[Entry]) -> int:
        """Take over entries read from records, each unless the row has this serial or a higher
        one. Journal rows that are missing are added. Serials given later are above all of them.
        Returns how many rows changed.
        """

    def forget(self, rows: Collection[tuple[Project, str, int]]) -> int:
        """Remove rows (project, identity, serial) that have no record, unless they changed or
        carry a mark. Returns how many went.
        """

    def begin_filling(self) -> None:
        """From now on the index is known not to be whole, whatever becomes of this process."""

    def end_filling(self) -> None:
        """All of it is there."""

    def is_whole(self) -> bool:
        """Whether no filling was begun that has not ended."""

    def raise_serial(self, least: int) -> None:
        """Serials given from now on are above ``least``."""

    def journal(self, *, after: int = 0, limit: int = 100, newest: bool = False) -> Sequence[Change]:
        """Journal rows above a serial, oldest first; or the newest ones, newest first."""

    def sought(self, sought: Sought, *, before: int | None = None, limit: int = 100) -> Portion[Change]:
        """Rows of the journal, the newest first, with serials below ``before``. At most ``limit``; fewer, and
        more to come, where many have to be looked through.
        """

    def shares(self) -> Sequence[Share]:
        """What all visible files take, in no promised order. Reads the whole index."""

    def largest(self, *, limit: int) -> Sequence[File]:
        """The visible files of most bytes, the largest first. Reads the whole index."""

    def check(self) -> None:
        """:raises Unavailable: the database cannot be used now"""

    def close(self) -> None:
        """Write what is pending and let go of all connections."""
