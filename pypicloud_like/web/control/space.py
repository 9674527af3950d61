"""What all projects take, and how often they are downloaded: sums that several pages show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pyramid.request import Request

from pypicloud_like.core.model import File, Project
from pypicloud_like.registry.rebuild import ECOSYSTEMS
from pypicloud_like.registry.services import Services
from pypicloud_like.web.control.figures import figure

LARGEST = 500
"""How many of the largest files are looked at for some that nobody downloads."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Files and bytes of one project, and the day on which a file came last."""

    project: Project
    files: int
    size: int
    last: date


@dataclass(frozen=True, slots=True)
class Space:
    """What all projects take: ``projects`` the largest first, ``by_day`` the bytes that came on a day."""

    projects: Sequence[Taken]
    by_day: Mapping[date, int]
    by_ecosystem: Mapping[str, Taken]
    counts: Mapping[str, int]
    files: int
    size: int


def space(request: Request) -> Space | None:
    """What all projects take; None while it is being counted."""
    services: Services = request.services
    return figure(request, "space", lambda: _added(services), moved=services.cache.moved())


def largest(request: Request) -> Sequence[File] | None:
    """The largest files."""
    services: Services = request.services
    return figure(
        request, "largest", lambda: services.cache.largest(limit=LARGEST), moved=services.cache.moved()
    )


def downloads(request: Request, days: int) -> Mapping[Project, int] | None:
    """Project → downloads in the last days."""
    services: Services = request.services
    since = first_day(services, days)

    def load() -> Mapping[Project, int]:
        found: dict[Project, int] = {}
        for ecosystem in ECOSYSTEMS:
            found.update(services.downloads.by_project(ecosystem, since=since))
        return found

    return figure(request, f"downloads {days}", load)


def first_day(services: Services, days: int) -> date:
    """The first of the last ``days`` days."""
    return services.clock().date() - timedelta(days=days - 1)


def _added(services: Services) -> Space:
    by_project: dict[Project, Taken] = {}
    by_day: Counter[date] = Counter()
    for share in services.cache.shares():
        by_day[share.day] += share.size
        old = by_project.get(share.project)
        if old is None:
            by_project[share.project] = Taken(share.project, share.files, share.size, share.day)
        else:
            files, size, last = old.files + share.files, old.size + share.size, max(old.last, share.day)
            by_project[share.project] = Taken(share.project, files, size, last)
    projects = sorted(by_project.values(), key=lambda each: (-each.size, each.project))
    whole = {
        ecosystem: [each for each in projects if each.project.ecosystem == ecosystem]
        for ecosystem in ECOSYSTEMS
    }
    sums = {
        ecosystem: Taken(
            Project(ecosystem, ""),
            sum(each.files for each in some),
            sum(each.size for each in some),
            max(each.last for each in some),
        )
        for ecosystem, some in whole.items()
        if some
    }
    counts = {ecosystem: len(some) for ecosystem, some in whole.items()}
    files, size = (sum(getattr(each, name) for each in sums.values()) for name in ("files", "size"))
    return Space(projects, by_day, sums, counts, files, size)
