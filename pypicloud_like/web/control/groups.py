"""Groups: who is in them, and what is granted to them."""

from __future__ import annotations

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.names import group_name
from pypicloud_like.core.errors import NotFound
from pypicloud_like.core.spelling import normal_form
from pypicloud_like.web.control.common import (
    Params,
    access_of,
    acting,
    administrator,
    confirmed,
    line,
    shown,
    to,
    turn_of,
)

_EACH = 50
_MEMBERS = 100


def groups(request: Request, *, fault: str = "", status: int = 200) -> Response:
    """GET /admin/groups"""
    administrator(request)
    access = request.services.access
    known = sorted(access.groups().items())
    granted: dict[str, int] = {}
    for grants in access.grants().values():
        for name in grants.groups:
            granted[name] = granted.get(name, 0) + 1
    turn = turn_of(request, len(known), each=_EACH, label="Groups")
    return shown(
        request,
        "groups",
        "groups",
        fault=fault,
        status=status,
        found=[(name, len(members), granted.get(name, 0)) for name, members in known[turn.start : turn.end]],
        turn=turn,
    )


def group(request: Request, *, fault: str = "", status: int = 200) -> Response:
    """GET /admin/groups/{group}"""
    administrator(request)
    name = _name(request)
    access = request.services.access
    members = sorted(access.groups()[name])
    turn = turn_of(request, len(members), each=_MEMBERS, label="Members")
    grants = [
        (project, sorted(grants.groups[name]))
        for project, grants in sorted(access.grants().items())
        if grants.groups.get(name)
    ]
    return shown(
        request,
        "groups",
        "group",
        fault=fault,
        status=status,
        name=name,
        members=members[turn.start : turn.end],
        size=len(members),
        turn=turn,
        grants=grants[:200],
        more_grants=max(0, len(grants) - 200),
    )


def _name(request: Request) -> str:
    name = normal_form(request.matchdict["group"])
    if name not in request.services.access.groups():
        raise NotFound("The group")
    return name


def _add(request: Request, params: Params) -> Response:
    name = group_name(line(params, "group"))
    access_of(request).add_group(name, actor=request.caller.name)
    return to(request, f"/admin/groups/{name}", done="group-added")


def _join(request: Request, params: Params) -> str:
    access_of(request).add_member(_name(request), line(params, "user"), actor=request.caller.name)
    return "joined"


def _leave(request: Request, params: Params) -> str:
    access_of(request).remove_member(_name(request), line(params, "user"), actor=request.caller.name)
    return "left"


def _remove(request: Request, params: Params) -> Response:
    access, name = access_of(request), _name(request)
    confirmed(params, name)
    access.remove_group(name, actor=request.caller.name)
    return to(request, "/admin/groups", done="group-removed")


change_groups = acting(groups, {"add": _add})
change_group = acting(group, {"join": _join, "leave": _leave, "remove": _remove})
