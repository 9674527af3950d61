"""An empty server."""

from __future__ import annotations

from tests.http.conftest import app, clock, ini, migrated, services

__all__ = ["app", "clock", "ini", "migrated", "services"]
