"""Oneself in the crates.io HTTP API: what one owns and follows, and one's tokens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.names import parse_pattern
from pypicloud_like.access.policy import PACKAGE_ACTS, Act
from pypicloud_like.core.errors import Forbidden, InvalidRequest, NotFound
from pypicloud_like.core.model import Project, Scope, Token
from pypicloud_like.core.records import time_text
from pypicloud_like.ecosystems.cargo import api
from pypicloud_like.ecosystems.cargo.account_shapes import (
    CargoToken,
    CargoTokens,
    CrateMyself,
    MadeCargoToken,
    Me,
    OneCargoToken,
    OwnedCrate,
    Updates,
)
from pypicloud_like.ecosystems.cargo.names import CARGO
from pypicloud_like.ecosystems.cargo.views.common import require_login
from pypicloud_like.ecosystems.cargo.views.labels import readable_entries
from pypicloud_like.ecosystems.cargo.views.paging import number_of, query_of
from pypicloud_like.ecosystems.cargo.views.versions import versions_json
from pypicloud_like.http import answers
from pypicloud_like.http.forms import parse_json_object, read_body
from pypicloud_like.http.security import require
from pypicloud_like.registry.services import Services

ENDPOINT_ACTS = {
    "publish-new": Act.CREATE,
    "publish-update": Act.WRITE,
    "yank": Act.YANK,
    "change-owners": Act.OWNERS,
}
"""What crates.io calls the acts that a token may be limited to. Reading is always among them."""
_MOST_SCOPES = 50
_PAGE = 10


def me(request: Request) -> Response:
    """GET /api/v1/me"""
    name = require_login(request)
    services: Services = request.services
    owned = services.state.owned(name)
    person = services.people.person(name)
    told: CrateMyself = {
        **api.user_json(person),
        "email": None,
        "email_verified": True,
        "email_verification_sent": True,
        "is_admin": bool(request.caller.account.admin),
        "publish_notifications": False,
    }
    crates = [
        OwnedCrate(id=entry.number, name=entry.name, email_notifications=False)
        for entry in readable_entries(request)
        if entry.project in owned
    ]
    return _private(Me(user=told, owned_crates=crates))


def updates(request: Request) -> Response:
    """GET /api/v1/me/updates: versions of the crates one follows, the newest first, with paging"""
    name = require_login(request)
    services: Services = request.services
    query = query_of(request)
    number, size = number_of(query, "page", 1, None), number_of(query, "per_page", _PAGE, 100)
    followed = set(services.people.followed(name))
    files = [
        file
        for entry in readable_entries(request)
        if entry.project in followed
        for file in services.cache.described(entry.project)
    ]
    files.sort(key=lambda file: (file.uploaded_at, file.version), reverse=True)
    page = files[(number - 1) * size : number * size]
    told = [each for file in page for each in versions_json(request, file.project, [file])]
    return _private(Updates(versions=told, meta={"more": number * size < len(files)}))


def tokens(request: Request) -> Response:
    """GET /api/v1/me/tokens: without their secrets"""
    name = require_login(request)
    require(request, Act.ACCOUNT)
    known = request.services.state.tokens(name)
    return _private(CargoTokens(api_tokens=[_token_json(each) for each in known]))


def new_token(request: Request) -> Response:
    """PUT of the same with ``api_token``: ``name``, ``crate_scopes``, ``endpoint_scopes``, ``expired_at``.
    The secret is told this once.
    """
    name = require_login(request)
    require(request, Act.ACCOUNT)
    if request.caller.via == "token":
        raise Forbidden("A token cannot make tokens: use your password")
    services: Services = request.services
    body = parse_json_object(read_body(request, services.settings.limits.json) or b"{}")
    asked = body.get("api_token")
    if not isinstance(asked, dict) or not isinstance(asked.get("name"), str):
        raise InvalidRequest("", "the body must have an `api_token` with a `name`")
    secret, token = services.state.add_token(
        name, asked["name"], _scope(asked), expires_at=_expiry(asked.get("expired_at"))
    )
    return _private(MadeCargoToken(api_token={**_token_json(token), "token": secret}))


def token(request: Request) -> Response:
    """GET /api/v1/me/tokens/{id}"""
    name = require_login(request)
    require(request, Act.ACCOUNT)
    for each in request.services.state.tokens(name):
        if each.id == request.matchdict["id"]:
            return _private(OneCargoToken(api_token=_token_json(each)))
    raise NotFound("token")


def revoke(request: Request) -> Response:
    """DELETE of the same"""
    name = require_login(request)
    require(request, Act.ACCOUNT)
    request.services.state.revoke_token(name, request.matchdict["id"], actor=name)
    return _private({})


def revoke_current(request: Request) -> Response:
    """DELETE /api/v1/tokens/current: the token that asks ends itself"""
    caller = request.caller
    name = require_login(request)
    if caller.via != "token":
        raise InvalidRequest("", "only a token can end itself so")
    request.services.state.revoke_token(name, caller.credential, actor=name)
    return Response(status=204, headerlist=[("Cache-Control", "no-store")])


def _private(told: Mapping[str, Any]) -> Response:
    response = answers.answer_json(told)
    response.headers["Cache-Control"] = "no-store"
    return response


def _scope(asked: Mapping[str, Any]) -> Scope:
    """What is asked for in crates.io's words. Without any, the token is for everything with packages.

    :raises InvalidRequest: the words are none of these
    """
    acts = PACKAGE_ACTS
    endpoints = _words(asked, "endpoint_scopes")
    if endpoints is not None:
        unknown = [word for word in endpoints if word not in ENDPOINT_ACTS]
        if unknown:
            known = ", ".join(ENDPOINT_ACTS)
            raise InvalidRequest("", f"unknown endpoint scope `{unknown[0][:50]}`; known are {known}")
        acts = frozenset({Act.READ, *(ENDPOINT_ACTS[word] for word in endpoints)})
    crates = _words(asked, "crate_scopes")
    if crates is None or "*" in crates:
        return Scope(frozenset(map(str, acts)))
    return Scope(frozenset(map(str, acts)), frozenset(parse_pattern(f"cargo:{each}") for each in crates))


def _words(asked: Mapping[str, Any], key: str) -> list[str] | None:
    given = asked.get(key)
    if given is None or given == []:
        return None
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        raise InvalidRequest("", f"`{key}` must be a list of texts")
    if len(given) > _MOST_SCOPES:
        raise InvalidRequest("", f"`{key}` may have at most {_MOST_SCOPES} texts")
    return given


def _expiry(text: object) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InvalidRequest("", "`expired_at` must be a time such as 2030-01-31T00:00:00Z")
    return moment


def _token_json(token: Token) -> CargoToken:
    words = {act: word for word, act in ENDPOINT_ACTS.items()}
    limited = frozenset(token.scope.actions) != frozenset(map(str, PACKAGE_ACTS))
    endpoints = sorted(words[act] for act in map(Act, token.scope.actions) if act in words)
    return {
        "id": token.id,
        "name": token.label,
        "created_at": time_text(token.created_at),
        "last_used_at": time_text(token.last_used_at) if token.last_used_at else None,
        "expired_at": time_text(token.expires_at) if token.expires_at else None,
        "crate_scopes": _crates(token.scope.projects),
        "endpoint_scopes": endpoints if limited else None,
    }


def _crates(projects: frozenset[Project] | None) -> list[str] | None:
    if projects is None:
        return None
    return sorted(each.name for each in projects if each.ecosystem == CARGO)
