"""Rights on any project: who may read and write it, and why; granting and taking away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.explain import rule_of
from pypicloud_like.access.names import parse_project
from pypicloud_like.access.policy import BUILT_IN_GROUPS, Act
from pypicloud_like.core.errors import InvalidRequest
from pypicloud_like.core.model import ANONYMOUS, Account, Caller, Grants, Project, Right
from pypicloud_like.core.spelling import normal_form
from pypicloud_like.registry import granting, owners
from pypicloud_like.registry.services import Services
from pypicloud_like.web.browse.common import query_of
from pypicloud_like.web.control.common import Params, access_of, acting, administrator, line, shown, turn_of

_EACH = 50


@dataclass(frozen=True, slots=True)
class Stand:
    """How somebody stands to a project; ``name`` is empty for whoever is not logged in."""

    name: str
    reads: bool
    why_reads: str
    writes: bool
    why_writes: str
    deletes: bool


def rights(request: Request, *, fault: str = "", status: int = 200) -> Response:
    """GET /admin/rights with ``project`` (as access lists spell it), ``user`` (a part of names) and ``page``;
    without a project those that have grants.
    """
    administrator(request)
    spelled = query_of(request).get("project", "").strip()
    if spelled:
        try:
            return _of_project(request, parse_project(spelled), fault=fault, status=status)
        except InvalidRequest as error:
            fault, status = fault or str(error), 400
    granted = sorted(request.services.access.grants().items())
    turn = turn_of(request, len(granted), each=_EACH, label="Projects")
    return shown(
        request,
        "rights",
        "rights",
        fault=fault,
        status=status,
        spelled=spelled,
        granted=granted[turn.start : turn.end],
        size=len(granted),
        turn=turn,
        rules=request.services.settings.access,
    )


def _of_project(request: Request, project: Project, *, fault: str, status: int) -> Response:
    services: Services = request.services
    query = query_of(request)
    part = query.get("user", "").strip()[:100]
    accounts = [each for each in services.access.accounts() if normal_form(part) in each.name]
    turn = turn_of(
        request, len(accounts), each=_EACH, label="Users", keep=("project", "user"), fragment="#who"
    )
    exists = services.cache.exists(project)
    grants = services.access.grants().get(project, Grants())
    callers = [ANONYMOUS, *(Caller(each, via="password") for each in accounts[turn.start : turn.end])]
    nobody, *stands = (_stand(services, caller, project, grants, exists=exists) for caller in callers)
    return shown(
        request,
        "rights",
        "project",
        fault=fault,
        status=status,
        project=project,
        exists=exists,
        sought=part,
        nobody=nobody,
        stands=stands,
        turn=turn,
        granted=_listed(grants),
        groups=[*sorted(BUILT_IN_GROUPS), *sorted(services.access.groups())],
        owners=services.state.owners(project),
        writers=owners.owners(services, project),
        rules=services.settings.access,
    )


def _stand(services: Services, caller: Caller, project: Project, grants: Grants, *, exists: bool) -> Stand:
    may = services.guard.may
    account: Account | None = caller.account
    owner = account is not None and services.state.owns(account.name, project)
    why = {
        right: rule_of(
            account,
            right,
            project,
            grants=grants,
            owner=owner,
            rules=services.settings.access,
            exists=exists,
            held=project.space is not None and project.space in services.state.held(),
        )
        for right in Right
    }
    return Stand(
        name=caller.name or "",
        reads=may(caller, Act.READ, project),
        why_reads=why[Right.READ],
        writes=may(caller, Act.WRITE, project, exists=exists),
        why_writes=why[Right.WRITE],
        deletes=may(caller, Act.DELETE, project),
    )


def _listed(grants: Grants) -> Sequence[tuple[str, str, frozenset[Right]]]:
    """(``user`` or ``group``, name, rights), groups first."""
    return [
        *(("group", name, rights) for name, rights in sorted(grants.groups.items())),
        *(("user", name, rights) for name, rights in sorted(grants.users.items())),
    ]


def _project(request: Request) -> Project:
    return parse_project(query_of(request).get("project", "").strip())


def _asked(request: Request, params: Params) -> granting.Grant:
    kind, right = line(params, "kind"), line(params, "right")
    if kind not in {"user", "group"}:
        raise InvalidRequest("kind", "must be user or group")
    if right not in set(Right):
        raise InvalidRequest("right", "must be read or write")
    return granting.Grant(_project(request), kind, line(params, "name"), Right(right))


def _grant(request: Request, params: Params) -> str:
    access = access_of(request)
    granting.give(request.services, access, _asked(request, params), actor=request.caller.name)
    return "granted"


def _revoke(request: Request, params: Params) -> str:
    access = access_of(request)
    granting.take(request.services, access, _asked(request, params), actor=request.caller.name)
    return "revoked"


def _add_owner(request: Request, params: Params) -> str:
    owners.add(request.services, _project(request), [line(params, "name")], actor=request.caller.name)
    return "owner-added"


def _remove_owner(request: Request, params: Params) -> str:
    owners.remove(request.services, _project(request), [line(params, "name")], actor=request.caller.name)
    return "owner-removed"


change_rights = acting(
    rights,
    {
        "grant": _grant,
        "revoke": _revoke,
        "add-owner": _add_owner,
        "remove-owner": _remove_owner,
    },
)
