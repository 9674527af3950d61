"""The port of what is held from upstreams: pages as they were answered, and files.

Nothing of it is ours: it has no serials and no journal, and no name becomes ours by it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pypicloud_like.core.model import FileRecord, Project


@dataclass(frozen=True, slots=True)
class Document:
    """One answer of an upstream about one project. ``body`` is None where it said that there is no such
    thing; ``fetched_at`` is when these bytes came, ``checked_at`` when they were last confirmed. Times are
    aware, UTC.
    """

    upstream: str
    project: Project
    kind: str
    body: bytes | None
    content_type: str
    etag: str | None
    last_modified: str | None
    url: str
    """Where it came from in the end: links in it are relative to this."""
    fetched_at: datetime
    checked_at: datetime


@dataclass(frozen=True, slots=True)
class HeldUse:
    """How much is held: how many files, and their bytes."""

    files: int
    size: int


@dataclass(frozen=True, slots=True)
class HeldProject:
    """What is held of one project. ``used_at`` is when a file of it was asked for last, ``checked_at`` when a
    page about it was last confirmed by an upstream (None: no page is kept). Times are aware, UTC.
    """

    project: Project
    files: int
    size: int
    pinned: bool
    used_at: datetime
    checked_at: datetime | None


class Held(Protocol):
    """What is held from upstreams. Threads and processes may share it."""

    def document(self, upstream: str, project: Project, kind: str) -> Document | None:
        """The last answer kept."""

    def keep_document(self, document: Document) -> None:
        """Keep an answer in the place of the one before."""

    def files(self, project: Project) -> Sequence[FileRecord]:
        """The files held of a project, in no promised order. Each has its ``origin``."""

    def file(self, project: Project, filename: str) -> FileRecord | None:
        """One held file by its exact name."""

    def projects(self, ecosystem: str) -> Sequence[Project]:
        """Every project of which a file is held, by name."""

    def knows(self, project: Project) -> bool:
        """Whether a file is held, or an upstream's page about it; of a pattern, about any it stands for."""

    def keep(self, record: FileRecord) -> FileRecord | None:
        """Hold a file; gives the one of that name it replaces."""

    def used(self, project: Project, filename: str) -> None:
        """It was asked for now. Written later, in batches; never fails."""

    def pin(self, project: Project, pinned: bool) -> int:
        """Never let go of the files of a project, or allow it again; how many it has."""

    def is_pinned(self, project: Project) -> bool:
        """Whether a file of a project is never let go of."""

    def use(self) -> HeldUse:
        """How much is held in all."""

    def overview(
        self, *, containing: str = "", oldest_first: bool = False, start: int = 0, limit: int = 50
    ) -> tuple[Sequence[HeldProject], int]:
        """Projects of which files are held, the largest first or those used longest ago, from ``start``
        on; and how many there are in all.

        :param containing: a part of the name, in any case
        """

    def known(self, ecosystem: str) -> Sequence[Project]:
        """Every project of which a file is held, or an upstream's page that tells of it; by name."""

    def doubt(self, project: Project, *, before: datetime) -> int:
        """Take every page about a project for confirmed before that moment at the latest, so that it is asked
        for again; how many there are.
        """

    def oldest(self, *, limit: int, before: datetime | None = None) -> Sequence[FileRecord]:
        """The files used longest ago (before a moment), pinned ones left out."""

    def drop(self, records: Collection[FileRecord]) -> Sequence[FileRecord]:
        """Forget files unless their bytes lie elsewhere meanwhile; gives those that went."""

    def close(self) -> None:
        """Write what is pending and let go of all connections."""
