"""Owners of a crate: listed, added and removed by ``cargo owner``."""

from __future__ import annotations

from collections.abc import Sequence

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.policy import Act
from pypicloud_like.core.errors import InvalidRequest, NotFound
from pypicloud_like.core.model import Project
from pypicloud_like.ecosystems.cargo import api
from pypicloud_like.ecosystems.cargo.names import shown
from pypicloud_like.ecosystems.cargo.shapes import CrateOwner, Done, Owners
from pypicloud_like.ecosystems.cargo.views.common import requested_crate
from pypicloud_like.http import answers
from pypicloud_like.http.forms import parse_json_object, read_body
from pypicloud_like.http.security import require
from pypicloud_like.registry import owners

MOST_AT_ONCE = 10


def listed(request: Request) -> Response:
    """GET /api/v1/crates/{crate}/owners"""
    project = requested_crate(request)
    require(request, Act.READ, project)
    _require_crate(request, project)
    names = owners.owners(request.services, project)
    return answers.answer_json(Owners(users=[user_json(request, name) for name in names]))


def add(request: Request) -> Response:
    """PUT of the same with ``{"users": [login, …]}`` (crates.io says ``owners``)."""
    project, names = _asked(request)
    added, known = owners.add(request.services, project, names, actor=request.caller.name)
    told = [f"{_listed(added)} added as owner of crate {project.name}"] if added else []
    told += [f"{_listed(known)} owned crate {project.name} already"] if known else []
    return answers.answer_json(Done(ok=True, msg="; ".join(told)))


def remove(request: Request) -> Response:
    """DELETE of the same, with a body as for PUT."""
    project, names = _asked(request)
    owners.remove(request.services, project, names, actor=request.caller.name)
    told = f"{_listed(names)} removed from the owners of crate {project.name}"
    return answers.answer_json(Done(ok=True, msg=told))


def _asked(request: Request) -> tuple[Project, list[str]]:
    """The crate and the logins that a request is about.

    :raises InvalidRequest: the body is not such a list
    """
    project = requested_crate(request)
    require(request, Act.OWNERS, project)
    _require_crate(request, project)
    data = parse_json_object(read_body(request, request.services.settings.limits.json) or b"{}")
    given = data.get("owners", data.get("users"))
    if not isinstance(given, list) or not given or not all(isinstance(each, str) for each in given):
        raise InvalidRequest("", "the body must be a JSON object with a list of logins as `users`")
    if len(given) > MOST_AT_ONCE:
        raise InvalidRequest("", f"at most {MOST_AT_ONCE} owners can be changed at once")
    for name in given:
        if ":" in name:
            raise InvalidRequest(
                "", f"teams such as `{shown(name)}` cannot own a crate: grant a group the right to write"
            )
    return project, list(dict.fromkeys(given))


def _require_crate(request: Request, project: Project) -> None:
    if not request.services.cache.exists(project):
        raise NotFound(str(project))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(shown(name) for name in names)


def user_json(request: Request, name: str) -> CrateOwner:
    """A user as an owner."""
    return {**api.user_json(request.services.people.person(name)), "kind": "user"}
