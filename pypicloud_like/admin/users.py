"""Users, those waiting for approval, and registration."""

from __future__ import annotations

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.admin.common import administered, changeable
from pypicloud_like.admin.shapes import Invitation, Listed, User
from pypicloud_like.http import answers, forms
from pypicloud_like.http.urls import base_url
from pypicloud_like.registry import inviting


def users(request: Request) -> Response:
    """GET /admin/user: all approved users."""
    accounts = administered(request).accounts()
    return answers.answer_json([Listed(username=user.name, admin=user.admin) for user in accounts])


def user(request: Request) -> Response:
    """GET /admin/user/{username}; null if unknown (pypicloud)."""
    account = administered(request).account(request.matchdict["username"])
    if account is None:
        return answers.answer_json(None)
    groups = sorted(account.groups)
    return answers.answer_json(User(username=account.name, admin=account.admin, groups=groups))


def add(request: Request) -> Response:
    """PUT /admin/user/{username} with ``password``: an approved user."""
    access = changeable(request)
    params = forms.read_params(request, request.services.settings.limits)
    password = forms.text(params, "password")
    access.add_user(request.matchdict["username"], password, actor=request.caller.name)
    return answers.empty()


def remove(request: Request) -> Response:
    """DELETE /admin/user/{username}: also refuses a pending one; fine if unknown."""
    changeable(request).remove_user(request.matchdict["username"], actor=request.caller.name)
    return answers.empty()


def approve(request: Request) -> Response:
    """POST /admin/user/{username}/approve"""
    changeable(request).approve_user(request.matchdict["username"], actor=request.caller.name)
    return answers.empty()


def set_admin(request: Request) -> Response:
    """POST /admin/user/{username}/admin with ``admin``"""
    access = changeable(request)
    params = forms.read_params(request, request.services.settings.limits)
    access.set_admin(request.matchdict["username"], forms.boolean(params, "admin"), actor=request.caller.name)
    return answers.empty()


def pending(request: Request) -> Response:
    """GET /admin/pending_users"""
    return answers.answer_json(list(changeable(request).pending_users()))


def register(request: Request) -> Response:
    """POST /admin/register with ``allow``: registration on or off."""
    access = changeable(request)
    params = forms.read_params(request, request.services.settings.limits)
    access.set_registration(forms.boolean(params, "allow"), actor=request.caller.name)
    return answers.empty()


def registration_token(request: Request) -> Response:
    """GET /admin/token/{username}: an invitation by which that user may register.

    :raises Conflict: the name is taken, so the invitation could never be used
    :raises InvalidRequest: nobody may have that name
    """
    access = changeable(request)
    name = request.matchdict["username"]
    token = inviting.invite(request.services, access, name, actor=request.caller.name)
    token_url = inviting.invitation_url(base_url(request), token)
    response = answers.answer_json(Invitation(token=token, token_url=token_url))
    response.headers["Cache-Control"] = "no-store"
    return response
