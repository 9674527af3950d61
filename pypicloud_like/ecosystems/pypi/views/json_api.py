"""PyPI's JSON API: a project, a release, and the three words that stand for one."""

from __future__ import annotations

from urllib.parse import quote

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.policy import Act
from pypicloud_like.core.errors import NotFound
from pypicloud_like.core.model import Project
from pypicloud_like.core.ports import Cache
from pypicloud_like.ecosystems.pypi import json_api
from pypicloud_like.ecosystems.pypi.releases import LATEST_WORDS, named_release, releases
from pypicloud_like.ecosystems.pypi.views.simple import (
    is_quarantined,
    last_serial,
    redirect,
    requested_project,
)
from pypicloud_like.http import answers
from pypicloud_like.http.security import require
from pypicloud_like.http.urls import base_url, prefix
from pypicloud_like.registry.pages import Rendering

_JSON = "application/json"


def project(request: Request) -> Response:
    """GET /pypi/{project}/json"""
    wanted = requested_project(request)
    require(request, Act.READ, wanted)
    if wanted.name != request.matchdict["project"]:
        return redirect(request, f"/pypi/{wanted.name}/json")
    services, base = request.services, base_url(request)

    def render() -> Rendering:
        _refuse_unknown(services.cache, wanted)
        serial = last_serial(services.cache, wanted)
        body = json_api.project_json(
            wanted,
            services.cache.record(wanted),
            services.cache.described(wanted),
            base_url=base,
            last_serial=serial,
            owners=services.state.owners(wanted),
        )
        return Rendering(body, _JSON, serial)

    return _page(request, wanted, ("json", wanted, base), render)


def version(request: Request) -> Response:
    """GET /pypi/{project}/{version}/json"""
    wanted = requested_project(request)
    require(request, Act.READ, wanted)
    name: str = request.matchdict["version"]
    if name in LATEST_WORDS:
        return _latest(request, wanted, name)
    if wanted.name != request.matchdict["project"]:
        return redirect(request, f"/pypi/{wanted.name}/{name}/json")
    services, base = request.services, base_url(request)
    with_releases = services.settings.pypi.releases_in_version_answer

    def render() -> Rendering:
        _refuse_unknown(services.cache, wanted)
        serial = last_serial(services.cache, wanted)
        body = json_api.version_json(
            wanted,
            services.cache.record(wanted),
            name,
            services.cache.described(wanted),
            base_url=base,
            last_serial=serial,
            owners=services.state.owners(wanted),
            with_releases=with_releases,
        )
        return Rendering(body, _JSON, serial)

    # by its spelling: where two spellings of one version are stored, each is a release of its own
    return _page(request, wanted, ("json", wanted, name, base), render)


def _latest(request: Request, wanted: Project, word: str) -> Response:
    """Redirect to the release's own address; with a last slash first to the address without it."""
    start = f"{prefix(request)}/pypi/{wanted.name}"
    if request.path_info.endswith("/"):
        return answers.redirect(f"{start}/{word}/json")
    cache = request.services.cache
    _refuse_unknown(cache, wanted)
    files = [] if is_quarantined(cache, wanted) else cache.files(wanted)
    release = named_release(word, releases(files))
    if release is None:
        raise NotFound(f"{wanted.name} {word}")
    response = answers.redirect(f"{start}/{quote(release.version)}/json", status=307)
    if request.services.guard.everyone_reads(wanted):
        response.headers["Cache-Control"] = "no-cache"
    else:
        response.headers.update({"Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"})
    return response


def _refuse_unknown(cache: Cache, wanted: Project) -> None:
    """Unknown projects and private ones are told with the same words."""
    if not cache.exists(wanted):
        raise NotFound(wanted.name)


def _page(request: Request, wanted: Project, key: tuple[object, ...], render: answers.Render) -> Response:
    services = request.services
    # owners are part of the answer and belong to state
    moved = (services.cache.touched(wanted), services.state.moved())
    page = services.pages.get(key, moved, render)
    return answers.page(request, page, shared=services.guard.everyone_reads(wanted))
