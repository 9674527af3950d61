"""What is known of every project at a glance, for lists and searches: kept in memory, brought up to date by
what changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Generic, TypeVar

from pypicloud_like.core.model import FileRecord, Project, ProjectRecord
from pypicloud_like.core.ports import Cache

E = TypeVar("E")
EntryOf = Callable[[Project, ProjectRecord | None, Sequence[FileRecord]], E | None]
"""Makes what stands for a project of its own record and its visible files; None if nothing does."""


class Directory(Generic[E]):
    """One entry for each project of an ecosystem that has one. Threads share it.

    The first look reads every project at once; after that only those that changed are read again.
    """

    def __init__(self, ecosystem: str, entry_of: EntryOf[E]) -> None:
        self._ecosystem = ecosystem
        self._entry_of = entry_of
        self._lock = Lock()
        self._moved = -1
        self._entries: dict[Project, tuple[int, E | None]] = {}
        self._order: Sequence[E] = ()

    def entries(self, cache: Cache) -> Sequence[E]:
        """Every entry, in the order of the projects' names."""
        with self._lock:
            moved = cache.moved()
            if moved != self._moved:
                self._entries = self._brought_up_to_date(cache) if self._entries else self._read_all(cache)
                self._order = [entry for _, entry in self._entries.values() if entry is not None]
                self._moved = moved
            return self._order

    def _read_all(self, cache: Cache) -> dict[Project, tuple[int, E | None]]:
        # before they are read: a change meanwhile makes them be read again
        touched = {each: cache.touched(each) for each in cache.known_projects(self._ecosystem)}
        return {
            project: (touched.get(project, -1), self._entry_of(project, record, files))
            for project, record, files in cache.overviews(self._ecosystem)
        }

    def _brought_up_to_date(self, cache: Cache) -> dict[Project, tuple[int, E | None]]:
        fresh: dict[Project, tuple[int, E | None]] = {}
        for project in cache.known_projects(self._ecosystem):
            touched = cache.touched(project)
            known = self._entries.get(project)
            if known is None or known[0] != touched:
                entry = self._entry_of(project, cache.record(project), cache.described(project))
                known = touched, entry
            fresh[project] = known
        return fresh
