"""Numbers about everything, which are dear to find out: found out by another thread, and kept."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pyramid.request import Request

T = TypeVar("T")
log = logging.getLogger(__name__)

FIGURES = "pypicloud_like.figures"
"""Where the composition keeps them."""
LIFETIME = 60.0
"""Seconds for which a number is believed although something moved."""
PATIENCE = 0.12
"""Seconds that a page waits for all numbers together that nobody knows, or that are old."""
_UNTIL = "pypicloud_like.figures_until"


@dataclass(frozen=True, slots=True)
class _Kept(Generic[T]):
    value: T
    moved: int | None
    at: float


class Figures:
    """Threads share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, _Kept[Any]] = {}
        self._busy: dict[str, threading.Event] = {}

    def get(
        self,
        name: str,
        load: Callable[[], T],
        *,
        moved: int | None = None,
        lifetime: float = LIFETIME,
        old: bool = True,
        wait: float = PATIENCE,
    ) -> T | None:
        """A number as it is, or was a while ago; None while it is being found out.

        :param moved: while this is the same, the number is too
        :param lifetime: seconds for which it is believed otherwise
        :param old: whether one that is older is better than none
        :param wait: seconds to wait for a new one
        """
        with self._lock:
            kept: _Kept[T] | None = self._kept.get(name)
            if kept is not None and _stands(kept, moved, lifetime):
                return kept.value
            ready = self._busy.get(name)
            if ready is None:
                ready = self._busy[name] = threading.Event()
                arguments = (name, load, moved, ready)
                threading.Thread(
                    target=self._find_out, args=arguments, name=f"figures-{name}", daemon=True
                ).start()
        if ready.wait(max(0.0, wait)) or not old:
            with self._lock:
                kept = self._kept.get(name)
        if kept is None or not (old or _stands(kept, moved, lifetime)):
            return None
        return kept.value

    def _find_out(self, name: str, load: Callable[[], T], moved: int | None, ready: threading.Event) -> None:
        try:
            found: _Kept[T] = _Kept(load(), moved, time.monotonic())
            with self._lock:
                self._kept[name] = found
        except Exception:  # the page says that there is no number yet, and the next one tries again
            log.exception("figures: %s", name)
        finally:
            with self._lock:
                self._busy.pop(name, None)
            ready.set()


def figure(
    request: Request,
    name: str,
    load: Callable[[], T],
    *,
    moved: int | None = None,
    lifetime: float = LIFETIME,
    old: bool = True,
) -> T | None:
    """See :meth:`Figures.get`. All numbers of one page are waited for together."""
    figures: Figures = request.registry[FIGURES]
    until: float = request.environ.setdefault(_UNTIL, time.monotonic() + PATIENCE)
    wait = until - time.monotonic()
    return figures.get(name, load, moved=moved, lifetime=lifetime, old=old, wait=wait)


def _stands(kept: _Kept[Any], moved: int | None, lifetime: float) -> bool:
    return (moved is not None and kept.moved == moved) or time.monotonic() - kept.at < lifetime
