"""Taking turns: of several threads that want the same thing made, one makes it and the others wait."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock


@dataclass(slots=True)
class _Turn:
    """Forgotten when nobody works or waits any more."""

    lock: Lock = field(default_factory=Lock)
    threads: int = 0


class Turns:
    """A lock for each key, there while somebody wants it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._turns: dict[Hashable, _Turn] = {}

    @contextmanager
    def of(self, key: Hashable) -> Iterator[None]:
        """Hold the lock of a key; other keys go on meanwhile."""
        with self._lock:
            turn = self._turns.setdefault(key, _Turn())
            turn.threads += 1
        try:
            with turn.lock:
                yield
        finally:
            with self._lock:
                turn.threads -= 1
                if not turn.threads:
                    del self._turns[key]

    def __len__(self) -> int:
        return len(self._turns)
