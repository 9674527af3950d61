"""Counting downloads."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.core.model import File, Project
from pypicloud_like.http.answers import REPEATABLE, Repeat

_WHOLE = frozenset({200, 302})


def counted(request: Request, response: Response, file: File) -> Response:
    """The answer to a download, counted if it hands out the whole file: not what the client has already, no
    part of it, and nothing that was only looked at.
    """
    if request.method == "GET" and response.status_int in _WHOLE:
        count(request, file.project, file.version)
    return response


def count(request: Request, project: Project, version: str) -> None:
    """Count a download of a version by the request's caller, and each time the answer is given again."""
    effect = partial(request.services.downloads.count, project, version, user=request.caller.name)
    effect()
    repeat: Repeat | None = request.environ.get(REPEATABLE)
    if repeat is not None:
        request.environ[REPEATABLE] = replace(repeat, effect=effect)
