"""Who looks at a page: whoever has to be logged in is sent to the login, and comes back."""

from __future__ import annotations

from urllib.parse import quote

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.core.errors import Forbidden, LoginRequired
from pypicloud_like.http import answers
from pypicloud_like.http.urls import base_url


def person(request: Request) -> str | None:
    """The user who is there in person, by a session or a password; None for nobody.

    :raises Forbidden: it is a token: what it may not do it cannot approve or hand on
    """
    if request.caller.via == "token":
        raise Forbidden("Log in with your password: a token is not enough here")
    name: str | None = request.caller.name
    return name


def require_person(request: Request) -> str:
    """The same, for what a form sends. :raises LoginRequired: nobody is there"""
    name = person(request)
    if name is None:
        raise LoginRequired
    return name


def to_login(request: Request) -> Response:
    """To the login, and back here."""
    query = request.environ.get("QUERY_STRING", "")
    here = request.path_info + (f"?{query}" if query else "")
    location = f"{base_url(request)}/acct/login?next={quote(here, safe='/')}"
    return answers.redirect(location, status=302, private=True)
