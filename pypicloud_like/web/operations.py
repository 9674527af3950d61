"""What tells supervisors, load balancers and collectors of metrics how this server is."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from ipaddress import ip_address, ip_network

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.policy import Act
from pypicloud_like.core.errors import NoSpace, NotEnabled, RegistryError, Unavailable
from pypicloud_like.core.exposition import CONTENT_TYPE, exposition
from pypicloud_like.http import answers
from pypicloud_like.http.security import client_address, require
from pypicloud_like.http.urls import is_behind_proxy, is_from_here
from pypicloud_like.registry.measuring import of_all
from pypicloud_like.registry.probes import Silent
from pypicloud_like.registry.services import Services
from pypicloud_like.web.shapes import Alive, Health, Parts, Readiness, Word

log = logging.getLogger(__name__)

PATIENCE = 0.8
"""Seconds that all parts together get to say how they are: the answer is to be there within one."""
_RETRY_AFTER = "5"


def alive(_request: Request) -> Response:
    """GET /alive: 200 while this process answers at all, whatever it depends on. For whoever would restart
    it: a database that is away does not come back by that.
    """
    return _answer(Alive(alive=True))


def ready(request: Request) -> Response:
    """GET /ready: 200 while databases and storage answer, else 503 and which of them does not. For whoever
    would send requests elsewhere meanwhile.

    Each part is ``ok``, ``timeout``, ``full``, ``unavailable`` or ``failed``; what lies behind is in the log.
    """
    found = asked(request.services, seconds=PATIENCE)
    parts: Parts = {
        "access": _word(found["access"]),
        "state": _word(found["state"]),
        "index": _word(found["index"]),
        "storage": _word(found["storage"]),
    }
    is_ready = set(parts.values()) == {"ok"}
    response = _answer(Readiness(ready=is_ready, parts=parts), status=200 if is_ready else 503)
    if not is_ready:
        response.headers["Retry-After"] = _RETRY_AFTER
    return response


def health(request: Request) -> Response:
    """GET /health: 200 when access, cache and storage can be used, else 500 and what cannot (pypicloud).

    Sessions, tokens and owners are part of access, wherever its users are kept.
    """
    found = {name: ailment(outcome) for name, outcome in asked(request.services, seconds=PATIENCE).items()}
    parts: Health = {
        "access": found["access"] or found["state"],
        "cache": found["index"],
        "storage": found["storage"],
    }
    return _answer(parts, status=500 if any(parts.values()) else 200)


def metrics(request: Request) -> Response:
    """GET /metrics: what this process counts, for whom the setting ``server.metrics`` lets read it.

    :raises NotEnabled, LoginRequired, Forbidden: it does not let this caller
    """
    if not _may_read_metrics(request):
        if "admin" not in request.services.settings.server.metrics:
            raise NotEnabled("Reading the metrics from here")
        require(request, Act.ADMIN)
    body = exposition(of_all(request.services))
    headers = [
        ("Content-Type", CONTENT_TYPE),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "private, no-store"),
    ]
    return Response(status=200, headerlist=headers, app_iter=(body,))


def _may_read_metrics(request: Request) -> bool:
    """Whether no login is needed."""
    server = request.services.settings.server
    if "everyone" in server.metrics:
        return True
    # where there is a proxy that we do not know, nothing tells its requests from those of this machine
    if (
        "loopback" in server.metrics
        and is_from_here(request)
        and (server.trusted_proxies or not is_behind_proxy(request))
    ):
        return True
    return _is_within(client_address(request), server.metrics - {"loopback", "admin", "everyone"})


def _is_within(address: str, networks: frozenset[str]) -> bool:
    try:
        peer = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(peer, "ipv4_mapped", None) or peer
    return any(mapped in ip_network(network) for network in networks)


def asked(services: Services, *, seconds: float) -> Mapping[str, object]:
    """How ``access``, ``state``, ``index`` and ``storage`` are: None for what is well, else what was raised,
    or :class:`Silent`. What ails one is logged. All ask by these names, so a part that hangs is asked once.

    :param seconds: how long all answers together may take
    """
    questions = {
        "access": services.access.check,
        "state": services.state.check,
        "index": services.cache.check,
        "storage": services.storage.check,
    }
    found = services.probes.ask(questions, seconds=seconds)
    for name, outcome in found.items():
        if isinstance(outcome, RegistryError | Silent):
            log.error("%s: %s", name, outcome)
        elif isinstance(outcome, Exception):  # a plug-in may fail in any way
            log.error("%s: the check failed", name, exc_info=outcome)
    return found


def _word(outcome: object) -> Word:
    match outcome:
        case None:
            return "ok"
        case Silent():
            return "timeout"
        case NoSpace():
            return "full"
        case Unavailable():
            return "unavailable"
    return "failed"


def ailment(outcome: object) -> str:
    """A sentence about what was found of a part; empty if it is well."""
    match outcome:
        case None:
            return ""
        case RegistryError() | Silent():
            return str(outcome)
    return "The check failed; the log says why"


def _answer(data: Mapping[str, object], *, status: int = 200) -> Response:
    response = answers.answer_json(data, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response
