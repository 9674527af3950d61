"""The port of what people add to the catalogue: categories, grids that compare packages, marks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from pypicloud_like.core.model import Project


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of packages. ``ecosystem`` is set for the one that new projects of it are put into."""

    id: int
    slug: str
    title: str
    title_plural: str
    description: str
    show_pypi: bool
    ecosystem: str | None
    created: datetime
    modified: datetime


@dataclass(frozen=True, slots=True)
class Listed:
    """A package of the catalogue: a project here, or one from outside (``project`` None) for comparison.

    What is None was not said by people: it follows from the project. Ids are never given again.
    """

    id: int
    slug: str
    project: Project | None
    category: int
    title: str | None
    repo_url: str | None
    documentation_url: str | None
    deprecated: bool
    created: datetime
    modified: datetime


@dataclass(frozen=True, slots=True)
class Grid:
    """A comparison. ``packages`` are ids in the order in which they were put in."""

    id: int
    slug: str
    title: str
    description: str
    locked: bool
    header: bool
    packages: tuple[int, ...]
    created: datetime
    modified: datetime


@dataclass(frozen=True, slots=True)
class Feature:
    """A row of a grid: what its packages are compared by. ``cells`` is package id → text."""

    id: int
    grid: int
    title: str
    description: str
    cells: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Curated:
    """All that was ever said in the catalogue, and all ids and slugs that were given, to be taken elsewhere.

    ``uses`` is package id → users; ``last_ids`` are the highest ones ever given, by kind (``categories``,
    ``packages``, ``grids``, ``features``).
    """

    categories: Sequence[Category] = ()
    packages: Sequence[Listed] = ()
    grids: Sequence[Grid] = ()
    features: Sequence[Feature] = ()
    uses: Mapping[int, Collection[str]] = field(default_factory=dict)
    last_ids: Mapping[str, int] = field(default_factory=dict)


class Curation(Protocol):
    """Curated facts. All of them are kept in memory until somebody changes one, in any process."""

    def listed(self, projects: Mapping[Project, str]) -> Collection[Listed]:
        """Every package that there ever was and that was not removed, also of projects that are gone; ids
        and slugs are given now to projects that have none yet. What did not change is the same object.

        :param projects: those that are to be there, the oldest first, with the titles that slugs are made of
        """

    def categories(self) -> Sequence[Category]:
        """Every category, the newest first."""

    def grids(self) -> Sequence[Grid]:
        """Every grid, the newest first."""

    def features(self, grid: int) -> Sequence[Feature]:
        """The rows of a grid, in the order in which they came."""

    def uses(self) -> Mapping[int, Collection[str]]:
        """Package id → the users who say that they use it."""

    def users(self, *, since: date) -> Mapping[int, int]:
        """Package id → how many users say that they use it, or have downloaded it since a day."""

    def add_category(self, title: str, *, slug: str, actor: str | None, **more: str | bool) -> Category:
        """``more``: title_plural, description, show_pypi. :raises Conflict: the slug is taken"""

    def change_category(self, category: int, *, actor: str | None, **more: str | bool) -> Category:
        """:raises NotFound: there is none
        :raises Conflict: the slug is taken
        """

    def remove_category(self, category: int, *, actor: str | None) -> None:
        """:raises NotFound: there is none
        :raises Conflict: packages are in it, or new projects come into it
        """

    def add_package(self, title: str, *, slug: str, category: int, actor: str | None, **more: str) -> Listed:
        """A package from outside. ``more``: repo_url, documentation_url.

        :raises Conflict: the slug is taken
        :raises NotFound: there is no such category
        """

    def change_package(self, package: int, *, actor: str | None, **more: str | bool | int | None) -> Listed:
        """``more``: title, repo_url, documentation_url, deprecated, category; None forgets what was said.

        :raises NotFound: there is no such package or category
        """

    def remove_package(self, package: int, *, actor: str | None) -> None:
        """:raises NotFound: there is none
        :raises Conflict: it is a project here
        """

    def add_grid(self, title: str, *, slug: str, actor: str | None, **more: str | bool) -> Grid:
        """``more``: description, locked, header. :raises Conflict: the slug is taken"""

    def change_grid(self, grid: int, *, actor: str | None, **more: str | bool) -> Grid:
        """``more``: title, slug, description, locked, header.

        :raises NotFound: there is none
        :raises Conflict: the slug is taken
        """

    def remove_grid(self, grid: int, *, actor: str | None) -> None:
        """With its features and cells. :raises NotFound: there is none"""

    def place(self, grid: int, package: int, there: bool, *, actor: str | None) -> None:
        """Put a package into a grid, or take it out with its cells; fine if it is so already.

        :raises NotFound: there is no such grid or package
        """

    def add_feature(self, grid: int, title: str, *, description: str, actor: str | None) -> Feature:
        """:raises NotFound: there is no such grid"""

    def change_feature(self, grid: int, feature: int, *, actor: str | None, **more: str) -> Feature:
        """``more``: title, description. :raises NotFound: the grid has no such feature"""

    def remove_feature(self, grid: int, feature: int, *, actor: str | None) -> None:
        """:raises NotFound: the grid has no such feature"""

    def write_cell(self, grid: int, feature: int, package: int, text: str, *, actor: str | None) -> None:
        """:raises NotFound: the grid has no such feature or package"""

    def use(self, package: int, user: str, using: bool) -> None:
        """Say that somebody uses a package, or no longer; fine if it is so already.

        :raises NotFound: there is no such package
        """

    def dump(self) -> Curated:
        """Everything, in the order of ids."""

    def load(self, curated: Curated, *, actor: str | None) -> None:
        """Add what is missing. What is there already (the same project, slug of a grid or category, feature
        of a grid by its title) stays as it is, and so do ids unless they are taken. Where nobody has curated
        anything yet, all is as it was where it comes from.

        :raises Conflict: a slug belongs to something else here; nothing is changed
        """
