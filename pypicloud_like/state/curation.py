"""What people add to the catalogue, in the state database."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from pypicloud_like.core.clock import Clock, system_clock
from pypicloud_like.core.errors import Conflict, NotFound
from pypicloud_like.core.model import Project
from pypicloud_like.core.ports.curation import Category, Feature, Grid, Listed
from pypicloud_like.core.slugs import candidates
from pypicloud_like.core.spelling import normal_form
from pypicloud_like.db.engine import Database
from pypicloud_like.state import curation_tables as tables
from pypicloud_like.state.changes import Recorder
from pypicloud_like.state.kept import Kept

c, p, g, m = tables.categories.c, tables.packages.c, tables.grids.c, tables.grid_packages.c
f, x, u = tables.features.c, tables.cells.c, tables.uses.c

FIRST_CATEGORIES = {
    "pypi": ("Python package", "Python packages"),
    "cargo": ("Crate", "Crates"),
    "jsr": ("JSR package", "JSR packages"),
}
"""Ecosystem → title and plural of the category that its projects come into."""


@dataclass(frozen=True, slots=True)
class _Known:
    """All packages as they are in the database, by project where they are one. ``mark`` moves when they
    do.
    """

    mark: tuple[int, int, datetime | None]
    by_id: Mapping[int, Listed]
    by_project: Mapping[Project, Listed]
    outside: Sequence[Listed]


class SqlCuration:
    """The :class:`~pypicloud_like.core.ports.Curation` port. Threads and processes may share it."""

    def __init__(self, database: Database, *, clock: Clock = system_clock) -> None:
        self._database = database
        self._clock = clock
        self._recorder = Recorder(database, clock)
        self._lock = threading.Lock()
        self._known = _Known((0, 0, None), {}, {}, ())
        self._categories: Kept[None, Sequence[Category]] = Kept(database.moved, limit=1)
        self._grids: Kept[None, Sequence[Grid]] = Kept(database.moved, limit=1)
        self._uses: Kept[None, Mapping[int, Collection[str]]] = Kept(database.moved, limit=1)

    def listed(self, projects: Mapping[Project, str]) -> Sequence[Listed]:
        """See the port."""
        known = self._read_packages()
        missing = {each: projects[each] for each in projects if each not in known.by_project}
        if missing:
            self._give_birth(missing)
            known = self._read_packages()
        found = [known.by_project[each] for each in projects if each in known.by_project]
        return [*found, *known.outside]

    def categories(self) -> Sequence[Category]:
        """See the port."""
        return self._categories.get(None, self._read_categories) or ()

    def grids(self) -> Sequence[Grid]:
        """See the port."""
        return self._grids.get(None, self._read_grids) or ()

    def features(self, grid: int) -> Sequence[Feature]:
        """See the port."""
        with self._database.read() as connection:
            return _features(connection, f.grid == grid)

    def uses(self) -> Mapping[int, Collection[str]]:
        """See the port."""
        return self._uses.get(None, self._read_uses) or {}

    def add_category(self, title: str, *, slug: str, actor: str | None, **more: str | bool) -> Category:
        """See the port."""
        now = self._clock()
        values: dict[str, Any] = {"title_plural": "", "description": "", "show_pypi": True, **more}
        values |= {"title": title, "slug": slug, "created": now, "modified": now}

        def work(connection: sa.Connection) -> Category:
            _refuse_taken(connection, c.slug, slug)
            row = _inserted(connection, tables.categories, values)
            self._record(connection, "catalogue.category.add", slug, actor)
            return _category(row)

        return self._recorder.change(work)

    def change_category(self, category: int, *, actor: str | None, **more: str | bool) -> Category:
        """See the port."""

        def work(connection: sa.Connection) -> Category:
            row = self._changed(connection, tables.categories, "Category", category, more)
            self._record(connection, "catalogue.category.change", row.slug, actor)
            return _category(row)

        return self._recorder.change(work)

    def remove_category(self, category: int, *, actor: str | None) -> None:
        """See the port."""

        def work(connection: sa.Connection) -> None:
            row = _row(connection, tables.categories, "Category", category)
            if row.ecosystem is not None:
                raise Conflict("New projects come into this category")
            if connection.scalar(sa.select(sa.func.count()).where(p.category == category)):
                raise Conflict("Packages are in this category")
            connection.execute(sa.delete(tables.categories).where(c.id == category))
            self._record(connection, "catalogue.category.remove", row.slug, actor)

        self._recorder.change(work)

    def add_package(self, title: str, *, slug: str, category: int, actor: str | None, **more: str) -> Listed:
        """See the port."""
        now = self._clock()
        values = {"title": title, "slug": slug, "category": category, "deprecated": False, **more}
        values |= {"created": now, "modified": now}

        def work(connection: sa.Connection) -> Listed:
            _row(connection, tables.categories, "Category", category)
            _refuse_taken(connection, p.slug, slug)
            row = _inserted(connection, tables.packages, values)
            self._record(connection, "catalogue.package.add", slug, actor)
            return _listed(row)

        return self._recorder.change(work)

    def change_package(self, package: int, *, actor: str | None, **more: str | bool | int | None) -> Listed:
        """See the port."""

        def work(connection: sa.Connection) -> Listed:
            if "category" in more:
                _row(connection, tables.categories, "Category", int(more["category"] or 0))
            row = self._changed(connection, tables.packages, "Package", package, more)
            self._record(connection, "catalogue.package.change", row.slug, actor)
            return _listed(row)

        return self._recorder.change(work)

    def remove_package(self, package: int, *, actor: str | None) -> None:
        """See the port."""

        def work(connection: sa.Connection) -> None:
            row = _row(connection, tables.packages, "Package", package)
            if row.project is not None:
                raise Conflict("This is a project here: it is in the catalogue as long as it has files")
            for table, column in ((tables.cells, x.package), (tables.uses, u.package)):
                connection.execute(sa.delete(table).where(column == package))
            connection.execute(sa.delete(tables.grid_packages).where(m.package == package))
            connection.execute(sa.delete(tables.packages).where(p.id == package))
            self._record(connection, "catalogue.package.remove", row.slug, actor)

        self._recorder.change(work)

    def add_grid(self, title: str, *, slug: str, actor: str | None, **more: str | bool) -> Grid:
        """See the port."""
        now = self._clock()
        values: dict[str, Any] = {"description": "", "locked": False, "header": False, **more}
        values |= {"title": title, "slug": slug, "created": now, "modified": now}

        def work(connection: sa.Connection) -> Grid:
            _refuse_taken(connection, g.slug, slug)
            row = _inserted(connection, tables.grids, values)
            self._record(connection, "catalogue.grid.add", slug, actor)
            return _grid(row, ())

        return self._recorder.change(work)

    def change_grid(self, grid: int, *, actor: str | None, **more: str | bool) -> Grid:
        """See the port."""

        def work(connection: sa.Connection) -> Grid:
            row = self._changed(connection, tables.grids, "Grid", grid, more)
            self._record(connection, "catalogue.grid.change", row.slug, actor)
            return _grid(row, _members(connection, grid))

        return self._recorder.change(work)

    def remove_grid(self, grid: int, *, actor: str | None) -> None:
        """See the port."""

        def work(connection: sa.Connection) -> None:
            row = _row(connection, tables.grids, "Grid", grid)
            mine = sa.select(f.id).where(f.grid == grid)
            connection.execute(sa.delete(tables.cells).where(x.feature.in_(mine)))
            for table, column in ((tables.features, f.grid), (tables.grid_packages, m.grid)):
                connection.execute(sa.delete(table).where(column == grid))
            connection.execute(sa.delete(tables.grids).where(g.id == grid))
            self._record(connection, "catalogue.grid.remove", row.slug, actor)

        self._recorder.change(work)

    def place(self, grid: int, package: int, there: bool, *, actor: str | None) -> None:
        """See the port."""

        def work(connection: sa.Connection) -> None:
            row = _row(connection, tables.grids, "Grid", grid)
            _row(connection, tables.packages, "Package", package)
            if (package in _members(connection, grid)) == there:
                return
            key = {"grid": grid, "package": package}
            if there:
                connection.execute(sa.insert(tables.grid_packages).values(key))
            else:
                mine = sa.select(f.id).where(f.grid == grid)
                connection.execute(sa.delete(tables.cells).where(x.feature.in_(mine), x.package == package))
                connection.execute(sa.delete(tables.grid_packages).filter_by(**key))
            self._touch(connection, grid)
            word = "place" if there else "remove"
            self._record(connection, f"catalogue.grid.{word}", row.slug, actor, package=package)

        self._recorder.change(work)

    def add_feature(self, grid: int, title: str, *, description: str, actor: str | None) -> Feature:
        """See the port."""

        def work(connection: sa.Connection) -> Feature:
            row = _row(connection, tables.grids, "Grid", grid)
            values = {"grid": grid, "title": title, "description": description}
            made = _inserted(connection, tables.features, values)
            self._touch(connection, grid)
            self._record(connection, "catalogue.feature.add", row.slug, actor, feature=made.id)
            return Feature(made.id, grid, title, description, {})

        return self._recorder.change(work)

    def change_feature(self, grid: int, feature: int, *, actor: str | None, **more: str) -> Feature:
        """See the port."""

        def work(connection: sa.Connection) -> Feature:
            _feature_row(connection, grid, feature)
            if more:
                connection.execute(sa.update(tables.features).where(f.id == feature).values(**more))
            self._touch(connection, grid)
            self._record(connection, "catalogue.feature.change", str(grid), actor, feature=feature)
            return _features(connection, f.id == feature)[0]

        return self._recorder.change(work)

    def remove_feature(self, grid: int, feature: int, *, actor: str | None) -> None:
        """See the port."""

        def work(connection: sa.Connection) -> None:
            _feature_row(connection, grid, feature)
            connection.execute(sa.delete(tables.cells).where(x.feature == feature))
            connection.execute(sa.delete(tables.features).where(f.id == feature))
            self._touch(connection, grid)
            self._record(connection, "catalogue.feature.remove", str(grid), actor, feature=feature)

        self._recorder.change(work)

    def write_cell(self, grid: int, feature: int, package: int, text: str, *, actor: str | None) -> None:
        """See the port."""

        def work(connection: sa.Connection) -> None:
            _feature_row(connection, grid, feature)
            if package not in _members(connection, grid):
                raise NotFound("GridPackage")
            key = {"feature": feature, "package": package}
            connection.execute(sa.delete(tables.cells).filter_by(**key))
            connection.execute(sa.insert(tables.cells).values(**key, text=text))
            self._touch(connection, grid)
            self._record(connection, "catalogue.cell", str(grid), actor, feature=feature, package=package)

        self._recorder.change(work)

    def use(self, package: int, user: str, using: bool) -> None:
        """See the port."""
        name = normal_form(user)

        def work(connection: sa.Connection) -> None:
            row = _row(connection, tables.packages, "Package", package)
            key = {"package": package, "user_name": name}
            connection.execute(sa.delete(tables.uses).filter_by(**key))
            if using:
                connection.execute(sa.insert(tables.uses).values(**key))
            self._record(connection, "catalogue.use", row.slug, name, using=using)

        self._recorder.change(work)

    def _give_birth(self, projects: Mapping[Project, str]) -> None:
        """Rows for projects that have none; of two processes that do it at once one does."""

        def work(connection: sa.Connection) -> None:
            there = {(row.ecosystem, row.project) for row in connection.execute(_PROJECTS)}
            new = {it: title for it, title in projects.items() if (it.ecosystem, it.name) not in there}
            if not new:
                return
            taken = set(connection.scalars(sa.select(p.slug)))
            into = {each.ecosystem: each.id for each in self._first_categories(connection)}
            connection.execute(
                sa.insert(tables.packages), [self._newborn(it, new[it], taken, into) for it in new]
            )
            self._database.tick(connection)

        self._recorder.change(work)

    def _newborn(
        self, project: Project, title: str, taken: set[str], into: Mapping[str | None, int]
    ) -> dict[str, Any]:
        now = self._clock()
        slug = next(each for each in candidates(title, project.ecosystem) if each not in taken)
        taken.add(slug)
        return {
            "slug": slug,
            "ecosystem": project.ecosystem,
            "project": project.name,
            "category": into[project.ecosystem],
            "deprecated": False,
            "created": now,
            "modified": now,
        }

    def _first_categories(self, connection: sa.Connection) -> Sequence[Category]:
        """One for each ecosystem, made at the first need."""
        there = set(connection.scalars(sa.select(c.ecosystem).where(c.ecosystem.is_not(None))))
        now = self._clock()
        taken = set(connection.scalars(sa.select(c.slug)))
        for ecosystem, (title, plural) in FIRST_CATEGORIES.items():
            if ecosystem in there:
                continue
            slug = next(each for each in candidates(title, ecosystem) if each not in taken)
            values: dict[str, Any] = {"slug": slug, "title": title, "title_plural": plural}
            values |= {"description": "", "show_pypi": True, "ecosystem": ecosystem}
            values |= {"created": now, "modified": now}
            connection.execute(sa.insert(tables.categories).values(**values))
        return [_category(row) for row in connection.execute(sa.select(tables.categories))]

    def _changed(
        self,
        connection: sa.Connection,
        table: sa.Table,
        what: str,
        number: int,
        more: Mapping[str, Any],
    ) -> sa.Row[Any]:
        row = _row(connection, table, what, number)
        if more.get("slug", row.slug) != row.slug:
            _refuse_taken(connection, table.c.slug, str(more["slug"]))
        values = {**more, "modified": self._moment(connection, table)}
        connection.execute(sa.update(table).where(table.c.id == number).values(values))
        return _row(connection, table, what, number)

    def _moment(self, connection: sa.Connection, table: sa.Table) -> datetime:
        """Now, but later than any change before: what has changed is found by when it did, and the clocks of
        two servers may differ.
        """
        now = self._clock()
        last: datetime | None = connection.scalar(sa.select(sa.func.max(table.c.modified)))
        return now if last is None or last < now else last + timedelta(microseconds=1)

    def _touch(self, connection: sa.Connection, grid: int) -> None:
        connection.execute(sa.update(tables.grids).where(g.id == grid).values(modified=self._clock()))

    def _record(
        self, connection: sa.Connection, action: str, subject: str, actor: str | None, **detail: Any
    ) -> None:
        self._recorder.record(connection, action, subject, actor=actor, **detail)

    def _read_packages(self) -> _Known:
        """All packages. Only those that came or changed since the last time are read."""
        with self._lock, self._database.read() as connection:
            row = connection.execute(_MARK).one()
            mark = row[0], row[1] or 0, row[2]
            if mark != self._known.mark:
                self._known = _read_since(connection, self._known, mark)
            return self._known

    def _read_categories(self) -> Sequence[Category]:
        statement = sa.select(tables.categories).order_by(c.id.desc())
        with self._database.read() as connection:
            found = [_category(row) for row in connection.execute(statement)]
        if {each.ecosystem for each in found} >= FIRST_CATEGORIES.keys():
            return found

        def work(connection: sa.Connection) -> Sequence[Category]:
            made = self._first_categories(connection)
            self._database.tick(connection)
            return sorted(made, key=lambda each: -each.id)

        return self._recorder.change(work)

    def _read_grids(self) -> Sequence[Grid]:
        with self._database.read() as connection:
            members: dict[int, list[int]] = {}
            for row in connection.execute(sa.select(tables.grid_packages).order_by(m.id)):
                members.setdefault(row.grid, []).append(row.package)
            rows = connection.execute(sa.select(tables.grids).order_by(g.id.desc())).all()
        return [_grid(row, members.get(row.id, ())) for row in rows]

    def _read_uses(self) -> Mapping[int, Collection[str]]:
        found: dict[int, set[str]] = {}
        with self._database.read() as connection:
            for row in connection.execute(sa.select(tables.uses)):
                found.setdefault(row.package, set()).add(row.user_name)
        return found


_MARK = sa.select(sa.func.count(), sa.func.max(p.id), sa.func.max(p.modified))
_PROJECTS = sa.select(p.ecosystem, p.project).where(p.project.is_not(None))


def _read_since(connection: sa.Connection, known: _Known, mark: tuple[int, int, datetime | None]) -> _Known:
    """What is known with what has changed since; all anew if something was removed."""
    _, newest, changed_at = known.mark
    wanted = sa.select(tables.packages)
    if changed_at is not None:
        wanted = wanted.where(sa.or_(p.id > newest, p.modified >= changed_at))
    fresh = {row.id: _listed(row) for row in connection.execute(wanted)}
    by_id = {
        **known.by_id,
        **{number: each for number, each in fresh.items() if known.by_id.get(number) != each},
    }
    if len(by_id) != mark[0]:
        by_id = {row.id: _listed(row) for row in connection.execute(sa.select(tables.packages))}
    found = by_id.values()
    mine = {each.project: each for each in found if each.project is not None}
    return _Known(mark, by_id, mine, [each for each in found if each.project is None])


def _category(row: sa.Row[Any]) -> Category:
    return Category(
        row.id,
        row.slug,
        row.title,
        row.title_plural,
        row.description,
        row.show_pypi,
        row.ecosystem,
        row.created,
        row.modified,
    )


def _listed(row: sa.Row[Any]) -> Listed:
    return Listed(
        id=row.id,
        slug=row.slug,
        project=Project(row.ecosystem, row.project) if row.project is not None else None,
        category=row.category,
        title=row.title,
        repo_url=row.repo_url,
        documentation_url=row.documentation_url,
        deprecated=row.deprecated,
        created=row.created,
        modified=row.modified,
    )


def _grid(row: sa.Row[Any], members: Sequence[int]) -> Grid:
    return Grid(
        row.id,
        row.slug,
        row.title,
        row.description,
        row.locked,
        row.header,
        tuple(members),
        row.created,
        row.modified,
    )


def _features(connection: sa.Connection, which: sa.ColumnElement[bool]) -> list[Feature]:
    rows = connection.execute(sa.select(tables.features).where(which).order_by(f.id)).all()
    found = {row.id: Feature(row.id, row.grid, row.title, row.description, {}) for row in rows}
    texts: dict[int, dict[int, str]] = {}
    for cell in connection.execute(sa.select(tables.cells).where(x.feature.in_(found))):
        texts.setdefault(cell.feature, {})[cell.package] = cell.text
    return [replace(each, cells=texts.get(each.id, {})) for each in found.values()]


def _row(connection: sa.Connection, table: sa.Table, what: str, number: int) -> sa.Row[Any]:
    row = connection.execute(sa.select(table).where(table.c.id == number)).one_or_none()
    if row is None:
        raise NotFound(what)
    return row


def _feature_row(connection: sa.Connection, grid: int, feature: int) -> sa.Row[Any]:
    row = _row(connection, tables.features, "Feature", feature)
    if row.grid != grid:
        raise NotFound("Feature")
    return row


def _members(connection: sa.Connection, grid: int) -> tuple[int, ...]:
    return tuple(connection.scalars(sa.select(m.package).where(m.grid == grid).order_by(m.id)))


def _inserted(connection: sa.Connection, table: sa.Table, values: Mapping[str, Any]) -> sa.Row[Any]:
    return connection.execute(sa.insert(table).values(**values).returning(*table.c)).one()


def _refuse_taken(connection: sa.Connection, column: sa.ColumnElement[str], slug: str) -> None:
    if connection.scalar(sa.select(sa.func.count()).where(column == slug)):
        raise Conflict(f"The slug {slug} is taken")
