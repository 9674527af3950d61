"""Whether the parts of the server can be used now."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from pyramid.request import Request

from pypicloud_like.core.errors import RegistryError
from pypicloud_like.registry.services import Services
from pypicloud_like.web.control.figures import figure

log = logging.getLogger(__name__)


def health(request: Request) -> Mapping[str, str] | None:
    """Part → what ails it, empty for nothing; None while they are asked."""
    services: Services = request.services
    return figure(request, "health", lambda: _asked(services))


def _asked(services: Services) -> Mapping[str, str]:
    parts = {
        "Users and rights": services.access.check,
        "State": services.state.check,
        "Index": services.cache.check,
        "Storage": services.storage.check,
    }
    return {name: _ailment(check) for name, check in parts.items()}


def _ailment(check: Callable[[], None]) -> str:
    try:
        check()
    except RegistryError as error:
        return str(error) or "It cannot be used now"
    except Exception:  # a plug-in may fail in any way
        log.exception("health")
        return "The check failed; the log says why"
    return ""
