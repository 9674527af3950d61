"""Users: who waits for approval, who is there, and everything about one of them."""

from __future__ import annotations

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.names import user_name
from pypicloud_like.core.errors import NotFound
from pypicloud_like.core.model import Account
from pypicloud_like.core.ports import MutableAccess
from pypicloud_like.core.spelling import normal_form
from pypicloud_like.http import forms
from pypicloud_like.http.urls import base_url
from pypicloud_like.registry import inviting
from pypicloud_like.web.browse.common import query_of
from pypicloud_like.web.control.common import (
    Params,
    access_of,
    acting,
    administrator,
    confirmed,
    line,
    shown,
    to,
    turn_of,
)

_EACH = 50


def users(request: Request, *, fault: str = "", status: int = 200, invitation: str = "") -> Response:
    """GET /admin/users with ``q`` (a part of the name) and ``page``"""
    administrator(request)
    access = request.services.access
    query = query_of(request)
    part = query.get("q", "").strip()[:100]
    found = [each for each in access.accounts() if normal_form(part) in each.name]
    turn = turn_of(request, len(found), each=_EACH, label="Users", keep=("q",))
    may_change = isinstance(access, MutableAccess)
    return shown(
        request,
        "users",
        "users",
        fault=fault,
        status=status,
        sought=part,
        found=found[turn.start : turn.end],
        size=len(found),
        turn=turn,
        waiting=access.pending_users() if may_change else (),
        registration=may_change and access.registration(),
        invitation=invitation,
        days=request.services.settings.access.token_expire // 86400,
    )


def user(request: Request, *, fault: str = "", status: int = 200) -> Response:
    """GET /admin/users/{username}"""
    administrator(request)
    account = _account(request)
    services = request.services
    grants = [
        (project, sorted(grants.users[account.name]))
        for project, grants in sorted(services.access.grants().items())
        if grants.users.get(account.name)
    ]
    groups = services.access.groups()
    return shown(
        request,
        "users",
        "user",
        fault=fault,
        status=status,
        account=account,
        others=sorted(set(groups) - account.groups),
        grants=grants,
        owned=sorted(services.state.owned(account.name)),
        tokens=services.state.tokens(account.name),
        is_self=request.caller.name == account.name,
    )


def _account(request: Request) -> Account:
    account: Account | None = request.services.access.account(normal_form(request.matchdict["username"]))
    if account is None:
        raise NotFound("The user")
    return account


def _approve(request: Request, params: Params) -> str:
    access_of(request).approve_user(line(params, "user"), actor=request.caller.name)
    return "approved"


def _refuse(request: Request, params: Params) -> str:
    access, name = access_of(request), normal_form(line(params, "user"))
    if name not in access.pending_users():  # a page left open must not remove who was approved meanwhile
        raise NotFound("The request")
    access.remove_user(name, actor=request.caller.name)
    return "refused"


def _registration(request: Request, params: Params) -> str:
    allowed = forms.boolean(params, "allow")
    access_of(request).set_registration(allowed, actor=request.caller.name)
    return "registration-on" if allowed else "registration-off"


def _add(request: Request, params: Params) -> Response:
    name = user_name(line(params, "user"))
    password, admin = forms.text(params, "password"), forms.boolean(params, "admin", default=False)
    access_of(request).add_user(name, password, admin=admin, actor=request.caller.name)
    return to(request, f"/admin/users/{name}", done="user-added")


def _invite(request: Request, params: Params) -> Response:
    access, name = access_of(request), line(params, "user")
    token = inviting.invite(request.services, access, name, actor=request.caller.name)
    return users(request, invitation=inviting.invitation_url(base_url(request), token))


def _set_admin(request: Request, params: Params) -> str:
    admin = forms.boolean(params, "admin")
    access_of(request).set_admin(_account(request).name, admin, actor=request.caller.name)
    return "admin" if admin else "no-admin"


def _password(request: Request, params: Params) -> str:
    password = forms.text(params, "password")
    access_of(request).set_password(_account(request).name, password, actor=request.caller.name)
    return "password"


def _join(request: Request, params: Params) -> str:
    access_of(request).add_member(line(params, "group"), _account(request).name, actor=request.caller.name)
    return "joined"


def _leave(request: Request, params: Params) -> str:
    access_of(request).remove_member(line(params, "group"), _account(request).name, actor=request.caller.name)
    return "left"


def _end_sessions(request: Request, _params: Params) -> str:
    request.services.state.close_sessions(_account(request).name, actor=request.caller.name)
    return "sessions"


def _revoke_token(request: Request, params: Params) -> str:
    owner = _account(request).name
    request.services.state.revoke_token(owner, line(params, "token"), actor=request.caller.name)
    return "token-revoked"


def _remove(request: Request, params: Params) -> Response:
    access, name = access_of(request), _account(request).name
    confirmed(params, name)
    access.remove_user(name, actor=request.caller.name)
    return to(request, "/admin/users", done="user-removed")


change_users = acting(
    users,
    {
        "approve": _approve,
        "refuse": _refuse,
        "registration": _registration,
        "add": _add,
        "invite": _invite,
    },
)
change_user = acting(
    user,
    {
        "admin": _set_admin,
        "password": _password,
        "join": _join,
        "leave": _leave,
        "sessions": _end_sessions,
        "revoke-token": _revoke_token,
        "remove": _remove,
    },
)
