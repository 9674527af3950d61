"""One's scopes: who is in them, and for their administrators who shall be."""

from __future__ import annotations

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.core.errors import Forbidden, NotFound
from pypicloud_like.core.ports import Member
from pypicloud_like.registry.services import Services
from pypicloud_like.web.control.common import Deed, Params, acting, to, told
from pypicloud_like.web.membership import DEEDS, make, rules_of, scope_of
from pypicloud_like.web.pages import page
from pypicloud_like.web.people import require_person


def mine(request: Request, *, fault: str = "", status: int = 200) -> Response:
    """GET /account/scopes"""
    name = require_person(request)
    services: Services = request.services
    kept, packages = services.scopes, rules_of(request).packages(services.cache)
    return page(
        request,
        "account/scopes.jinja2",
        status=status,
        **told(request, fault),
        scopes=[
            (each, kept.member(each.name, name), packages.get(each.name, 0)) for each in kept.of_user(name)
        ],
    )


def scope(request: Request, *, fault: str = "", status: int = 200) -> Response:
    """GET /account/scopes/{scope}, for its members"""
    name = require_person(request)
    member = _membership(request, name)
    services: Services = request.services
    record = scope_of(request)
    return page(
        request,
        "account/scope.jinja2",
        status=status,
        **told(request, fault),
        scope=record,
        members=services.scopes.members(record.name),
        invites=services.scopes.invites(record.name) if member.admin else (),
        packages=rules_of(request).packages(services.cache).get(record.name, 0),
        may_change=member.admin,
    )


def _membership(request: Request, name: str) -> Member:
    """:raises NotFound: there is no such scope, or it is none of theirs"""
    member: Member | None = request.services.scopes.member(scope_of(request).name, name)
    if member is None:
        raise NotFound("The scope")
    return member


def _who(request: Request) -> str:
    """A member. :raises LoginRequired, Forbidden, NotFound: it is none, or no person"""
    name = require_person(request)
    _membership(request, name)
    return name


def _by_admins(deed: Deed) -> Deed:
    def act(request: Request, params: Params) -> str | Response:
        if not _membership(request, request.caller.name).admin:
            raise Forbidden("Only administrators of the scope change it")
        return deed(request, params)

    return act


def _leave(request: Request, _params: Params) -> Response:
    name: str = request.caller.name
    request.services.scopes.remove_member(_membership(request, name).scope, name, actor=name)
    return to(request, "/account/scopes", done="scope-left")


change_scopes = acting(mine, {"add": make}, require_person)
change_scope = acting(
    scope, {name: _by_admins(deed) for name, deed in DEEDS.items()} | {"leave": _leave}, _who
)
