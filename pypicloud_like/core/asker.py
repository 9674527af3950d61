"""How whoever a thread works for came here: what the audit says beside their name.

Who listens to clients says it, and who writes the audit asks; neither has to know the other. Threads that
work for nobody in particular, and commands, have nothing to say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar

Tell = Callable[[], Mapping[str, str]]

current: ContextVar[Tell | None] = ContextVar("asker", default=None)
"""What tells it, because little of it is known when a request begins."""


def told() -> Mapping[str, str]:
    """``way`` (of logging in), ``token`` or ``session`` (by a name that opens nothing), ``address``,
    ``request``; each where it is known.
    """
    tell = current.get()
    return tell() if tell is not None else {}
