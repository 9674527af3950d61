"""The one clock: tests set it, nothing else asks the system for the date."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present moment, aware, in UTC."""


def system_clock() -> datetime:
    """The present moment by the system's clock."""
    return datetime.now(UTC)
