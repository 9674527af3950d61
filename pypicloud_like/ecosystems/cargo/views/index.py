"""The sparse index (RFC 2789 of Rust; Cargo reference, "Registry index")."""

from __future__ import annotations

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.policy import Act
from pypicloud_like.core.errors import LoginRequired, NotFound
from pypicloud_like.core.ports import Cache
from pypicloud_like.ecosystems.cargo import config, index
from pypicloud_like.ecosystems.cargo.names import index_path, is_valid_name, project_of
from pypicloud_like.ecosystems.cargo.views.common import is_offered
from pypicloud_like.http import answers
from pypicloud_like.http.security import require
from pypicloud_like.http.urls import base_url
from pypicloud_like.registry.pages import Rendering


def configuration(request: Request) -> Response:
    """GET /cargo/index/config.json. A client that has to log in is told so by 401: that is when cargo looks
    for its token and asks again.
    """
    services = request.services
    auth_required = config.needs_token(services.settings, services.guard)
    if auth_required and request.caller.account is None:
        raise LoginRequired
    base = base_url(request)

    def render() -> Rendering:
        return Rendering(config.render(base, auth_required=auth_required), "application/json")

    page = services.pages.get(("cargo", "config", base, auth_required), 0, render)
    return answers.page(request, page, shared=not auth_required, repeatable=True)


def crate(request: Request) -> Response:
    """GET /cargo/index/{path}: all versions of a crate, one JSON object a line. A crate has one address: that
    of its own spelling, in lower case.
    """
    path: str = request.matchdict["path"]
    name = path.rpartition("/")[2]
    if not is_valid_name(name) or index_path(name) != path:
        raise NotFound("crate")
    project = project_of(name)
    require(request, Act.READ, project)
    cache: Cache = request.services.cache

    def render() -> Rendering:
        files = cache.described(project)
        if not files or files[0].display_name.lower() != name or not is_offered(cache, project):
            raise NotFound(str(project))
        return Rendering(index.render(files), index.CONTENT_TYPE)

    page = request.services.pages.get((project, "index", name), cache.touched(project), render)
    shared = request.services.guard.everyone_reads(project)
    return answers.page(request, page, shared=shared, repeatable=True)
