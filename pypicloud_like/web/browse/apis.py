"""The APIs of this server for people who write programs: their operations and OpenAPI documents."""

from __future__ import annotations

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.http.openapi.document import described, systems
from pypicloud_like.web.pages import page


def apis(request: Request) -> Response:
    """GET /openapi/"""
    known = sorted(systems(request.registry).values(), key=lambda system: system.title)
    listed = [(system, list(described(request.registry, system))) for system in known]
    return page(request, "browse/apis.jinja2", listed=listed)
