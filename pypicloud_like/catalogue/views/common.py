"""What the catalogue's views share: errors in its words, and what the caller sees."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.policy import Act
from pypicloud_like.catalogue.shapes import CatalogueError
from pypicloud_like.catalogue.snapshot import Catalogue, View
from pypicloud_like.core.errors import LoginRequired, NotAcceptable, NotFound
from pypicloud_like.http import answers
from pypicloud_like.http.forms import parse_query
from pypicloud_like.http.negotiate import read_accept
from pypicloud_like.http.urls import prefix

DIALECT = "catalogue"
CATALOGUE = "pypicloud_like.catalogue"
JSON = "application/json"
_OFFERS = [JSON, "text/html"]
"""Browsers get JSON too: their pages are elsewhere."""


class Unknown(NotFound):
    """The address is none."""

    def __str__(self) -> str:
        return "Not found."


def tell(request: Request, status: int, sentence: str, _key: str) -> Response:
    """An error answer as Django REST framework gives it: ``{"detail": …}``."""
    match status:
        case 401:
            sentence = "Authentication credentials were not provided."
        case 404 if not sentence.endswith("."):
            sentence = "Not found."
        case 405:
            sentence = f'Method "{request.method}" not allowed.'
        case 406:
            sentence = "Could not satisfy the request Accept header."
    return Response(json.dumps(CatalogueError(detail=sentence)).encode(), status=status, content_type=JSON)


def seen(request: Request) -> View:
    """What the caller sees of the catalogue.

    :raises LoginRequired: nothing, before they log in
    :raises NotAcceptable, Unknown: not in the form that they ask for
    """
    _check_format(request)
    return view_of(request)


def view_of(request: Request) -> View:
    """The same, whatever the form. :raises LoginRequired: nothing, before they log in"""
    services = request.services
    if request.caller.name is None and not services.guard.may(request.caller, Act.READ):
        raise LoginRequired
    catalogue: Catalogue = request.registry[CATALOGUE]
    reads = {each: services.guard.readable(request.caller, each) for each in catalogue.ecosystems}
    return catalogue.view(services, reads)


def answer(told: Any) -> Response:
    """JSON as the reference has it: compact, UTF-8, without a charset; it depends on who asks."""
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    body = text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").encode("utf-8", "replace")
    headers = [
        ("Content-Type", JSON),
        ("Content-Length", str(len(body))),
        ("Vary", "Accept, Authorization, Cookie"),
        ("Allow", "GET, HEAD, OPTIONS"),
        ("Cache-Control", "private, no-cache"),
    ]
    return Response(status=200, headerlist=headers, app_iter=(body,))


def options(_request: Request) -> Response:
    """OPTIONS of any address of the API."""
    return Response(status=204, headerlist=[("Allow", "GET, HEAD, OPTIONS")])


def add_slash(request: Request) -> Response:
    """To the address with its last slash, with the query."""
    query = request.environ.get("QUERY_STRING", "")
    location = prefix(request) + quote(request.path_info) + "/" + (f"?{query}" if query else "")
    return answers.redirect(location, status=301)


def query_of(request: Request) -> list[tuple[str, str]]:
    """The query as it was written."""
    return list(parse_query(request.environ.get("QUERY_STRING", "")))


def _check_format(request: Request) -> None:
    wanted = dict(query_of(request)).get("format", "json")
    if wanted != "json":
        raise Unknown("format")
    accept = read_accept(request.headers.get("Accept"))
    if not accept.acceptable_offers(_OFFERS):
        raise NotAcceptable([JSON])
