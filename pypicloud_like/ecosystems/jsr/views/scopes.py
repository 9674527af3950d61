"""Scopes: make, look at, change and remove them."""

from __future__ import annotations

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.policy import Act
from pypicloud_like.core.errors import Forbidden
from pypicloud_like.core.model import Project
from pypicloud_like.core.ports import ScopeRecord
from pypicloud_like.ecosystems.jsr import api, scopes
from pypicloud_like.ecosystems.jsr.errors import Disallowed, Malformed, Refused
from pypicloud_like.ecosystems.jsr.names import JSR, check_scope
from pypicloud_like.ecosystems.jsr.shapes import JsrFullScope
from pypicloud_like.ecosystems.jsr.views.common import (
    answer,
    body_of,
    is_admin,
    known_scope,
    nothing,
    only_key,
    packages_of,
    person_of,
    require_admin,
    require_user,
)
from pypicloud_like.http.security import require


def make(request: Request) -> Response:
    """POST /api/scopes with ``scope`` and ``description``: for whoever may publish new names."""
    require_user(request)
    body = body_of(request)
    name = body.get("scope")
    if not isinstance(name, str):
        raise Malformed("'scope' must be the name of the scope")
    check_scope(name)
    description = scopes.check_scope_description(body.get("description"))
    require_user(request, Act.CREATE, scopes.everything(name))
    if request.services.scopes.scope(name) is None:
        _require_create(request, name)
    made = scopes.make_scope(request.services, name, creator=request.caller.account, description=description)
    return answer(api.scope_json(made))


def get(request: Request) -> Response:
    """GET /api/scopes/{scope}: with its limits and settings for its admins"""
    scope = known_scope(request)
    return answer(_full(request, scope) if is_admin(request, scope) else api.scope_json(scope))


def change(request: Request) -> Response:
    """PATCH of the same with just one of ``ghActionsVerifyActor``, ``requirePublishingFromCI``,
    ``description``
    """
    scope = known_scope(request)
    user = require_admin(request, scope, Act.OWNERS)
    body = body_of(request)
    key = only_key(body, ("ghActionsVerifyActor", "requirePublishingFromCI", "description"))
    update = request.services.scopes.update
    if key == "description":
        text = scopes.check_scope_description(body[key])
        return answer(_full(request, update(scope.name, actor=user, description=text)))
    if not isinstance(body[key], bool):
        raise Malformed(f"'{key}' must be true or false")
    if key == "requirePublishingFromCI":
        return answer(_full(request, update(scope.name, actor=user, ci_only=body[key])))
    return answer(_full(request, update(scope.name, actor=user, verify_actor=body[key])))


def remove(request: Request) -> Response:
    """DELETE of the same, if nothing is in it"""
    scope = known_scope(request)
    user = require_admin(request, scope, Act.DELETE)
    if scopes.has_contents(request.services, scope.name):
        raise Refused("scopeNotEmpty", f"@{scope.name} has packages")
    request.services.scopes.remove(scope.name, actor=user)
    return nothing()


def _full(request: Request, scope: ScopeRecord) -> JsrFullScope:
    services = request.services
    used = scopes.quotas(services, scope.name, packages_of(request, scope.name))
    return api.full_scope_json(scope, person_of(services, scope.creator), used)


def _require_create(request: Request, name: str) -> None:
    """:raises Disallowed: the caller may not publish new names"""
    try:
        require(request, Act.WRITE, Project(JSR, f"@{name}/*"), exists=False)
    except Forbidden as error:
        raise Disallowed("actorNotAuthorized", "You may not publish new names here") from error
