"""How errors are told to deno: ``{"code", "message"}``, with the codes of the JSR API."""

from __future__ import annotations

import json

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.ecosystems.jsr.shapes import JsrError

DIALECT = "jsr"

_CODES = {
    "invalid": "malformedRequest",
    "invalid_request": "malformedRequest",
    "invalid_upload": "malformedRequest",
    "unsupported_media": "malformedRequest",
    "internal": "internalServerError",
}
"""The codes of errors that every protocol knows."""


def tell(request: Request, status: int, sentence: str, key: str) -> Response:
    """An error answer as deno shows it: the sentence, and the code in brackets. ``error`` is what errors
    everywhere below ``/api/`` have.
    """
    body: JsrError = {"code": code_of(request, key), "message": sentence, "error": key}
    response = Response(json.dumps(body).encode(), status=status)
    response.headers["Content-Type"] = "application/json"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def code_of(request: Request, key: str) -> str:
    """The code of an error by its short name; errors that have a code are called by it."""
    if key in _CODES:
        return _CODES[key]
    match key:
        case "not_found":
            return _missing(request)
        case "login_required":
            sent = request.environ.get("HTTP_AUTHORIZATION")
            return "invalidBearerToken" if sent else "missingAuthentication"
        case "forbidden":
            return "actorNotAuthorized"
        case "out_of_scope":
            return "missingPermission"
    first, *rest = key.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _missing(request: Request) -> str:
    named = request.matchdict or {}
    for part, code in (("package", "packageNotFound"), ("scope", "scopeNotFound")):
        if part in named:
            return code
    return "notFound"
