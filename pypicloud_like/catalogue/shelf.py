"""All packages of one moment as one shelf that every reader shares: by id and name, weighed, and ready to be
searched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import merge

from pypicloud_like.catalogue.search import Finder, Words
from pypicloud_like.core.model import Project
from pypicloud_like.core.ports import Listed
from pypicloud_like.registry.described import Described

_MANY = 1_000
"""When more packages than these have changed, a new index of all is cheaper than the old one and theirs."""

Rank = tuple[int, str, int]


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


def rank_of(package: Package) -> Rank:
    """What packages are ordered by: the heaviest first, then by title and id."""
    return -package.weight, package.title, package.listed.id


class Ranking:
    """Packages, the heaviest first, and an index of their words. Immutable, so threads share it."""

    def __init__(self, packages: Sequence[Package], prefix: str) -> None:
        self.ordered: Sequence[Package] = sorted(packages, key=rank_of)
        self._by_id = {package.listed.id: package for package in packages}
        self._prefix = prefix

    def has(self, package: Package) -> bool:
        """Whether this very package is in it, not one of the same id as it was before or after."""
        return self._by_id.get(package.listed.id) is package

    def find(self, words: str) -> Iterator[Package]:
        """Those that match, the heaviest first."""
        return (self.ordered[place] for place in self._finder.find(words))

    @cached_property
    def _finder(self) -> Finder:
        return Finder([package.words for package in self.ordered], prefix=self._prefix)


class Shelf:
    """All packages, the newest first. Immutable, so threads share it.

    Indexing every word takes long and much memory, and most packages are what they were a moment ago: the
    index of before is used on, with a small one of what has changed since.
    """

    def __init__(self, packages: Sequence[Package], *, prefix: str, before: Shelf | None = None) -> None:
        """:param before: a shelf of before, of which what has not changed is the same object now"""
        self.packages = packages
        self.prefix = prefix
        self.by_id: Mapping[int, Package] = {package.listed.id: package for package in packages}
        old = before.index if before is not None else None
        changed = [package for package in packages if old is None or not old.has(package)]
        if old is None or len(changed) > _MANY:
            old, changed = Ranking(packages, prefix), []
        self.index: Ranking = old
        """Of all packages as they were a while ago."""
        self._changed = Ranking(changed, prefix)

    def find(self, words: str) -> Iterator[Package]:
        """Those that match, the heaviest first. Whoever wants a few only pays for these."""
        if not self._changed.ordered and len(self.index.ordered) == len(self.packages):
            return self.index.find(words)
        there = (package for package in self.index.find(words) if self._is_current(package))
        return merge(there, self._changed.find(words), key=rank_of)

    @cached_property
    def ranked(self) -> Sequence[Package]:
        """All of them, the heaviest first."""
        there = (package for package in self.index.ordered if self._is_current(package))
        return sorted([*there, *self._changed.ordered], key=rank_of)

    @cached_property
    def by_slug(self) -> Mapping[str, Package]:
        """All of them."""
        return {package.listed.slug: package for package in self.packages}

    @cached_property
    def by_project(self) -> Mapping[Project, Package]:
        """Those that are projects here."""
        return {each.listed.project: each for each in self.packages if each.listed.project is not None}

    @cached_property
    def dependents(self) -> Mapping[Project, Sequence[Package]]:
        """Project → the packages whose newest version depends on it, the heaviest first."""
        found: dict[Project, list[Package]] = {}
        for package in self.ranked:
            for project in package.told.requires if package.told is not None else ():
                found.setdefault(project, []).append(package)
        return found

    def _is_current(self, package: Package) -> bool:
        return self.by_id.get(package.listed.id) is package
