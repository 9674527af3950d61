"""Downloads: of everything over time, by project, what is used most and what hardly ever."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.core.model import File, Project
from pypicloud_like.registry.services import Services
from pypicloud_like.web.browse.charts import by_day
from pypicloud_like.web.browse.common import query_of
from pypicloud_like.web.control.common import administrator, shown, turn_of
from pypicloud_like.web.control.figures import figure
from pypicloud_like.web.control.space import Taken, downloads, first_day, largest, space

_EACH = 50
_MOST = 10
PERIODS = {"7": 7, "30": 30, "90": 90, "365": 365}
"""Days that can be looked at."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A project with its downloads, and what it takes (None: it is not ours)."""

    project: Project
    downloads: int
    taken: Taken | None


def overview(request: Request) -> Response:
    """GET /admin/downloads with ``days`` (7, 30, 90 or 365), ``by`` (``most`` or ``least``) and ``page``"""
    administrator(request)
    services: Services = request.services
    query = query_of(request)
    days = PERIODS.get(query.get("days", ""), 30)
    least = query.get("by") == "least"
    today, since = services.clock().date(), first_day(services, days)
    counts = figure(
        request, f"downloads by day {days}", lambda: services.downloads.by_day(since=since, until=today)
    )
    projects = _projects(request, days, least=least)
    turn = turn_of(
        request, len(projects or ()), each=_EACH, label="Projects", keep=("days", "by"), fragment="#projects"
    )
    return shown(
        request,
        "downloads",
        "downloads",
        days=days,
        periods=PERIODS,
        least=least,
        chart=by_day(counts, until=today, days=days, what="downloads") if counts is not None else None,
        projects=None if projects is None else projects[turn.start : turn.end],
        turn=turn,
        most=figure(request, f"most {days}", lambda: services.downloads.most(since=since, limit=_MOST)),
        idle=_idle(request),
    )


def _projects(request: Request, days: int, *, least: bool) -> Sequence[Counted] | None:
    counts, taken = downloads(request, days), space(request)
    if counts is None or taken is None:
        return None
    order = "least" if least else "most"
    return figure(request, f"projects {order} {days}", lambda: _ranked(counts, taken.projects, least=least))


def _ranked(counts: Mapping[Project, int], taken: Sequence[Taken], *, least: bool) -> Sequence[Counted]:
    if least:
        some = [Counted(each.project, counts.get(each.project, 0), each) for each in taken]
        return sorted(some, key=lambda each: each.downloads)  # the largest of equals stay first
    ours = {each.project: each for each in taken}
    some = [Counted(project, count, ours.get(project)) for project, count in counts.items()]
    return sorted(some, key=lambda each: (-each.downloads, each.project))


def _idle(request: Request) -> Sequence[tuple[File, int]] | None:
    """Of the largest files those of versions that were downloaded least, with how often ever."""
    services: Services = request.services
    files = largest(request)

    def load() -> Sequence[tuple[File, int]]:
        totals = {file.project: services.downloads.totals(file.project) for file in files or ()}
        counted = [(file, totals[file.project].get(file.version, 0)) for file in files or ()]
        return sorted(counted, key=lambda each: (each[1], -each[0].blob.size))[:_MOST]

    return None if files is None else figure(request, "idle", load)
