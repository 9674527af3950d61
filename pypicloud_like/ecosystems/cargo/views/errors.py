"""How errors are told to cargo: ``{"errors": [{"detail": …}]}``, and where to log in."""

from __future__ import annotations

import json
from http import HTTPStatus

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.core.errors import InvalidRequest
from pypicloud_like.ecosystems.cargo.shapes import CargoError
from pypicloud_like.http.urls import base_url

DIALECT = "cargo"


def tell(request: Request, status: int, sentence: str, key: str) -> Response:
    """An error answer as cargo and clients of the crates.io API read it: ``detail`` is shown to people.
    The other keys are those of errors everywhere below ``/api/``. A status of 401 names the page where
    tokens are made, in the challenge that cargo looks for (RFC 9110, section 11.6.1; RFC 3139 of Rust).
    """
    line = f"{status} {HTTPStatus(status).phrase}"
    body: CargoError = {"errors": [{"detail": sentence}], "code": line, "error": key, "message": sentence}
    response = Response(json.dumps(body).encode(), status=status)
    response.headers["Content-Type"] = "application/json"
    if status == 401:
        response.headers["WWW-Authenticate"] = _challenge(request)
    return response


def _challenge(request: Request) -> str:
    realm = request.services.settings.access.realm.replace('"', "'")
    basic = f'Basic realm="{realm}", charset="UTF-8"'
    try:
        return f'Cargo login_url="{base_url(request)}/me", {basic}'
    except InvalidRequest:  # the Host is none of ours: no address of ours can be named
        return basic
