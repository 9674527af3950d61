"""The port of download counts. They are a service, not a record: a crash loses those of its last seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from pypicloud_like.core.model import Project


@dataclass(frozen=True, slots=True)
class DayCount:
    """How often one version was downloaded on one day (UTC)."""

    version: str
    day: date
    count: int


class Downloads(Protocol):
    """Counted in memory and written in batches by another thread."""

    def count(self, project: Project, version: str, *, user: str | None = None) -> None:
        """A file of this version was downloaded now, by a user or by nobody known. Costs nothing, and never
        fails.
        """

    def daily(self, project: Project, *, since: date, until: date) -> Sequence[DayCount]:
        """Counts by version and day, both days included, oldest first."""

    def totals(self, project: Project) -> Mapping[str, int]:
        """Version → all downloads ever."""

    def by_project(self, ecosystem: str, *, since: date | None = None) -> Mapping[Project, int]:
        """Project → downloads since a day, or ever, of those that have any."""

    def flush(self) -> None:
        """Write what is counted so far."""

    def close(self) -> None:
        """Write what is counted, and stop."""
