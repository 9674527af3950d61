"""For administrators: why somebody sees what they see, what names could be confused, what is held."""

from __future__ import annotations

from collections.abc import Iterator

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.explain import ACT_OF, rule_of
from pypicloud_like.access.policy import Act
from pypicloud_like.core.errors import InvalidRequest, NotFound, RegistryError
from pypicloud_like.core.model import ANONYMOUS, PYPI, Caller, Project, Right
from pypicloud_like.core.spelling import normal_form
from pypicloud_like.ecosystems.pypi import shapes
from pypicloud_like.ecosystems.pypi.names import is_valid_name, normalize
from pypicloud_like.ecosystems.pypi.upstream import offer
from pypicloud_like.ecosystems.pypi.views.simple import requested_project
from pypicloud_like.http import answers
from pypicloud_like.http.forms import parse_query
from pypicloud_like.http.security import require
from pypicloud_like.registry.confusion import confusable
from pypicloud_like.registry.rebuild import ECOSYSTEMS
from pypicloud_like.registry.serve import Answer, answer_for
from pypicloud_like.registry.services import Services
from pypicloud_like.upstream.upstreams import Upstreams

_MOST_ASKED = 20


def explain(request: Request) -> Response:
    """GET /admin/explain/{project}[/{filename}]?user=NAME: may they, by which rule, and from where. Without
    ``user`` it is about whoever is not logged in.
    """
    require(request, Act.ADMIN)
    project = requested_project(request)
    services = request.services
    name = dict(_query(request)).get("user")
    caller = ANONYMOUS if name is None else _caller(request, name)
    rights = _rights(services, caller, project)
    answer = Answer.NOT_FOUND
    if rights["read"]["allowed"]:
        answer = answer_for(services, caller, project, normalize)
    told: shapes.Explanation = {
        "project": str(project),
        "user": caller.name,
        "rights": rights,
        "answered": answer,
        "exists_here": services.cache.exists(project),
    }
    filename = request.matchdict.get("filename")
    if filename is not None:
        told["file"] = _file(services, project, filename)
    return answers.answer_json(told)


def confusion(request: Request) -> Response:
    """GET /admin/upstream/confusion: names of ours that an upstream has too, as far as is known here. No
    upstream is told a name of ours unless it is given as ``?ask=NAME``: an administrator decides that.
    """
    require(request, Act.ADMIN)
    services = request.services
    upstreams = _upstreams(request)
    asked = [normalize(value) for name, value in _query(request) if name == "ask" and is_valid_name(value)]
    if len(asked) > _MOST_ASKED:
        raise InvalidRequest("ask", f"at most {_MOST_ASKED} names at once")
    if asked and upstreams.fallback.offline:
        raise InvalidRequest("ask", "no upstream is asked while this server is offline")
    found = [shapes.Confusable(project=project.name, asked=False) for project in confusable(services, PYPI)]
    known = {item["project"] for item in found}
    problems: list[shapes.ConfusionProblem] = []
    for name in asked:
        try:
            if name not in known and offer(upstreams, Project(PYPI, name)) is not None:
                found.append({"project": name, "asked": True})
        except RegistryError as error:
            problems.append({"project": name, "message": str(error)})
    return answers.answer_json(shapes.Confusion(confusable=found, problems=problems))


def upstreams(request: Request) -> Response:
    """GET /admin/upstream: the upstreams, how much is held of them, and how often what was needed."""
    require(request, Act.ADMIN)
    known = _upstreams(request)
    use = known.held.use()
    told: shapes.Upstreams = {
        "mode": known.fallback.mode,
        "offline": known.fallback.offline,
        "upstreams": [
            {"name": each.name, "ecosystem": each.settings.ecosystem, "url": each.settings.url}
            for ecosystem in ECOSYSTEMS
            for each in known.of(ecosystem)
        ],
        "held": {"files": use.files, "bytes": use.size, "limit": known.fallback.cache_limit},
        "pages": dict(known.documents.counts),
        "files": dict(known.counts),
    }
    return answers.answer_json(told)


def pin(request: Request) -> Response:
    """PUT /admin/upstream/pin/{project}: never let go of what is held of it."""
    return _pinned(request, pinned=True)


def unpin(request: Request) -> Response:
    """DELETE /admin/upstream/pin/{project}"""
    return _pinned(request, pinned=False)


def _pinned(request: Request, *, pinned: bool) -> Response:
    require(request, Act.ADMIN)
    project = requested_project(request)
    files = _upstreams(request).held.pin(project, pinned)
    if not files:
        raise NotFound(project.name)
    action = "upstream.pin" if pinned else "upstream.unpin"
    request.services.state.audit(action, str(project), actor=request.caller.name)
    return answers.answer_json(shapes.Pinned(project=project.name, pinned=pinned, files=files))


def _rights(services: Services, caller: Caller, project: Project) -> shapes.Rights:
    grants = services.access.grants().get(project)
    owner = caller.name is not None and services.state.owns(caller.name, project)

    def told(right: Right) -> shapes.Allowed:
        rule = rule_of(
            caller.account, right, project, grants=grants, owner=owner, rules=services.settings.access
        )
        return {"allowed": services.guard.may(caller, ACT_OF[right], project), "rule": rule}

    return {"read": told(Right.READ), "write": told(Right.WRITE)}


def _file(services: Services, project: Project, filename: str) -> shapes.ExplainedFile:
    """Whether the file that was asked about is there."""
    ours = services.cache.file(project, filename)
    held = services.upstreams.held.file(project, filename) if services.upstreams is not None else None
    file = ours or held
    return {
        "filename": filename,
        "here": "ours" if ours is not None else "held" if held is not None else None,
        "origin": file.origin.upstream if file is not None and file.origin is not None else None,
        "sha256": file.blob.sha256 if file is not None else None,
    }


def _caller(request: Request, name: str) -> Caller:
    account = request.services.access.account(normal_form(name))
    if account is None:
        raise NotFound(f"The user {name}")
    return Caller(account, via="password")


def _upstreams(request: Request) -> Upstreams:
    known: Upstreams | None = request.services.upstreams
    if known is None:
        raise NotFound("An upstream")
    return known


def _query(request: Request) -> Iterator[tuple[str, str]]:
    yield from parse_query(request.environ.get("QUERY_STRING", ""))
