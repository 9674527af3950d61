"""PostgreSQL that is restarted, cut off or hangs under load: answers are right or 503, and all is soon well again."""

from __future__ import annotations

import http.client
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Self

import pytest

from tests import builders
from tests.faults.proxy import Mode, Proxy
from tests.support.server import LiveServer
from tests.support.uploads import post_file

BOSS = ("boss", "some secret words")
JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}
TIMEOUT = 1
"""db.timeout and state.timeout of these servers, in seconds."""


@pytest.fixture
def proxy(postgres_server) -> Iterator[Proxy]:
    with Proxy(postgres_server.postgres.port) as running:
        yield running


@pytest.fixture
def server(proxy, tmp_path) -> Iterator[LiveServer]:
    url = f"postgresql+psycopg://postgres@127.0.0.1:{proxy.port}/postgres"
    options = {
        "pypi.default_read": "everyone",
        "auth.hash_rounds": "1",
        "db.url": url,
        "state.url": url,
        "db.timeout": str(TIMEOUT),
        "state.timeout": str(TIMEOUT),
    }
    with LiveServer(tmp_path / "data", options=options) as running:
        running.add_user(*BOSS, admin=True)
        yield running


class Load:
    """Two lanes that upload and two that read, until told to stop; every answer is kept."""

    def __init__(self, server: LiveServer) -> None:
        self.server = server
        self.statuses: Counter[int] = Counter()
        self.acknowledged: set[str] = set()
        self.slowest = 0.0
        self._stop = threading.Event()
        self._lanes = [threading.Thread(target=self._upload, args=(lane,)) for lane in range(2)]
        self._lanes += [threading.Thread(target=self._read) for _ in range(2)]

    def __enter__(self) -> Self:
        for lane in self._lanes:
            lane.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for lane in self._lanes:
            lane.join()

    def _ask(self, ask) -> int:
        began = time.monotonic()
        try:
            status = ask().status
        except (OSError, http.client.HTTPException):
            status = 0
        self.slowest = max(self.slowest, time.monotonic() - began)
        self.statuses[status] += 1
        return status

    def _upload(self, lane: int) -> None:
        for number in range(10_000):
            if self._stop.wait(0.02):
                return
            wheel = builders.a_wheel("busy", f"{lane}.{number}")
            if (
                self._ask(lambda wheel=wheel: post_file(self.server, *BOSS, wheel.filename, wheel.content))
                == 200
            ):
                self.acknowledged.add(wheel.filename)

    def _read(self) -> None:
        while not self._stop.wait(0.02):
            self._ask(lambda: self.server.request("/simple/busy/", headers=JSON))


def well_again(server: LiveServer) -> float:
    """Seconds until an upload and a page work."""
    began = time.monotonic()
    wheel = builders.a_wheel("well", f"{time.time_ns()}")
    while post_file(server, *BOSS, wheel.filename, wheel.content).status != 200:
        assert time.monotonic() - began < 30
        time.sleep(0.1)
    assert wheel.filename in server.request("/simple/well/").text
    return time.monotonic() - began


def listed(server: LiveServer) -> set[str]:
    return {file["filename"] for file in server.request("/simple/busy/", headers=JSON).json["files"]}


@pytest.mark.promise(60)
def test_restarted_under_load(server, postgres_server):
    with Load(server) as load:
        for _ in range(3):
            time.sleep(0.7)
            postgres_server.stop()
            time.sleep(0.5)
            postgres_server.start()
            assert well_again(server) < 5
    assert set(load.statuses) <= {200, 404, 503}, load.statuses
    assert load.statuses[200]
    assert load.acknowledged <= listed(server)
    assert server.request("/health").status == 200
    assert " 0 findings" in server.run("check", "--verify")


@pytest.mark.promise(60)
def test_connections_that_are_cut(server, proxy):
    with Load(server) as load:
        for _ in range(10):
            time.sleep(0.2)
            proxy.cut_all()
        assert well_again(server) < 5
    assert set(load.statuses) <= {200, 404, 503}, load.statuses
    assert load.acknowledged <= listed(server)


@pytest.mark.promise(61)
def test_a_database_that_hangs(server, proxy):
    assert well_again(server) < 5
    proxy.mode = Mode.FREEZE
    for path in ("/simple/well/", "/simple/", "/pypi/well/json"):
        began = time.monotonic()
        answer = server.request(path, timeout=60)
        assert answer.status == 503
        assert "Retry-After" in answer.headers
        assert time.monotonic() - began < 15
    began = time.monotonic()
    wheel = builders.a_wheel("well", "1.0")
    assert post_file(server, *BOSS, wheel.filename, wheel.content).status == 503
    assert time.monotonic() - began < 15
    proxy.mode = Mode.PASS
    assert well_again(server) < 5


@pytest.mark.promise(60)
def test_a_database_that_refuses(server, proxy):
    proxy.mode = Mode.REFUSE
    proxy.cut_all()
    assert server.request("/simple/well/").status == 503
    health = server.request("/health")
    assert health.status == 500
    assert "postgres" not in health.text
    proxy.mode = Mode.PASS
    assert well_again(server) < 5


@pytest.mark.promise(60)
def test_a_commit_whose_answer_is_lost_is_there_or_not_and_sending_it_again_is_fine(server, proxy):
    for number in range(6):
        wheel = builders.a_wheel("busy", f"{number}.0")
        done = threading.Event()

        def cut(done=done, number=number) -> None:
            while not done.wait(0.004 * (number + 1)):
                proxy.mode = Mode.LOSE
                time.sleep(0.001)
                proxy.mode = Mode.PASS

        thread = threading.Thread(target=cut)
        thread.start()
        statuses = [post_file(server, *BOSS, wheel.filename, wheel.content).status for _ in range(3)]
        done.set()
        thread.join()
        proxy.mode = Mode.PASS
        assert set(statuses) <= {200, 503}, statuses
        while post_file(server, *BOSS, wheel.filename, wheel.content).status == 503:
            time.sleep(0.1)
        assert wheel.filename in listed(server)
        assert server.request(f"/api/package/busy/{wheel.filename}").body == wheel.content
    assert " 0 findings" in server.run("check", "--verify")
