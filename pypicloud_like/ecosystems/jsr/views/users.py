"""Users: oneself, with scopes, invites and tokens; and others, as everybody may see them."""

from __future__ import annotations

from datetime import datetime

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.policy import PACKAGE_ACTS, Act
from pypicloud_like.core.errors import InvalidRequest, LoginRequired, NotFound
from pypicloud_like.core.model import Scope, Token
from pypicloud_like.core.ports import Person
from pypicloud_like.core.records import time_text
from pypicloud_like.ecosystems.jsr import api, permissions
from pypicloud_like.ecosystems.jsr.errors import Malformed, Missing
from pypicloud_like.ecosystems.jsr.names import check_scope
from pypicloud_like.ecosystems.jsr.scopes import everything
from pypicloud_like.ecosystems.jsr.shapes import JsrMadeToken, JsrToken
from pypicloud_like.ecosystems.jsr.views.common import (
    answer,
    body_of,
    checked_id,
    nothing,
    person_by_id,
    person_of,
    require_person,
    require_user,
)
from pypicloud_like.ecosystems.jsr.views.members import invite_json, member_json, no_invite
from pypicloud_like.registry.services import Services


def me(request: Request) -> Response:
    """GET /api/user"""
    name = require_user(request)
    services = request.services
    account = request.caller.account
    told = api.full_user_json(
        person_of(services, name),
        staff=bool(account.admin),
        scopes=services.scopes.created_by(name),
        scope_limit=services.settings.jsr.scope_limit,
        invites=len(services.scopes.invites_of(name)),
    )
    return answer(told, lasting=False)


def my_scopes(request: Request) -> Response:
    """GET /api/user/scopes"""
    return answer([api.scope_json(each) for each in request.services.scopes.of_user(require_user(request))])


def my_membership(request: Request) -> Response:
    """GET /api/user/member/{scope}"""
    name, scope = require_user(request), check_scope(request.matchdict["scope"])
    member = request.services.scopes.member(scope, name)
    if member is None:
        raise Missing("scopeMemberNotFound", f"You are not a member of the scope @{scope}")
    return answer(member_json(request.services, member))


def my_invites(request: Request) -> Response:
    """GET /api/user/invites"""
    services = request.services
    found = services.scopes.invites_of(require_user(request))
    return answer([invite_json(services, each) for each in found])


def accept(request: Request) -> Response:
    """POST /api/user/invites/{scope}: become a member"""
    name, scope = require_user(request, Act.OWNERS), check_scope(request.matchdict["scope"])
    try:
        member = request.services.scopes.accept(scope, name)
    except NotFound as error:
        raise no_invite() from error
    return answer(member_json(request.services, member))


def decline(request: Request) -> Response:
    """DELETE of the same"""
    name, scope = require_user(request, Act.OWNERS), check_scope(request.matchdict["scope"])
    try:
        request.services.scopes.remove_invite(scope, name, actor=name)
    except NotFound as error:
        raise no_invite() from error
    return nothing()


def user(request: Request) -> Response:
    """GET /api/users/{id}"""
    return answer(api.user_json(_known_user(request)))


def scopes_of(request: Request) -> Response:
    """GET /api/users/{id}/scopes: those that the caller may know of"""
    services = request.services
    found = services.scopes.of_user(_known_user(request).name)
    may = services.guard.may
    readable = [each for each in found if may(request.caller, Act.READ, everything(each.name))]
    return answer([api.scope_json(each) for each in readable])


def tokens(request: Request) -> Response:
    """GET /api/user/tokens: without their secrets"""
    name = require_user(request)
    person = person_of(request.services, name)
    return answer([_token_json(each, person) for each in request.services.state.tokens(name)], lasting=False)


def make_token(request: Request) -> Response:
    """POST of the same with ``description``, ``expiresAt`` and ``permissions``; the secret is told once"""
    name = require_person(request)
    body = body_of(request)
    description = body.get("description")
    if not isinstance(description, str):
        raise Malformed("'description' must be a text")
    wanted = body.get("permissions")
    scope = Scope(frozenset(map(str, PACKAGE_ACTS)))
    if wanted is not None:
        scope = permissions.scope_of(permissions.read(wanted))
    services: Services = request.services
    try:
        secret, token = services.state.add_token(
            name, description, scope, expires_at=_expiry(body.get("expiresAt"))
        )
    except InvalidRequest as error:
        raise Malformed(str(error)) from error
    told = JsrMadeToken(secret=secret, token=_token_json(token, person_of(services, name)))
    return answer(told, lasting=False)


def end_token(request: Request) -> Response:
    """DELETE /api/user/tokens/{id}"""
    name = require_user(request, Act.OWNERS)
    try:
        request.services.state.revoke_token(name, checked_id(request.matchdict["id"]), actor=name)
    except NotFound as error:
        raise Missing("tokenNotFound", "There is no such token") from error
    return nothing()


def _known_user(request: Request) -> Person:
    """The user of the address. Where nothing is read without a login, users are not either."""
    if not request.services.guard.may(request.caller, Act.READ) and request.caller.name is None:
        raise LoginRequired
    return person_by_id(request, request.matchdict["id"])


def _expiry(text: object) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Malformed("'expiresAt' must be a time such as 2030-01-31T00:00:00Z")
    return moment


def _token_json(token: Token, person: Person) -> JsrToken:
    return {
        "id": token.id,
        "description": token.label,
        "userId": person.uuid,
        "type": "personal",
        "expiresAt": time_text(token.expires_at) if token.expires_at else None,
        "permissions": permissions.told(token.scope),
        "createdAt": time_text(token.created_at),
        "updatedAt": time_text(token.created_at),
    }
