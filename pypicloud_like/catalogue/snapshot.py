"""The catalogue as of one moment: every package with what is said of it, weighed and ready to be searched."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from threading import Lock

from pypicloud_like.access.policy import ReadSet
from pypicloud_like.catalogue.search import Finder, Words
from pypicloud_like.catalogue.weights import WITHOUT_PACKAGES, Facts, weigh_grid, weigh_package
from pypicloud_like.core.model import Project
from pypicloud_like.core.ports import Cache, Category, Grid, Listed
from pypicloud_like.core.recent import Recent
from pypicloud_like.registry.described import Describe, Described
from pypicloud_like.registry.directory import Directory
from pypicloud_like.registry.services import Services

DOWNLOAD_DAYS = 30
_COUNTED_FOR = timedelta(minutes=1)
"""How long counts of downloads are believed: asking for those of all projects is the dearest part."""
_VIEWS = 64

Key = tuple[int, int, date, datetime]
Reads = Mapping[str, ReadSet]
"""Ecosystem → what a caller may read of it."""


@dataclass(frozen=True, slots=True)
class Package:
    """One package. ``told`` is what follows from its project, None for one from outside."""

    listed: Listed
    told: Described | None
    grids: tuple[int, ...]
    downloads: int
    usage: int
    weight: int

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
class _Marks:
    """What packages have beside what is said of them, by id or project."""

    grids: Mapping[int, Sequence[int]]
    uses: Mapping[int, Collection[str]]
    downloads: Mapping[Project, int]
    now: datetime


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
    def finder(self) -> Finder:
        """Finds packages, and grids behind them."""
        words = [Words(each.title, each.listed.slug, each.description) for each in self.packages]
        words += [Words(each.title, each.slug, each.description) for each in self.grids]
        return Finder(words, prefix=self.prefix)

    @cached_property
    def grid_weights(self) -> Sequence[int]:
        """The weights of the grids, in their order."""
        heaviest = max((package.weight for package in self.packages), default=WITHOUT_PACKAGES)
        return [
            weigh_grid(heaviest, locked=grid.locked, header=grid.header, filled=bool(self.members(grid)))
            for grid in self.grids
        ]

    def members(self, grid: Grid) -> Sequence[Package]:
        """The packages of a grid that the caller sees, by title."""
        found = [self.by_id[number] for number in grid.packages if number in self.by_id]
        return sorted(found, key=lambda package: (package.title.lower(), package.listed.id))


class Catalogue:
    """Makes views, and keeps them while nothing moves. Threads share it."""

    def __init__(self, describers: Mapping[str, Describe], *, prefix: str = "") -> None:
        """:param describers: ecosystem → what reads its records"""
        self._prefix = prefix
        self._directories = {
            ecosystem: Directory(_projects_of(ecosystem), _describer(describe))
            for ecosystem, describe in describers.items()
        }
        self._lock = Lock()
        self._key: Key | None = None
        self._whole: Sequence[Package] = ()
        self._views: Recent[tuple[Key, str], View] = Recent(_VIEWS)
        self._counts: tuple[datetime, Mapping[Project, int]] | None = None

    @property
    def ecosystems(self) -> Collection[str]:
        """Those whose projects are in it."""
        return self._directories.keys()

    def view(self, services: Services, reads: Reads) -> View:
        """What somebody who may read this sees."""
        with self._lock:
            key = self._now(services)
            if key != self._key:
                self._whole = self._weighed(services)
                self._key = self._now(services)  # looking may have given ids
            whole, key = self._whole, self._key
        digest = " ".join(reads[ecosystem].digest for ecosystem in sorted(reads))
        kept = self._views.get((key, digest))
        if kept is None:
            kept = View(
                [package for package in whole if _is_visible(package, reads)],
                services.curation.grids(),
                services.curation.categories(),
                self._prefix,
            )
            self._views.put((key, digest), kept)
        return kept

    def _now(self, services: Services) -> Key:
        counted_at, _ = self._counted(services)
        return services.cache.moved(), services.state.moved(), services.clock().date(), counted_at

    def _counted(self, services: Services) -> tuple[datetime, Mapping[Project, int]]:
        now = services.clock()
        if self._counts is None or not self._counts[0] <= now < self._counts[0] + _COUNTED_FOR:
            since = now.date() - timedelta(days=DOWNLOAD_DAYS - 1)
            found: dict[Project, int] = {}
            for ecosystem in self._directories:
                found.update(services.downloads.by_project(ecosystem, since=since))
            self._counts = now, found
        return self._counts

    def _weighed(self, services: Services) -> Sequence[Package]:
        told = {
            project: described
            for directory in self._directories.values()
            for project, described in directory.entries(services.cache)
        }
        by_age = sorted(told, key=lambda project: (told[project].updated_at, project))
        rows = services.curation.listed({project: told[project].title for project in by_age})
        grids: dict[int, list[int]] = {}
        for grid in reversed(services.curation.grids()):
            for number in grid.packages:
                grids.setdefault(number, []).append(grid.id)
        marks = _Marks(grids, services.curation.uses(), self._counted(services)[1], services.clock())
        packages = [_package(row, told.get(row.project) if row.project else None, marks) for row in rows]
        return sorted(packages, key=lambda package: -package.listed.id)


def _package(row: Listed, told: Described | None, marks: _Marks) -> Package:
    downloads = marks.downloads.get(row.project, 0) if row.project is not None else 0
    usage = len(marks.uses.get(row.id, ()))
    bare = Package(row, told, tuple(marks.grids.get(row.id, ())), downloads, usage, 0)
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
    return replace(bare, weight=weigh_package(facts, marks.now))


def _is_visible(package: Package, reads: Reads) -> bool:
    project = package.listed.project
    return project is None or project in reads[project.ecosystem]


def _projects_of(ecosystem: str) -> Callable[[Cache], Sequence[Project]]:
    return lambda cache: [line.project for line in cache.projects(ecosystem)]


def _describer(describe: Describe) -> Callable[[Cache, Project], tuple[Project, Described] | None]:
    def read(cache: Cache, project: Project) -> tuple[Project, Described] | None:
        files = cache.described(project)
        return (project, describe(files, cache.record(project))) if files else None

    return read
