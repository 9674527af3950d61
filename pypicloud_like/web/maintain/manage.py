"""What maintainers do with a project: yank, delete, say how it stands and who owns it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.policy import Act
from pypicloud_like.core.errors import Forbidden, InvalidRequest, NotFound, RegistryError
from pypicloud_like.core.model import File, Grants, Project, Status
from pypicloud_like.http import answers, forms
from pypicloud_like.http.errors import status_of
from pypicloud_like.http.security import require
from pypicloud_like.http.urls import prefix
from pypicloud_like.registry import curate, owners
from pypicloud_like.registry.presented import Presenter
from pypicloud_like.registry.services import Services
from pypicloud_like.web.browse.common import MAINTAINING, maintains, presenters, query_of, seen
from pypicloud_like.web.browse.releases import Shown, shown
from pypicloud_like.web.browse.turning import turned
from pypicloud_like.web.pages import page
from pypicloud_like.web.people import person, require_person, to_login

Params = Mapping[str, Any]
_LONGEST_REASON = 1000
_EACH = 50


def form(request: Request) -> Response:
    """GET /manage/{ecosystem}/{name}; with ``delete`` (a version), perhaps ``filename``: what would go."""
    if person(request) is None:
        return to_login(request)
    presenter, project = _wanted(request)
    query = query_of(request)
    if "delete" in query:
        require(request, Act.DELETE, project)
        return _ask(request, presenter, project, {**query, "version": query["delete"]})
    return _page(request, presenter, project)


def change(request: Request) -> Response:
    """POST of the same with ``do``, one of :data:`_CHANGES`; a delete asks first, unless it is ``sure``."""
    require_person(request)
    presenter, project = _wanted(request)
    params = forms.read_params(request, request.services.settings.limits)
    do = _CHANGES.get(forms.text(params, "do"))
    if do is None:
        raise InvalidRequest("do", f"must be one of {', '.join(_CHANGES)}")
    try:
        answer = do(request, presenter, project, params)
    except RegistryError as error:
        return _page(request, presenter, project, fault=str(error), status=status_of(error))
    if isinstance(answer, Response):
        return answer
    if not request.services.cache.files(project):
        return answers.redirect(f"{prefix(request)}/account", status=303, private=True)
    return _page(request, presenter, project, sentence=answer)


def _yank(request: Request, presenter: Presenter, project: Project, params: Params) -> str:
    require(request, Act.YANK, project)
    version, files = _files(request, project, params)
    curate.yank(
        request.services,
        files,
        reason=_reason(params),
        actor=request.caller.name,
        facts=presenter.yank_facts,
    )
    return f"{version} is yanked."


def _unyank(request: Request, presenter: Presenter, project: Project, params: Params) -> str:
    require(request, Act.YANK, project)
    version, files = _files(request, project, params)
    curate.unyank(request.services, files, actor=request.caller.name, facts=presenter.yank_facts)
    return f"{version} is offered again."


def _delete(request: Request, presenter: Presenter, project: Project, params: Params) -> str | Response:
    require(request, Act.DELETE, project)
    version, files = _files(request, project, params)
    is_what_was_shown = params.get("count", "") in {"", str(len(files))}  # more may have been uploaded since
    if params.get("sure") != "yes" or not is_what_was_shown:
        return _ask(request, presenter, project, params)
    curate.delete(request.services, files, actor=request.caller.name)
    return f"{params.get('filename') or version} is deleted."


def _ask(request: Request, presenter: Presenter, project: Project, params: Params) -> Response:
    """What would go, and what depends on it. Of a release one file can be chosen."""
    version, files = _files(request, project, params)
    filename = params.get("filename") or ""
    kept = {"delete": version} | ({"filename": filename} if filename else {})
    turn = turned({**kept, "page": query_of(request).get("page", "")}, len(files), each=_EACH, label="Files")
    return page(
        request,
        "maintain/delete.jinja2",
        presenter=presenter,
        project=project,
        version=version,
        filename=filename,
        files=files[turn.start : turn.end],
        count=len(files),
        size=sum(max(file.blob.size, 0) for file in files),
        turn=turn,
        dependents=seen(request).dependents(project),
    )


def _status(request: Request, _presenter: Presenter, project: Project, params: Params) -> str:
    require(request, Act.YANK, project)
    word = forms.text(params, "status")
    if word not in set(Status):
        raise InvalidRequest("status", f"must be one of {', '.join(Status)}")
    services: Services = request.services
    record = services.cache.record(project)
    if Status.QUARANTINED in {Status(word), record.status if record else None}:
        require(request, Act.ADMIN)
    curate.set_status(services, project, Status(word), reason=_reason(params), actor=request.caller.name)
    return f"The project is {word}."


def _own(request: Request, _presenter: Presenter, project: Project, params: Params) -> str:
    require(request, Act.OWNERS, project)
    name = forms.text(params, "user").strip()
    added, _ = owners.add(request.services, project, [name], actor=request.caller.name)
    return f"{name} owns the project now." if added else f"{name} owns the project already."


def _disown(request: Request, _presenter: Presenter, project: Project, params: Params) -> str:
    require(request, Act.OWNERS, project)
    name = forms.text(params, "user")
    owners.remove(request.services, project, [name], actor=request.caller.name)
    return f"{name} owns the project no longer."


def _distrust(request: Request, _presenter: Presenter, project: Project, params: Params) -> str:
    require(request, Act.OWNERS, project)
    actor: str = request.caller.name
    request.services.publishers.remove(project, forms.text(params, "publisher"), actor=actor)
    return "Such jobs are trusted no more, and the tokens that they had have ended."


_CHANGES: dict[str, Callable[[Request, Presenter, Project, Params], str | Response]] = {
    "yank": _yank,
    "unyank": _unyank,
    "delete": _delete,
    "status": _status,
    "own": _own,
    "disown": _disown,
    "distrust": _distrust,
}


def _wanted(request: Request) -> tuple[Presenter, Project]:
    """The project of the address.

    :raises NotFound: there is none that the caller may know of
    :raises Forbidden: they may do nothing with it
    """
    presenter = presenters(request).get(request.matchdict["ecosystem"])
    if presenter is None:
        raise NotFound("The project")
    project = presenter.project(request.matchdict["name"])
    require(request, Act.READ, project)
    if not request.services.cache.exists(project):
        raise NotFound(str(project))
    if not maintains(request, project):
        raise Forbidden(f"You do not maintain {project.name}")
    return presenter, project


def _files(request: Request, project: Project, params: Params) -> tuple[str, Sequence[File]]:
    """The version meant, and its files, or the one that is named. :raises NotFound: there are none"""
    version = forms.text(params, "version")
    filename = params.get("filename") or None
    files = request.services.cache.files(project)
    found = [each for each in files if each.version == version and filename in {None, each.filename}]
    if not found:
        raise NotFound(f"{project.name} {version}")
    return version, sorted(found, key=lambda each: each.filename)


def _reason(params: Params) -> str:
    reason = forms.text({"reason": "", **params}, "reason", most=_LONGEST_REASON)
    if "\0" in reason:
        raise InvalidRequest("reason", "has a NUL")
    return " ".join(reason.split())


def _page(
    request: Request,
    presenter: Presenter,
    project: Project,
    *,
    sentence: str = "",
    fault: str = "",
    status: int = 200,
) -> Response:
    services: Services = request.services
    found: Shown = shown(services, request.caller, presenter, project, None)
    if found.held:
        raise NotFound(str(project))
    turn = turned(query_of(request), len(found.releases), each=_EACH, label="Releases")
    return page(
        request,
        "maintain/manage.jinja2",
        status=status,
        sentence=sentence,
        fault=fault,
        found=found,
        presenter=presenter,
        releases=found.releases[turn.start : turn.end],
        turn=turn,
        may={
            act.value: services.guard.may(request.caller, act, project) for act in (*MAINTAINING, Act.ADMIN)
        },
        owners=owners.owners(services, project),
        publishers=services.publishers.of_project(project),
        trusts=bool(services.settings.trust.issuers),
        own_names=set(services.state.owners(project)),
        grants=services.access.grants().get(project, Grants()),
        members=_members(services, project),
        statuses=[each for each in Status if each is not Status.QUARANTINED or request.caller.account.admin],
    )


def _members(services: Services, project: Project) -> Sequence[str]:
    """Who is in the scope of a project that is in one."""
    if project.space is None or project.space not in services.state.held():
        return ()
    scope = project.name.removeprefix("@").partition("/")[0]
    return [each.user for each in services.scopes.members(scope)]
