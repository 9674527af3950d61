"""What people add to the catalogue as rows of the state database: how they are read, found and made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from pypicloud_like.core.errors import Conflict, NotFound
from pypicloud_like.core.model import Project
from pypicloud_like.core.ports.curation import Category, Feature, Grid, Listed
from pypicloud_like.state import curation_tables as tables


def category_of(row: sa.Row[Any]) -> Category:
    """The category that a row tells of."""
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


def listed_of(row: sa.Row[Any]) -> Listed:
    """The package that a row tells of."""
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


def grid_of(row: sa.Row[Any], members: Sequence[int]) -> Grid:
    """The grid that a row tells of, with the ids of its packages."""
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


def read_grids(connection: sa.Connection) -> list[Grid]:
    """Every grid, the newest first."""
    joined: dict[int, list[int]] = {}
    for row in connection.execute(sa.select(tables.grid_packages).order_by(tables.grid_packages.c.id)):
        joined.setdefault(row.grid, []).append(row.package)
    found = connection.execute(sa.select(tables.grids).order_by(tables.grids.c.id.desc())).all()
    return [grid_of(row, joined.get(row.id, ())) for row in found]


def read_uses(connection: sa.Connection) -> dict[int, set[str]]:
    """Package id → the users who say that they use it."""
    found: dict[int, set[str]] = {}
    for row in connection.execute(sa.select(tables.uses)):
        found.setdefault(row.package, set()).add(row.user_name)
    return found


def read_features(connection: sa.Connection, which: sa.ColumnElement[bool]) -> list[Feature]:
    """Rows of grids with their cells, in the order in which they came."""
    features, cells = tables.features, tables.cells
    found = {
        row.id: Feature(row.id, row.grid, row.title, row.description, {})
        for row in connection.execute(sa.select(features).where(which).order_by(features.c.id))
    }
    texts: dict[int, dict[int, str]] = {}
    mine = sa.select(features.c.id).where(which)
    for cell in connection.execute(sa.select(cells).where(cells.c.feature.in_(mine))):
        texts.setdefault(cell.feature, {})[cell.package] = cell.text
    return [replace(each, cells=texts.get(each.id, {})) for each in found.values()]


def find(connection: sa.Connection, table: sa.Table, what: str, number: int) -> sa.Row[Any]:
    """The row of an id. :raises NotFound: there is none; ``what`` it would be"""
    row = connection.execute(sa.select(table).where(table.c.id == number)).one_or_none()
    if row is None:
        raise NotFound(what)
    return row


def find_feature(connection: sa.Connection, grid: int, feature: int) -> sa.Row[Any]:
    """The row of a feature of a grid. :raises NotFound: the grid has none such"""
    row = find(connection, tables.features, "Feature", feature)
    if row.grid != grid:
        raise NotFound("Feature")
    return row


def members_of(connection: sa.Connection, grid: int) -> tuple[int, ...]:
    """The packages of a grid in the order in which they were put in."""
    joined = tables.grid_packages.c
    return tuple(connection.scalars(sa.select(joined.package).where(joined.grid == grid).order_by(joined.id)))


def insert(connection: sa.Connection, table: sa.Table, values: Mapping[str, Any]) -> sa.Row[Any]:
    """Add a row; gives it with its id."""
    return connection.execute(sa.insert(table).values(**values).returning(*table.c)).one()


def refuse_taken(connection: sa.Connection, column: sa.ColumnElement[str], slug: str) -> None:
    """:raises Conflict: another row has this slug"""
    if connection.scalar(sa.select(sa.func.count()).where(column == slug)):
        raise Conflict(f"The slug {slug} is taken")
