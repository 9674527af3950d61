"""A rebuild while uploads, yanks and deletes go on loses and revives nothing."""

from __future__ import annotations

import random
import threading

import pytest

from tests import builders
from tests.support.server import LiveServer
from tests.support.uploads import post_file

JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}
BOSS = ("boss", "some secret words")
LANES = 3
TURNS = 25
REBUILDS = 6


@pytest.mark.promise(12, 68)
def test_rebuilds_under_uploads_yanks_and_deletes_hurt_nothing(tmp_path, options):
    with LiveServer(tmp_path / "data", options=options) as server:
        server.add_user(*BOSS, admin=True)
        states: dict[str, str] = {}
        lanes = [threading.Thread(target=work, args=(server, lane, states)) for lane in range(LANES)]
        for lane in lanes:
            lane.start()
        for _ in range(REBUILDS):
            report = server.request("/admin/rebuild", auth=BOSS)
            assert report.status == 200
            assert report.json["removed"] == 0
            assert report.json["problems"] == []
        for lane in lanes:
            lane.join()
        assert listed(server) == states
        assert server.request("/admin/rebuild", auth=BOSS).json["changed"] == 0
        assert listed(server) == states


def work(server: LiveServer, lane: int, states: dict[str, str]) -> None:
    """Upload, and now and then yank or delete; note the state of each file once it is acknowledged."""
    chance = random.Random(lane)
    for turn in range(TURNS):
        version = f"{lane}.{turn}"
        built = builders.a_wheel("busy", version)
        assert post_file(server, *BOSS, built.filename, built.content).status == 200
        choice = chance.random()
        if choice < 0.3:
            path = f"/api/package/busy/{built.filename}"
            assert server.request(path, method="DELETE", auth=BOSS).status == 200
        elif choice < 0.6:
            path = f"/api/package/busy/{version}/yank"
            assert server.request(path, method="POST", auth=BOSS, body=b"").status == 200
            states[built.filename] = "yanked"
        else:
            states[built.filename] = "there"


def listed(server: LiveServer) -> dict[str, str]:
    """File name → there or yanked, as the index page says."""
    page = server.request("/simple/busy/", auth=BOSS, headers=JSON).json
    return {file["filename"]: "yanked" if file["yanked"] else "there" for file in page["files"]}
