"""Servers for the JSR side, begun from one template."""

from __future__ import annotations

import pytest

from tests.http.jsr.site import JsrSite
from tests.http.pypi.conftest import services, template, users

__all__ = ["services", "template", "users"]


@pytest.fixture
def site(services, clock) -> JsrSite:
    """A server of the test's own with an administrator ``boss`` and users ``ann`` and ``bob``. A module gives
    more settings by overriding ``ini``.
    """
    return JsrSite(services, clock)
