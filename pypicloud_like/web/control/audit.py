"""The audit of what people did, and the journal of what happened to packages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.names import parse_project
from pypicloud_like.core.errors import InvalidRequest
from pypicloud_like.core.model import Action
from pypicloud_like.core.ports import Portion, Sought
from pypicloud_like.core.spelling import normal_form
from pypicloud_like.registry.services import Services
from pypicloud_like.web.browse.common import query_of
from pypicloud_like.web.control.common import administrator, shown

_EACH = 50
_MOST_DIGITS = 18
KINDS: Mapping[str, str] = {
    "": "everything",
    "login.*": "failed logins",
    "session.*": "sessions",
    "token.*": "tokens",
    "user.*": "users",
    "group.*": "groups",
    "member.*": "members of groups",
    "grant": "rights granted",
    "revoke": "rights taken away",
    "owner.*": "owners",
    "publisher.*": "trusted publishers",
    "authorization.*": "programs approved",
    "scope.*": "scopes",
    "invite": "invitations",
    "registration": "registration",
    "upstream.*": "upstreams",
    "catalogue.*": "the catalogue",
    "rebuild": "rebuilds",
    "check": "checks",
    "export": "exports",
    "access.load": "imports of users and rights",
}
"""What the audit can be filtered by."""
_FIELDS = ("of", "actor", "action", "about", "since", "until")


def audit(request: Request) -> Response:
    """GET /admin/audit with ``of`` (``packages``: the journal), ``actor``, ``action``, ``about`` (a subject
    or a project), ``since``, ``until`` (days, both included) and ``before`` (where this page begins)
    """
    administrator(request)
    services: Services = request.services
    query = query_of(request)
    asked = {name: query[name].strip()[:200] for name in _FIELDS if query.get(name, "").strip()}
    packages = asked.get("of") == "packages"
    fault, portion = "", None
    try:
        sought, before = _sought(asked, packages=packages), _before(query.get("before", ""))
    except InvalidRequest as error:
        fault = str(error)
    else:
        portion = _portion(services, sought, before, packages=packages)
    older = None
    if portion is not None and portion.before is not None:
        older = f"?{urlencode({**asked, 'before': portion.before})}"
    return shown(
        request,
        "audit",
        "audit",
        fault=fault,
        status=400 if fault else 200,
        asked=asked,
        packages=packages,
        rows=portion.rows if portion is not None else [],
        older=older,
        newest=f"?{urlencode(asked)}" if query.get("before") else None,
        kinds={"": "everything"} | {each.value: each.value for each in Action} if packages else KINDS,
    )


def _portion(services: Services, sought: Sought, before: int | None, *, packages: bool) -> Portion[object]:
    find = services.cache.sought if packages else services.state.audited
    found: Portion[object] = find(sought, before=before, limit=_EACH)  # type: ignore[assignment] # rows of either
    return found


def _sought(asked: Mapping[str, str], *, packages: bool) -> Sought:
    """:raises InvalidRequest: a field says nothing that can be sought"""
    if any("\0" in value for value in asked.values()):
        raise InvalidRequest("", "There is nothing of that name")
    about, actor = asked.get("about"), asked.get("actor")
    return Sought(
        actor=normal_form(actor) if actor else None,
        action=asked.get("action"),
        subject=about if not packages else None,
        project=parse_project(about) if packages and about else None,
        since=_day(asked, "since"),
        until=_day(asked, "until", after=1),
    )


def _day(asked: Mapping[str, str], name: str, *, after: int = 0) -> datetime | None:
    text = asked.get(name)
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC) + timedelta(days=after)
    except (ValueError, OverflowError) as error:
        raise InvalidRequest(name, "must be a day such as 2026-01-31") from error


def _before(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else None
