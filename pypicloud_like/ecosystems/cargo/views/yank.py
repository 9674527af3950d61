"""Yanking: the version stays for those who have it in a lock file, and is not chosen any more."""

from __future__ import annotations

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.policy import Act
from pypicloud_like.ecosystems.cargo.metadata import with_id
from pypicloud_like.ecosystems.cargo.shapes import Done
from pypicloud_like.ecosystems.cargo.views.common import requested_crate, requested_version
from pypicloud_like.http import answers
from pypicloud_like.http.security import require
from pypicloud_like.registry import curate


def yank(request: Request) -> Response:
    """DELETE /api/v1/crates/{crate}/{version}/yank. Once more changes nothing, not even the message."""
    project = requested_crate(request)
    require(request, Act.YANK, project)
    file = requested_version(request, project)
    if file.yanked is None:
        curate.yank(request.services, [file], reason="", actor=request.caller.name, facts=with_id)
    return answers.answer_json(Done(ok=True))


def unyank(request: Request) -> Response:
    """PUT /api/v1/crates/{crate}/{version}/unyank; cargo sends an empty body and calls it JSON."""
    project = requested_crate(request)
    require(request, Act.YANK, project)
    file = requested_version(request, project)
    curate.unyank(request.services, [file], actor=request.caller.name, facts=with_id)
    return answers.answer_json(Done(ok=True))
