"""One's own account: register, and change the password."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.invitations import invited, made_at
from pypicloud_like.access.policy import Act
from pypicloud_like.core.errors import Conflict, Forbidden, InvalidRequest, LoginRequired
from pypicloud_like.core.ports.looking_back import Sought
from pypicloud_like.core.spelling import normal_form
from pypicloud_like.http import answers, forms
from pypicloud_like.http.security import client_address, mutable, refuse_foreign, require, start_session
from pypicloud_like.http.urls import base_url, is_behind_proxy, is_from_here
from pypicloud_like.registry.services import Services


def register(request: Request) -> Response:
    """PUT /api/user/{username} with ``password``.

    With registration on the newcomer waits for approval. The first one becomes administrator, and is
    logged in, where the settings allow that and the request comes from this very machine.
    """
    params = forms.read_params(request, request.services.settings.limits)
    return register_as(request, request.matchdict["username"], forms.text(params, "password"))


def register_as(request: Request, username: str, password: str) -> Response:
    """What all ways of registering do.

    :raises Forbidden: registration is off
    :raises InvalidRequest: the name is taken or not acceptable
    """
    refuse_foreign(request)
    access = mutable(request.services.access)
    response = answers.empty()
    with _told_as_pypicloud_does():
        if may_be_first_admin(request) and access.add_first_admin(username, password):
            start_session(request, response, username)
            return response
        if not access.registration():
            raise Forbidden("Registration is not open")
        access.add_user(username, password, pending=True, actor=username)
    return response


def register_by_token(request: Request) -> Response:
    """PUT /acct/tokenRegister with ``token`` and ``password``: approved at once."""
    params = forms.read_params(request, request.services.settings.limits)
    return register_invited(request, forms.text(params, "token"), forms.text(params, "password"))


def register_invited(request: Request, token: str, password: str) -> Response:
    """What an invitation does: the user it names is there, approved and logged in.

    :raises InvalidRequest: the invitation is not good (any more), or older than the removal of its user; the
        name is taken meanwhile, or the password not acceptable
    """
    refuse_foreign(request)
    services = request.services
    access = mutable(services.access)
    username = invited(services.secret, token, services.clock(), services.settings.access.token_expire)
    if _was_removed(services, username, since=made_at(token) + timedelta(seconds=1)):
        raise InvalidRequest("token", "is not valid any more")
    response = answers.answer_json({"next": f"{base_url(request)}/"})
    with _told_as_pypicloud_does():
        access.add_user(username, password, actor=username)
    start_session(request, response, username)
    return response


def change_password(request: Request) -> Response:
    """POST /api/user/password with ``old_password`` and ``new_password``; ends the user's sessions."""
    require(request, Act.ACCOUNT)
    mutable(request.services.access)
    name = request.caller.name
    if name is None:
        raise LoginRequired
    params = forms.read_params(request, request.services.settings.limits)
    set_password(request, name, forms.text(params, "old_password"), forms.text(params, "new_password"))
    return answers.empty()


def set_password(request: Request, name: str, old: str, new: str) -> None:
    """Change somebody's password for another, which ends all their sessions.

    :raises Forbidden: the old one is wrong
    :raises InvalidRequest: the new one is not acceptable
    """
    services = request.services
    access = mutable(services.access)
    if services.guard.caller_from_login(name, old, address=client_address(request)) is None:
        raise Forbidden("The old password is wrong")
    access.set_password(name, new, actor=name)


def _was_removed(services: Services, username: str, *, since: datetime) -> bool:
    """Whether a user of this name was removed or refused in the meantime: then an invitation of before does
    not bring them back.
    """
    sought, before = Sought(action="user.remove", subject=normal_form(username), since=since), None
    while True:
        portion = services.state.audited(sought, before=before)
        if any(event.subject == sought.subject for event in portion.rows):
            return True
        before = portion.before
        if before is None:
            return False


@contextmanager
def _told_as_pypicloud_does() -> Iterator[None]:
    """A name that is taken is a bad request here: pypicloud's clients show the sentence of a 400."""
    try:
        yield
    except Conflict as error:
        raise InvalidRequest("", str(error)) from error


def may_be_first_admin(request: Request) -> bool:
    """Only from this machine, to this machine, through no proxy."""
    wanted = request.services.settings.access.first_admin_by_registration
    return wanted and is_from_here(request) and not is_behind_proxy(request)
