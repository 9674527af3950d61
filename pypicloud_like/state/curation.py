"""What people add to the catalogue, in the state database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from pypicloud_like.core.errors import Conflict, NotFound
from pypicloud_like.core.ports.curation import Category, Curated, Feature, Grid, Listed
from pypicloud_like.core.spelling import normal_form
from pypicloud_like.state import curation_merge as merge
from pypicloud_like.state import curation_rows as rows
from pypicloud_like.state import curation_tables as tables
from pypicloud_like.state.curation_reading import CurationReading

c, p, g, m = tables.categories.c, tables.packages.c, tables.grids.c, tables.grid_packages.c
f, x, u = tables.features.c, tables.cells.c, tables.uses.c


class SqlCuration(CurationReading):
    """The :class:`~pypicloud_like.core.ports.Curation` port: to the questions it adds the changes, each in
    one transaction with its row of the audit. Threads and processes may share it.
    """

    def add_category(self, title: str, *, slug: str, actor: str | None, **more: str | bool) -> Category:
        """See the port."""
        now = self._clock()
        values: dict[str, Any] = {"title_plural": "", "description": "", "show_pypi": True, **more}
        values |= {"title": title, "slug": slug, "created": now, "modified": now}

        def work(connection: sa.Connection) -> Category:
            rows.refuse_taken(connection, c.slug, slug)
            row = rows.insert(connection, tables.categories, values)
            self._record(connection, "catalogue.category.add", slug, actor)
            return rows.category_of(row)

        return self._recorder.change(work)

    def change_category(self, category: int, *, actor: str | None, **more: str | bool) -> Category:
        """See the port."""

        def work(connection: sa.Connection) -> Category:
            row = self._changed(connection, tables.categories, "Category", category, more)
            self._record(connection, "catalogue.category.change", row.slug, actor)
            return rows.category_of(row)

        return self._recorder.change(work)

    def remove_category(self, category: int, *, actor: str | None) -> None:
        """See the port."""

        def work(connection: sa.Connection) -> None:
            row = rows.find(connection, tables.categories, "Category", category)
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
            rows.find(connection, tables.categories, "Category", category)
            rows.refuse_taken(connection, p.slug, slug)
            row = rows.insert(connection, tables.packages, values)
            self._record(connection, "catalogue.package.add", slug, actor)
            return rows.listed_of(row)

        return self._recorder.change(work)

    def change_package(self, package: int, *, actor: str | None, **more: str | bool | int | None) -> Listed:
        """See the port."""

        def work(connection: sa.Connection) -> Listed:
            if "category" in more:
                rows.find(connection, tables.categories, "Category", int(more["category"] or 0))
            row = self._changed(connection, tables.packages, "Package", package, more)
            self._record(connection, "catalogue.package.change", row.slug, actor)
            return rows.listed_of(row)

        return self._recorder.change(work)

    def remove_package(self, package: int, *, actor: str | None) -> None:
        """See the port."""

        def work(connection: sa.Connection) -> None:
            row = rows.find(connection, tables.packages, "Package", package)
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
            rows.refuse_taken(connection, g.slug, slug)
            row = rows.insert(connection, tables.grids, values)
            self._record(connection, "catalogue.grid.add", slug, actor)
            return rows.grid_of(row, ())

        return self._recorder.change(work)

    def change_grid(self, grid: int, *, actor: str | None, **more: str | bool) -> Grid:
        """See the port."""

        def work(connection: sa.Connection) -> Grid:
            row = self._changed(connection, tables.grids, "Grid", grid, more)
            self._record(connection, "catalogue.grid.change", row.slug, actor)
            return rows.grid_of(row, rows.members_of(connection, grid))

        return self._recorder.change(work)

    def remove_grid(self, grid: int, *, actor: str | None) -> None:
        """See the port."""

        def work(connection: sa.Connection) -> None:
            row = rows.find(connection, tables.grids, "Grid", grid)
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
            row = rows.find(connection, tables.grids, "Grid", grid)
            rows.find(connection, tables.packages, "Package", package)
            if (package in rows.members_of(connection, grid)) == there:
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
            row = rows.find(connection, tables.grids, "Grid", grid)
            values = {"grid": grid, "title": title, "description": description}
            made = rows.insert(connection, tables.features, values)
            self._touch(connection, grid)
            self._record(connection, "catalogue.feature.add", row.slug, actor, feature=made.id)
            return Feature(made.id, grid, title, description, {})

        return self._recorder.change(work)

    def change_feature(self, grid: int, feature: int, *, actor: str | None, **more: str) -> Feature:
        """See the port."""

        def work(connection: sa.Connection) -> Feature:
            rows.find_feature(connection, grid, feature)
            if more:
                connection.execute(sa.update(tables.features).where(f.id == feature).values(**more))
            self._touch(connection, grid)
            self._record(connection, "catalogue.feature.change", str(grid), actor, feature=feature)
            return rows.read_features(connection, f.id == feature)[0]

        return self._recorder.change(work)

    def remove_feature(self, grid: int, feature: int, *, actor: str | None) -> None:
        """See the port."""

        def work(connection: sa.Connection) -> None:
            rows.find_feature(connection, grid, feature)
            connection.execute(sa.delete(tables.cells).where(x.feature == feature))
            connection.execute(sa.delete(tables.features).where(f.id == feature))
            self._touch(connection, grid)
            self._record(connection, "catalogue.feature.remove", str(grid), actor, feature=feature)

        self._recorder.change(work)

    def write_cell(self, grid: int, feature: int, package: int, text: str, *, actor: str | None) -> None:
        """See the port."""

        def work(connection: sa.Connection) -> None:
            rows.find_feature(connection, grid, feature)
            if package not in rows.members_of(connection, grid):
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
            row = rows.find(connection, tables.packages, "Package", package)
            key = {"package": package, "user_name": name}
            already = connection.execute(sa.select(tables.uses).filter_by(**key)).first() is not None
            if already == using:
                return  # nobody need be told, nor read anything anew
            if using:
                connection.execute(sa.insert(tables.uses).values(**key))
            else:
                connection.execute(sa.delete(tables.uses).filter_by(**key))
            self._record(connection, "catalogue.use", row.slug, name, using=using)

        self._recorder.change(work)

    def dump(self) -> Curated:
        """See the port."""
        with self._database.read() as connection:
            return merge.read_curated(connection)

    def load(self, curated: Curated, *, actor: str | None) -> None:
        """See the port."""

        def work(connection: sa.Connection) -> None:
            merge.merge_curated(connection, curated)
            counts = {"packages": len(curated.packages), "grids": len(curated.grids)}
            self._record(connection, "catalogue.load", "", actor, **counts)

        self._recorder.change(work)

    def _changed(
        self,
        connection: sa.Connection,
        table: sa.Table,
        what: str,
        number: int,
        more: Mapping[str, Any],
    ) -> sa.Row[Any]:
        row = rows.find(connection, table, what, number)
        if more.get("slug", row.slug) != row.slug:
            rows.refuse_taken(connection, table.c.slug, str(more["slug"]))
        values = {**more, "modified": self._moment(connection, table)}
        connection.execute(sa.update(table).where(table.c.id == number).values(values))
        return rows.find(connection, table, what, number)

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
