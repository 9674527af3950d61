"""Log in, log out, and pypicloud's ways of registering on the login page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.core.errors import Forbidden, RegistryError
from pypicloud_like.http import answers, forms
from pypicloud_like.http.errors import status_of
from pypicloud_like.http.security import (
    client_address,
    end_session,
    refuse_foreign,
    start_session,
)
from pypicloud_like.http.urls import base_url, prefix
from pypicloud_like.web.accounts import register_as
from pypicloud_like.web.pages import page


def form(request: Request) -> Response:
    """GET /acct/login"""
    if request.caller.account is not None:
        return answers.redirect(f"{prefix(request)}/", status=302, private=True)
    goal = dict(forms.parse_query(request.environ.get("QUERY_STRING", ""))).get("next", "")
    return page(request, "login.jinja2", next=safe_goal(goal), sentence="")


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
        goal = safe_goal(str(params.get("next", "")))
        return page(request, "login.jinja2", status=status_of(error), next=goal, sentence=str(error))
    if _is_browser(request):
        goal = prefix(request) + (safe_goal(str(params.get("next", ""))) or "/")
        response = answers.redirect(goal, status=303, private=True)
    else:
        response = answers.answer_json({"next": f"{base_url(request)}/"})
    end_session(request, response)
    start_session(request, response, name)
    return response


def register(request: Request) -> Response:
    """PUT /acct/login with ``username`` and ``password``: register."""
    params = forms.read_params(request, request.services.settings.limits)
    return register_as(request, forms.text(params, "username"), forms.text(params, "password"))


def logout(request: Request) -> Response:
    """GET or POST /acct/logout"""
    refuse_foreign(request)  # this GET changes something
    response = answers.redirect(f"{prefix(request)}/", status=302, private=True)
    end_session(request, response)
    return response


def safe_goal(path: str) -> str:
    """A path on this server to go on to after the login, or nothing for anything else."""
    parts = urlsplit(path)
    is_path = path.startswith("/") and not path.startswith(("//", "/\\")) and "\\" not in path
    return path if is_path and path.isprintable() and not parts.scheme and not parts.netloc else ""


def _verified(request: Request, params: Any) -> str:
    name, password = forms.text(params, "username"), forms.text(params, "password")
    found = request.services.guard.caller_from_login(name, password, address=client_address(request))
    if found is None or found.name is None:
        raise Forbidden("User name or password is wrong")
    username: str = found.name
    return username


def _is_browser(request: Request) -> bool:
    return bool("text/html" in request.headers.get("Accept", ""))
