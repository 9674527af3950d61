"""``kill -9`` in the middle of uploads: nothing acknowledged is lost, nothing half visible."""

from __future__ import annotations

import hashlib
import os
import random
import threading
import time

from tests import builders
from tests.support.server import LiveServer
from tests.support.uploads import post_file

ROUNDS = int(os.environ.get("PYPICLOUD_LIKE_CRASH_ROUNDS", "6"))
SEED = 20260101


def test_a_killed_server_keeps_what_it_acknowledged(tmp_path):
    chance = random.Random(SEED)
    server = LiveServer(tmp_path / "data", options={"pypi.default_read": "everyone"})
    server.start()
    try:
        server.add_user("boss", "secret words", admin=True)
        acknowledged: dict[str, str] = {}
        for number in range(ROUNDS):
            _crash_once(server, acknowledged, number, chance.uniform(0.0, 0.3))
            server.start()
            _verify(server, acknowledged)
    finally:
        server.stop()


def _crash_once(server: LiveServer, acknowledged: dict[str, str], number: int, delay: float) -> None:
    """Upload in two threads until the server is killed ``delay`` seconds later."""
    stop = threading.Event()

    def upload(lane: int) -> None:
        turn = 0
        while not stop.is_set():
            turn += 1
            filename, body = builders.a_wheel("crash", f"{number}.{lane}.{turn}")
            try:
                status = post_file(server, "boss", "secret words", filename, body)
            except OSError:
                return
            if status == 200:
                acknowledged[filename] = hashlib.sha256(body).hexdigest()

    lanes = [threading.Thread(target=upload, args=(lane,)) for lane in range(2)]
    for lane in lanes:
        lane.start()
    time.sleep(delay)
    server.kill()
    stop.set()
    for lane in lanes:
        lane.join()


def _verify(server: LiveServer, acknowledged: dict[str, str]) -> None:
    page = server.get("/simple/crash/", headers={"Accept": "application/vnd.pypi.simple.v1+json"})
    if page.status == 404:
        assert not acknowledged
        return
    files = {file["filename"]: file for file in page.json["files"]}
    assert acknowledged.keys() <= files.keys()
    for filename, file in files.items():
        answer = server.get(file["url"])
        assert answer.status == 200, filename
        digest = hashlib.sha256(answer.body).hexdigest()
        assert digest == file["hashes"]["sha256"]
        assert acknowledged.get(filename, digest) == digest
