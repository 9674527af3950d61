"""One moment for all that a request asks about rights.

A request sees what was committed before it began; which of the changes made during it it sees is up to
chance. So while one is under way in a thread, the databases of people are asked once whether they moved
instead of at every question. What the thread writes itself begins a new moment. A request that writes has
such moments while it is found out who asks and what they may; an upload over the common form or by cargo has
one, which is renewed once its body is there if that took long.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class _Moment(threading.local):
    """What was asked of each database in this thread's moment, by its id; None where there is none."""

    seen: dict[int, int] | None = None
    began = 0.0


_moment = _Moment()


def begin() -> None:
    """A moment begins in this thread."""
    _moment.seen = {}
    _moment.began = time.monotonic()


def end() -> None:
    """No moment is under way."""
    _moment.seen = None


@contextmanager
def one() -> Iterator[None]:
    """All that is asked inside is of one moment: the present one, or one that ends with the block, for
    who changes something and is asked several questions before.
    """
    if _moment.seen is not None:
        yield
        return
    begin()
    try:
        yield
    finally:
        end()


def renew() -> None:
    """From here on this thread sees later changes, its own among them."""
    if _moment.seen is not None:
        begin()


def renew_after(seconds: float) -> None:
    """As :func:`renew`, if the moment began longer ago than that."""
    if time.monotonic() - _moment.began > seconds:
        renew()


def seen() -> dict[int, int] | None:
    """What the present moment knows, to be added to."""
    return _moment.seen
