"""Whether the parts of the server can be used now."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from pyramid.request import Request

from pypicloud_like.core.errors import RegistryError
from pypicloud_like.registry.probes import Silent
from pypicloud_like.registry.services import Services
from pypicloud_like.web.control.figures import figure

log = logging.getLogger(__name__)

PATIENCE = 5.0
"""Seconds that all parts together get to say how they are."""
_BELIEVED = 5.0
"""Seconds for which that is shown."""
_PARTS = {"access": "Users and rights", "state": "State", "index": "Index", "storage": "Storage"}
"""By the names under which everybody asks, so that a part that hangs is asked once."""


def health(request: Request) -> Mapping[str, str] | None:
    """Part → what ails it, empty for nothing; None while they are asked."""
    services: Services = request.services
    return figure(request, "health", lambda: _asked(services), lifetime=_BELIEVED, old=False)


def _asked(services: Services) -> Mapping[str, str]:
    questions = {
        "access": services.access.check,
        "state": services.state.check,
        "index": services.cache.check,
        "storage": services.storage.check,
    }
    found = services.probes.ask(questions, seconds=PATIENCE)
    return {_PARTS[name]: _ailment(name, outcome) for name, outcome in found.items()}


def _ailment(name: str, outcome: object) -> str:
    if isinstance(outcome, RegistryError | Silent):
        return str(outcome) or "It cannot be used now"
    if isinstance(outcome, Exception):  # a plug-in may fail in any way
        log.error("%s: the check failed", name, exc_info=outcome)
        return "The check failed; the log says why"
    return ""
