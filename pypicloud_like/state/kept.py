"""What was read from a database and holds until that database moves."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """At most ``limit`` values, the least recently used go first, and all go when ``moved()`` moves.

    The number is asked before a value is looked up or loaded: what is answered was true at some moment
    after the call began, so whoever changed something sees the change in every process from then on.
    """

    def __init__(self, moved: Callable[[], int], *, limit: int) -> None:
        self._moved = moved
        self._limit = limit
        self._lock = threading.Lock()
        self._entries: OrderedDict[K, V] = OrderedDict()
        self._at = -1

    def get(self, key: K, load: Callable[[], V | None]) -> V | None:
        """The value kept under ``key``, or what ``load`` gives. None is answered and not kept: a key
        that nobody knows yet must not be unknown for longer than it is, nor crowd out others.
        """
        moved = self._moved()
        with self._lock:
            if moved > self._at:
                self._entries.clear()
                self._at = moved
            if moved == self._at and key in self._entries:
                self._entries.move_to_end(key)
                return self._entries[key]
        value = load()
        if value is not None:
            self._keep(moved, key, value)
        return value

    def _keep(self, moved: int, key: K, value: V) -> None:
        with self._lock:
            if moved != self._at:  # it moved while we were reading; the value may be older than that
                return
            self._entries[key] = value
            if len(self._entries) > self._limit:
                self._entries.popitem(last=False)
