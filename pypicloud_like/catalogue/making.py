"""Packages are made of what is said of projects and of what people say; what has changed is made anew."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import is_

from pypicloud_like.catalogue.search import Words
from pypicloud_like.catalogue.shelf import Package
from pypicloud_like.catalogue.weights import Facts, weigh_package
from pypicloud_like.core.model import Project
from pypicloud_like.core.ports import Curation, Listed
from pypicloud_like.registry.described import Described

_NO_WORDS = Words("", "", "", "")

Told = tuple[Project, Described | None]
"""A project and what is said of it; None of one in quarantine."""
Entries = Mapping[str, Mapping[Project, Told | None]]
"""Ecosystem → project → what is said of it, None if nothing is (any more)."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted, and the marks of users that were counted with it. ``version`` moves when it does."""

    version: int
    downloads: Mapping[Project, int]
    users: Mapping[int, int]
    marks: Mapping[int, Collection[str]]


@dataclass(frozen=True, slots=True)
class Marks:
    """What packages have beside what is said of them, by id or project."""

    grids: Mapping[int, tuple[int, ...]]
    categories: Mapping[int, str | None]
    counts: Counts
    now: datetime

    @classmethod
    def of(cls, curation: Curation, counts: Counts, now: datetime) -> Marks:
        """Those that people have given until now."""
        grids: dict[int, tuple[int, ...]] = {}
        for grid in reversed(curation.grids()):
            for number in grid.packages:
                grids[number] = (*grids.get(number, ()), grid.id)
        return cls(grids, {each.id: each.ecosystem for each in curation.categories()}, counts, now)

    def are_as(self, before: Marks) -> bool:
        """Whether nothing is other than before. Weights depend on the day."""
        return (
            self.counts is before.counts
            and self.now.date() == before.now.date()
            and (self.grids, self.categories) == (before.grids, before.categories)
        )

    def downloads_of(self, project: Project | None) -> int:
        """The downloads of a project."""
        return 0 if project is None else self.counts.downloads.get(project, 0)

    def were_curated(self, row: Listed) -> bool:
        """Whether people did anything with a package, so that it stays when its project goes."""
        said = (row.title, row.repo_url, row.documentation_url, row.deprecated or None)
        moved = row.project is not None and self.categories.get(row.category) != row.project.ecosystem
        return row.id in self.grids or moved or any(each is not None for each in said)


@dataclass(frozen=True, slots=True)
class _Before:
    """What there was the last time, and the packages that were made of it."""

    entries: Entries
    rows: Sequence[Listed]
    marks: Marks
    made: Mapping[int, Package]


class Maker:
    """Makes packages, and remembers what of. One thread at a time may ask it."""

    def __init__(self, prefix: str) -> None:
        """:param prefix: what titles usually begin with, in small letters"""
        self._prefix = prefix
        self._before: _Before | None = None
        self._rows: Mapping[Project, Listed] = {}

    def packages(self, entries: Entries, curation: Curation, marks: Marks) -> Sequence[Package]:
        """All packages, the newest first. Those that have not changed are the same objects as before."""
        rows = list(curation.listed({}))
        changed = self._changed(entries, rows, marks)
        if changed is None:
            rows = self._with_newborn(entries, rows, curation)
            self._rows = {row.project: row for row in rows if row.project is not None}
            made: dict[int, Package] = {}
            self._make(made, rows, entries, marks)
        else:
            made = dict(self._before.made) if self._before is not None else {}
            self._make(made, changed, entries, marks)
        self._before = _Before(entries, rows, marks, made)
        return sorted(made.values(), key=lambda package: -package.listed.id)

    def _changed(self, entries: Entries, rows: Sequence[Listed], marks: Marks) -> Collection[Listed] | None:
        """The packages of projects of which something else is said than before, if that is all that has
        changed; else None.
        """
        before = self._before
        if before is None or not marks.are_as(before.marks):
            return None
        if len(rows) != len(before.rows) or not all(map(is_, rows, before.rows)):
            return None
        changed: list[Listed] = []
        for ecosystem, here in entries.items():
            there = before.entries[ecosystem]
            if here is there:
                continue
            if len(here) != len(there):
                return None
            for (project, entry), (known, was) in zip(here.items(), there.items(), strict=True):
                if project is not known or (entry is not was and project not in self._rows):
                    return None
                if entry is not was:
                    changed.append(self._rows[project])
        return changed

    def _make(self, made: dict[int, Package], rows: Iterable[Listed], entries: Entries, marks: Marks) -> None:
        before = self._before
        known = before.made if before is not None and before.marks.now.date() == marks.now.date() else {}
        counts = before.marks.counts if before is not None else None
        for row in rows:
            entry = entries.get(row.project.ecosystem, {}).get(row.project) if row.project else None
            said = entry[1] if entry is not None else None
            stays = said is not None or row.project is None or (entry is None and marks.were_curated(row))
            if not stays:
                made.pop(row.id, None)
                continue
            package = known.get(row.id)
            if package is None or not _is_as_before(package, row, said, marks, counts):
                package = _package(row, said, marks, self._prefix)
            made[row.id] = package

    def _with_newborn(self, entries: Entries, rows: list[Listed], curation: Curation) -> list[Listed]:
        """The rows of all packages; projects that are new get theirs, the oldest first."""
        there = {row.project for row in rows}
        new = [
            (told.updated_at, project, told.title)
            for here in entries.values()
            for project, told in filter(None, here.values())
            if told is not None and project not in there
        ]
        if not new:
            return rows
        return list(curation.listed({project: title for _, project, title in sorted(new)}))


def _is_as_before(
    package: Package, row: Listed, told: Described | None, marks: Marks, counts: Counts | None
) -> bool:
    """Whether a package that was made before, with these counts, would be made the same."""
    if package.listed is not row or package.told is not told or package.grids != marks.grids.get(row.id, ()):
        return False
    return counts is marks.counts or (
        package.usage == marks.counts.users.get(row.id, 0)
        and package.downloads == marks.downloads_of(row.project)
    )


def _package(row: Listed, told: Described | None, marks: Marks, prefix: str) -> Package:
    downloads = marks.downloads_of(row.project)
    usage = marks.counts.users.get(row.id, 0)
    bare = Package(row, told, marks.grids.get(row.id, ()), downloads, usage, 0, _NO_WORDS)
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
