"""What holds for every answer: safe headers, CORS where configured, limits on addresses."""

from __future__ import annotations

from collections.abc import Callable

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.core.errors import InvalidRequest
from pypicloud_like.http.answers import CORS_HEADERS

NOTHING_ACTIVE = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
"""The policy of HTML that is for tools, and of errors: no script, no style, in nobody's frame."""

Handler = Callable[[Request], Response]


def includeme(config: Configurator) -> None:
    """Put the tween around everything, exception views included."""
    config.add_tween("pypicloud_like.http.edge.edge_tween", over="pyramid.tweens.excview_tween_factory")
    config.add_tween("pypicloud_like.http.edge.address_tween", under="pyramid.tweens.excview_tween_factory")


def edge_tween(handler: Handler, registry: object) -> Handler:
    """Headers that every answer carries, and the answer to preflights of origins that are let in (the
    Fetch standard, CORS protocol). Credentials are never allowed along, so they read what is public.
    """
    origins = registry.services.settings.server.cors_origins  # type: ignore[attr-defined] # set by app.py

    def edge(request: Request) -> Response:
        environ = request.environ
        origin = environ.get("HTTP_ORIGIN")
        let_in = "*" if "*" in origins else origin if origin in origins else None
        preflight = request.method == "OPTIONS" and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
        if origin and let_in and preflight:
            response = Response(status=204, headerlist=[], app_iter=())
        else:
            response = handler(request)
        _add_safety(response.headerlist)
        if origins:
            response.headers.add("Vary", "Origin")
        if origin and let_in:
            response.headers["Access-Control-Allow-Origin"] = let_in
            response.headers.update(CORS_HEADERS)
        return response

    return edge


def _add_safety(headers: list[tuple[str, str]]) -> None:
    """Add what is not there. On the list itself: WebOb's view of it goes through all of it each time."""
    there = {name.lower(): value for name, value in headers}
    if "x-content-type-options" not in there:
        headers.append(("X-Content-Type-Options", "nosniff"))
    if "referrer-policy" not in there:
        headers.append(("Referrer-Policy", "same-origin"))
    if there.get("content-type", "").startswith("text/html") and "content-security-policy" not in there:
        headers.append(("Content-Security-Policy", NOTHING_ACTIVE))


def address_tween(handler: Handler, _registry: object) -> Handler:
    """Refuse addresses that are too long or no UTF-8 before anything looks at them."""

    def address(request: Request) -> Response:
        environ = request.environ
        path, query = environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", "")
        longest = request.services.settings.limits.url
        if len(path) + len(query) > longest:
            raise InvalidRequest("URL", f"is longer than {longest} bytes")
        if not path.isascii() or "\0" in path:
            try:
                text = path.encode("latin-1").decode("utf-8")
            except UnicodeError as error:
                raise InvalidRequest("URL", "is not valid UTF-8") from error
            if "\0" in text:
                raise InvalidRequest("URL", "has a NUL")
        return handler(request)

    return address
