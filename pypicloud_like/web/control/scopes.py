"""Scopes: which there are, who is in them, who was asked."""

from __future__ import annotations

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.web.browse.common import query_of
from pypicloud_like.web.control.common import acting, administrator, shown, turn_of
from pypicloud_like.web.membership import DEEDS, make, rules_of, scope_of

_EACH = 50


def scopes(request: Request, *, fault: str = "", status: int = 200) -> Response:
    """GET /admin/scopes with ``q`` (a part of the name) and ``page``"""
    administrator(request)
    part = query_of(request).get("q", "").strip().lstrip("@")[:50].replace("\0", "")
    kept = request.services.scopes
    size = kept.some(containing=part, limit=1)[1]
    turn = turn_of(request, size, each=_EACH, label="Scopes", keep=("q",))
    found, _ = kept.some(containing=part, start=turn.start, limit=_EACH)
    packages = rules_of(request).packages(request.services.cache)
    told = [(each, len(kept.members(each.name)), packages.get(each.name, 0)) for each in found]
    return shown(request, "scopes", "scopes", fault=fault, status=status, sought=part, found=told, turn=turn)


def scope(request: Request, *, fault: str = "", status: int = 200) -> Response:
    """GET /admin/scopes/{scope}"""
    administrator(request)
    record = scope_of(request)
    services = request.services
    return shown(
        request,
        "scopes",
        "scope",
        fault=fault,
        status=status,
        scope=record,
        members=services.scopes.members(record.name),
        invites=services.scopes.invites(record.name),
        packages=rules_of(request).packages(services.cache).get(record.name, 0),
        may_change=True,
    )


change_scopes = acting(scopes, {"add": make})
change_scope = acting(scope, DEEDS)
