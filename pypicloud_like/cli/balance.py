"""New connections for the worker that has fewest.

All workers wait on the same sockets, and the one that is woken first takes what comes: of four connections
on two workers three often end on one, and stay there. So each worker says in memory that all share how many
it has, and leaves a new one alone for a moment while another has fewer.
"""

from __future__ import annotations

import mmap
import time

_SIZE = 4
_NOBODY = 2**31 - 1
_SHORTEST, _LONGEST = 0.05, 1.0
"""Seconds for which workers are not waited for that did not take what was left to them: each time twice as
long, since one that hangs may do so for ever.
"""
_FORGIVEN = 10.0
"""Seconds without that, after which it is as if it had never been."""


class Shares:
    """How many connections each of ``count`` workers has. Made before they are forked."""

    def __init__(self, count: int) -> None:
        self._counts = memoryview(mmap.mmap(-1, _SIZE * count)).cast("i")
        for place in range(count):
            self._counts[place] = _NOBODY

    def of(self, number: int) -> Share:
        """That of a worker, counted from 1, which takes none yet."""
        return Share(self._counts, number - 1)


class Share:
    """What one worker has, as it says itself."""

    def __init__(self, counts: memoryview[int], place: int) -> None:
        self._counts = counts
        self._place = place
        self._slow: frozenset[int] = frozenset()
        self._slow_until = -_FORGIVEN
        self._wait = _SHORTEST
        self.leave()

    def begin(self) -> None:
        """It takes connections from now on, and has none."""
        self._takes_more = True
        self.note(0)

    def leave(self) -> None:
        """It takes none from now on."""
        self._takes_more = False
        self._counts[self._place] = _NOBODY

    def note(self, connections: int) -> None:
        """It has so many now."""
        if self._takes_more:
            self._counts[self._place] = connections

    def is_least(self) -> bool:
        """Whether no other worker has fewer that may be waited for."""
        if self._slow and time.monotonic() >= self._slow_until:
            self._slow = frozenset()
        mine = self._counts[self._place]
        return all(count >= mine for place, count in enumerate(self._counts) if place not in self._slow)

    def waited_in_vain(self) -> None:
        """Nobody took what was left to those that have fewer. The ones that have fewest, for which all others
        wait, are not waited for, for a while.
        """
        now = time.monotonic()
        counts = {place: count for place, count in enumerate(self._counts) if place not in self._slow}
        fewest = min(counts.values())
        forgiven = now - self._slow_until > _FORGIVEN
        self._wait = _SHORTEST if forgiven else min(2 * self._wait, _LONGEST)
        self._slow |= {place for place, count in counts.items() if count == fewest and place != self._place}
        self._slow_until = now + self._wait
