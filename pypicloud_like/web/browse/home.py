"""The first page: what this index is, how to point tools at it, what came last."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import nlargest

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.core.model import Project
from pypicloud_like.http.urls import base_url
from pypicloud_like.registry.services import Services
from pypicloud_like.web.browse.common import presenters, reads, seen, wake_renderer
from pypicloud_like.web.pages import page

_LATEST = 9
_LOOKED_AT = 200
"""How many uploads are looked at for some that the caller may read."""


@dataclass(frozen=True, slots=True)
class Came:
    """A project that was uploaded to."""

    project: Project
    name: str
    version: str
    page: str
    summary: str
    at: datetime
    uploader: str


def home(request: Request) -> Response:
    """GET /"""
    known = presenters(request)
    wake_renderer(request)
    base = base_url(request)
    return page(
        request,
        "browse/home.jinja2",
        base_url=base,
        presenters=known,
        set_up={name: presenter.set_up(base) for name, presenter in known.items()},
        latest=_latest(request),
        reads=reads(request),
    )


def _latest(request: Request) -> Sequence[Came]:
    """What was uploaded to last, each project once."""
    services: Services = request.services
    known = presenters(request)
    allowed = {each: services.guard.readable(request.caller, each) for each in known}
    newest = services.cache.newest_files(None, limit=_LOOKED_AT)
    latest: dict[Project, Came] = {}
    for file in newest:
        if file.project in allowed.get(file.project.ecosystem, ()) and file.project not in latest:
            page_of = known[file.project.ecosystem].page(file.display_name, file.version)
            latest[file.project] = Came(
                file.project, file.display_name, file.version, page_of, file.summary or "", file.uploaded_at,
                file.uploader or "",
            )  # fmt: skip
    if len(latest) < _LATEST and len(newest) == _LOOKED_AT:
        latest |= _before(request, latest.keys())
    return list(latest.values())[:_LATEST]


def _before(request: Request, without: Collection[Project]) -> Mapping[Project, Came]:
    """The same of projects that did not come lately: one with many files may be all that did."""
    told = [
        (each.listed.project, each.told)
        for each in seen(request).packages
        if each.told is not None and each.listed.project is not None and each.listed.project not in without
    ]
    newest = nlargest(_LATEST, told, key=lambda each: each[1].updated_at)
    return {
        project: Came(project, each.title, each.version or "", each.page, each.summary, each.updated_at, "")
        for project, each in newest
    }
