"""Hostile files, made by code: each has to be refused for its own reason, quickly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.builders import Built


@dataclass(frozen=True)
class Case:
    """A way to make a hostile file, and words of the refusal that it has to get."""

    make: Callable[[], Built]
    reason: str
