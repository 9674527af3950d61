"""What tells a supervisor how this server is."""

from __future__ import annotations

import logging
from typing import Protocol

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.core.errors import RegistryError
from pypicloud_like.http import answers

log = logging.getLogger(__name__)


class _Part(Protocol):
    def check(self) -> None: ...


def health(request: Request) -> Response:
    """GET /health: 200 when access, cache and storage can be used, else 500 and what cannot (pypicloud)."""
    services = request.services
    parts = {"access": _ailment(services.access), "cache": _ailment(services.cache)}
    parts["storage"] = _ailment(services.storage)
    return answers.answer_json(parts, status=500 if any(parts.values()) else 200)


def _ailment(part: _Part) -> str:
    try:
        part.check()
    except RegistryError as error:
        log.error("health: %s", error)  # noqa: TRY400 - the sentence says it all, a trace would not add
        return str(error)
    return ""
