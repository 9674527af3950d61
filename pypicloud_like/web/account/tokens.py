"""One's own API tokens: listed, made and revoked. ``cargo login`` sends people here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.names import parse_pattern
from pypicloud_like.access.policy import PACKAGE_ACTS, Act
from pypicloud_like.core.errors import InvalidRequest, NotFound
from pypicloud_like.core.model import Project, Scope
from pypicloud_like.http import forms
from pypicloud_like.web.pages import page
from pypicloud_like.web.people import person, require_person, to_login

KINDS = {
    "read": frozenset({Act.READ}),
    "publish": frozenset({Act.READ, Act.WRITE, Act.CREATE}),
    "all": PACKAGE_ACTS,
}
"""What the form offers: download, upload too, everything with packages."""
LONGEST_DAYS = 36500
_MOST_PROJECTS = 50
_MOST_DIGITS = 9


def listed(request: Request) -> Response:
    """GET /me"""
    name = person(request)
    return to_login(request) if name is None else _page(request, name)


def change(request: Request) -> Response:
    """POST of the same: make a token from ``label``, ``kind``, ``projects`` and ``days``, or ``revoke`` one
    by its id. A new secret is shown this once.
    """
    name = require_person(request)
    services = request.services
    params = forms.read_params(request, services.settings.limits)
    try:
        if "revoke" in params:
            services.state.revoke_token(name, forms.text(params, "revoke"), actor=name)
            return _page(request, name, sentence="The token is revoked.")
        secret, _ = services.state.add_token(
            name,
            forms.text(params, "label"),
            _scope(params),
            expires_at=_expiry(params, services.clock()),
        )
    except (InvalidRequest, NotFound) as error:
        status = 404 if isinstance(error, NotFound) else 400
        return _page(request, name, fault=str(error), status=status)
    return _page(request, name, secret=secret)


def _page(
    request: Request, name: str, *, secret: str = "", sentence: str = "", fault: str = "", status: int = 200
) -> Response:
    found = [
        {
            "id": token.id,
            "label": token.label,
            "acts": ", ".join(sorted(token.scope.actions)),
            "projects": "all" if token.scope.projects is None else ", ".join(map(str, token.scope.projects)),
            "expires": _day(token.expires_at),
            "used": _day(token.last_used_at),
        }
        for token in request.services.state.tokens(name)
    ]
    return page(
        request,
        "account/tokens.jinja2",
        status=status,
        tokens=found,
        secret=secret,
        sentence=sentence,
        fault=fault,
    )


def _scope(params: Mapping[str, Any]) -> Scope:
    kind = forms.text(params, "kind")
    if kind not in KINDS:
        raise InvalidRequest("kind", f"must be one of {', '.join(KINDS)}")
    return Scope(frozenset(map(str, KINDS[kind])), _projects(str(params.get("projects", ""))))


def _projects(text: str) -> frozenset[Project] | None:
    spelled = text.replace(",", " ").split()
    if len(spelled) > _MOST_PROJECTS:
        raise InvalidRequest("projects", f"at most {_MOST_PROJECTS} can be named")
    return frozenset(map(parse_pattern, spelled)) if spelled else None


def _expiry(params: Mapping[str, Any], now: datetime) -> datetime | None:
    text = str(params.get("days", "")).strip()
    if not text:
        return None
    if (
        not text.isascii()
        or not text.isdecimal()
        or len(text) > _MOST_DIGITS
        or not 1 <= int(text) <= LONGEST_DAYS
    ):
        raise InvalidRequest("days", f"must be a number from 1 to {LONGEST_DAYS}, or empty")
    return now + timedelta(days=int(text))


def _day(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d") if moment else "never"
