"""How many requests may wait for upstreams at once, so that the others never have to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pypicloud_like.core.errors import Unavailable

_PATIENCE = 2.0
"""Seconds to wait for a slot: a client that is told to come again does."""


class Slots:
    """A bounded number of places. One is held only while a thread waits for bytes from outside."""

    def __init__(self, places: int) -> None:
        self._free = threading.BoundedSemaphore(places)

    @contextmanager
    def one(self) -> Iterator[None]:
        """Hold a place.

        :raises Unavailable: all are taken
        """
        if not self._free.acquire(timeout=_PATIENCE):
            raise Unavailable("upstream", retry_after=5)
        try:
            yield
        finally:
            self._free.release()
