"""An object store that fails, hangs, lies and loses answers: what is acknowledged is right, the rest a refusal."""

from __future__ import annotations

import hashlib
import http.client
import threading
import time
from collections.abc import Iterator

import pytest

from tests import builders
from tests.faults.lying_store import (
    LyingStore,
    cuts_bodies,
    forgets,
    hangs,
    loses_answers,
    refuses,
    stores_other_bytes,
)
from tests.faults.setups import in_store
from tests.support.server import LiveServer
from tests.support.uploads import post_file

BOSS = ("boss", "some secret words")
JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}
OPTIONS = {
    "pypi.default_read": "everyone",
    "pypi.stream_files": "true",
    "storage.read_timeout": "2",
    "auth.hash_rounds": "1",
}


@pytest.fixture(scope="module")
def store(s3_store) -> Iterator[LyingStore]:
    with LyingStore(s3_store) as running:
        yield running


@pytest.fixture(scope="module")
def server(store, s3_store, tmp_path_factory) -> Iterator[LiveServer]:
    options = OPTIONS | in_store(s3_store, endpoint=store.endpoint)
    with LiveServer(tmp_path_factory.mktemp("store") / "data", options=options) as running:
        running.add_user(*BOSS, admin=True)
        yield running


@pytest.fixture
def tricks(store) -> Iterator[list]:
    yield store.tricks
    store.tricks.clear()


numbers = iter(range(1, 1000))


@pytest.fixture
def wheel() -> builders.Built:
    return builders.a_wheel(
        "foo", f"{next(numbers)}.0", files={"x.bin": bytes(range(256)) * 400}, stored=True
    )


def post(server: LiveServer, wheel: builders.Built) -> int:
    return post_file(server, *BOSS, wheel.filename, wheel.content).status


def listed(server: LiveServer) -> dict[str, str]:
    page = server.request("/simple/foo/", headers=JSON)
    return (
        {file["filename"]: file["hashes"]["sha256"] for file in page.json["files"]}
        if page.status == 200
        else {}
    )


def download(server: LiveServer, wheel: builders.Built) -> tuple[int, bytes]:
    """Status and body; 0 if the transfer broke."""
    try:
        answer = server.request(f"/api/package/foo/{wheel.filename}")
    except (OSError, http.client.HTTPException):
        return 0, b""
    return answer.status, answer.body


def is_refused_and_then_taken(server: LiveServer, wheel: builders.Built, tricks: list) -> None:
    """Nothing of it shows; sent again to a store that is well it is there and right."""
    before = listed(server)
    began = time.monotonic()
    assert post(server, wheel) == 503
    assert time.monotonic() - began < 20
    tricks.clear()
    assert listed(server) == before
    assert download(server, wheel)[0] == 404
    assert post(server, wheel) == 200
    assert listed(server)[wheel.filename] == hashlib.sha256(wheel.content).hexdigest()
    assert download(server, wheel) == (200, wheel.content)


@pytest.mark.promise(10, 46)
@pytest.mark.parametrize(
    ("status", "code"),
    [
        (500, "InternalError"),
        (503, "SlowDown"),
        (429, "TooManyRequests"),
        (403, "AccessDenied"),
        (404, "NoSuchBucket"),
    ],
)
def test_a_store_that_refuses_to_store(server, tricks, wheel, status, code):
    tricks.append(refuses(status, code, method="PUT"))
    is_refused_and_then_taken(server, wheel, tricks)


@pytest.mark.promise(46)
def test_passing_trouble_is_not_noticed(server, tricks, wheel):
    # once, since pauses are by chance, and here no attempt begins later than a second after the first
    tricks.append(refuses(503, "SlowDown", method="PUT", times=1))
    assert post(server, wheel) == 200
    tricks.append(refuses(500, "InternalError", method="GET", times=1))
    assert download(server, wheel) == (200, wheel.content)


@pytest.mark.promise(45, 33)
def test_a_store_that_says_nothing_is_given_up(server, tricks, wheel):
    tricks.append(hangs(30))
    before = listed(server)
    outcome: list[tuple[int, float]] = []

    def upload() -> None:
        began = time.monotonic()
        outcome.append((post(server, wheel), time.monotonic() - began))

    thread = threading.Thread(target=upload)
    thread.start()
    slowest = 0.0
    while thread.is_alive():
        began = time.monotonic()
        assert listed(server) == before
        slowest = max(slowest, time.monotonic() - began)
        thread.join(0.05)
    assert outcome[0][0] == 503
    assert outcome[0][1] < 20
    assert slowest < 1, "pages need no storage"
    tricks.clear()
    assert post(server, wheel) == 200


@pytest.mark.promise(47)
@pytest.mark.parametrize("times", [1, 2, 9])
def test_answers_to_puts_that_are_lost(server, tricks, wheel, times):
    tricks.append(loses_answers("PUT", times=times))
    status = post(server, wheel)
    tricks.clear()
    assert status in {200, 503}
    assert (wheel.filename in listed(server)) == (status == 200)
    assert post(server, wheel) == 200
    assert download(server, wheel) == (200, wheel.content)


@pytest.mark.promise(49)
@pytest.mark.parametrize("alter", [lambda body: body[:-1], lambda body: body[:-1] + b"X", lambda _body: b""])
def test_a_store_that_keeps_other_bytes(server, tricks, wheel, alter):
    tricks.append(stores_other_bytes("foo-", alter))
    is_refused_and_then_taken(server, wheel, tricks)


@pytest.mark.promise(49)
def test_a_store_that_keeps_nothing(server, tricks, wheel):
    tricks.append(forgets("foo-"))
    is_refused_and_then_taken(server, wheel, tricks)


@pytest.mark.promise(10)
def test_a_record_that_cannot_be_stored_is_completed_by_sending_again(server, tricks, wheel):
    tricks.append(
        lambda handler: "/records/" in handler.path and refuses(503, "SlowDown", method="PUT")(handler)
    )
    assert post(server, wheel) == 503
    tricks.clear()
    assert post(server, wheel) == 200
    assert download(server, wheel) == (200, wheel.content)
    assert " 0 findings" in server.run("check", "--verify")


@pytest.mark.promise(28)
def test_bytes_that_break_off_on_their_way_are_never_a_whole_answer(server, tricks, wheel):
    assert post(server, wheel) == 200
    tricks.append(cuts_bodies(0.5, wheel.filename))
    status, body = download(server, wheel)
    assert (status, body) != (200, wheel.content)
    assert status in {0, 503}
    tricks.clear()
    assert download(server, wheel) == (200, wheel.content)


@pytest.mark.promise(14)
def test_a_delete_holds_though_the_store_does_not_delete(server, tricks, wheel):
    assert post(server, wheel) == 200
    tricks.append(refuses(500, "InternalError", method="DELETE"))
    path = f"/api/package/foo/{wheel.filename}"
    assert server.request(path, method="DELETE", auth=BOSS).status == 200
    assert wheel.filename not in listed(server)
    assert download(server, wheel)[0] == 404


@pytest.mark.promise(56)
def test_without_its_store_a_server_starts_and_shows_pages(server, tricks, wheel):
    assert post(server, wheel) == 200
    tricks.append(refuses(403, "InvalidAccessKeyId"))
    server.stop()
    try:
        server.launch()
        health = server.request("/health")
        assert health.status == 500
        assert health.json["storage"]
        assert wheel.filename in listed(server)
        assert download(server, wheel)[0] == 503
    finally:
        tricks.clear()
    assert download(server, wheel) == (200, wheel.content)
    assert server.request("/health").status == 200
