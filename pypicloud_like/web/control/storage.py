"""Storage: what is used, by project and over time, and how the backends are."""

from __future__ import annotations

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.core.ports import HeldUse
from pypicloud_like.registry.services import Services
from pypicloud_like.settings.model import (
    FileStorageSettings,
    MemoryStorageSettings,
    S3StorageSettings,
)
from pypicloud_like.web.browse.charts import growing
from pypicloud_like.web.browse.common import presenters, query_of
from pypicloud_like.web.control.common import administrator, shown, turn_of
from pypicloud_like.web.control.figures import figure
from pypicloud_like.web.control.health import health
from pypicloud_like.web.control.space import space

_EACH = 50
_KINDS = {FileStorageSettings: "a folder", S3StorageSettings: "S3", MemoryStorageSettings: "memory"}


def storage(request: Request) -> Response:
    """GET /admin/storage with ``q`` (a part of names) and ``page``"""
    administrator(request)
    services: Services = request.services
    found = space(request)
    part = query_of(request).get("q", "").strip().lower()[:100]
    projects = [each for each in found.projects if part in str(each.project)] if found is not None else []
    turn = turn_of(request, len(projects), each=_EACH, label="Projects", keep=("q",), fragment="#projects")
    return shown(
        request,
        "storage",
        "storage",
        space=found,
        sought=part,
        projects=projects[turn.start : turn.end],
        turn=turn,
        chart=growing(found.by_day, until=services.clock().date()) if found is not None else None,
        held=held_use(request),
        limit=services.settings.fallback.cache_limit,
        health=health(request),
        kind=_KINDS.get(type(services.settings.storage), "a plug-in"),
        databases={
            "Index": _database(services.settings.index.url),
            "State": _database(services.settings.state.url),
        },
        presenters=presenters(request),
    )


def held_use(request: Request) -> HeldUse | None:
    """How much is held from upstreams; None where there are none, or while it is being counted."""
    upstreams = request.services.upstreams
    return None if upstreams is None else figure(request, "held", upstreams.held.use)


def _database(url: str) -> str:
    return "SQLite" if url.startswith("sqlite") else "PostgreSQL" if url.startswith("postgres") else "SQL"
