"""Both set-ups a server runs in most: embedded (files and SQLite), and a team's (object store and PostgreSQL)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from tests.faults.setups import in_store
from tests.support.postgres import postgres, postgres_server, postgres_url
from tests.support.swift import s3_store
from tests.support.upstream import Upstream

__all__ = ["options", "postgres", "postgres_server", "postgres_url", "s3_store"]

READ = {"pypi.default_read": "authenticated"}


@pytest.fixture(params=["embedded", "team"])
def options(request: pytest.FixtureRequest) -> Iterator[Mapping[str, str]]:
    """The keys of the .ini that make the set-up."""
    if request.param == "embedded":
        yield READ
        return
    url: str = request.getfixturevalue("postgres_url")
    yield READ | {"db.url": url, "state.url": url} | in_store(request.getfixturevalue("s3_store"))


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """An upstream without projects."""
    with Upstream() as running:
        yield running
