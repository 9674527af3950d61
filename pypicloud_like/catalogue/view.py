"""What one reader sees of the catalogue: what they may read of the shelf, and grids and categories."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from heapq import merge
from itertools import islice
from typing import TypeVar

from pypicloud_like.access.policy import ReadSet
from pypicloud_like.catalogue.search import Finder, Words
from pypicloud_like.catalogue.shelf import Package, Shelf, rank_of
from pypicloud_like.catalogue.weights import WITHOUT_PACKAGES, weigh_grid
from pypicloud_like.core.model import Project
from pypicloud_like.core.ports import Category, Grid

K = TypeVar("K")

_FEW = 16
"""Whoever sees less than one in so many packages has an index of their own: else searches would pass over
many that are not for them.
"""

Reads = Mapping[str, ReadSet]
"""Ecosystem → what a caller may read of it."""
Weighed = tuple[Grid, int]
"""A grid and its weight."""


class View:
    """What one reader sees. Immutable, so threads share it; small, since there may be one for each reader."""

    def __init__(
        self, shelf: Shelf, reads: Reads, grids: Sequence[Grid], categories: Sequence[Category]
    ) -> None:
        self._shelf = shelf
        self._reads = reads
        self._sees_all = all(each.default and not each.exceptions for each in reads.values())
        self.grids = grids
        self.categories = categories
        self.prefix = shelf.prefix

    @cached_property
    def packages(self) -> Sequence[Package]:
        """The newest first."""
        return self._shelf.packages if self._sees_all else self._those_of(self._shelf.packages)

    @property
    def by_id(self) -> Mapping[int, Package]:
        """The packages."""
        return self._shelf.by_id if self._sees_all else _Seen(self._shelf.by_id, self._sees)

    @property
    def by_slug(self) -> Mapping[str, Package]:
        """The same."""
        return self._shelf.by_slug if self._sees_all else _Seen(self._shelf.by_slug, self._sees)

    @property
    def by_project(self) -> Mapping[Project, Package]:
        """Those that are projects here."""
        return self._shelf.by_project if self._sees_all else _Seen(self._shelf.by_project, self._sees)

    @cached_property
    def ranked_packages(self) -> Sequence[Package]:
        """All packages, the heaviest first."""
        return self._shelf.ranked if self._sees_all else self._those_of(self._shelf.ranked)

    def dependents(self, project: Project) -> Sequence[Package]:
        """The packages whose newest version depends on a project, the heaviest first."""
        return self._those_of(self._shelf.dependents.get(project, ()))

    def members(self, grid: Grid) -> Sequence[Package]:
        """The packages of a grid that the reader sees, by title."""
        known = self.by_id
        found = [known[number] for number in grid.packages if number in known]
        return sorted(found, key=lambda package: (package.title.lower(), package.listed.id))

    def matching(self, words: str) -> Iterator[Package]:
        """The packages that match, the heaviest first. Whoever wants a few only pays for these."""
        found = self._searched.find(words)
        return found if self._sees_all else filter(self._sees, found)

    def search(self, words: str, most: int) -> Sequence[Package | Weighed]:
        """The heaviest things that match, grids with their weights: by weight, title and id, packages first.

        :param most: how many at most
        """
        packages = (((*rank_of(each)[:2], 0), each) for each in self.matching(words))
        grids = (((-pair[1], pair[0].title, 1), pair) for pair in self._found_grids(words))
        both: Iterator[tuple[tuple[int, str, int], Package | Weighed]]
        both = merge(packages, grids, key=lambda pair: pair[0])
        return [thing for _, thing in islice(both, most)]

    @cached_property
    def _searched(self) -> Shelf:
        if len(self.packages) * _FEW < len(self._shelf.packages):
            return Shelf(self.packages, prefix=self.prefix)
        return self._shelf

    def _found_grids(self, words: str) -> Iterator[Weighed]:
        ranked, finder = self._ranked_grids
        return (ranked[place] for place in finder.find(words))

    @cached_property
    def _ranked_grids(self) -> tuple[Sequence[Weighed], Finder]:
        heaviest = max((package.weight for package in self.packages), default=WITHOUT_PACKAGES)
        known = self.by_id
        weighed = [
            (
                grid,
                weigh_grid(
                    heaviest,
                    locked=grid.locked,
                    header=grid.header,
                    filled=any(number in known for number in grid.packages),
                ),
            )
            for grid in self.grids
        ]
        ranked = sorted(weighed, key=lambda pair: (-pair[1], pair[0].title, pair[0].id))
        words = [Words.of(each.title, each.slug, each.description, prefix=self.prefix) for each, _ in ranked]
        return ranked, Finder(words, prefix=self.prefix)

    def _those_of(self, packages: Sequence[Package]) -> Sequence[Package]:
        return packages if self._sees_all else [package for package in packages if self._sees(package)]

    def _sees(self, package: Package) -> bool:
        project = package.listed.project
        return self._sees_all or project is None or project in self._reads[project.ecosystem]


class _Seen(Mapping[K, Package]):
    """The part of a mapping that a reader sees."""

    def __init__(self, things: Mapping[K, Package], sees: Callable[[Package], bool]) -> None:
        self._things = things
        self._sees = sees

    def __getitem__(self, key: K) -> Package:
        found = self._things[key]
        if not self._sees(found):
            raise KeyError(key)
        return found

    def __iter__(self) -> Iterator[K]:
        return (key for key, package in self._things.items() if self._sees(package))

    def __len__(self) -> int:
        return sum(1 for _ in self)
