"""Servers for the cargo side, begun from one template."""

from __future__ import annotations

import pytest

from tests.http.cargo.site import CargoSite
from tests.http.pypi.conftest import services, template, users

__all__ = ["services", "template", "users"]


@pytest.fixture
def site(services, clock) -> CargoSite:
    """A server of the test's own with an administrator ``boss`` and users ``ann`` and ``bob``. A module gives
    more settings by overriding ``ini``.
    """
    return CargoSite(services, clock)
