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


@dataclass(frozen=True, slots=True)
class VersionCount:
    """How often one version was downloaded in some time."""

    project: Project
    version: str
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

    def by_day(self, *, since: date, until: date) -> Mapping[date, int]:
        """Day → downloads of everything, both days included; days without any are left out."""

    def most(self, *, since: date, limit: int) -> Sequence[VersionCount]:
        """The versions downloaded most since a day, of all ecosystems, the most first."""

    def flush(self) -> None:
        """Write what is counted so far."""

    def close(self) -> None:
        """Write what is counted, and stop."""
