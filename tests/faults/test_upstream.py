"""A server whose upstream is slow, large or dead, over real HTTP."""

from __future__ import annotations

import hashlib
import http.client
import os
import signal
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests import builders
from tests.support.server import LiveServer
from tests.support.uploads import post_file
from tests.support.upstream import Handler, silent

MIB = 1024 * 1024
BOSS = ("boss", "some secret words")
ASKERS = 16


@pytest.fixture
def workers():
    """How many processes there are."""
    return 1


@pytest.fixture
def server(upstream, tmp_path, workers) -> Iterator[LiveServer]:
    options = {
        "pypi.default_read": "everyone",
        "pypi.cache_update": "everyone",
        "pypi.fallback": "cache",
        "pypi.fallback_base_url": upstream.url,
    }
    with LiveServer(tmp_path / "data", options=options, workers=workers) as running:
        running.add_user(*BOSS, admin=True)
        yield running


def read(server: LiveServer, path: str, began: Callable[[], object] = int) -> tuple[int, str]:
    """How many bytes came, and their digest; ``began`` is called with the first.

    :raises http.client.IncompleteRead: fewer came than were announced, which reading in pieces does not tell
    """
    digest, size = hashlib.sha256(), 0
    with urllib.request.urlopen(server.url + path, timeout=120) as answer:
        while chunk := answer.read1(MIB):
            if not size:
                began()
            digest.update(chunk)
            size += len(chunk)
        if size != int(answer.headers.get("Content-Length", size)):
            raise http.client.IncompleteRead(b"", size)
    return size, digest.hexdigest()


