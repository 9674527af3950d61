"""What is known of every project at a glance, for lists and searches: kept in memory, brought up to date by
what changed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from threading import Lock
from typing import Generic, TypeVar

from pypicloud_like.core.model import FileRecord, Project, ProjectRecord
from pypicloud_like.core.ports import Cache

E = TypeVar("E")
EntryOf = Callable[[Project, ProjectRecord | None, Sequence[FileRecord]], E | None]
"""Makes what stands for a project of its own record and its visible files; None if nothing does."""

_ONE_BY_ONE = 1_000
"""When more projects than these changed, reading all at once is not dearer."""


class Directory(Generic[E]):
    """One entry for each project of an ecosystem that has one. Threads share it.

    The first look reads every project at once; after that only those that changed are read again.
    """

    def __init__(self, ecosystem: str, entry_of: EntryOf[E]) -> None:
        self._ecosystem = ecosystem
        self._entry_of = entry_of
        self._lock = Lock()
        self._moved = -1
        self._entries: Mapping[Project, E | None] = {}
        self._order: Sequence[E] = ()

    def entries(self, cache: Cache) -> Sequence[E]:
        """Every entry, in the order of the projects' names. While nothing changes it is the same sequence."""
        with self._lock:
            self._look(cache)
            return self._order

    def mapping(self, cache: Cache) -> Mapping[Project, E | None]:
        """Project → its entry. While nothing changes it is the same mapping, and it never changes itself."""
        with self._lock:
            self._look(cache)
            return self._entries

    def _look(self, cache: Cache) -> None:
        moved = cache.moved()  # before anything is read: a change meanwhile makes it be read again
        if moved != self._moved:
            if self._bring_up_to_date(cache, moved):
                self._order = [entry for entry in self._entries.values() if entry is not None]
            self._moved = moved

    def _bring_up_to_date(self, cache: Cache, moved: int) -> bool:
        """Whether there was anything to do."""
        if 0 <= self._moved < moved:
            projects = cache.moved_since(self._ecosystem, self._moved)
            if len(projects) <= _ONE_BY_ONE:
                self._take_over(projects, cache)
                return bool(projects)
        self._entries = {
            project: self._entry_of(project, record, files)
            for project, record, files in cache.overviews(self._ecosystem)
        }
        return True

    def _take_over(self, projects: Collection[Project], cache: Cache) -> None:
        read = {each: self._entry_of(each, cache.record(each), cache.described(each)) for each in projects}
        if read.keys() <= self._entries.keys():
            self._entries = {**self._entries, **read}  # readers have the one of before
        else:
            self._entries = dict(sorted({**self._entries, **read}.items(), key=lambda item: item[0].name))
