"""Clients that are slow, silent, greedy or confused, on a real socket: nobody else suffers."""

from __future__ import annotations

import base64
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests import builders
from tests.support.server import LiveServer
from tests.support.uploads import multipart, post_file

MIB = 1024 * 1024
BOSS = ("boss", "some secret words")
BASIC = base64.b64encode(":".join(BOSS).encode()).decode()
WHEEL = builders.a_wheel("foo", "1.0", files={"foo/x.bin": bytes(range(256)) * 4096 * 16}, stored=True)
FILE = f"/api/package/foo/{WHEEL.filename}"


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[LiveServer]:
    options = {"pypi.default_read": "everyone", "limits.file": "32 MiB"}
    with LiveServer(tmp_path_factory.mktemp("connections") / "data", options=options) as running:
        running.add_user(*BOSS, admin=True)
        assert post_file(running, *BOSS, WHEEL.filename, WHEEL.content).status == 200
        yield running


def connected(server: LiveServer, sent: bytes = b"", *, room: int | None = None) -> socket.socket:
    """A connection on which this was sent; ``room`` is the size of its receive buffer."""
    client = socket.socket()
    if room is not None:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    client.settimeout(20)
    client.connect(("127.0.0.1", server.port))
    client.sendall(sent)
    return client


def asking(path: str, *more: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: localhost", *more, "", ""]).encode()


def everything(client: socket.socket) -> bytes:
    """What comes until the server closes the connection."""
    received = b""
    try:
        while piece := client.recv(65536):
            received += piece
    except ConnectionResetError:
        pass
    return received


def statuses(client: socket.socket) -> list[int]:
    return [int(found) for found in re.findall(rb"HTTP/1\.[01] (\d{3}) ", everything(client))]


def slowest(server: LiveServer, path: str = "/simple/foo/", times: int = 20) -> float:
    worst = 0.0
    for _ in range(times):
        began = time.monotonic()
        assert server.request(path).status == 200
        worst = max(worst, time.monotonic() - began)
    return worst


@pytest.mark.promise(37)
@pytest.mark.parametrize("wish", [(), ("Range: bytes=1-16000000",)], ids=["whole", "part"])
def test_readers_that_stop_reading_block_nobody(server, wish):
    with ExitStack() as stack:
        for _ in range(12):
            stalled = stack.enter_context(connected(server, asking(FILE, *wish), room=4096))
            assert stalled.recv(12).startswith(b"HTTP/1.1 20")
        assert slowest(server) < 2
        assert server.request(FILE).body == WHEEL.content


@pytest.mark.promise(148)
def test_hundreds_of_connections_that_say_little_or_nothing_hinder_nobody(server):
    with ExitStack() as stack:
        dripping = []
        for number in range(300):
            client = stack.enter_context(
                connected(server, b"" if number % 2 else b"GET /simple/foo/ HTTP/1.1\r\nX: ")
            )
            dripping += [] if number % 2 else [client]
        stop = threading.Event()

        def drip() -> None:
            while not stop.wait(0.5):
                for client in dripping:
                    client.sendall(b"x")

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            assert slowest(server, times=40) < 1
        finally:
            stop.set()
            thread.join()


AMBIGUOUS = {
    "two lengths": "Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
    "two lengths in one": "Content-Length: 5, 6\r\n\r\nabcdef",
    "a negative length": "Content-Length: -5\r\n\r\nabcde",
    "a length with a sign": "Content-Length: +5\r\n\r\nabcde",
    "a length with an underscore": "Content-Length: 1_0\r\n\r\nabcdeabcde",
    "an unknown coding": "Transfer-Encoding: xchunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n",
    "two codings": "Transfer-Encoding: gzip, chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n",
    "a chunk with a sign": "Transfer-Encoding: chunked\r\n\r\n+5\r\nabcde\r\n0\r\n\r\n",
    "a chunk with a prefix": "Transfer-Encoding: chunked\r\n\r\n0x5\r\nabcde\r\n0\r\n\r\n",
    "a chunk that is longer": "Transfer-Encoding: chunked\r\n\r\n3\r\nabcde\r\n0\r\n\r\n",
    "length and chunks": "Content-Length: 15\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n",
    "chunks and length": "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n5\r\nabcde\r\n0\r\n\r\n",
    "chunks twice": "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks in chunks": "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "a coding without a name": "Transfer-Encoding:\r\nContent-Length: 5\r\n\r\nabcde",
    "a folded line": "X: a\r\n Content-Length: 9\r\nContent-Length: 5\r\n\r\nabcde",
    "a folded coding": "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "a folded line with a tab": "Transfer-Encoding:\r\n\tchunked\r\n\r\n0\r\n\r\n",
    "two hosts": "Host: evil.example\r\nContent-Length: 5\r\n\r\nabcde",
    "a length of thousands of digits": f"Content-Length: {'9' * 5000}\r\n\r\nabcde",
    "a space before the colon": "Content-Length : 5\r\n\r\nabcde",
    "a line feed alone": "X: a\nContent-Length: 5\r\n\r\nabcde",
    "a NUL": "X: a\0b\r\nContent-Length: 5\r\n\r\nabcde",
    "no name": ": x\r\nContent-Length: 5\r\n\r\nabcde",
}


@pytest.mark.promise(146)
@pytest.mark.parametrize("rest", AMBIGUOUS.values(), ids=AMBIGUOUS.keys())
def test_an_ambiguous_request_is_refused_and_its_connection_ends(server, rest):
    head = f"POST /simple/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {BASIC}\r\n"
    behind = asking("/simple/foo/").decode()
    with connected(server, (head + rest + behind).encode()) as client:
        answered = statuses(client)
    assert len(answered) == 1
    assert answered[0] in {400, 501}


@pytest.mark.promise(146)
def test_chunks_in_an_older_version_are_refused(server):
    """Whoever knows chunks sees one request here, whoever does not sees two."""
    head = f"POST /simple/ HTTP/1.0\r\nAuthorization: Basic {BASIC}\r\nConnection: keep-alive\r\n"
    hidden = asking("/simple/foo/").decode()
    with connected(server, f"{head}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n{hidden}".encode()) as client:
        assert statuses(client) == [400]


@pytest.mark.promise(92)
@pytest.mark.parametrize(
    "begun", [b"5;", b"0\r\nX: "], ids=["a line before a chunk", "fields behind the last"]
)
def test_what_is_no_data_of_a_body_is_bounded(server, begun):
    head = f"POST /simple/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {BASIC}\r\n"
    with connected(server, f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + begun) as client:
        try:
            for _ in range(64):
                client.sendall(b"a" * 65536)
        except (BrokenPipeError, ConnectionResetError):
            return
        assert statuses(client) == [400]


@pytest.mark.promise(150)
def test_an_error_does_not_spoil_the_next_request_of_its_connection(server):
    kind, body = multipart("foo-1.0.exe", b"no wheel")
    refused = (
        f"POST /simple/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {BASIC}\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body
    last = asking("/simple/", "Connection: close")
    for first in (refused, asking("/simple/nosuch/"), asking("/api/nosuch"), asking("/%ff")):
        with connected(server, first + asking("/simple/foo/") + last) as client:
            answered = statuses(client)
        assert answered[0] >= 400
        assert answered[1:] in ([200, 200], []), "right answers, or an end of the connection"


@pytest.mark.promise(149)
def test_a_body_that_is_too_large_is_refused_before_it_is_sent(server):
    head = (
        f"POST /simple/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {BASIC}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000000000\r\nExpect: 100-continue\r\n\r\n"
    )
    with connected(server, head.encode()) as client:
        assert client.recv(65536).startswith(b"HTTP/1.1 413 ")


@pytest.mark.promise(91)
def test_headers_without_end_are_refused(server):
    with connected(server, b"GET /simple/ HTTP/1.1\r\nX: ") as client:
        try:
            for _ in range(100):
                client.sendall(b"x" * 65536)
        except (BrokenPipeError, ConnectionResetError):
            return
        answered = statuses(client)
    assert answered == [431]


@pytest.mark.promise(147)
@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"GET /simple/foo/ HTTP/1.0\r\n\r\n", {200, 400}),
        (
            b"GET http://localhost/simple/foo/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            {200, 400},
        ),
        (
            b"GET http://evil.example/simple/foo/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            {200, 400},
        ),
        (b"GET http://[::1/simple/foo/ HTTP/1.1\r\nHost: localhost\r\n\r\n", {400}),
        (b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", {400, 404, 405}),
        (b"TRACE / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", {405}),
        (b"BREW / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", {405, 501}),
        (b"GET /simple/foo/ HTTP/9.9\r\nHost: localhost\r\nConnection: close\r\n\r\n", {200, 400, 505}),
        (b"GET /simple/foo/\r\n\r\n", {200, 400}),
        (b"nonsense\r\n\r\n", {400}),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", {400}),
    ],
)
def test_odd_requests_get_one_clean_answer(server, request_line, status):
    with connected(server, request_line) as client:
        received = everything(client)
    assert b"Traceback" not in received
    assert b"evil.example" not in received
    found = re.findall(rb"^HTTP/1\.[01] (\d{3}) ", received, re.MULTILINE)
    assert [int(code) in status for code in found] in ([True], []), received[:200]


@pytest.mark.promise(151)
def test_answers_do_not_tell_versions_of_software(server):
    for path in ("/simple/foo/", "/nosuch", "/health", FILE):
        headers = server.request(path).headers
        assert headers["Server"] == "pypicloud-like"
        assert not {"X-Powered-By", "Via"} & set(headers)


@pytest.mark.promise(28)
@pytest.mark.parametrize("wish", [{}, {"Range": "bytes=1000-4000"}])
def test_a_file_that_was_cut_off_in_storage_is_never_a_whole_answer(server, wish):
    built = builders.a_wheel("cut", f"{len(wish)}.0", files={"x.bin": bytes(20_000)}, stored=True)
    assert post_file(server, *BOSS, built.filename, built.content).status == 200
    (path,) = (server.data / "storage").rglob(built.filename)
    path.chmod(0o600)
    path.write_bytes(built.content[:3000])
    answer = server.request(f"/api/package/cut/{built.filename}", headers=wish)
    assert answer.status == 503
    assert "Retry-After" in answer.headers
    assert str(server.data) not in answer.text
    assert "were asked for" in server.log
