"""The first page for administrators: what waits for them, and how everything is."""

from __future__ import annotations

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.core.ports import MutableAccess
from pypicloud_like.registry import jobs
from pypicloud_like.registry.services import Services
from pypicloud_like.web.browse.common import presenters
from pypicloud_like.web.control.common import administrator, shown
from pypicloud_like.web.control.health import health
from pypicloud_like.web.control.space import downloads, space
from pypicloud_like.web.control.storage import held_use

_LATEST = 8


def home(request: Request) -> Response:
    """GET /admin"""
    administrator(request)
    services: Services = request.services
    access = services.access
    accounts = access.accounts()
    counts = downloads(request, 30)
    rebuild = jobs.look(services, jobs.REBUILD)
    return shown(
        request,
        "",
        "home",
        waiting=access.pending_users() if isinstance(access, MutableAccess) else (),
        accounts=len(accounts),
        admins=sum(each.admin for each in accounts),
        space=space(request),
        presenters=presenters(request),
        downloads=sum(counts.values()) if counts is not None else None,
        held=held_use(request),
        has_upstreams=services.upstreams is not None,
        health=health(request),
        rebuilding=rebuild is not None and rebuild.is_running(services.clock()),
        latest=services.state.audit_events(limit=_LATEST),
        changes=services.cache.journal(limit=_LATEST, newest=True),
    )
