"""Each domain error, mapped once to a status, and told in the dialect of the protocol asked.

Dialects: ``pip`` (the sentence in the status line and as text; JSON for clients that prefer it, HTML
for browsers), ``api`` (pypicloud's ``{"error", "message"}``, with ``code`` for uv); an ecosystem brings
its own with :func:`add_dialect`.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from html import escape
from http import HTTPStatus
from typing import Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPException, HTTPNotFound
from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.core import errors
from pypicloud_like.http.negotiate import read_accept
from pypicloud_like.http.request_ids import request_id
from pypicloud_like.http.routing import dialect_of, speaks

log = logging.getLogger(__name__)

STATUS: dict[type[errors.RegistryError], int] = {
    errors.NotFound: 404,
    errors.AlreadyExists: 409,
    errors.Conflict: 409,
    errors.LoginRequired: 401,
    errors.Forbidden: 403,
    errors.InvalidRequest: 400,
    errors.TooLarge: 413,
    errors.TooManyAttempts: 429,
    errors.MethodNotAllowed: 405,
    errors.UnsupportedMedia: 415,
    errors.NotAcceptable: 406,
    errors.ReadOnlyBackend: 409,
    errors.NotEnabled: 403,
    errors.IdentityRefused: 422,
    errors.Unavailable: 503,
    errors.UpstreamFailed: 502,
    errors.UpstreamTimedOut: 504,
    errors.NoSpace: 507,
    errors.MissingBytes: 503,
}
_LONGEST_REASON = 300
_DIALECTS = "pypicloud_like.dialects"

Teller = Callable[[Request, int, str, str], Response]
"""Gives the error answer for (request, status, sentence, key); the key is the error's short name."""


def status_of(error: errors.RegistryError) -> int:
    """The status of an error or of the nearest of its base classes."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def add_dialect(config: Configurator, name: str, teller: Teller, *prefixes: str) -> None:
    """Teach a way of telling errors. Unknown addresses below ``prefixes`` are answered in it too."""
    config.registry.setdefault(_DIALECTS, {})[name] = teller
    speaks(config, name, *prefixes)


def includeme(config: Configurator) -> None:
    """Register the exception views and our own dialects."""
    add_dialect(config, "pip", _as_pip)
    add_dialect(config, "api", _as_api, "/api/", "/admin/")
    config.add_exception_view(_domain_error, context=errors.RegistryError)
    config.add_exception_view(_framework_error, context=HTTPException)
    config.add_exception_view(_bad_bytes, context=UnicodeDecodeError)
    config.add_exception_view(_bug, context=Exception)
    config.add_notfound_view(_unknown_path)


def _domain_error(error: errors.RegistryError, request: Request) -> Response:
    status = status_of(error)
    if status >= 500:
        log.error("%s: %s (%s)", type(error).__name__, error, _cause(error))
    headers = _headers(error, request)
    return tell(request, status, str(error), key=_key(error), headers=headers)


def _framework_error(error: HTTPException, request: Request) -> Response:
    if error.status_code < 400:
        return error
    return tell(request, error.status_code, error.title or error.status)


def _unknown_path(_error: HTTPNotFound, request: Request) -> Response:
    return tell(request, 404, "Not found", key="not_found")


def _bad_bytes(_error: UnicodeDecodeError, request: Request) -> Response:
    return tell(request, 400, "The address is not valid UTF-8", key="invalid")


def _bug(error: Exception, request: Request) -> Response:
    log.error("internal error at %r", request.environ.get("PATH_INFO"), exc_info=error)
    return tell(request, 500, "Internal error", key="internal")


def tell(
    request: Request,
    status: int,
    sentence: str,
    *,
    key: str = "unknown",
    headers: dict[str, str] | None = None,
) -> Response:
    """An error answer in the dialect of the request's route. Where the fault is ours, or that of what we
    depend on, the answer names the request, by whose id the log finds what happened.
    """
    sentence = " ".join(sentence.split()) or HTTPStatus(status).phrase
    request.services.metrics.failed(key)
    if status >= 500:
        sentence += f" (request {request_id(request.environ)})"
    teller: Teller = request.registry[_DIALECTS][dialect_of(request)]
    response = teller(request, status, sentence, key)
    for name, value in (headers or {}).items():
        response.headers.setdefault(name, value)  # a dialect may have its own
    response.headers["Cache-Control"] = "no-store"
    return response


def _as_api(_request: Request, status: int, sentence: str, key: str) -> Response:
    line = _status_line(status, sentence)
    return _json(line, {"error": key, "message": sentence, "code": line})


def _as_pip(request: Request, status: int, sentence: str, key: str) -> Response:
    line = _status_line(status, sentence)
    accept = read_accept(request.headers.get("Accept"))
    offers = accept.acceptable_offers(["text/plain", "application/json", "text/html"])
    kind = offers[0][0] if offers else "text/plain"
    if kind == "application/json":
        title = HTTPStatus(status).phrase
        return _json(line, {"code": line, "message": sentence, "title": title, "error": key})
    if kind == "text/html":
        page = f"<!DOCTYPE html>\n<title>{escape(line)}</title>\n<h1>{escape(sentence)}</h1>\n"
        return _text(line, page, "text/html")
    return _text(line, sentence + "\n", "text/plain")


def _json(line: str, data: dict[str, Any]) -> Response:
    """Uv reads JSON errors only under a bare ``application/json``."""
    response = Response(json.dumps(data).encode(), status=line)
    response.headers["Content-Type"] = "application/json"
    return response


def _text(line: str, body: str, kind: str) -> Response:
    return Response(body.encode(), status=line, content_type=kind, charset="utf-8")


def _status_line(status: int, sentence: str) -> str:
    """Many clients print only the status line: Latin-1, one line, not too long (RFC 9112 §4)."""
    reason = sentence.encode("latin-1", "replace").decode("latin-1")
    reason = "".join(char if char.isprintable() else "?" for char in reason)
    return f"{status} {reason[:_LONGEST_REASON]}"


def _cause(error: BaseException) -> str:
    """The first line of what lies behind an error; for the log alone."""
    behind = error.__cause__ or error.__context__
    return f"{type(behind).__name__}: {behind}".splitlines()[0][:500] if behind else "no cause"


def _key(error: errors.RegistryError) -> str:
    if error.error_code:
        return error.error_code
    words = [char if char.islower() else f"_{char.lower()}" for char in type(error).__name__]
    return "".join(words).lstrip("_")


def _headers(error: errors.RegistryError, request: Request) -> dict[str, str]:
    match error:
        case errors.LoginRequired():
            realm = request.registry.services.settings.access.realm.replace('"', "'")
            return {"WWW-Authenticate": f'Basic realm="{realm}", charset="UTF-8"'}
        case errors.MethodNotAllowed():
            return {"Allow": ", ".join(error.allowed)}
        case errors.TooManyAttempts() | errors.Unavailable():
            return {"Retry-After": str(error.retry_after)}
        case errors.NotAcceptable():
            return {"Vary": "Accept"}
    return {}
