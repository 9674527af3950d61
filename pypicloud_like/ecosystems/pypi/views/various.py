"""Feeds."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.policy import Act
from pypicloud_like.core.errors import NotFound
from pypicloud_like.core.model import PYPI, File
from pypicloud_like.ecosystems.pypi import feeds
from pypicloud_like.ecosystems.pypi.ours import is_quarantined
from pypicloud_like.ecosystems.pypi.views.simple import requested_project
from pypicloud_like.http import answers
from pypicloud_like.http.security import require
from pypicloud_like.http.urls import base_url
from pypicloud_like.registry.pages import Rendering
from pypicloud_like.registry.rss import RSS

_LOOKED_AT = 2000
"""How many of the newest files a feed is made from: several make one release, some are not for all."""


def updates_feed(request: Request) -> Response:
    """GET /rss/updates.xml: the newest releases."""
    cache = request.services.cache
    return _feed(request, "updates", lambda: cache.newest_files(PYPI, limit=_LOOKED_AT), feeds.updates_feed)


def packages_feed(request: Request) -> Response:
    """GET /rss/packages.xml: the newest projects."""
    cache = request.services.cache
    return _feed(
        request, "packages", lambda: cache.newest_projects(PYPI, limit=_LOOKED_AT), feeds.packages_feed
    )


def releases_feed(request: Request) -> Response:
    """GET /rss/project/{project}/releases.xml"""
    project = requested_project(request)
    require(request, Act.READ, project)
    services, base = request.services, base_url(request)

    def render() -> Rendering:
        files = services.cache.files(project)
        if not files or is_quarantined(services.cache, project):
            raise NotFound(project.name)
        return Rendering(feeds.releases_feed(project, files, base), RSS)

    page = services.pages.get(("rss", project, base), services.cache.touched(project), render)
    return answers.page(request, page)


def _feed(
    request: Request,
    name: str,
    newest: Callable[[], Iterable[File]],
    render_feed: Callable[[Iterable[File], str], bytes],
) -> Response:
    services, base = request.services, base_url(request)
    reads = services.guard.readable(request.caller, PYPI)

    def render() -> Rendering:
        listed = {line.project for line in services.cache.projects(PYPI)}
        files = [file for file in newest() if file.project in reads and file.project in listed]
        return Rendering(render_feed(files, base), RSS)

    page = services.pages.get(("rss", name, base, reads.digest), services.cache.moved(), render)
    return answers.page(request, page)
