"""The catalogue as of one moment: every package with what is said of it, weighed and ready to be searched."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import islice
from threading import Lock

from pypicloud_like.access.policy import ReadSet
from pypicloud_like.catalogue.search import Finder, Words
from pypicloud_like.catalogue.weights import WITHOUT_PACKAGES, Facts, weigh_grid, weigh_package
from pypicloud_like.core.model import FileRecord, Project, ProjectRecord, Status
from pypicloud_like.core.ports import Category, Curation, Grid, Listed
from pypicloud_like.core.recent import Recent
from pypicloud_like.registry.described import Describe, Described
from pypicloud_like.registry.directory import Directory, EntryOf
from pypicloud_like.registry.services import Services

DOWNLOAD_DAYS = 30
USER_DAYS = 90
"""For how long somebody who downloaded something counts as one who uses it."""
_COUNTED_FOR = timedelta(minutes=1)
"""How long counts of downloads are believed: asking for those of all projects is the dearest part."""
_VIEWS = 64
_NO_WORDS = Words("", "", "", "")

EVERYTHING = ReadSet(True, frozenset())
"""What administrators may read."""

Key = tuple[int, int, date, datetime]
Reads = Mapping[str, ReadSet]
"""Ecosystem → what a caller may read of it."""


@dataclass(frozen=True, slots=True)
class Package:
    """One package. ``told`` is what follows from its project, None for one from outside and for one whose
    project has no file any more.
    """

    listed: Listed
    told: Described | None
    grids: tuple[int, ...]
    downloads: int
    usage: int
    weight: int
    words: Words

    @property
    def title(self) -> str:
        """What people called it, or else its publisher."""
        return self.listed.title or (self.told.title if self.told else self.listed.slug)

    @property
    def description(self) -> str:
        """One line."""
        return self.told.summary if self.told else ""

    @property
    def deprecated(self) -> bool:
        """Whether people or the project itself say so."""
        return self.listed.deprecated or (self.told is not None and self.told.deprecated)

    @property
    def repo_url(self) -> str:
        """Where its source is, empty if nobody says."""
        said = self.listed.repo_url
        return said if said is not None else (self.told.repository if self.told else "")

    @property
    def documentation_url(self) -> str | None:
        """Where it is documented."""
        said = self.listed.documentation_url
        return said if said is not None else (self.told.documentation if self.told else None)


@dataclass(frozen=True, slots=True)
class _Counts:
    """What was counted at a moment, and the marks of users that were counted with it."""

    at: datetime
    marks: Mapping[int, Collection[str]]
    downloads: Mapping[Project, int]
    users: Mapping[int, int]

    def of(self, project: Project | None) -> int:
        """The downloads of a project."""
        return 0 if project is None else self.downloads.get(project, 0)


@dataclass(frozen=True, slots=True)
class _Marks:
    """What packages have beside what is said of them, by id or project."""

    grids: Mapping[int, Sequence[int]]
    categories: Mapping[int, str | None]
    counts: _Counts
    now: datetime

    def are_those_of(self, package: Package, row: Listed, told: Described | None) -> bool:
        """Whether a package that was made before would be made the same."""
        return (
            package.listed is row
            and package.told is told
            and package.grids == tuple(self.grids.get(row.id, ()))
            and package.usage == self.counts.users.get(row.id, 0)
            and package.downloads == self.counts.of(row.project)
        )

    def were_curated(self, row: Listed) -> bool:
        """Whether people did anything with a package, so that it stays when its project goes."""
        said = (row.title, row.repo_url, row.documentation_url, row.deprecated or None)
        moved = row.project is not None and self.categories.get(row.category) != row.project.ecosystem
        return row.id in self.grids or moved or any(each is not None for each in said)


@dataclass(frozen=True)
class View:
    """What one caller sees of a snapshot; lists have the newest first."""

    packages: Sequence[Package]
    grids: Sequence[Grid]
    categories: Sequence[Category]
    prefix: str

    @cached_property
    def by_id(self) -> Mapping[int, Package]:
        """The packages."""
        return {package.listed.id: package for package in self.packages}

    @cached_property
    def by_slug(self) -> Mapping[str, Package]:
        """The same."""
        return {package.listed.slug: package for package in self.packages}

    @cached_property
    def by_project(self) -> Mapping[Project, Package]:
        """Those that are projects here."""
        return {each.listed.project: each for each in self.packages if each.listed.project is not None}

    def dependents(self, project: Project) -> Sequence[Package]:
        """The packages whose newest version depends on a project, the heaviest first."""
        return self._dependents.get(project, ())

    @cached_property
    def _dependents(self) -> Mapping[Project, Sequence[Package]]:
        found: dict[Project, list[Package]] = {}
        for package in sorted(self.packages, key=lambda each: (-each.weight, each.title)):
            for project in package.told.requires if package.told is not None else ():
                found.setdefault(project, []).append(package)
        return found

    def search(self, words: str, most: int) -> Sequence[Package | tuple[Grid, int]]:
        """The heaviest things that match, grids with their weights: by weight, title and id, packages first.

        :param most: how many at most
        """
        return [self._ranked[place] for place in islice(self._finder.find(words), most)]

    @cached_property
    def ranked_packages(self) -> Sequence[Package]:
        """All packages, the heaviest first."""
        return [thing for thing in self._ranked if isinstance(thing, Package)]

    @cached_property
    def _ranked(self) -> Sequence[Package | tuple[Grid, int]]:
        """All that can be found, the heaviest first."""
        heaviest = max((package.weight for package in self.packages), default=WITHOUT_PACKAGES)
        ranked: list[tuple[tuple[int, str, int, int], Package | tuple[Grid, int]]] = [
            ((-each.weight, each.title, 0, each.listed.id), each) for each in self.packages
        ]
        for grid in self.grids:
            filled = bool(self.members(grid))
            weight = weigh_grid(heaviest, locked=grid.locked, header=grid.header, filled=filled)
            ranked.append(((-weight, grid.title, 1, grid.id), (grid, weight)))
        return [thing for _, thing in sorted(ranked, key=lambda pair: pair[0])]

    @cached_property
    def _finder(self) -> Finder:
        words = [
            thing.words if isinstance(thing, Package) else _words_of(thing[0], self.prefix)
            for thing in self._ranked
        ]
        return Finder(words, prefix=self.prefix)

    def members(self, grid: Grid) -> Sequence[Package]:
        """The packages of a grid that the caller sees, by title."""
        found = [self.by_id[number] for number in grid.packages if number in self.by_id]
        return sorted(found, key=lambda package: (package.title.lower(), package.listed.id))


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
        self._whole: Sequence[Package] = ()
        self._made: dict[int, Package] = {}
        self._made_on: date | None = None
        self._views: Recent[str, tuple[Key, View]] = Recent(_VIEWS)
        self._counts: _Counts | None = None

    @property
    def ecosystems(self) -> Collection[str]:
        """Those whose projects are in it."""
        return self._directories.keys()

    def view(self, services: Services, reads: Reads) -> View:
        """What somebody who may read this sees."""
        with self._lock:
            key = self._now(services)
            if key != self._key:
                # the key of before: what changes meanwhile is looked at the next time
                self._whole, self._key = self._weighed(services), key
            whole = self._whole
        digest = " ".join(reads[ecosystem].digest for ecosystem in sorted(reads))
        kept = self._views.get(digest)
        if kept is not None and kept[0] == key:
            return kept[1]
        view = View(
            [package for package in whole if _is_visible(package, reads)],
            services.curation.grids(),
            services.curation.categories(),
            self._prefix,
        )
        self._views.put(digest, (key, view))  # in the place of the one of before: they are large
        return view

    def warm(self, services: Services) -> None:
        """Read all there is, so that whoever looks first need not wait for it.

        :raises Unavailable: a database cannot be reached
        """
        view = self.view(services, dict.fromkeys(self.ecosystems, EVERYTHING))
        next(iter(view.search("a", 1)), None)

    def _now(self, services: Services) -> Key:
        counted_at = self._counted(services).at
        return services.cache.moved(), services.state.moved(), services.clock().date(), counted_at

    def _counted(self, services: Services) -> _Counts:
        now, marks, known = services.clock(), services.curation.uses(), self._counts
        if known is None or not known.at <= now < known.at + _COUNTED_FOR or known.marks != marks:
            since = now.date() - timedelta(days=DOWNLOAD_DAYS - 1)
            found: dict[Project, int] = {}
            for ecosystem in self._directories:
                found.update(services.downloads.by_project(ecosystem, since=since))
            users = services.curation.users(since=now.date() - timedelta(days=USER_DAYS - 1))
            self._counts = known = _Counts(now, marks, found, users)
        return known

    def _weighed(self, services: Services) -> Sequence[Package]:
        entries = [each for found in self._directories.values() for each in found.entries(services.cache)]
        told = {project: described for project, described in entries if described is not None}
        hidden = {project for project, described in entries if described is None}
        rows = self._listed(services.curation, told)
        grids: dict[int, list[int]] = {}
        for grid in reversed(services.curation.grids()):
            for number in grid.packages:
                grids.setdefault(number, []).append(grid.id)
        categories = {each.id: each.ecosystem for each in services.curation.categories()}
        marks = _Marks(grids, categories, self._counted(services), services.clock())
        known = self._made if self._made_on == marks.now.date() else {}
        packages = []
        for row in rows:
            said = told.get(row.project) if row.project is not None else None
            stays = row.project is None or (row.project not in hidden and marks.were_curated(row))
            if said is not None or stays:
                package = known.get(row.id)
                if package is None or not marks.are_those_of(package, row, said):
                    package = _package(row, said, marks, self._prefix)
                packages.append(package)
        self._made, self._made_on = {package.listed.id: package for package in packages}, marks.now.date()
        return sorted(packages, key=lambda package: -package.listed.id)

    def _listed(self, curation: Curation, told: Mapping[Project, Described]) -> Collection[Listed]:
        """The rows of all packages; projects that are new get theirs, the oldest first."""
        rows = curation.listed({})
        new = told.keys() - {row.project for row in rows}
        if not new:
            return rows
        by_age = sorted(new, key=lambda project: (told[project].updated_at, project))
        return curation.listed({project: told[project].title for project in by_age})


def _package(row: Listed, told: Described | None, marks: _Marks, prefix: str) -> Package:
    downloads = marks.counts.of(row.project)
    usage = marks.counts.users.get(row.id, 0)
    bare = Package(row, told, tuple(marks.grids.get(row.id, ())), downloads, usage, 0, _NO_WORDS)
    facts = Facts(
        documented=bool(bare.documentation_url),
        described=bool(bare.description.strip()),
        forks=0,
        watchers=0,
        downloads=downloads,
        usage=usage,
        released_at=told.released_at if told else None,
        committed_at=told.updated_at if told else None,
        deprecated=bare.deprecated,
    )
    keywords = told.keywords if told else ()
    words = Words.of(bare.title, row.slug, bare.description, keywords=keywords, prefix=prefix)
    return replace(bare, weight=weigh_package(facts, marks.now), words=words)


def _words_of(grid: Grid, prefix: str) -> Words:
    return Words.of(grid.title, grid.slug, grid.description, prefix=prefix)


def _is_visible(package: Package, reads: Reads) -> bool:
    project = package.listed.project
    return project is None or project in reads[project.ecosystem]


def _entry_of(describe: Describe) -> EntryOf[tuple[Project, Described | None]]:
    """Of projects that have a file; nothing is described of those in quarantine."""

    def entry_of(
        project: Project, record: ProjectRecord | None, files: Sequence[FileRecord]
    ) -> tuple[Project, Described | None] | None:
        if record is not None and record.status is Status.QUARANTINED:
            return project, None
        return (project, describe(files, record)) if files else None

    return entry_of
