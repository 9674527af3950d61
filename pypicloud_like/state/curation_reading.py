"""What people added to the catalogue, kept in memory, and the birth of packages."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from pypicloud_like.core.clock import Clock, system_clock
from pypicloud_like.core.model import Project
from pypicloud_like.core.ports.curation import Category, Feature, Grid, Listed
from pypicloud_like.core.slugs import candidates
from pypicloud_like.db.engine import Database
from pypicloud_like.state import curation_rows as rows
from pypicloud_like.state import curation_tables as tables
from pypicloud_like.state.changes import Recorder
from pypicloud_like.state.downloads import day_number
from pypicloud_like.state.kept import Kept
from pypicloud_like.state.people_tables import downloaders
from pypicloud_like.state.tables import settings

c, p = tables.categories.c, tables.packages.c

LOADS = "catalogue.loads"
"""Under this key the settings count how often packages were put in otherwise than one by one."""

FIRST_CATEGORIES = {
    "pypi": ("Python package", "Python packages"),
    "cargo": ("Crate", "Crates"),
    "jsr": ("JSR package", "JSR packages"),
}
"""Ecosystem → title and plural of the category that its projects come into."""

_Mark = tuple[int, int, int, datetime | None]
"""Loads, how many packages, the newest id, the last change."""


@dataclass(frozen=True, slots=True)
class _Known:
    """All packages as they are in the database, by project where they are one. ``mark`` moves when they
    do.
    """

    mark: _Mark
    by_id: Mapping[int, Listed]
    by_project: Mapping[Project, Listed]


class CurationReading:
    """The reading half of the :class:`~pypicloud_like.core.ports.Curation` port."""

    def __init__(self, database: Database, *, clock: Clock = system_clock) -> None:
        self._database = database
        self._clock = clock
        self._recorder = Recorder(database, clock)
        self._lock = threading.Lock()
        self._known = _Known((0, 0, 0, None), {}, {})
        self._categories: Kept[None, Sequence[Category]] = Kept(database.moved, limit=1)
        self._grids: Kept[None, Sequence[Grid]] = Kept(database.moved, limit=1)
        self._uses: Kept[None, Mapping[int, Collection[str]]] = Kept(database.moved, limit=1)

    def listed(self, projects: Mapping[Project, str]) -> Collection[Listed]:
        """See the port."""
        known = self._read_packages()
        missing = {each: projects[each] for each in projects if each not in known.by_project}
        if missing:
            self._give_birth(missing)
            known = self._read_packages()
        return known.by_id.values()

    def categories(self) -> Sequence[Category]:
        """See the port."""
        return self._categories.get(None, self._read_categories) or ()

    def grids(self) -> Sequence[Grid]:
        """See the port."""
        return self._grids.get(None, self._read_grids) or ()

    def features(self, grid: int) -> Sequence[Feature]:
        """See the port."""
        with self._database.read() as connection:
            return rows.read_features(connection, tables.features.c.grid == grid)

    def uses(self) -> Mapping[int, Collection[str]]:
        """See the port."""
        return self._uses.get(None, self._read_uses) or {}

    def users(self, *, since: date) -> Mapping[int, int]:
        """See the port."""
        said = sa.select(tables.uses.c.package, tables.uses.c.user_name)
        mine = sa.and_(downloaders.c.ecosystem == p.ecosystem, downloaders.c.project == p.project)
        fetched = (
            sa.select(p.id, downloaders.c.user_name)
            .select_from(sa.join(tables.packages, downloaders, mine))
            .where(downloaders.c.day >= day_number(since))
        )
        both = said.union(fetched).subquery()
        statement = sa.select(both.c.package, sa.func.count()).group_by(both.c.package)
        with self._database.read(once=True) as connection:
            return {package: int(count) for package, count in connection.execute(statement)}

    def _read_packages(self) -> _Known:
        """All packages. Only those that came or changed since the last time are read."""
        with self._lock, self._database.read() as connection:
            row = connection.execute(_MARK).one()
            loads = connection.scalar(sa.select(settings.c.value).where(settings.c.key == LOADS)) or 0
            mark = loads, row[0], row[1] or 0, row[2]
            if mark != self._known.mark:
                self._known = _read_since(connection, self._known, mark)
            return self._known

    def _read_categories(self) -> Sequence[Category]:
        statement = sa.select(tables.categories).order_by(c.id.desc())
        with self._database.read(once=True) as connection:
            found = [rows.category_of(row) for row in connection.execute(statement)]
        if {each.ecosystem for each in found} >= FIRST_CATEGORIES.keys():
            return found

        def work(connection: sa.Connection) -> Sequence[Category]:
            made = self._first_categories(connection)
            self._database.tick(connection)
            return sorted(made, key=lambda each: -each.id)

        return self._recorder.change(work)

    def _read_grids(self) -> Sequence[Grid]:
        with self._database.read() as connection:
            return rows.read_grids(connection)

    def _read_uses(self) -> Mapping[int, Collection[str]]:
        with self._database.read(once=True) as connection:
            return rows.read_uses(connection)

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
        return [rows.category_of(row) for row in connection.execute(sa.select(tables.categories))]


_MARK = sa.select(sa.func.count(), sa.func.max(p.id), sa.func.max(p.modified))
_PROJECTS = sa.select(p.ecosystem, p.project).where(p.project.is_not(None))


def _read_since(connection: sa.Connection, known: _Known, mark: _Mark) -> _Known:
    """What is known with what has changed since; all anew if something was removed or loaded."""
    loads, count, _, _ = mark
    seen_loads, _, newest, changed_at = known.mark
    kept = known.by_id if loads == seen_loads else {}
    wanted = sa.select(tables.packages).order_by(p.id)
    if kept and changed_at is not None:
        wanted = wanted.where(sa.or_(p.id > newest, p.modified >= changed_at))
    fresh = {row.id: rows.listed_of(row) for row in connection.execute(wanted)}
    # what is the same stays the same object: others see by that what has changed
    by_id = {**kept, **{number: each for number, each in fresh.items() if kept.get(number) != each}}
    if len(by_id) != count:
        everything = connection.execute(sa.select(tables.packages).order_by(p.id))
        by_id = {row.id: rows.listed_of(row) for row in everything}
    mine = {each.project: each for each in by_id.values() if each.project is not None}
    return _Known(mark, by_id, mine)
