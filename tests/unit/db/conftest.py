"""Empty databases of both kinds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pypicloud_like.db.engine import Database
from pypicloud_like.db.index_tables import clock
from pypicloud_like.settings.model import DatabaseSettings
from tests.support.postgres import postgres, postgres_url

__all__ = ["postgres", "postgres_url"]


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'a %41 b.sqlite'}"
    return request.getfixturevalue("postgres_url")


@pytest.fixture
def empty(empty_url: str) -> Iterator[Database]:
    """A database without tables."""
    database = Database(DatabaseSettings(empty_url, timeout=5), clock=clock)
    yield database
    database.close()
