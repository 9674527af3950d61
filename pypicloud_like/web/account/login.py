"""Log in, log out, and pypicloud's ways of registering on the login page."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.core.errors import Forbidden, RegistryError, TooManyAttempts, Unavailable
from pypicloud_like.core.model import ANONYMOUS
from pypicloud_like.http import answers, forms
from pypicloud_like.http.errors import status_of
from pypicloud_like.http.security import (
    client_address,
    end_session,
    refuse_foreign,
    start_session,
)
from pypicloud_like.http.urls import base_url
from pypicloud_like.web.account.accounts import register_as
from pypicloud_like.web.account.joining import is_open
from pypicloud_like.web.pages import page

_KEPT = "/:?#[]@!$&'()*+,;=%"
"""What a path may hold unencoded, or has encoded already (RFC 3986 §2.2)."""


def form(request: Request) -> Response:
    """GET /acct/login"""
    if request.caller.account is not None:
        return _go_on(request, "/", status=302)
    goal = dict(forms.parse_query(request.environ.get("QUERY_STRING", ""))).get("next", "")
    return page(request, "account/login.jinja2", next=safe_goal(goal), sentence="", is_open=is_open(request))


def login(request: Request) -> Response:
    """POST /acct/login with ``username`` and ``password``: a session.

    Scripts get pypicloud's ``{"next": url}``; a browser's form is redirected.
    """
    refuse_foreign(request)
    params = forms.read_params(request, request.services.settings.limits)
    try:
        name = _verified(request, params)
    except RegistryError as error:
        if not _is_browser(request):
            raise
        return _failed(request, error, safe_goal(str(params.get("next", ""))))
    if _is_browser(request):
        response = _go_on(request, safe_goal(str(params.get("next", ""))) or "/", status=303)
    else:
        response = answers.answer_json({"next": f"{base_url(request)}/"})
    start_session(request, response, name)
    return response


def register(request: Request) -> Response:
    """PUT /acct/login with ``username`` and ``password``: register."""
    params = forms.read_params(request, request.services.settings.limits)
    return register_as(request, forms.text(params, "username"), forms.text(params, "password"))


def logout(request: Request) -> Response:
    """GET or POST /acct/logout"""
    refuse_foreign(request)  # this GET changes something
    response = _go_on(request, "/", status=302)
    end_session(request, response)
    return response


def safe_goal(path: str) -> str:
    """A path on this server to go on to after the login, or nothing for anything else.

    Judged as it would be with its percent-encoding undone: nobody on the way may undo it into the
    address of another server or into a header.
    """
    plain = unquote(path)
    is_path = path.startswith("/") and not plain.startswith("//") and "\\" not in plain
    return path if is_path and plain.isprintable() else ""


def _go_on(request: Request, path: str, *, status: int) -> Response:
    """A redirect to a path of this server, wherever it is mounted."""
    location = base_url(request) + quote(path, safe=_KEPT)
    return answers.redirect(location, status=status, private=True)


def _failed(request: Request, error: RegistryError, goal: str) -> Response:
    """The form again, with what was wrong."""
    status = status_of(error)
    response = page(
        request,
        "account/login.jinja2",
        status=status,
        caller=ANONYMOUS,
        next=goal,
        sentence=str(error),
        is_open=not isinstance(error, Unavailable) and is_open(request),
    )
    if isinstance(error, TooManyAttempts | Unavailable):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _verified(request: Request, params: Any) -> str:
    name, password = forms.text(params, "username"), forms.text(params, "password")
    found = request.services.guard.caller_from_login(name, password, address=client_address(request))
    if found is None or found.name is None:
        raise Forbidden("User name or password is wrong")
    username: str = found.name
    return username


def _is_browser(request: Request) -> bool:
    return bool("text/html" in request.headers.get("Accept", ""))
