"""Two servers on two ports, as on two hosts, over one PostgreSQL and one S3 store.

Longer than the five seconds here: ``PYPICLOUD_LIKE_LOAD_SECONDS=300 python -m pytest tests/scale``.
"""

from __future__ import annotations

import os
import re
import time
from contextlib import ExitStack

import pytest
import sqlalchemy as sa

from pypicloud_like.state.people_tables import download_totals
from tests.faults.setups import set_up
from tests.scale.mixed import JSON, Mixed
from tests.support.postgres import postgres
from tests.support.server import LiveServer
from tests.support.swift import s3_store

__all__ = ["postgres", "s3_store"]

SECONDS = float(os.environ.get("PYPICLOUD_LIKE_LOAD_SECONDS", "5"))
BOSS = ("boss", "a long enough password")


@pytest.fixture(params=[1, 2], ids=["one-worker-each", "two-workers-each"])
def servers(request, tmp_path):
    with ExitStack() as stack:
        options = dict(stack.enter_context(set_up("postgresql-s3", request)))
        options |= {
            "pypi.default_read": "authenticated",
            "auth.signing_key": "the same on all of them, and long enough",
            "pypi.default_write": "authenticated",
            "pypi.stream_files": "true",  # the client of these tests would show its password to the store
        }
        found = [
            stack.enter_context(
                LiveServer(tmp_path / f"host{number}" / "data", options=options, workers=request.param)
            )
            for number in (1, 2)
            if not (tmp_path / f"host{number}").mkdir()
        ]
        found[0].add_user(*BOSS, admin=True)
        yield found


def total(server: LiveServer, name: str) -> int:
    text = server.request("/metrics", auth=BOSS).text
    return sum(int(value) for value in re.findall(rf"^{name}(?:\{{[^}}]*\}})? (\d+)$", text, re.MULTILINE))


def test_every_read_after_a_write_is_right_and_every_count_adds_up(servers):
    load = Mixed(servers, BOSS, servers[0].add_token(BOSS[0]))
    load.run(SECONDS)
    assert not load.failures, load.failures[:5]
    assert min(load.counts[what] for what in ("uploads", "yanks", "downloads", "reads")) > 0
    assert sum(total(server, "pypicloud_like_uploads_total") for server in servers) == load.counts["uploads"]
    changes = load.counts["uploads"] + load.counts["yanks"] + load.counts["deletes"]
    assert sum(total(server, "pypicloud_like_changes_total") for server in servers) == changes
    pages = [server.request("/simple/", auth=BOSS, headers=JSON).json["projects"] for server in servers]
    assert pages[0] == pages[1]
    assert downloads(servers[0], load.counts["downloads"]) == load.counts["downloads"]


def downloads(server: LiveServer, wanted: int) -> int:
    """All downloads that the state knows of; they are written in batches, a little later."""
    engine = sa.create_engine(server.options["state.url"])
    deadline = time.monotonic() + 15
    try:
        while True:
            with engine.connect() as connection:
                number = int(connection.scalar(sa.select(sa.func.sum(download_totals.c.count))) or 0)
            if number == wanted or time.monotonic() > deadline:
                return number
            time.sleep(0.5)
    finally:
        engine.dispose()
