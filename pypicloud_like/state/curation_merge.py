"""All of the catalogue taken out of the state database, and put into another one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from pypicloud_like.core.errors import Conflict
from pypicloud_like.core.ports.curation import Category, Curated, Feature, Grid, Listed
from pypicloud_like.db.numbers import highest_number, last_number, set_last_number
from pypicloud_like.state import curation_rows as rows
from pypicloud_like.state import curation_tables as tables
from pypicloud_like.state.curation_reading import LOADS
from pypicloud_like.state.tables import settings

Ids = Mapping[int, int]
"""The id that something has in what is put in → the id that it has here."""

_NUMBERED = {
    "categories": tables.categories,
    "packages": tables.packages,
    "grids": tables.grids,
    "features": tables.features,
}
_MANY = 500
"""Rows of one statement."""


def read_curated(connection: sa.Connection) -> Curated:
    """Everything, in the order of ids."""
    categories = connection.execute(sa.select(tables.categories).order_by(tables.categories.c.id))
    packages = connection.execute(sa.select(tables.packages).order_by(tables.packages.c.id))
    return Curated(
        categories=[rows.category_of(row) for row in categories],
        packages=[rows.listed_of(row) for row in packages],
        grids=rows.read_grids(connection)[::-1],
        features=rows.read_features(connection, sa.true()),
        uses=rows.read_uses(connection),
        last_ids={kind: last_number(connection, table.c.id) for kind, table in _NUMBERED.items()},
    )


def merge_curated(connection: sa.Connection, curated: Curated) -> None:
    """Add what is missing, inside a change. :raises Conflict: a slug belongs to something else here"""
    if not _is_curated(connection):
        # what projects were given by themselves is given again, unless it is in what comes
        connection.execute(sa.delete(tables.packages))
        connection.execute(sa.delete(tables.categories))
    categories = _merge_categories(connection, curated.categories)
    packages = _merge_packages(connection, curated.packages, categories)
    grids = _merge_grids(connection, curated.grids, packages)
    _merge_features(connection, curated.features, grids, packages)
    _merge_uses(connection, curated, packages)
    for kind, table in _NUMBERED.items():
        _raise_last_id(connection, table, curated.last_ids.get(kind, 0))
    _count_load(connection)


def _is_curated(connection: sa.Connection) -> bool:
    """Whether anybody has said anything here, so that ids mean something to somebody."""
    c, p = tables.categories.c, tables.packages.c
    said = sa.or_(
        p.project.is_(None),
        p.title.is_not(None),
        p.repo_url.is_not(None),
        p.documentation_url.is_not(None),
        p.deprecated,
        p.modified > p.created,
    )
    questions = (
        sa.select(tables.grids.c.id),
        sa.select(tables.uses.c.package),
        sa.select(p.id).where(said),
        sa.select(c.id).where(sa.or_(c.ecosystem.is_(None), c.modified > c.created)),
    )
    return any(connection.execute(question.limit(1)).first() is not None for question in questions)


def _merge_categories(connection: sa.Connection, categories: Iterable[Category]) -> Ids:
    known = [rows.category_of(row) for row in connection.execute(sa.select(tables.categories))]
    by_ecosystem = {each.ecosystem: each.id for each in known if each.ecosystem is not None}
    by_slug = {each.slug: each for each in known}
    ids: dict[int, int] = {}
    for each in categories:
        same = by_slug.get(each.slug)
        if each.ecosystem in by_ecosystem:
            ids[each.id] = by_ecosystem[each.ecosystem]
        elif same is None:
            ids[each.id] = _put(connection, tables.categories, each.id, _values(each, tables.categories))
        elif same.ecosystem is None and each.ecosystem is None:
            ids[each.id] = same.id
        else:
            raise _taken(each.slug, "category")
    return ids


def _merge_packages(connection: sa.Connection, packages: Iterable[Listed], categories: Ids) -> Ids:
    known = [rows.listed_of(row) for row in connection.execute(sa.select(tables.packages))]
    by_project = {each.project: each.id for each in known if each.project is not None}
    by_slug = {each.slug: each for each in known}
    taken = {each.id for each in known}
    ids: dict[int, int] = {}
    fresh: list[dict[str, Any]] = []
    moved: list[tuple[int, dict[str, Any]]] = []
    for each in packages:
        same = by_slug.get(each.slug)
        values = _package_values(each, categories)
        if each.project in by_project:
            ids[each.id] = by_project[each.project]
        elif same is not None and same.project is None and each.project is None:
            ids[each.id] = same.id
        elif same is not None:
            raise _taken(each.slug, "package")
        elif each.id in taken:
            moved.append((each.id, values))
        else:
            ids[each.id] = each.id
            fresh.append(values | {"id": each.id})
    for first in range(0, len(fresh), _MANY):
        connection.execute(sa.insert(tables.packages), fresh[first : first + _MANY])
    _raise_last_id(connection, tables.packages, 0)  # PostgreSQL does not look at ids that were given to it
    for number, values in moved:
        ids[number] = rows.insert(connection, tables.packages, values).id
    return ids


def _merge_grids(connection: sa.Connection, grids: Iterable[Grid], packages: Ids) -> Ids:
    known = {row.slug: row.id for row in connection.execute(sa.select(tables.grids))}
    ids: dict[int, int] = {}
    for each in grids:
        values = _values(each, tables.grids)
        ids[each.id] = known.get(each.slug) or _put(connection, tables.grids, each.id, values)
        here = set(rows.members_of(connection, ids[each.id]))
        new = [packages[number] for number in each.packages if packages[number] not in here]
        if new:
            members = [{"grid": ids[each.id], "package": number} for number in new]
            connection.execute(sa.insert(tables.grid_packages), members)
    return ids


def _merge_features(
    connection: sa.Connection, features: Iterable[Feature], grids: Ids, packages: Ids
) -> None:
    here = rows.read_features(connection, sa.true())
    # two of one title are told apart by their ids, where these are the same
    known = {(each.grid, each.title, each.id): each for each in here}
    known |= {(each.grid, each.title, 0): each for each in reversed(here)}
    for each in features:
        grid = grids[each.grid]
        same = known.get((grid, each.title, each.id)) or known.get((grid, each.title, 0))
        values = {"grid": grid, "title": each.title, "description": each.description}
        feature = same.id if same else _put(connection, tables.features, each.id, values)
        written = same.cells if same else {}
        cells = [
            {"feature": feature, "package": packages[number], "text": text}
            for number, text in each.cells.items()
            if packages[number] not in written
        ]
        if cells:
            connection.execute(sa.insert(tables.cells), cells)


def _merge_uses(connection: sa.Connection, curated: Curated, packages: Ids) -> None:
    known = rows.read_uses(connection)
    new = [
        {"package": packages[number], "user_name": name}
        for number, names in curated.uses.items()
        for name in names
        if name not in known.get(packages[number], ())
    ]
    if new:
        connection.execute(sa.insert(tables.uses), new)


def _put(connection: sa.Connection, table: sa.Table, number: int, values: Mapping[str, Any]) -> int:
    """Add a row under its own id, or under the next one if somebody has that; gives the id."""
    is_free = connection.execute(sa.select(table.c.id).where(table.c.id == number)).first() is None
    given = {**values, "id": number} if is_free else values
    made: int = rows.insert(connection, table, given).id
    _raise_last_id(connection, table, made)
    return made


def _package_values(package: Listed, categories: Ids) -> dict[str, Any]:
    project = package.project
    return {
        "slug": package.slug,
        "ecosystem": project.ecosystem if project else None,
        "project": project.name if project else None,
        "category": categories[package.category],
        "title": package.title,
        "repo_url": package.repo_url,
        "documentation_url": package.documentation_url,
        "deprecated": package.deprecated,
        "created": package.created,
        "modified": package.modified,
    }


def _values(thing: Category | Grid, table: sa.Table) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in table.c.keys() if name != "id"}  # noqa: SIM118


def _raise_last_id(connection: sa.Connection, table: sa.Table, least: int) -> None:
    """Never give an id again that is in the table, nor one up to ``least``."""
    wanted = max(highest_number(connection, table.c.id), least)
    if wanted > last_number(connection, table.c.id):
        set_last_number(connection, table.c.id, wanted)


def _count_load(connection: sa.Connection) -> None:
    where = settings.c.key == LOADS
    loads = connection.scalar(sa.select(settings.c.value).where(where))
    if loads is None:
        connection.execute(sa.insert(settings).values(key=LOADS, value=1))
    else:
        connection.execute(sa.update(settings).where(where).values(value=loads + 1))


def _taken(slug: str, kind: str) -> Conflict:
    return Conflict(f"The slug {slug} belongs to another {kind} here; change one of the two first")
