"""Two servers on one index, one state and one storage behave as one."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass

import pytest

from tests import builders
from tests.support.clients import client, empty_environment
from tests.support.server import LiveServer
from tests.support.uploads import post_file

JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}
BOSS = ("boss", "some secret words")
ROUNDS = 6


@pytest.fixture
def pair(tmp_path, options):
    """Two processes over one data folder."""
    data = tmp_path / "data"
    with LiveServer(data, options=options) as one, LiveServer(data, options=options) as two:
        one.add_user(*BOSS, admin=True)
        yield one, two


@dataclass
class Racer:
    """One upload that starts when all do."""

    server: LiveServer
    filename: str
    body: bytes
    status: int = 0

    def run(self, start: threading.Barrier) -> None:
        start.wait()
        self.status = post_file(self.server, *BOSS, self.filename, self.body).status


def race(racers: list[Racer]) -> Counter[int]:
    """Run them at once and count their statuses."""
    start = threading.Barrier(len(racers))
    threads = [threading.Thread(target=racer.run, args=(start,)) for racer in racers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(racer.status for racer in racers)


@pytest.mark.promise(13, 14, 43)
def test_what_one_acknowledged_the_other_shows_at_once(pair):
    one, two = pair
    for number in range(ROUNDS):
        writer, reader = (one, two) if number % 2 else (two, one)
        built = builders.a_wheel("seen", f"{number}.0")
        assert post_file(writer, *BOSS, built.filename, built.content).status == 200
        page = reader.request("/simple/seen/", auth=BOSS, headers=JSON).json
        assert f"{number}.0" in page["versions"]
        assert reader.request(f"/api/package/seen/{built.filename}", auth=BOSS).body == built.content
        if number % 3 == 0:
            path = f"/api/package/seen/{built.filename}"
            assert writer.request(path, method="DELETE", auth=BOSS).status == 200
            assert reader.request(path, auth=BOSS).status == 404


@pytest.mark.promise(17, 43)
def test_of_many_different_files_of_one_name_one_wins(pair):
    for number in range(ROUNDS):
        racers = []
        for lane in range(4):
            built = builders.a_wheel("race", f"{number}.0", description=f"by {lane}")
            racers.append(Racer(pair[lane % 2], built.filename, built.content))
        assert race(racers) == {200: 1, 409: 3}
        winner = next(racer for racer in racers if racer.status == 200)
        for server in pair:
            path = f"/api/package/race/{winner.filename}"
            assert server.request(path, auth=BOSS).body == winner.body


@pytest.mark.promise(18, 43)
def test_the_same_file_from_many_is_stored_once(pair):
    for number in range(ROUNDS):
        built = builders.a_wheel("same", f"{number}.0")
        racers = [Racer(pair[lane % 2], built.filename, built.content) for lane in range(4)]
        assert race(racers) == {200: 4}
    assert " 0 findings" in pair[0].run("check", "--verify")  # no bytes that nothing refers to


@pytest.mark.promise(19, 43)
def test_different_files_of_one_project_are_all_listed(pair):
    racers = []
    for lane in range(8):
        built = builders.a_wheel("many", f"{lane}.0")
        racers.append(Racer(pair[lane % 2], built.filename, built.content))
    assert race(racers) == {200: 8}
    for server in pair:
        page = server.request("/simple/many/", auth=BOSS, headers=JSON).json
        assert len(page["files"]) == 8


@pytest.mark.promise(127)
def test_a_revoked_token_and_a_changed_right_hold_on_the_other_at_once(pair):
    one, two = pair
    one.add_user("temp", "other secret words")
    auth = ("temp", "other secret words")
    built = builders.a_wheel("closed", "1.0")
    assert post_file(one, *BOSS, built.filename, built.content).status == 200
    assert two.request("/simple/closed/", auth=auth).status == 200
    assert one.request("/admin/package/closed/user/boss/read", method="PUT", auth=BOSS).status == 200
    assert two.request("/simple/closed/", auth=auth).status == 404
    assert one.request("/admin/user/temp", method="DELETE", auth=BOSS).status == 200
    assert two.request("/simple/", auth=auth).status in {200, 401}
    assert two.request("/simple/closed/", auth=auth).status == 401


def test_published_through_one_and_installed_through_the_other_by_real_clients(pair, tmp_path):
    one, two = pair
    twine, pip = client("twine", tmp_path / "twine"), client("pip", tmp_path / "pip")
    secret = one.add_token(BOSS[0])
    python = empty_environment(tmp_path / "environment")
    for version in ("1.0", "1.1"):
        built = builders.a_wheel("travels", version)
        wheel = tmp_path / built.filename
        wheel.write_bytes(built.content)
        target = ["--repository-url", f"{one.url}/legacy/", "-u", "__token__", "-p", secret]
        twine.ok("twine", "upload", *target, str(wheel))
        index = f"http://__token__:{secret}@{two.authority}/simple/"
        pip.ok(
            *["python", "-m", "pip", "--python", str(python), "install", "-U"],
            *["--index-url", index, "travels"],
        )
        listed = pip.ok("python", "-m", "pip", "--python", str(python), "list", "--format=freeze")
        assert f"travels=={version}" in listed
