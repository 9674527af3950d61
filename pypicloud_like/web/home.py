"""The first page: what this is, and how to point clients at it."""

from __future__ import annotations

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.http.urls import base_url
from pypicloud_like.web.pages import page


def home(request: Request) -> Response:
    """GET /"""
    return page(request, "home.jinja2", base_url=base_url(request))
