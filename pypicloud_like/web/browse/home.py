"""The first page: what this index is, how to point tools at it, what came last."""

from __future__ import annotations

from collections.abc import Sequence

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.core.model import File, Project
from pypicloud_like.http.urls import base_url
from pypicloud_like.registry.services import Services
from pypicloud_like.web.browse.common import presenters, reads
from pypicloud_like.web.pages import page

_LATEST = 9
_LOOKED_AT = 200
"""How many uploads are looked at for some that the caller may read."""


def home(request: Request) -> Response:
    """GET /"""
    known = presenters(request)
    base = base_url(request)
    return page(
        request,
        "browse/home.jinja2",
        base_url=base,
        presenters=known,
        set_up={name: presenter.set_up(base) for name, presenter in known.items()},
        latest=_latest(request, list(known)),
        reads=reads(request),
    )


def _latest(request: Request, ecosystems: Sequence[str]) -> Sequence[File]:
    """The projects that were uploaded to last, with the file that came last."""
    services: Services = request.services
    readable = {ecosystem: services.guard.readable(request.caller, ecosystem) for ecosystem in ecosystems}
    newest = services.cache.newest_files(None, limit=_LOOKED_AT)
    latest: dict[Project, File] = {}
    for file in newest:
        if file.project in readable.get(file.project.ecosystem, ()):
            latest.setdefault(file.project, file)
    return list(latest.values())[:_LATEST]
