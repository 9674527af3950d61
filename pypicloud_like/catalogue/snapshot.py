"""The catalogue as it is now, and what each reader sees of it: kept until something moves."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from threading import Lock

from pypicloud_like.access.policy import ReadSet
from pypicloud_like.catalogue.making import Counts, Maker, Marks, Told
from pypicloud_like.catalogue.shelf import Package, Shelf
from pypicloud_like.catalogue.view import Reads, View
from pypicloud_like.core.model import FileRecord, Project, ProjectRecord, Status
from pypicloud_like.core.recent import Recent
from pypicloud_like.registry.described import Describe
from pypicloud_like.registry.directory import Directory, EntryOf
from pypicloud_like.registry.services import Services

DOWNLOAD_DAYS = 30
USER_DAYS = 90
"""For how long somebody who downloaded something counts as one who uses it."""
_COUNTED_FOR = timedelta(minutes=1)
"""How long counts of downloads are believed: asking for those of all projects is the dearest part."""
_VIEWS = 64

EVERYTHING = ReadSet(True, frozenset())
"""What administrators may read."""

Key = tuple[int, int, date, int]


class Catalogue:
    """Makes views, and keeps them while nothing moves. Threads share it."""

    def __init__(self, describers: Mapping[str, Describe], *, prefix: str = "") -> None:
        """:param describers: ecosystem → what reads its records"""
        self._prefix = prefix.lower()
        self._directories = {
            ecosystem: Directory(ecosystem, _entry_of(describe)) for ecosystem, describe in describers.items()
        }
        self._lock = Lock()
        self._key: Key | None = None
        self._shelf = Shelf([], prefix=self._prefix)
        self._maker = Maker(self._prefix)
        self._views: Recent[str, View] = Recent(_VIEWS)
        self._counts: Counts | None = None
        self._counted_at = datetime.min.replace(tzinfo=UTC)

    @property
    def ecosystems(self) -> Collection[str]:
        """Those whose projects are in it."""
        return self._directories.keys()

    def view(self, services: Services, reads: Reads) -> View:
        """What somebody who may read this sees."""
        digest = " ".join(reads[ecosystem].digest for ecosystem in sorted(reads))
        with self._lock:
            key = self._now(services)
            if key != self._key:
                # the key of before: what changes meanwhile is looked at the next time
                self._shelf = Shelf(self._packages(services), prefix=self._prefix, before=self._shelf)
                self._views = Recent(_VIEWS)
                self._key = key
            view = self._views.get(digest)
            if view is None:
                curation = services.curation
                view = View(self._shelf, reads, curation.grids(), curation.categories())
                self._views.put(digest, view)
            return view

    def warm(self, services: Services) -> None:
        """Read all there is, so that whoever looks first need not wait for it.

        :raises Unavailable: a database cannot be reached
        """
        view = self.view(services, dict.fromkeys(self.ecosystems, EVERYTHING))
        next(iter(view.search("a", 1)), None)

    def _packages(self, services: Services) -> Sequence[Package]:
        entries = {name: directory.mapping(services.cache) for name, directory in self._directories.items()}
        marks = Marks.of(services.curation, self._counted(services), services.clock())
        return self._maker.packages(entries, services.curation, marks)

    def _now(self, services: Services) -> Key:
        version = self._counted(services).version
        return services.cache.moved(), services.state.moved(), services.clock().date(), version

    def _counted(self, services: Services) -> Counts:
        """Counts that are young enough. Marks are as they are now; what is dear is asked for seldom."""
        now, marks, known = services.clock(), services.curation.uses(), self._counts
        is_young = self._counted_at <= now < self._counted_at + _COUNTED_FOR
        if known is not None and is_young and (known.marks is marks or known.marks == marks):
            return known
        users = services.curation.users(since=now.date() - timedelta(days=USER_DAYS - 1))
        if known is not None and is_young:
            downloads = known.downloads
        else:
            self._counted_at, downloads = now, self._downloads(services, now.date())
        if known is None or (known.downloads, known.users, known.marks) != (downloads, users, marks):
            version = known.version + 1 if known is not None else 0
            self._counts = known = Counts(version, downloads, users, marks)
        return known

    def _downloads(self, services: Services, today: date) -> Mapping[Project, int]:
        since = today - timedelta(days=DOWNLOAD_DAYS - 1)
        found: dict[Project, int] = {}
        for ecosystem in self._directories:
            found.update(services.downloads.by_project(ecosystem, since=since))
        return found


def _entry_of(describe: Describe) -> EntryOf[Told]:
    """Of projects that have a file; nothing is described of those in quarantine."""

    def entry_of(project: Project, record: ProjectRecord | None, files: Sequence[FileRecord]) -> Told | None:
        if record is not None and record.status is Status.QUARANTINED:
            return project, None
        return (project, describe(files, record)) if files else None

    return entry_of
