"""Threads that carry out requests, and two more for those that ask how the server is.

Where all threads wait for a storage that hangs, a supervisor still has to get its answer.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from waitress.task import ThreadedTaskDispatcher

_WATCHERS = 2


class Lanes(ThreadedTaskDispatcher):  # type: ignore[misc]  # waitress has no types
    """waitress's dispatcher with a second lane beside it.

    :param threads: how many requests are carried out at once
    :param watched: the paths, without a last slash, whose requests take the second lane
    """

    def __init__(self, threads: int, watched: Collection[str]) -> None:
        super().__init__()
        self._watched = frozenset(watched)
        self._beside = ThreadedTaskDispatcher()
        self.set_thread_count(threads)
        self._beside.set_thread_count(_WATCHERS)

    def add_task(self, task: Any) -> None:
        """Queue the next request of a connection; the ones after it are queued by themselves."""
        requests = task.requests
        # what cannot be read as a request has no path
        if requests and getattr(requests[0], "path", "").rstrip("/") in self._watched:
            self._beside.add_task(task)
        else:
            super().add_task(task)

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5) -> bool:
        """End all threads, in both lanes."""
        self._beside.shutdown(cancel_pending, timeout)
        done: bool = super().shutdown(cancel_pending, timeout)
        return done
