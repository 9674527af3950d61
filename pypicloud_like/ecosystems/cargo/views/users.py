"""Users and teams in the crates.io HTTP API."""

from __future__ import annotations

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.core.errors import NotFound
from pypicloud_like.core.ports import Person
from pypicloud_like.ecosystems.cargo import api
from pypicloud_like.ecosystems.cargo.account_shapes import OneUser, UserStats
from pypicloud_like.ecosystems.cargo.names import CARGO
from pypicloud_like.ecosystems.cargo.views import labels
from pypicloud_like.ecosystems.cargo.views.common import (
    require_login,
)
from pypicloud_like.http import answers


def user(request: Request) -> Response:
    """GET /api/v1/users/{login}: by name, else by number"""
    return answers.answer_json(OneUser(user=api.user_json(_known_user(request))))


def user_stats(request: Request) -> Response:
    """GET /api/v1/users/{id}/stats: the downloads of all that a user owns and the caller may read"""
    person = _known_user(request)
    owned = request.services.state.owned(person.name)
    totals = request.services.downloads.by_project(CARGO, since=None)
    mine = [entry.project for entry in labels.readable_entries(request) if entry.project in owned]
    return answers.answer_json(UserStats(total_downloads=sum(totals.get(each, 0) for each in mine)))


def team(request: Request) -> Response:
    """GET /api/v1/teams/{login}: there are none"""
    require_login(request)
    raise NotFound("team")


def _known_user(request: Request) -> Person:
    """The user of the address. Where nothing is read without a login, users are not either."""
    if not request.services.guard.anonymous_reads_by_default():
        require_login(request)
    services, wanted = request.services, request.matchdict["login"]
    account = services.access.account(wanted)
    person: Person | None = services.people.person(account.name) if account is not None else None
    if person is None and wanted.isdecimal():
        person = services.people.by_id(int(wanted[:12]))
    if person is None or services.access.account(person.name) is None:
        raise NotFound("user")
    return person