@pytest.mark.promise(80)
@pytest.mark.parametrize("workers", [1, 3])
def test_many_clients_of_one_large_file_cause_one_fetch_and_begin_early(server, upstream):
    large = builders.a_wheel(
        "large", "1.0", files={"large/x.bin": bytes(range(256)) * 4096 * 40}, stored=True
    )
    upstream.add("large", large)
    path = f"/api/package/large/{large.filename}"
    began = threading.Semaphore(0)
    waited = []

    def gated(handler: Handler) -> bool:
        """The second half only once all clients have the first byte."""
        content = large.content
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content[: len(content) // 2])
        handler.wfile.flush()
        waited.extend(began.acquire(timeout=30) for _ in range(ASKERS))
        handler.wfile.write(content[len(content) // 2 :])
        return True

    upstream.tricks["/files/"] = gated
    outcomes = []
    threads = [
        threading.Thread(target=lambda: outcomes.append(read(server, path, began.release)))
        for _ in range(ASKERS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    right = (len(large.content), hashlib.sha256(large.content).hexdigest())
    assert outcomes == [right] * len(outcomes)
    assert len(outcomes) == ASKERS
    assert waited == [True] * ASKERS
    assert upstream.asked("/files/").total() == 1
    assert upstream.asked("/simple/").total() == 1
    upstream.tricks.clear()
    assert read(server, path) == right


@pytest.mark.promise(32, 82)
def test_what_is_ours_is_served_at_once_while_the_upstream_says_nothing(server, upstream):
    mine = builders.a_wheel("mine", "1.0")
    assert post_file(server, *BOSS, mine.filename, mine.content).status == 200
    upstream.tricks["/"] = silent(20)
    threads = [
        threading.Thread(target=lambda name=f"other{number}": server.request(f"/simple/{name}/", timeout=60))
        for number in range(60)
    ]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    slowest = 0.0
    for _ in range(20):
        start = time.monotonic()
        assert server.request("/simple/mine/", timeout=30).status == 200
        slowest = max(slowest, time.monotonic() - start)
        time.sleep(0.05)
    for thread in threads:
        thread.join()
    assert slowest < 2, "not even when all that may wait for the upstream do"


@contextmanager
def nobody_is_answered(
    server: LiveServer, upstream
) -> Iterator[tuple[list[tuple[int, str] | None], tuple[int, str]]]:
    """Many ask for a wheel whose first fetch gets no answer until the end, and later ones do: what they got so
    far (None: a broken connection), and what is right. At the end all have got something.
    """
    wheel = builders.a_wheel("half", "1.0", files={"half/x.bin": bytes(MIB)}, stored=True)
    upstream.add("half", wheel)
    arrived, ended = threading.Event(), threading.Event()
    outcomes: list[tuple[int, str] | None] = []

    def stuck(_handler: Handler) -> bool:
        arrived.set()
        ended.wait(60)
        return False

    def ask() -> None:
        try:
            outcomes.append(read(server, f"/api/package/half/{wheel.filename}"))
        except OSError:
            outcomes.append(None)

    upstream.tricks["/files/"] = stuck
    askers = [threading.Thread(target=ask) for _ in range(ASKERS)]
    for asker in askers:
        asker.start()
    assert arrived.wait(30)
    upstream.tricks.clear()
    time.sleep(1)  # until the page is kept, and the others wait for the file
    assert upstream.asked("/files/").total() == 1
    try:
        yield outcomes, (len(wheel.content), hashlib.sha256(wheel.content).hexdigest())
    finally:
        ended.set()
        for asker in askers:
            asker.join()


@pytest.mark.promise(80)
@pytest.mark.parametrize("workers", [3])
def test_when_a_worker_dies_that_began_to_fetch_another_one_fetches(server, upstream):
    with nobody_is_answered(server, upstream) as (outcomes, right):
        os.kill(fetching(server), signal.SIGKILL)
    assert set(outcomes) == {right, None}, "None: who was to be answered by that worker"
    assert upstream.asked("/files/").total() == 2


@pytest.mark.promise(80)
@pytest.mark.parametrize("workers", [3])
def test_a_worker_that_stands_still_is_waited_for_a_moment_only(server, upstream):
    with nobody_is_answered(server, upstream) as (outcomes, right):
        stopped = fetching(server)  # while it writes nothing: that would hold up all that write
        os.kill(stopped, signal.SIGSTOP)
        try:
            deadline = time.monotonic() + 40
            while len(outcomes) < 2:
                assert time.monotonic() < deadline
                time.sleep(0.1)
        finally:
            os.kill(stopped, signal.SIGCONT)
    assert outcomes == [right] * ASKERS


def fetching(server: LiveServer) -> int:
    """The worker that has a file for what arrives."""
    pid = server.process.pid
    for worker in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        for descriptor in Path(f"/proc/{worker}/fd").iterdir():
            with suppress(OSError):
                if descriptor.readlink().suffix == ".part":
                    return int(worker)
    raise AssertionError("nobody is fetching")


@pytest.mark.promise(81)
def test_a_crash_in_the_middle_of_a_fetch_leaves_nothing_behind(server, upstream):
    wheel = builders.a_wheel("half", "1.0", files={"half/x.bin": bytes(MIB)}, stored=True)
    upstream.add("half", wheel)
    path = f"/api/package/half/{wheel.filename}"
    arrived = threading.Event()

    def stuck(handler: Handler) -> bool:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(wheel.content)))
        handler.end_headers()
        handler.wfile.write(wheel.content[: MIB // 2])
        handler.wfile.flush()
        arrived.set()
        time.sleep(3)
        return True

    upstream.tricks["/files/"] = stuck
    outcome = []

    def ask() -> None:
        try:
            outcome.append(read(server, path))
        except OSError as error:
            outcome.append(error)
        except Exception as error:  # noqa: BLE001 - http.client's IncompleteRead is none
            outcome.append(error)

    asker = threading.Thread(target=ask)
    asker.start()
    assert arrived.wait(30)
    server.kill()
    asker.join()
    assert outcome
    assert not isinstance(outcome[0], tuple)
    upstream.tricks.clear()
    server.start()
    assert read(server, path) == (len(wheel.content), hashlib.sha256(wheel.content).hexdigest())
