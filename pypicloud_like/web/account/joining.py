"""Becoming a user: by registering, or by an invitation."""

from __future__ import annotations

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.core.errors import InvalidRequest, RegistryError
from pypicloud_like.core.ports import MutableAccess
from pypicloud_like.http import answers, forms
from pypicloud_like.http.errors import status_of
from pypicloud_like.http.urls import prefix
from pypicloud_like.web.account.accounts import may_be_first_admin, register_as, register_invited
from pypicloud_like.web.pages import page


def form(request: Request) -> Response:
    """GET /acct/register"""
    return _page(request)


def register(request: Request) -> Response:
    """POST of the same with ``username``, ``password`` and ``again``"""
    params = forms.read_params(request, request.services.settings.limits)
    name, password = forms.text(params, "username"), forms.text(params, "password")
    try:
        _check_twice(password, forms.text(params, "again"))
        registered = register_as(request, name, password)
    except RegistryError as error:
        return _page(request, name=name, fault=str(error), status=status_of(error))
    if "Set-Cookie" in registered.headers:  # the first administrator is in already
        return _go_in(request, registered)
    return _page(request, sentence=f"{name} is registered. An administrator has to approve it now.")


def invited_form(request: Request) -> Response:
    """GET /acct/invited"""
    return page(request, "account/invited.jinja2", token="", fault="")


def accept(request: Request) -> Response:
    """POST of the same with ``token``, ``password`` and ``again``"""
    params = forms.read_params(request, request.services.settings.limits)
    token, password = forms.text(params, "token"), forms.text(params, "password")
    try:
        _check_twice(password, forms.text(params, "again"))
        registered = register_invited(request, token, password)
    except RegistryError as error:
        return page(request, "account/invited.jinja2", status=status_of(error), token=token, fault=str(error))
    return _go_in(request, registered)


def _check_twice(password: str, again: str) -> None:
    if password != again:
        raise InvalidRequest("", "The password was not written twice alike")


def _go_in(request: Request, registered: Response) -> Response:
    """To the first page, with the session that was begun."""
    response = answers.redirect(f"{prefix(request)}/", status=303, private=True)
    for cookie in registered.headers.getall("Set-Cookie"):
        response.headers.add("Set-Cookie", cookie)
    return response


def _page(
    request: Request, *, name: str = "", fault: str = "", sentence: str = "", status: int = 200
) -> Response:
    return page(
        request,
        "account/register.jinja2",
        status=status,
        name=name,
        fault=fault,
        sentence=sentence,
        is_open=is_open(request),
    )


def is_open(request: Request) -> bool:
    """Whether anybody may register here now."""
    access = request.services.access
    if not isinstance(access, MutableAccess):
        return False
    return access.registration() or (may_be_first_admin(request) and not access.has_admin())
