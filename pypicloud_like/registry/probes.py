"""Asking a part of the server how it is, without waiting for a part that hangs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


class Silent(Exception):
    """A part did not answer in time."""

    def __str__(self) -> str:
        return "It does not answer in time"


@dataclass(slots=True)
class _Question:
    """A question under way, or answered."""

    answered: threading.Event = field(default_factory=threading.Event)
    value: Any = None
    error: Exception | None = None


class Probes:
    """At most one question to each part at a time, each in a thread of its own: whoever asks while a
    question is under way shares it, so a part that hangs costs one thread and not more.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[str, _Question] = {}

    def ask(self, questions: Mapping[str, Callable[[], Any]], *, seconds: float) -> dict[str, Any]:
        """Ask all parts at once.

        :param seconds: how long all answers together may take
        :returns: for each name what its question gave, or the exception it raised, or :class:`Silent`
        """
        asked = {name: self._question(name, question) for name, question in questions.items()}
        deadline = time.monotonic() + seconds
        return {name: _outcome(one, deadline - time.monotonic()) for name, one in asked.items()}

    def _question(self, name: str, ask: Callable[[], Any]) -> _Question:
        with self._lock:
            one = self._open.get(name)
            if one is not None:
                return one
            one = self._open[name] = _Question()

        def work() -> None:
            try:
                one.value = ask()
            except Exception as error:  # noqa: BLE001 - handed to whoever asked
                one.error = error
            finally:
                with self._lock:
                    self._open.pop(name, None)
                one.answered.set()

        threading.Thread(target=work, name=f"probe-{name}", daemon=True).start()
        return one


def _outcome(one: _Question, seconds: float) -> Any:
    if not one.answered.wait(max(0.0, seconds)):
        return Silent()
    return one.value if one.error is None else one.error
