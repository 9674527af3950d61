"""Trusted publishing as crates.io has it: a job exchanges its identity token, and gives its token back."""

from __future__ import annotations

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.tokens import looks_like_token
from pypicloud_like.core.errors import Forbidden, IdentityRefused, InvalidRequest, LoginRequired
from pypicloud_like.ecosystems.cargo.account_shapes import JobToken
from pypicloud_like.ecosystems.cargo.names import CARGO
from pypicloud_like.http import answers
from pypicloud_like.http.forms import parse_json_object, read_body, text
from pypicloud_like.registry import trusted

_LARGEST = 64 * 1024


def exchange(request: Request) -> Response:
    """POST /api/v1/trusted_publishing/tokens (PUT as it was at first) with ``{"jwt": identity token}``."""
    try:
        trusted.issuers(request.services).require_library()
        body = parse_json_object(read_body(request, _LARGEST))
        minted = trusted.exchange(request.services, CARGO, text(body, "jwt", most=_LARGEST))
    except IdentityRefused as error:
        if error.error_code == "not-enabled":
            raise Forbidden(str(error)) from error
        raise InvalidRequest("", str(error)) from error
    response = answers.answer_json(JobToken(token=minted.secret))
    response.headers["Cache-Control"] = "no-store"
    return response


def revoke(request: Request) -> Response:
    """DELETE of the same: the token that is sent along ends. One that has ended already is no fault: a job
    that took long could not know.
    """
    scheme, _, secret = request.environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "bearer" or not looks_like_token(secret.strip()):
        raise LoginRequired
    if not trusted.give_back(request.services, secret.strip()):
        raise Forbidden("This is no token of a job: /api/v1/tokens/current ends it")
    return Response(status=204, headerlist=[("Cache-Control", "no-store")])
