"""Trusted publishers of all projects: which jobs publish what, and for whom they act."""

from __future__ import annotations

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.core.ports import Publisher
from pypicloud_like.web import trusting
from pypicloud_like.web.browse.common import query_of
from pypicloud_like.web.control.common import Params, acting, administrator, shown


def publishers(
    request: Request, *, fault: str = "", status: int = 200, given: Params | None = None
) -> Response:
    """GET /admin/publishers with ``q`` (a part of a project, user, issuer or claim) and ``page``"""
    administrator(request)
    part = query_of(request).get("q", "").strip().lower()[:100]
    found = [each for each in request.services.publishers.every() if part in _words(each)]
    values = trusting.listed(request, found, given=given, kept=("q",))
    return shown(
        request, "publishers", "publishers", fault=fault, status=status, sought=part,
        **{name: value for name, value in values.items() if name != "page_of"},
    )  # fmt: skip


def _words(publisher: Publisher) -> str:
    claims = (f"{name}={value}" for name, value in publisher.claims.items())
    return "\n".join([str(publisher.project), publisher.creator, publisher.issuer, *claims]).lower()


change_publishers = acting(publishers, trusting.DEEDS)
