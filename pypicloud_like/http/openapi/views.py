"""The descriptions themselves: one OpenAPI document for each API, and a list of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypedDict

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.core.errors import NotFound
from pypicloud_like.http import answers
from pypicloud_like.http.openapi.document import describe, document, systems
from pypicloud_like.http.openapi.errors import AS_API, AS_PIP
from pypicloud_like.http.openapi.kinds import Open
from pypicloud_like.http.openapi.operations import JSON, Operation, System
from pypicloud_like.http.routing import route
from pypicloud_like.http.urls import base_url
from pypicloud_like.registry.pages import Rendering


class DescribedSystem(TypedDict):
    """One API, and where its OpenAPI document is."""

    name: str
    title: str
    url: str


class Index(TypedDict):
    """All descriptions."""

    systems: list[DescribedSystem]


def includeme(config: Configurator) -> None:
    """``/openapi/index.json`` and ``/openapi/{system}.json``."""
    route(config, "openapi.index", "/openapi/index.json", "api", GET=index)
    route(config, "openapi.document", "/openapi/{system}.json", "api", GET=one)
    describe(config, _DESCRIPTIONS)


def index(request: Request) -> Response:
    """GET /openapi/index.json"""
    base = base_url(request)

    def told() -> Index:
        found = systems(request.registry).values()
        return {
            "systems": [_listed(system, base) for system in sorted(found, key=lambda system: system.name)]
        }

    return _page(request, ("index", base), told)


def one(request: Request) -> Response:
    """GET /openapi/{system}.json

    :raises NotFound: no API is called so
    """
    system = systems(request.registry).get(request.matchdict["system"])
    if system is None:
        raise NotFound("The description")
    base = base_url(request)
    return _page(request, (system.name, base), lambda: document(request.registry, system, base))


def _listed(system: System, base: str) -> DescribedSystem:
    return {"name": system.name, "title": system.title, "url": f"{base}/openapi/{system.name}.json"}


def _page(request: Request, key: tuple[str, str], told: Callable[[], object]) -> Response:
    """What never changes while the server runs, made once for each address it is asked under."""

    def render() -> Rendering:
        return Rendering(json.dumps(told(), ensure_ascii=False, separators=(",", ":")).encode(), JSON)

    page = request.services.pages.get(("openapi", *key), None, render)
    return answers.page(request, page, shared=True)


_DESCRIPTIONS = System(
    name="openapi",
    title="Descriptions of this server's APIs",
    about="What you are reading: one OpenAPI document for each API, and a list of them.",
    operations={
        index: Operation("All descriptions", {200: Index, 304: None}),
        one: Operation("The OpenAPI document of one API", {200: Open, 304: None}),
    },
    errors={"api": AS_API, "pip": AS_PIP},
    parameters={"system": "The name of an API, from the list."},
)
