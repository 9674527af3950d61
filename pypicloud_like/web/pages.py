"""Rendering of pages for people, with the headers that keep them safe."""

from __future__ import annotations

from typing import Any

from pyramid.renderers import render
from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.core.model import Caller
from pypicloud_like.http.security import csrf_token, session_secret
from pypicloud_like.http.urls import prefix

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self';"
    " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


def page(
    request: Request, template: str, *, status: int = 200, caller: Caller | None = None, **values: Any
) -> Response:
    """An HTML page from a template in ``templates/``, for ``caller`` (None: whoever asks)."""
    secret = session_secret(request)
    common = {
        "prefix": prefix(request),
        "caller": request.caller if caller is None else caller,
        "csrf": csrf_token(secret) if secret else "",
    }
    body = render(template, common | values, request=request).encode()
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
