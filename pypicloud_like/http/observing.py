"""Around every request: its id, how long it took, and what is logged of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import partial
from time import perf_counter
from typing import Any
from urllib.parse import quote

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.core import asker
from pypicloud_like.http.request_ids import HEADER, request_id
from pypicloud_like.logs import context
from pypicloud_like.registry.services import Services

log = logging.getLogger(__name__)

Handler = Callable[[Request], Response]
UNMATCHED = "(none)"
_LONGEST_PATH = 1000
"""characters of a path that are logged: addresses that are too long are logged as well"""
_OF_CALLER = frozenset({"way", "token", "session"})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def includeme(config: Configurator) -> None:
    """Put the tween around all others."""
    config.add_tween(
        "pypicloud_like.http.observing.observe_tween", over="pypicloud_like.http.edge.edge_tween"
    )


def observe_tween(handler: Handler, registry: Any) -> Handler:
    """Give the request its id, and count it. The time is that until the answer begins: neither the upload
    before it, which the WSGI server reads, nor the body after it are in it.
    """
    services: Services = registry.services
    answered = services.metrics.answered
    logs_all = services.settings.log.requests == "all"
    logs_changes = services.settings.log.requests == "changes"
    set_current = context.request_id.set
    set_asker = asker.current.set

    def observe(request: Request) -> Response:
        environ = request.environ
        number = request_id(environ)
        set_current(number)
        set_asker(partial(_asker, request))
        method = environ["REQUEST_METHOD"]
        began = perf_counter()
        response = handler(request)
        seconds = perf_counter() - began
        set_asker(None)
        response.headerlist.append((HEADER, number))
        route = getattr(request, "matched_route", None)
        digit = int(response.status[0])
        answered(route.pattern if route is not None else UNMATCHED, method, digit, seconds)
        if logs_all or digit == 5 or (logs_changes and method not in _SAFE):
            _log(request, response.status_int, seconds)
        if isinstance(response.app_iter, tuple | list):  # else this thread goes on working for the request
            set_current("")
        return response

    return observe


def _asker(request: Request) -> Mapping[str, str]:
    """What the audit and the log say of whoever asks, beside the name."""
    environ = request.environ
    caller = request.__dict__.get("caller")  # if anybody asked for it; it is not worth a question of its own
    way = caller.via if caller is not None and caller.account is not None else None
    said = {
        "way": way,
        "session" if way == "session" else "token": caller.credential if way else None,
        "address": environ.get("REMOTE_ADDR"),
        "request": request_id(environ),
    }
    return {name: value for name, value in said.items() if value}


def _log(request: Request, status: int, seconds: float) -> None:
    """One event. The query is left out: it may hold what is meant for the server alone."""
    environ = request.environ
    caller = request.__dict__.get("caller")  # if anybody asked for it; it is not worth a question of its own
    whole = environ.get("PATH_INFO", "")
    path = quote(whole[:_LONGEST_PATH].encode("latin-1", "replace"), safe="/@+!$&'()*,;=:~")
    if len(whole) > _LONGEST_PATH:
        path += "…"
    fields = {
        "event": "request",
        "method": request.method,
        "path": path,
        "status": status,
        "milliseconds": round(seconds * 1000, 1),
        "client": environ.get("REMOTE_ADDR", ""),
        "user": caller.name if caller is not None else None,
        **{name: value for name, value in _asker(request).items() if name in _OF_CALLER},
        "agent": environ.get("HTTP_USER_AGENT", "")[:200],
    }
    who = f"{fields['user'] or '-'}{' (token ' + fields['token'] + ')' if fields.get('token') else ''}"
    log.info(
        "%s %s %d %.1f ms %s %s",
        request.method,
        path,
        status,
        seconds * 1000,
        fields["client"],
        who,
        extra={"fields": fields},
    )
