"""``kill -9`` in the middle of uploads: nothing acknowledged is lost, nothing half visible."""

from __future__ import annotations

import hashlib
import http.client
import os
import random
import threading
import time

import pytest

from tests import builders
from tests.support.server import LiveServer
from tests.support.uploads import post_file

ROUNDS = int(os.environ.get("PYPICLOUD_LIKE_CRASH_ROUNDS", "3"))
JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}
BOSS = ("boss", "some secret words")


@pytest.mark.promise(1, 2, 3)
def test_a_killed_server_keeps_what_it_acknowledged_and_shows_nothing_half(tmp_path, options):
    seed = random.randrange(10**9)
    chance = random.Random(seed)
    server = LiveServer(tmp_path / "data", options=options)
    server.start()
    try:
        server.add_user(*BOSS, admin=True)
        acknowledged: dict[str, str] = {}
        for number in range(ROUNDS):
            crash_once(server, acknowledged, number, chance.uniform(0.05, 0.6))
            server.start()
            verify(server, acknowledged, f"seed {seed}, round {number}")
        assert acknowledged
        assert " 0 findings" in server.run("check", "--verify")
    finally:
        server.stop()


def crash_once(server: LiveServer, acknowledged: dict[str, str], number: int, delay: float) -> None:
    """Upload on two lanes until the server is killed ``delay`` seconds later; every second time they count
    from the first answer, which a busy machine may take a while to give.
    """
    before = len(acknowledged)

    def upload(lane: int) -> None:
        for turn in range(10_000):
            built = builders.a_wheel("crash", f"{number}.{lane}.{turn}")
            try:
                answer = post_file(server, *BOSS, built.filename, built.content)
            except (OSError, http.client.HTTPException):
                return
            assert answer.status == 200, answer.text
            acknowledged[built.filename] = hashlib.sha256(built.content).hexdigest()

    lanes = [threading.Thread(target=upload, args=(lane,)) for lane in range(2)]
    for lane in lanes:
        lane.start()
    patience = time.monotonic() + 20
    while number % 2 and len(acknowledged) == before and time.monotonic() < patience:
        time.sleep(0.01)
    time.sleep(delay)
    server.kill()
    for lane in lanes:
        lane.join()


def verify(server: LiveServer, acknowledged: dict[str, str], where: str) -> None:
    """Everything acknowledged is listed; everything listed downloads with its digest."""
    page = server.request("/simple/crash/", auth=BOSS, headers=JSON)
    if page.status == 404:
        assert not acknowledged, where
        return
    files = {file["filename"]: file for file in page.json["files"]}
    assert acknowledged.keys() <= files.keys(), where
    for filename, file in files.items():
        answer = server.request(file["url"], auth=BOSS)
        assert answer.status == 200, (where, filename)
        assert hashlib.sha256(answer.body).hexdigest() == file["hashes"]["sha256"], (where, filename)
        assert acknowledged.get(filename, file["hashes"]["sha256"]) == file["hashes"]["sha256"], where
