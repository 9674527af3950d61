"""Trusted publishers, managed by those who say who owns a project: ``/api/publishers``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.names import parse_project
from pypicloud_like.access.policy import Act, in_scope, live
from pypicloud_like.core.errors import Forbidden, InvalidRequest, LoginRequired, NotFound, OutOfScope
from pypicloud_like.core.model import Account, Project
from pypicloud_like.core.ports import Publisher
from pypicloud_like.core.records import time_text
from pypicloud_like.http import answers
from pypicloud_like.http.forms import parse_json_object, read_body, text
from pypicloud_like.http.publishing import require_write
from pypicloud_like.http.security import require
from pypicloud_like.registry import trusted
from pypicloud_like.registry.services import Services
from pypicloud_like.settings.model import IssuerSettings
from pypicloud_like.trust.claims import with_workflow
from pypicloud_like.web.shapes import IssuerBody, MyPublishers, PublisherBody, Publishers


def mine(request: Request) -> Response:
    """GET /api/publishers: the issuers that this server knows, and the publishers that one made; all
    publishers for an administrator.
    """
    require(request, Act.ACCOUNT)
    services, account = request.services, request.caller.account
    found = services.publishers.every() if account.admin else services.publishers.of_creator(account.name)
    issuers = [issuer_json(each) for each in services.settings.trust.issuers]
    return _told(MyPublishers(issuers=issuers, publishers=[publisher_json(each) for each in found]))


def listed(request: Request) -> Response:
    """GET /api/publishers/{project}"""
    project = _project(request)
    found = request.services.publishers.of_project(project)
    if request.services.cache.exists(project):
        require(request, Act.READ, project)
        require(request, Act.OWNERS, project)
    else:
        account = _account(request, project)
        found = [each for each in found if account.admin or each.creator == account.name]
        if not found:
            raise NotFound(str(project))
    return _told(Publishers(publishers=[publisher_json(each) for each in found]))


def add(request: Request) -> Response:
    """POST of the same with ``issuer``, ``claims`` and perhaps ``workflow``; administrators may name the
    ``user`` for whom the jobs act. Of a project that does not exist by whoever may create it.
    """
    project = _project(request)
    require_may_add(request, project)
    body = parse_json_object(read_body(request, request.services.settings.limits.json))
    return _told(publisher_json(make(request, project, body)), status=201)


def remove(request: Request) -> Response:
    """DELETE /api/publishers/{project}/{id}: by the project's owners, or by whoever made it. Tokens that jobs
    have got by it end.
    """
    end(request, _project(request), request.matchdict["id"])
    return answers.empty(204)


def require_may_add(request: Request, project: Project) -> None:
    """Let those go on who may say which jobs publish a project, or create it.

    :raises LoginRequired, OutOfScope, NotFound, Forbidden: the caller may not
    """
    _account(request, project)
    if request.services.cache.exists(project):
        require(request, Act.OWNERS, project)
    else:
        require_write(request, project)


def make(request: Request, project: Project, said: Mapping[str, Any]) -> Publisher:
    """A publisher from ``issuer``, ``claims``, perhaps ``workflow`` and ``user``. The caller may add one.

    :raises InvalidRequest, Conflict, Forbidden: it does not do, is there, or is for somebody who may not
    """
    services, account = request.services, _account(request, project)
    claims, issuer = said.get("claims", {}), text(said, "issuer")
    if said.get("workflow") is not None and isinstance(claims, Mapping):
        named = trusted.issuers(services).named(issuer)
        claims = with_workflow(named, claims, text(said, "workflow", most=200))
    return trusted.add(services, project, issuer, claims, creator=_creator(services, account, said))


def end(request: Request, project: Project, publisher_id: str) -> None:
    """Remove a publisher, as the project's owners may, and whoever made it.

    :raises LoginRequired, OutOfScope, NotFound, Forbidden: the caller may not, or there is none
    """
    account = _account(request, project)
    services = request.services
    made_by = {each.id: each.creator for each in services.publishers.of_project(project)}
    if made_by.get(publisher_id) != account.name:
        if not services.cache.exists(project) and not account.admin:
            raise NotFound(str(project))
        require(request, Act.READ, project)
        require(request, Act.OWNERS, project)
    services.publishers.remove(project, publisher_id, actor=account.name)


def publisher_json(publisher: Publisher) -> PublisherBody:
    """A publisher as the API tells it."""
    return {
        "id": publisher.id,
        "project": str(publisher.project),
        "issuer": publisher.issuer,
        "claims": dict(publisher.claims),
        "pinned": dict(publisher.pinned),
        "user": publisher.creator,
        "pending": publisher.pending,
        "created_at": time_text(publisher.created_at),
        "last_used_at": _moment(publisher.last_used_at),
    }


def issuer_json(issuer: IssuerSettings) -> IssuerBody:
    """An issuer as those need to know it who make publishers."""
    return {
        "name": issuer.name,
        "url": issuer.url,
        "audience": issuer.audience,
        "kind": issuer.kind,
        "identity": list(issuer.identity),
    }


def _project(request: Request) -> Project:
    return parse_project(request.matchdict["project"])


def _account(request: Request, project: Project) -> Account:
    """The account of a caller whose token, if they use one, lets them say who may publish the project.

    :raises LoginRequired, OutOfScope: they are nobody, or it does not
    """
    account = live(request.caller)
    if account is None:
        raise LoginRequired
    if not in_scope(request.caller, Act.OWNERS, project):
        raise OutOfScope("This token is not for saying who may publish this project")
    return account


def _creator(services: Services, account: Account, body: Mapping[str, Any]) -> Account:
    if body.get("user") is None:
        return account
    if not account.admin:
        raise Forbidden("Only an administrator can let jobs act for another user")
    other = services.access.account(text(body, "user", most=100))
    if other is None:
        raise InvalidRequest("user", "is not known")
    return other


def _moment(moment: datetime | None) -> str | None:
    return time_text(moment) if moment is not None else None


def _told(told: Mapping[str, Any], *, status: int = 200) -> Response:
    response = answers.answer_json(told, status=status)
    response.headers["Cache-Control"] = "private, no-store"
    return response
