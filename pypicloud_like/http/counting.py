"""Counting downloads."""

from __future__ import annotations

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.core.model import File

_WHOLE = frozenset({200, 302})


def counted(request: Request, response: Response, file: File) -> Response:
    """The answer to a download, counted if it hands out the whole file: not what the client has already, no
    part of it, and nothing that was only looked at.
    """
    if request.method == "GET" and response.status_int in _WHOLE:
        request.services.downloads.count(file.project, file.version, user=request.caller.name)
    return response
