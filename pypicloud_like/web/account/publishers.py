"""Trusted publishers for which jobs act for oneself: listed, made and removed."""

from __future__ import annotations

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.policy import Act
from pypicloud_like.http.security import require
from pypicloud_like.web import trusting
from pypicloud_like.web.browse.common import query_of
from pypicloud_like.web.control.common import Params, acting
from pypicloud_like.web.control.sentences import SAID
from pypicloud_like.web.pages import page
from pypicloud_like.web.people import require_person


def mine(request: Request, *, fault: str = "", status: int = 200, given: Params | None = None) -> Response:
    """GET /account/publishers, with ``project`` for the form"""
    name = _who(request)
    return page(
        request,
        "account/publishers.jinja2",
        status=status,
        fault=fault,
        sentence="" if fault else SAID.get(query_of(request).get("done", ""), ""),
        **trusting.listed(request, request.services.publishers.of_creator(name), given=given),
    )


def _who(request: Request) -> str:
    name = require_person(request)
    require(request, Act.ACCOUNT)
    return name


change_mine = acting(mine, trusting.DEEDS, _who)
