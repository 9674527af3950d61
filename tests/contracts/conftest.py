"""Databases for the contract tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pypicloud_like.state.sql import SqlState
from tests.contracts.caches import open_index
from tests.contracts.people import People
from tests.support.postgres import Postgres, postgres, postgres_server, postgres_url

__all__ = ["postgres", "postgres_server", "postgres_url"]


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty index to be copied."""
    path = tmp_path_factory.mktemp("index") / "index.sqlite"
    open_index(f"sqlite:///{path}").close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def index_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a new and empty index."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "index.sqlite")
        yield f"sqlite:///{tmp_path / 'index.sqlite'}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    template = server.template("empty_index", lambda url: open_index(url).close())
    with server.database(template) as url:
        yield url


@pytest.fixture
def state(people: People) -> SqlState:
    """The state of the people that a module works with."""
    return people.state
