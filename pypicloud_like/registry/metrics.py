"""What this process counts while it works. Threads share it; another process counts its own."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock

from pypicloud_like.core.exposition import Family

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds: the upper bounds of the classes of latencies."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER = "other"

Key = tuple[str, str, int]
"""The pattern of a route, a method, and the first digit of a status."""


@dataclass(slots=True)
class Latencies:
    """How long requests of one kind took: by class (the last one: longer than all bounds), and in all."""

    classes: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    seconds: float = 0.0

    @property
    def count(self) -> int:
        """How many requests."""
        return sum(self.classes)


class Metrics:
    """Counters of this process since its start."""

    def __init__(self) -> None:
        self.since = time.time()
        self._lock = Lock()
        self._requests: dict[Key, Latencies] = {}
        self._errors: Counter[str] = Counter()
        self.gauges: dict[str, Callable[[], float]] = {}
        """What the WSGI server tells of itself, by name; empty where it tells nothing."""
        self.others: Callable[[], Mapping[str, Sequence[Family]]] = dict
        """Asks the other processes of the same server what they count, by their names."""

    def answered(self, pattern: str, method: str, digit: int, seconds: float) -> None:
        """Count a request. A method that nobody knows counts as ``other``: labels must stay few.

        :param digit: the first one of the status
        """
        key = pattern, method, digit
        with self._lock:
            series = self._requests.get(key)
            if series is None:
                known = method if method in METHODS else OTHER
                series = self._requests.setdefault((pattern, known, digit), Latencies())
            series.classes[bisect_left(BOUNDS, seconds)] += 1
            series.seconds += seconds

    def failed(self, reason: str) -> None:
        """Count an error that was told to a client, by its short name."""
        with self._lock:
            self._errors[reason] += 1

    def requests(self) -> Mapping[Key, Latencies]:
        """All requests counted so far."""
        with self._lock:
            return {key: Latencies(list(each.classes), each.seconds) for key, each in self._requests.items()}

    def errors(self) -> Mapping[str, int]:
        """All errors told so far, by short name."""
        with self._lock:
            return dict(self._errors)
