"""What is known of every project at a glance, for lists and searches: kept in memory, brought up to date by
what changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from threading import Lock
from typing import Generic, TypeVar

from pypicloud_like.core.model import Project
from pypicloud_like.core.ports import Cache

E = TypeVar("E")


class Directory(Generic[E]):
    """One entry for each project of an ecosystem that has one. Threads share it.

    The first look reads every project; after that only those that changed are read again.
    """

    def __init__(
        self, projects: Callable[[Cache], Iterable[Project]], entry_of: Callable[[Cache, Project], E | None]
    ) -> None:
        """:param projects: the projects that may have an entry
        :param entry_of: reads what stands for one; None if nothing does
        """
        self._projects = projects
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
                self._bring_up_to_date(cache)
                self._moved = moved
            return self._order

    def _bring_up_to_date(self, cache: Cache) -> None:
        fresh: dict[Project, tuple[int, E | None]] = {}
        for project in sorted(self._projects(cache)):
            touched = cache.touched(project)  # before it is read: a change meanwhile makes it be read again
            known = self._entries.get(project)
            if known is None or known[0] != touched:
                known = touched, self._entry_of(cache, project)
            fresh[project] = known
        self._entries = fresh
        self._order = [entry for _, entry in fresh.values() if entry is not None]
