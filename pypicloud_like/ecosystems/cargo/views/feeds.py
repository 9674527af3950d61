"""RSS feeds of new crates and of new versions, as crates.io has them."""

from __future__ import annotations

from collections.abc import Iterable

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.core.model import File
from pypicloud_like.ecosystems.cargo.names import CARGO
from pypicloud_like.ecosystems.cargo.views.crates import known_crate
from pypicloud_like.http import answers
from pypicloud_like.http.urls import base_url
from pypicloud_like.registry.pages import Rendering
from pypicloud_like.registry.rss import RSS, Item, feed

_LOOKED_AT = 500
"""How many of the newest versions a feed is made from: some are not for all."""
_MOST = 100


def crates(request: Request) -> Response:
    """GET /cargo/rss/crates.xml: crates by their first version, the newest first"""
    return _feed(request, "New crates", request.services.cache.newest_projects(CARGO, limit=_LOOKED_AT))


def updates(request: Request) -> Response:
    """GET /cargo/rss/updates.xml: the versions that came last"""
    return _feed(request, "New versions", request.services.cache.newest_files(CARGO, limit=_LOOKED_AT))


def crate(request: Request) -> Response:
    """GET /cargo/rss/crates/{crate}.xml: the versions of one crate that came last"""
    _, files = known_crate(request)
    newest = sorted(files, key=lambda file: (file.uploaded_at, file.version), reverse=True)
    return _feed(request, f"Versions of {files[0].display_name}", newest)


def _feed(request: Request, title: str, newest: Iterable[File]) -> Response:
    services, base = request.services, base_url(request)
    reads = services.guard.readable(request.caller, CARGO)
    listed = {line.project for line in services.cache.projects(CARGO)}
    shown = [file for file in newest if file.project in reads and file.project in listed][:_MOST]
    items = [
        Item(
            f"{file.display_name} {file.version}",
            f"{base}/api/v1/crates/{file.display_name}/{file.version}",
            file.summary or "",
            file.uploaded_at,
        )
        for file in shown
    ]
    return answers.page(request, answers.rendered(Rendering(feed(title, f"{base}/", title, items), RSS)))
