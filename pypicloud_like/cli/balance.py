"""New connections for the worker that has fewest.

All workers wait on the same sockets, and the one that is woken first takes what comes: of four connections
on two workers three often end on one, and stay there. So each worker says in memory that all share how many
it has, and leaves a new one alone for a moment while another has fewer.
"""

from __future__ import annotations

import mmap

_SIZE = 4
_NOBODY = 2**31 - 1


class Shares:
    """How many connections each of ``count`` workers has. Made before they are forked."""

    def __init__(self, count: int) -> None:
        self._counts = memoryview(mmap.mmap(-1, _SIZE * count)).cast("i")
        for place in range(count):
            self._counts[place] = _NOBODY

    def of(self, number: int) -> Share:
        """That of a worker, counted from 1, which begins with none."""
        return Share(self._counts, number - 1)


class Share:
    """What one worker has, as it says itself."""

    def __init__(self, counts: memoryview[int], place: int) -> None:
        self._counts = counts
        self._place = place
        self._takes_more = True
        self.note(0)

    def note(self, connections: int) -> None:
        """It has so many now."""
        if self._takes_more:
            self._counts[self._place] = connections

    def leave(self) -> None:
        """It takes no more from now on."""
        self.note(_NOBODY)
        self._takes_more = False

    def is_least(self) -> bool:
        """Whether no other worker has fewer."""
        return self._counts[self._place] <= min(self._counts)
