"""A server whose upstream is slow, large or dead, over real HTTP."""

from __future__ import annotations

import hashlib
import http.client
import threading
import time
import urllib.request
from collections.abc import Iterator

import pytest

from tests import builders
from tests.support.server import LiveServer
from tests.support.uploads import post_file
from tests.support.upstream import Handler, silent

MIB = 1024 * 1024
BOSS = ("boss", "some secret words")
ASKERS = 16


@pytest.fixture
def server(upstream, tmp_path) -> Iterator[LiveServer]:
    options = {
        "pypi.default_read": "everyone",
        "pypi.cache_update": "everyone",
        "pypi.fallback": "cache",
        "pypi.fallback_base_url": upstream.url,
    }
    with LiveServer(tmp_path / "data", options=options) as running:
        running.add_user(*BOSS, admin=True)
        yield running


def read(server: LiveServer, path: str, began: threading.Event | None = None) -> tuple[int, str]:
    """How many bytes came, and their digest; ``began`` is set with the first.

    :raises http.client.IncompleteRead: fewer came than were announced, which reading in pieces does not tell
    """
    digest, size = hashlib.sha256(), 0
    with urllib.request.urlopen(server.url + path, timeout=120) as answer:
        while chunk := answer.read1(MIB):
            if began is not None:
                began.set()
            digest.update(chunk)
            size += len(chunk)
        if size != int(answer.headers.get("Content-Length", size)):
            raise http.client.IncompleteRead(b"", size)
    return size, digest.hexdigest()


@pytest.mark.promise(80)
def test_many_clients_of_one_large_file_cause_one_fetch_and_begin_early(server, upstream):
    large = builders.a_wheel(
        "large", "1.0", files={"large/x.bin": bytes(range(256)) * 4096 * 40}, stored=True
    )
    upstream.add("large", large)
    path = f"/api/package/large/{large.filename}"
    began = threading.Event()
    waited = []

    def gated(handler: Handler) -> bool:
        """The second half only once a client has the first byte."""
        content = large.content
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content[: len(content) // 2])
        handler.wfile.flush()
        waited.append(began.wait(30))
        handler.wfile.write(content[len(content) // 2 :])
        return True

    upstream.tricks["/files/"] = gated
    outcomes = []
    threads = [
        threading.Thread(target=lambda: outcomes.append(read(server, path, began))) for _ in range(ASKERS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    right = (len(large.content), hashlib.sha256(large.content).hexdigest())
    assert outcomes == [right] * len(outcomes)
    assert len(outcomes) == ASKERS
    assert waited == [True]
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
