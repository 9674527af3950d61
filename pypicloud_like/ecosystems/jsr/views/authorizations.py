"""Device authorization: a program asks for a token, a person approves it, the program fetches it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from datetime import timedelta

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.policy import PACKAGE_ACTS
from pypicloud_like.core.errors import NotFound, TooManyAttempts
from pypicloud_like.core.model import Scope
from pypicloud_like.core.ports import Authorization
from pypicloud_like.core.records import time_text
from pypicloud_like.ecosystems.jsr import api, permissions
from pypicloud_like.ecosystems.jsr.errors import Malformed, Missing, Refused
from pypicloud_like.ecosystems.jsr.shapes import JsrAuthorization, JsrAuthorizationDetails, JsrExchanged
from pypicloud_like.ecosystems.jsr.views.common import answer, body_of, nothing, person_of, require_person
from pypicloud_like.http.security import client_address
from pypicloud_like.http.urls import base_url
from pypicloud_like.registry.services import Services

POLL_INTERVAL = 2
"""Seconds."""
TOKEN_LIFETIME = timedelta(hours=1)
_CHALLENGE = re.compile(r"[A-Za-z0-9+/]{43}=\Z")
_LONGEST_VERIFIER = 200
_MOST_ASKED, _WITHIN = 300, 600
"""How often one address may ask, in how many seconds."""


def begin(request: Request) -> Response:
    """POST /api/authorizations with ``challenge`` (base64 of the SHA-256 of the verifier) and
    ``permissions``
    """
    _slow_down(request)
    body = body_of(request)
    challenge = body.get("challenge")
    if not isinstance(challenge, str) or not _CHALLENGE.match(challenge):
        raise Malformed("'challenge' must be a SHA-256 digest in base64")
    wanted = body.get("permissions")
    asked = None if wanted is None else permissions.read(wanted)
    secret, made = request.services.authorizations.begin(challenge, asked)
    told: JsrAuthorization = {
        "verificationUrl": f"{base_url(request)}/auth",
        "code": made.code,
        "exchangeToken": secret,
        "pollInterval": POLL_INTERVAL,
        "expiresAt": time_text(made.expires_at),
    }
    return answer(told, lasting=False)


def details(request: Request) -> Response:
    """GET /api/authorizations/details/{code}"""
    found: Authorization | None = request.services.authorizations.by_code(request.matchdict["code"])
    if found is None:
        raise _unknown()
    wanted = None if found.permissions is None else [json.loads(each) for each in found.permissions]
    expiry = time_text(found.expires_at)
    told = JsrAuthorizationDetails(code=found.code, permissions=wanted, expiresAt=expiry)
    return answer(told, lasting=False)


def approve(request: Request) -> Response:
    """POST /api/authorizations/approve/{code}"""
    return _decide(request, approved=True)


def deny(request: Request) -> Response:
    """POST /api/authorizations/deny/{code}"""
    return _decide(request, approved=False)


def exchange(request: Request) -> Response:
    """POST /api/authorizations/exchange with ``exchangeToken`` and ``verifier``: a token, once"""
    body = body_of(request)
    secret, verifier = body.get("exchangeToken"), body.get("verifier")
    if not isinstance(secret, str) or not isinstance(verifier, str) or len(verifier) > _LONGEST_VERIFIER:
        raise Malformed("'exchangeToken' and 'verifier' must be texts")
    services: Services = request.services
    found = services.authorizations.exchange(secret)
    user = _approved(services, found, verifier)
    assert found is not None
    token, _ = services.state.add_token(
        user, "deno", _scope(found), expires_at=services.clock() + TOKEN_LIFETIME
    )
    told = JsrExchanged(token=token, user=api.user_json(person_of(services, user)))
    return answer(told, lasting=False)


def _slow_down(request: Request) -> None:
    """Anybody may ask, and each question is kept until it expires.

    :raises TooManyAttempts: this address has asked too often
    """
    state = request.services.state
    bucket = f"authorization:{client_address(request)}"
    wait = state.blocked(bucket, limit=_MOST_ASKED, window=_WITHIN)
    if wait:
        raise TooManyAttempts(wait)
    state.count_failure(bucket, limit=_MOST_ASKED, window=_WITHIN)


def _decide(request: Request, *, approved: bool) -> Response:
    user = require_person(request)
    try:
        request.services.authorizations.decide(request.matchdict["code"], user=user, approved=approved)
    except NotFound as error:
        raise _unknown() from error
    return nothing()


def _approved(services: Services, found: Authorization | None, verifier: str) -> str:
    """Who approved it.

    :raises Missing, Refused: nobody did, or whoever asks now is not who asked then
    """
    if found is None:
        raise _unknown()
    if found.expires_at <= services.clock():
        raise Refused("authorizationExpired", "The authorization has expired")
    if found.approved is None:
        raise Refused("authorizationPending", "The authorization waits for its approval")
    if not found.approved or found.user is None or services.access.account(found.user) is None:
        raise Refused("authorizationDenied", "The authorization was denied")
    proof = base64.b64encode(hashlib.sha256(verifier.encode("utf-8", "surrogatepass")).digest()).decode()
    if not hmac.compare_digest(proof, found.challenge):
        raise Refused("authorizationInvalidVerifier", "The verifier is not that of the challenge")
    return found.user


def _scope(found: Authorization) -> Scope:
    if found.permissions is None:
        return Scope(frozenset(map(str, PACKAGE_ACTS)))
    return permissions.scope_of(found.permissions)


def _unknown() -> Missing:
    return Missing("authorizationNotFound", "There is no such authorization; it may have expired")
