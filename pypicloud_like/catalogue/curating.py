"""Curating: the same rules for whoever comes by HTTP or by the command line. What is said comes as plain
values by name; things are named by id or slug.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pypicloud_like.catalogue import rules
from pypicloud_like.catalogue.lookup import Unmatched, number_of, pick
from pypicloud_like.catalogue.rules import CATEGORY_TITLE, Said
from pypicloud_like.catalogue.shelf import Package
from pypicloud_like.catalogue.view import View
from pypicloud_like.core.errors import Forbidden, InvalidRequest
from pypicloud_like.core.ports import Category, Curation, Feature, Grid, Listed

_CATEGORY = ("title", "slug", "title_plural", "description", "show_pypi")
_PACKAGE = ("title", "category", "slug", "repo_url", "documentation_url")
_OF_PACKAGE = ("title", "category", "repo_url", "documentation_url", "deprecated")
_GRID = ("title", "slug", "description", "header", "is_locked")
_FEATURE = ("title", "description")


@dataclass(frozen=True, slots=True)
class Curator:
    """Somebody who curates.

    :param view: what they see of the catalogue: nothing else is there for them
    :param actor: their name for the audit, None on the command line
    :param admin: whether they may change more than grids that are not locked
    """

    curation: Curation
    view: View
    actor: str | None
    admin: bool = True

    def add_category(self, said: Said) -> Category:
        """``title``, and ``slug``, ``title_plural``, ``description``, ``show_pypi``.

        :raises InvalidRequest: one of them is not acceptable
        :raises Conflict: the slug is taken
        """
        self._require_admin()
        rules.only(said, *_CATEGORY)
        title = rules.line(said, "title", CATEGORY_TITLE)
        more = _of_category(said)
        slug = rules.slug(said, title=title)
        return self.curation.add_category(title, **{**more, "slug": slug}, actor=self.actor)

    def change_category(self, key: str, said: Said) -> Category:
        """Some of the same.

        :raises Unmatched: there is no such category
        :raises InvalidRequest, Conflict: as above
        """
        self._require_admin()
        rules.only(said, *_CATEGORY)
        more = _of_category(said)
        if "title" in said:
            more["title"] = rules.line(said, "title", CATEGORY_TITLE)
        return self.curation.change_category(self.category(key).id, actor=self.actor, **more)

    def remove_category(self, key: str) -> None:
        """:raises Conflict: packages are in it, or new projects come into it"""
        self._require_admin()
        self.curation.remove_category(self.category(key).id, actor=self.actor)

    def add_package(self, said: Said) -> Listed:
        """One from outside, to compare with: ``title``, ``category``, and ``slug``, ``repo_url``,
        ``documentation_url``.

        :raises Unmatched, InvalidRequest, Conflict: as above
        """
        self._require_admin()
        rules.only(said, *_PACKAGE)
        title = rules.line(said, "title")
        category = self._category_said(said)
        urls = {name: rules.url(said, name) for name in ("repo_url", "documentation_url") if said.get(name)}
        slug = rules.slug(said, title=title)
        return self.curation.add_package(title, slug=slug, category=category, actor=self.actor, **urls)

    def change_package(self, key: str, said: Said) -> Listed:
        """``title``, ``repo_url``, ``documentation_url``, which None forgets; ``deprecated``, ``category``.

        :raises Unmatched, InvalidRequest: as above
        """
        self._require_admin()
        rules.only(said, *_OF_PACKAGE)
        package = self.package(key)
        more: dict[str, Any] = {}
        for name in ("repo_url", "documentation_url"):
            if name in said:
                more[name] = None if said[name] is None else rules.url(said, name)
        if "title" in said:
            if said["title"] is None and package.listed.project is None:
                raise InvalidRequest("title", "is all that this package is known by")
            more["title"] = None if said["title"] is None else rules.line(said, "title")
        if "deprecated" in said:
            more["deprecated"] = rules.flag(said, "deprecated")
        if "category" in said:
            more["category"] = self._category_said(said)
        return self.curation.change_package(package.listed.id, actor=self.actor, **more)

    def remove_package(self, key: str) -> None:
        """One from outside. :raises Conflict: it is a project here"""
        self._require_admin()
        self.curation.remove_package(self.package(key).listed.id, actor=self.actor)

    def add_grid(self, said: Said) -> Grid:
        """``title``, and ``slug``, ``description``, ``header``, ``is_locked``.

        :raises InvalidRequest, Conflict: as above
        :raises Forbidden: somebody else than an administrator locks it
        """
        rules.only(said, *_GRID)
        title = rules.line(said, "title")
        slug = rules.slug(said, title=title)
        more = self._of_grid(said)
        return self.curation.add_grid(title, **{**more, "slug": slug}, actor=self.actor)

    def change_grid(self, key: str, said: Said) -> Grid:
        """Some of the same. :raises Forbidden: it is locked, and they are no administrator"""
        rules.only(said, *_GRID)
        grid = self._open(key)
        more = self._of_grid(said)
        if "title" in said:
            more["title"] = rules.line(said, "title")
        return self.curation.change_grid(grid.id, actor=self.actor, **more)

    def remove_grid(self, key: str) -> None:
        """With its features and cells. :raises Forbidden: as above"""
        self.curation.remove_grid(self._open(key).id, actor=self.actor)

    def place(self, grid: str, package: str, *, there: bool) -> None:
        """Put a package into a grid, or take it out; fine if it is so already. :raises Forbidden: as above"""
        where, what = self._open(grid), self.package(package)
        self.curation.place(where.id, what.listed.id, there, actor=self.actor)

    def add_feature(self, grid: str, said: Said) -> Feature:
        """``title`` and ``description``. :raises Forbidden: as above"""
        rules.only(said, *_FEATURE)
        where = self._open(grid)
        title = rules.line(said, "title")
        description = rules.text(said, "description") if "description" in said else ""
        return self.curation.add_feature(where.id, title, description=description, actor=self.actor)

    def change_feature(self, grid: str, feature: str, said: Said) -> Feature:
        """Some of the same. :raises Unmatched, NotFound: the grid has none such"""
        rules.only(said, *_FEATURE)
        where, number = self._open(grid), _feature(feature)
        more = {"title": rules.line(said, "title")} if "title" in said else {}
        more |= {"description": rules.text(said, "description")} if "description" in said else {}
        return self.curation.change_feature(where.id, number, actor=self.actor, **more)

    def remove_feature(self, grid: str, feature: str) -> None:
        """With its cells. :raises Unmatched, NotFound: the grid has none such"""
        self.curation.remove_feature(self._open(grid).id, _feature(feature), actor=self.actor)

    def write_cell(self, grid: str, feature: str, package: str, said: Said) -> None:
        """``text``. :raises Unmatched, NotFound: the grid has no such feature or package"""
        rules.only(said, "text")
        text = rules.text(said, "text")
        where, what = self._open(grid), self.package(package)
        self.curation.write_cell(where.id, _feature(feature), what.listed.id, text, actor=self.actor)

    def category(self, key: str) -> Category:
        """:raises Unmatched: there is none"""
        known = self.view.categories
        return pick("Category", key, {each.id: each for each in known}, {each.slug: each for each in known})

    def package(self, key: str) -> Package:
        """:raises Unmatched: there is none, or none that they see"""
        return pick("Package", key, self.view.by_id, self.view.by_slug)

    def grid(self, key: str) -> Grid:
        """:raises Unmatched: there is none"""
        known = self.view.grids
        return pick("Grid", key, {each.id: each for each in known}, {each.slug: each for each in known})

    def features(self, grid: Grid) -> Mapping[int, Feature]:
        """The rows of a grid by id, with the cells of packages that they see."""
        found = {}
        for each in self.curation.features(grid.id):
            cells = {number: text for number, text in each.cells.items() if number in self.view.by_id}
            found[each.id] = Feature(each.id, each.grid, each.title, each.description, cells)
        return found

    def _open(self, key: str) -> Grid:
        grid = self.grid(key)
        if grid.locked and not self.admin:
            raise Forbidden("This grid is locked: only administrators change it")
        return grid

    def _require_admin(self) -> None:
        if not self.admin:
            raise Forbidden("Only administrators change this")

    def _category_said(self, said: Said) -> int:
        value = said.get("category")
        if not isinstance(value, int | str) or isinstance(value, bool):
            raise InvalidRequest("category", "must be the id or slug of a category")
        return self.category(str(value)).id

    def _of_grid(self, said: Said) -> dict[str, Any]:
        found: dict[str, Any] = {"slug": rules.slug(said)} if "slug" in said else {}
        if "description" in said:
            found["description"] = rules.text(said, "description")
        if "header" in said:
            found["header"] = rules.flag(said, "header")
        if "is_locked" in said:
            found["locked"] = rules.flag(said, "is_locked")
            if found["locked"] and not self.admin:
                raise Forbidden("Only administrators lock grids")
        return found


def _of_category(said: Said) -> dict[str, Any]:
    """All but the title."""
    found: dict[str, Any] = {"slug": rules.slug(said)} if "slug" in said else {}
    if "title_plural" in said:
        found["title_plural"] = rules.text(said, "title_plural", CATEGORY_TITLE)
    if "description" in said:
        found["description"] = rules.text(said, "description")
    if "show_pypi" in said:
        found["show_pypi"] = rules.flag(said, "show_pypi")
    return found


def _feature(key: str) -> int:
    number = number_of(key)
    if number is None or number > rules.LARGEST_ID:
        raise Unmatched("Feature", key)
    return number
