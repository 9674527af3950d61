"""Whether the parts of the server can be used now."""

from __future__ import annotations

from collections.abc import Mapping

from pyramid.request import Request

from pypicloud_like.registry.services import Services
from pypicloud_like.web.control.figures import figure
from pypicloud_like.web.operations import ailment, asked

PATIENCE = 5.0
"""Seconds that all parts together get to say how they are."""
_BELIEVED = 5.0
"""Seconds for which that is shown."""
_PARTS = {"access": "Users and rights", "state": "State", "index": "Index", "storage": "Storage"}


def health(request: Request) -> Mapping[str, str] | None:
    """Part → what ails it, empty for nothing; None while they are asked."""
    services: Services = request.services
    return figure(request, "health", lambda: _asked(services), lifetime=_BELIEVED, old=False)


def _asked(services: Services) -> Mapping[str, str]:
    found = asked(services, seconds=PATIENCE)
    return {_PARTS[name]: ailment(outcome) for name, outcome in found.items()}
