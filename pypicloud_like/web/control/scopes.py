"""Scopes: which there are, who is in them, who was asked."""

from __future__ import annotations

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.core.errors import Conflict, NotFound
from pypicloud_like.core.ports import ScopeRecord
from pypicloud_like.http import forms
from pypicloud_like.registry.scoping import SCOPE_RULES, ScopeRules
from pypicloud_like.web.browse.common import query_of
from pypicloud_like.web.control.common import (
    Params,
    acting,
    administrator,
    confirmed,
    line,
    shown,
    to,
    turn_of,
)

_EACH = 50


def scopes(request: Request, *, fault: str = "", status: int = 200) -> Response:
    """GET /admin/scopes with ``q`` (a part of the name) and ``page``"""
    administrator(request)
    part = query_of(request).get("q", "").strip().lstrip("@")[:50]
    kept = request.services.scopes
    size = kept.some(containing=part, limit=1)[1]
    turn = turn_of(request, size, each=_EACH, label="Scopes", keep=("q",))
    found, _ = kept.some(containing=part, start=turn.start, limit=_EACH)
    rules = _rules(request)
    told = [
        (each, len(kept.members(each.name)), rules.packages(request.services.cache, each.name))
        for each in found
    ]
    return shown(
        request, "scopes", "scopes", fault=fault, status=status, sought=part, found=told, size=size, turn=turn
    )


def scope(request: Request, *, fault: str = "", status: int = 200) -> Response:
    """GET /admin/scopes/{scope}"""
    administrator(request)
    record = _scope(request)
    services = request.services
    return shown(
        request,
        "scopes",
        "scope",
        fault=fault,
        status=status,
        scope=record,
        members=services.scopes.members(record.name),
        invites=services.scopes.invites(record.name),
        packages=_rules(request).packages(services.cache, record.name),
    )


def _rules(request: Request) -> ScopeRules:
    rules: ScopeRules = request.registry[SCOPE_RULES]
    return rules


def _scope(request: Request) -> ScopeRecord:
    record: ScopeRecord | None = request.services.scopes.scope(request.matchdict["scope"])
    if record is None:
        raise NotFound("The scope")
    return record


def _add(request: Request, params: Params) -> Response:
    rules, name = _rules(request), line(params, "scope").removeprefix("@")
    description = rules.description(line(params, "description", empty=True))
    made = rules.make(request.services, name, creator=request.caller.account, description=description)
    return to(request, f"/admin/scopes/{made.name}", done="scope-added")


def _change(request: Request, params: Params) -> str:
    description = _rules(request).description(line(params, "description", empty=True))
    request.services.scopes.update(
        _scope(request).name,
        actor=request.caller.name,
        description=description,
        ci_only=forms.boolean(params, "ci_only", default=False),
        verify_actor=forms.boolean(params, "verify_actor", default=False),
    )
    return "scope-changed"


def _remove(request: Request, params: Params) -> Response:
    name = _scope(request).name
    confirmed(params, f"@{name}")
    if _rules(request).packages(request.services.cache, name):
        raise Conflict(f"@{name} has packages: a scope goes when nothing is in it")
    request.services.scopes.remove(name, actor=request.caller.name)
    return to(request, "/admin/scopes", done="scope-removed")


def _set_admin(request: Request, params: Params) -> str:
    admin = forms.boolean(params, "admin")
    name = _scope(request).name
    request.services.scopes.set_admin(name, line(params, "user"), admin, actor=request.caller.name)
    return "member-admin" if admin else "member-plain"


def _remove_member(request: Request, params: Params) -> str:
    name = _scope(request).name
    request.services.scopes.remove_member(name, line(params, "user"), actor=request.caller.name)
    return "member-removed"


def _invite(request: Request, params: Params) -> str:
    services, name = request.services, line(params, "user")
    account = services.access.account(name)
    if account is None:
        raise NotFound(f"The user {name[:100]}")
    if services.scopes.invite(_scope(request).name, account.name, inviter=request.caller.name) is None:
        raise Conflict(f"{account.name} was invited already")
    return "invited"


def _remove_invite(request: Request, params: Params) -> str:
    name = _scope(request).name
    request.services.scopes.remove_invite(name, line(params, "user"), actor=request.caller.name)
    return "invite-removed"


change_scopes = acting(scopes, {"add": _add})
change_scope = acting(
    scope,
    {
        "change": _change,
        "remove": _remove,
        "admin": _set_admin,
        "remove-member": _remove_member,
        "invite": _invite,
        "remove-invite": _remove_invite,
    },
)
