"""How many requests may wait for upstreams at once, so that the others never have to."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from pypicloud_like.core.errors import Unavailable

STANDSTILL = 0.5
"""Seconds without any place becoming free after which nobody waits for one any more: whoever waits holds up
a thread that could answer from here.
"""
PATIENCE = 10.0
"""Seconds to wait for a place while others do become free."""


class Slots:
    """A bounded number of places. One is held only while a thread waits for bytes from outside."""

    def __init__(self, places: int) -> None:
        self.places = places
        self._free = places
        self._changed = threading.Condition()
        self._freed_at = time.monotonic()

    @property
    def taken(self) -> int:
        """How many places are held now."""
        return self.places - self._free

    @contextmanager
    def one(self) -> Iterator[None]:
        """Hold a place.

        :raises Unavailable: all are taken, and it is better to come again
        """
        self._take()
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._freed_at = time.monotonic()
                self._changed.notify()

    def _take(self) -> None:
        deadline = time.monotonic() + PATIENCE
        with self._changed:
            while not self._free:
                until = min(deadline, self._freed_at + STANDSTILL)
                left = until - time.monotonic()
                if left <= 0:
                    raise Unavailable("upstream", retry_after=2)
                self._changed.wait(left)
            self._free -= 1
