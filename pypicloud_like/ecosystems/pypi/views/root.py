"""``/{package}/`` at the root, as pypiserver and pypicloud have it."""

from __future__ import annotations

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.core.errors import NotFound
from pypicloud_like.ecosystems.pypi.views import json_api, simple

RESERVED = frozenset(
    {
        "account",
        "acct",
        "admin",
        "alive",
        "api",
        "auth",
        "cargo",
        "catalogue",
        "favicon",
        "grids",
        "health",
        "integrity",
        "legacy",
        "login",
        "logout",
        "me",
        "metrics",
        "new",
        "npm",
        "openapi",
        "packages",
        "project",
        "pypi",
        "ready",
        "rss",
        "search",
        "simple",
        "static",
    }
)
"""First path segments that never are a package at the root."""


def project(request: Request) -> Response:
    """GET /{project}/"""
    _refuse_reserved(request)
    return simple.project_of_ours(request)


def project_json(request: Request) -> Response:
    """GET /{project}/json"""
    _refuse_reserved(request)
    return json_api.project_of_ours(request)


def add_slash(request: Request) -> Response:
    """GET /{project}"""
    _refuse_reserved(request)
    return simple.add_slash(request)


def _refuse_reserved(request: Request) -> None:
    """Names with a dot are no packages here either: browsers ask for ``/favicon.ico``."""
    name = request.matchdict["project"].lower()
    if name in RESERVED or "." in name:
        raise NotFound
