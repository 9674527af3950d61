"""The list of an ecosystem's projects, kept in memory and brought up to date by what moved."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from pypicloud_like.cache import queries
from pypicloud_like.core.model import Listing, Project
from pypicloud_like.db.engine import Database

MOST = 1_000
"""When more projects than these moved, reading all of them at once is not dearer."""


@dataclass(frozen=True, slots=True)
class _List:
    """All changes up to ``moved`` are in it. Nothing in here changes: readers have it without a lock."""

    moved: int
    by_project: dict[Project, Listing]
    lines: Sequence[Listing]


class Listings:
    """The projects that lists show. Threads share it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._kept: dict[str, _List] = {}

    def of(self, ecosystem: str) -> Sequence[Listing]:
        """By name. While no project of the ecosystem moves it is the same sequence."""
        moved = self._database.moved()
        kept = self._kept.get(ecosystem)
        if kept is None or kept.moved != moved:
            kept = self._follow(ecosystem)
        return kept.lines

    def _follow(self, ecosystem: str) -> _List:
        with self._lock:
            # read before the rows: what is committed in between is read once more the next time
            moved = self._database.moved()
            kept = self._kept.get(ecosystem)
            if kept is None or moved < kept.moved:
                kept = self._whole(ecosystem, moved)
            elif moved != kept.moved:
                kept = self._advance(ecosystem, kept, moved)
            self._kept[ecosystem] = kept
            return kept

    def _whole(self, ecosystem: str, moved: int) -> _List:
        with self._database.read(once=True) as connection:
            found = queries.projects_of(connection, ecosystem)
        return _List(moved, {line.project: line for line in found}, found)

    def _advance(self, ecosystem: str, kept: _List, moved: int) -> _List:
        with self._database.read(once=True) as connection:
            found = queries.listings_since(connection, ecosystem, kept.moved, MOST + 1)
        if len(found) > MOST:
            return self._whole(ecosystem, moved)
        if all(kept.by_project.get(project) == line for project, line in found):
            return _List(moved, kept.by_project, kept.lines)
        by_project = dict(kept.by_project)
        for project, line in found:
            if line is None:
                by_project.pop(project, None)
            else:
                by_project[project] = line
        return _List(moved, by_project, sorted(by_project.values(), key=lambda line: line.project.name))
