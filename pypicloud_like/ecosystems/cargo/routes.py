"""All addresses of the cargo side on one page."""

from __future__ import annotations

from pyramid.config import Configurator


def includeme(_config: Configurator) -> None:
    """Register them."""
