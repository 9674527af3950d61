"""What tells a supervisor how this server is."""

from __future__ import annotations

import logging
from collections.abc import Callable

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.core.errors import RegistryError
from pypicloud_like.http import answers

log = logging.getLogger(__name__)


def health(request: Request) -> Response:
    """GET /health: 200 when access, cache and storage can be used, else 500 and what cannot (pypicloud).

    Sessions, tokens and owners are part of access, wherever its users are kept.
    """
    services = request.services
    parts = {
        "access": _ailment(services.access.check) or _ailment(services.state.check),
        "cache": _ailment(services.cache.check),
        "storage": _ailment(services.storage.check),
    }
    response = answers.answer_json(parts, status=500 if any(parts.values()) else 200)
    response.headers["Cache-Control"] = "no-store"
    return response


def _ailment(check: Callable[[], None]) -> str:
    try:
        check()
    except RegistryError as error:
        log.error("health: %s", error)  # noqa: TRY400 - the sentence says it all, a trace would not add
        return str(error)
    except Exception:  # a plug-in may fail in any way, and the other parts are to be told of all the same
        log.exception("health")
        return "The check failed; the log says why"
    return ""
