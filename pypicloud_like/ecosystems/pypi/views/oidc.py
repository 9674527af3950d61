"""Trusted publishing as PyPI's clients do it: uv, twine, pdm, the publishing actions of forges.

They ask at the root of the host, whatever path the index has, and over https.
"""

from __future__ import annotations

import json

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.core.errors import IdentityRefused, InvalidRequest
from pypicloud_like.core.model import PYPI
from pypicloud_like.ecosystems.pypi.shapes import Message, Nothing, OidcAudience, OidcMinted, OidcRefused
from pypicloud_like.http import answers
from pypicloud_like.http.forms import parse_json_object, read_body, text
from pypicloud_like.registry import trusted

DIALECT = "oidc"
_LARGEST = 64 * 1024
_REFUSED = 422


def tell(_request: Request, status: int, sentence: str, key: str) -> Response:
    """An error answer as these clients show it: each of ``errors`` has a code and a description."""
    message = "Token request failed" if status == _REFUSED else sentence
    body = OidcRefused(message=message, errors=[{"code": key, "description": sentence}])
    response = Response(json.dumps(body).encode(), status=status)
    response.headers["Content-Type"] = "application/json"
    return response


def audience(request: Request) -> Response:
    """GET /_/oidc/audience: what the job is to ask its issuer for."""
    try:
        issuers = trusted.issuers(request.services)
        issuers.require_library()
    except IdentityRefused as error:
        return answers.answer_json(Message(message=str(error)), status=403)
    return answers.answer_json(OidcAudience(audience=issuers.audience))


def mint(request: Request) -> Response:
    """POST /_/oidc/mint-token (and /_/oidc/github/mint-token) with ``{"token": identity token}``, whatever
    its type is said to be.
    """
    trusted.issuers(request.services).require_library()
    minted = trusted.exchange(request.services, PYPI, _token(request))
    expires = int(minted.expires_at.timestamp())
    return _uncached(OidcMinted(success=True, token=minted.secret, expires=expires))


def burn(request: Request) -> Response:
    """POST /_/oidc/burn-token with ``{"token": upload token}``: it ends. The answer says nothing of whether
    there was such a token.
    """
    trusted.give_back(request.services, _token(request))
    return _uncached(Nothing(), status=202)


def _token(request: Request) -> str:
    try:
        return text(parse_json_object(read_body(request, _LARGEST)), "token", most=_LARGEST)
    except InvalidRequest as error:
        raise IdentityRefused("invalid-payload", f"The body must be a JSON object: {error}") from error


def _uncached(told: object, *, status: int = 200) -> Response:
    response = answers.answer_json(told, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response
