"""Rendering of pages for people, with the headers that keep them safe; and errors as such pages."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

from pyramid.renderers import render
from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like import assets
from pypicloud_like.core.errors import LoginRequired, RegistryError
from pypicloud_like.core.model import ANONYMOUS, Caller
from pypicloud_like.http.security import csrf_token, session_secret
from pypicloud_like.http.urls import prefix
from pypicloud_like.web.people import to_login

DIALECT = "page"
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self';"
    " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_SAFE = frozenset({"GET", "HEAD"})
_TITLES = {
    400: "That cannot be done",
    401: "Log in first",
    403: "Not allowed",
    404: "Not found",
    409: "That is not possible now",
    413: "Too large",
    429: "Too many attempts",
    503: "Not available just now",
}


def page(
    request: Request, template: str, *, status: int = 200, caller: Caller | None = None, **values: Any
) -> Response:
    """An HTML page from a template in ``templates/``, for ``caller`` (None: whoever asks)."""
    secret = session_secret(request)
    at = prefix(request)
    common = {
        "prefix": at,
        "caller": request.caller if caller is None else caller,
        "csrf": csrf_token(secret) if secret else "",
        "asset": lambda name: f"{at}/static/{name}?v={_digest(name)}",
    }
    body = render(template, common | values, request=request).encode("utf-8", "replace")
    return Response(
        status=status,
        headerlist=[
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "private, no-store"),
            ("Content-Security-Policy", POLICY),
        ],
        app_iter=(body,),
    )


def tell(request: Request, status: int, sentence: str, _key: str) -> Response:
    """An error as a page. Who has to log in is sent there, and comes back."""
    if status == 401 and request.method in _SAFE:
        return to_login(request)
    return page(
        request,
        "error.jinja2",
        status=status,
        caller=_known(request),
        title=_TITLES.get(status, "Something went wrong"),
        sentence=sentence,
    )


def _known(request: Request) -> Caller:
    """Who asks, where finding it out was not what failed."""
    try:
        caller: Caller = request.caller
    except (RegistryError, LoginRequired):
        return ANONYMOUS
    return caller


@lru_cache
def _digest(name: str) -> str:
    """A part of a static file's address that changes with its bytes, so that browsers may keep it."""
    return hashlib.sha256((assets.static_dir() / name).read_bytes()).hexdigest()[:10]
