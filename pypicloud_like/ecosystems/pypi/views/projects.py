"""Changes to what is published: yank, un-yank, project status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.policy import Act
from pypicloud_like.core.errors import InvalidRequest, NotFound
from pypicloud_like.core.model import File, Project, Status
from pypicloud_like.ecosystems.pypi.releases import meant
from pypicloud_like.ecosystems.pypi.shapes import Mixed, ProjectStatus, Unyanked, Yanked
from pypicloud_like.ecosystems.pypi.views.simple import requested_project
from pypicloud_like.http import answers, forms
from pypicloud_like.http.security import require
from pypicloud_like.registry import curate

_LONGEST_REASON = 1000


def yank(request: Request) -> Response:
    """POST /api/package/{project}/{version}/yank with an optional ``reason`` (PEP 592).

    ``version`` may also be the name of one file.
    """
    project = requested_project(request)
    require(request, Act.YANK, project)
    params = forms.read_params(request, request.services.settings.limits)
    reason = _reason(params)
    files = _meant(request, project)
    curate.yank(request.services, files, reason=reason, actor=request.caller.name)
    return answers.answer_json(Yanked(yanked=[file.filename for file in files], reason=reason))


def unyank(request: Request) -> Response:
    """DELETE …/yank or POST …/unyank"""
    project = requested_project(request)
    require(request, Act.YANK, project)
    files = _meant(request, project)
    curate.unyank(request.services, files, actor=request.caller.name)
    return answers.answer_json(Unyanked(unyanked=[file.filename for file in files]))


def status(request: Request) -> Response:
    """GET /api/project/{project}/status (PEP 792)"""
    project = requested_project(request)
    require(request, Act.READ, project)
    cache = request.services.cache
    if not cache.exists(project):
        raise NotFound(project.name)
    record = cache.record(project)
    return answers.answer_json(
        ProjectStatus(
            status=record.status if record else Status.ACTIVE,
            reason=record.status_reason if record else "",
        )
    )


def set_status(request: Request) -> Response:
    """PUT /api/project/{project}/status with ``status`` and optional ``reason``.

    Whoever may write may archive or deprecate; only administrators put under or lift a quarantine.
    """
    project = requested_project(request)
    require(request, Act.YANK, project)
    services = request.services
    params = forms.read_params(request, services.settings.limits)
    word = forms.text(params, "status")
    reason = _reason(params)
    try:
        wanted = Status(word)
    except ValueError as error:
        raise InvalidRequest("status", f"must be one of {', '.join(Status)}") from error
    record = services.cache.record(project)
    if Status.QUARANTINED in {wanted, record.status if record else None}:
        require(request, Act.ADMIN)
    curate.set_status(services, project, wanted, reason=reason, actor=request.caller.name)
    return answers.answer_json(ProjectStatus(status=wanted, reason=reason))


def mixed(request: Request) -> Response:
    """GET /api/project/{project}/mixed"""
    project = requested_project(request)
    require(request, Act.READ, project)
    cache = request.services.cache
    if not cache.exists(project):
        raise NotFound(project.name)
    record = cache.record(project)
    return answers.answer_json(Mixed(mixed=record is not None and record.mixed))


def set_mixed(request: Request) -> Response:
    """PUT /api/project/{project}/mixed with ``mixed``: whether files of an upstream are shown beside ours,
    which administrators decide: from then on the upstream's versions count too.
    """
    project = requested_project(request)
    require(request, Act.ADMIN)
    params = forms.read_params(request, request.services.settings.limits)
    wanted = forms.boolean(params, "mixed")
    curate.set_mixed(request.services, project, wanted, actor=request.caller.name)
    return answers.answer_json(Mixed(mixed=wanted))


def _reason(params: Mapping[str, Any]) -> str:
    """:raises InvalidRequest: it is no short text, or has a NUL, which PostgreSQL and HTML do not take"""
    reason = forms.text({"reason": "", **params}, "reason", most=_LONGEST_REASON)
    if "\0" in reason:
        raise InvalidRequest("reason", "has a NUL")
    return reason


def _meant(request: Request, project: Project) -> Sequence[File]:
    return meant(request.services.cache, project, request.matchdict["version"])
