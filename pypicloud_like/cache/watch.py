"""Which projects moved: a number for each, known without SQL while nothing was written."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import sqlalchemy as sa

from pypicloud_like.core.model import Project
from pypicloud_like.db.engine import Database
from pypicloud_like.db.index_tables import projects

MOST = 20_000
"""How many moved projects are remembered one by one."""

_MOVED_SINCE = (
    sa.select(projects.c.ecosystem, projects.c.name, projects.c.touched)
    .where(projects.c.touched > sa.bindparam("cursor"))
    .limit(sa.bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class _View:
    """All changes up to ``cursor`` are in ``known``; other projects did not move since ``floor``."""

    cursor: int
    floor: int
    known: dict[Project, int]


class Touched:
    """Follows the clock of the index and remembers at which value each project moved last."""

    def __init__(self, database: Database, *, most: int = MOST) -> None:
        self._database = database
        self._most = most
        self._lock = threading.Lock()
        self._view: _View | None = None

    def of(self, project: Project) -> int:
        """A number that is another one after every committed change of the project."""
        moved = self._database.moved()
        view = self._view
        if view is None or view.cursor != moved:
            view = self._follow()
        return view.known.get(project, view.floor)

    def _follow(self) -> _View:
        with self._lock:
            # read before the rows: what is committed in between is read once more the next time
            moved = self._database.moved()
            view = self._view
            if view is None or moved < view.cursor:
                view = _View(moved, moved, {})
            elif moved != view.cursor:
                view = self._advance(view, moved)
            self._view = view
            return view

    def _advance(self, view: _View, moved: int) -> _View:
        with self._database.read(once=True) as connection:
            rows = connection.execute(_MOVED_SINCE, {"cursor": view.cursor, "most": self._most + 1}).all()
        if len(rows) + len(view.known) > self._most:
            return _View(moved, moved, {})  # all of them count as moved, which is never wrong
        view.known.update((Project(ecosystem, name), touched) for ecosystem, name, touched in rows)
        return _View(moved, view.floor, view.known)
