"""What the sample for nginx keeps from the server behind: requests read in two ways, slow ones, large ones."""

from __future__ import annotations

import re
import socket
import threading
import time
from contextlib import closing

import pytest

from tests.clients.site import PASSWORD, USER
from tests.support.nginx import SAMPLE, adapted, over, running
from tests.support.server import LiveServer, free_port

QUICK = {
    "client_header_timeout 15s;": "client_header_timeout 1s;",
    "client_body_timeout 30s;": "client_body_timeout 1s;",
    "client_max_body_size 1025m;": "client_max_body_size 64k;",
    "limit_conn pypicloud_like 64;": "limit_conn pypicloud_like 8;",
}
"""The same rules with figures that a test can wait for."""


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    """The server behind."""
    options = {
        "server.public_url": f"http://127.0.0.1:{free_port()}",
        "server.trusted_proxies": "127.0.0.1",
        "pypi.default_read": "everyone",
        "log.format": "json",
        "log.requests": "all",
    }
    with LiveServer(tmp_path_factory.mktemp("edge") / "data", options=options) as server:
        server.add_user(USER, PASSWORD, admin=True)
        yield server


@pytest.fixture(scope="module")
def port(live, tmp_path_factory):
    """Where nginx listens."""
    folder = tmp_path_factory.mktemp("nginx-edge")
    port = int(live.options["server.public_url"].rpartition(":")[2])
    text = adapted(SAMPLE.read_text(), port=port, places=over(live.port, live.data / "storage"))
    for old, new in QUICK.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    with running(text, folder, port):
        yield port


def sent(port: int, raw: bytes, *, patience: float = 10) -> bytes:
    """All that is answered to these bytes until the other side closes, or says nothing for a while."""
    with closing(socket.create_connection(("127.0.0.1", port), timeout=patience)) as connection:
        connection.sendall(raw)
        answer = b""
        try:
            while chunk := connection.recv(65536):
                answer += chunk
        except (TimeoutError, ConnectionResetError):
            pass
        return answer


def statuses(answer: bytes) -> list[int]:
    return [int(code) for code in re.findall(rb"HTTP/1\.[01] (\d{3})", answer)]


HEAD = b"POST /simple/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
INSIDE = b"GET /api/package/smuggled/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
AMBIGUOUS = {
    "length and chunks": HEAD + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + INSIDE,
    "chunks and length": HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + INSIDE,
    "two lengths": HEAD + b"Content-Length: 0\r\nContent-Length: 60\r\n\r\n" + INSIDE,
    "a list of lengths": HEAD + b"Content-Length: 0, 60\r\n\r\n" + INSIDE,
    "a signed length": HEAD + b"Content-Length: +0\r\n\r\n" + INSIDE,
    "an odd coding": HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + INSIDE,
    "two codings": HEAD
    + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n"
    + INSIDE,
    "chunks of HTTP/1.0": HEAD.replace(b"1.1", b"1.0")
    + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    + INSIDE,
    "no size of a chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + INSIDE,
    "a size beyond all": HEAD + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n" + INSIDE,
    "two hosts": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil\r\n\r\n" + INSIDE,
    "no host": b"GET / HTTP/1.1\r\n\r\n" + INSIDE,
    "a NUL": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: a\0b\r\n\r\n" + INSIDE,
}


def requests_for(live: LiveServer, path: str) -> int:
    return live.log.count(f'"path": "{path}"')


@pytest.mark.promise(181)
@pytest.mark.parametrize("how", AMBIGUOUS)
def test_a_request_that_can_be_read_in_two_ways_goes_no_further(port, live, how):
    answer = sent(port, AMBIGUOUS[how])
    assert len(statuses(answer)) == 1, answer
    assert statuses(answer)[0] in {400, 405, 501}
    assert requests_for(live, "/api/package/smuggled/") == 0


def test_a_space_before_a_colon_hides_nothing(port, live):
    """nginx drops such a header and reads the request as one without a body, and so does the server behind."""
    raw = b"GET /api/package/first/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length : 58\r\n\r\n"
    raw += b"GET /api/package/second/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    found = statuses(sent(port, raw))
    assert found in ([400], [404, 404])
    assert requests_for(live, "/api/package/second/") == len(found) - 1


def drip(connection: socket.socket) -> None:
    """A request whose headers never end: a byte now and then is no excuse."""
    connection.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")
    for _ in range(150):
        connection.sendall(b"X")
        time.sleep(0.2)


@pytest.mark.promise(181)
def test_headers_that_come_for_ever_are_cut_off(port):
    with closing(socket.create_connection(("127.0.0.1", port), timeout=10)) as connection:
        began = time.monotonic()
        with pytest.raises(OSError, match=r"reset|[Bb]roken pipe"):
            drip(connection)
        assert time.monotonic() - began < 20


@pytest.mark.promise(181)
def test_a_body_that_stops_is_cut_off(port):
    began = time.monotonic()
    answer = sent(port, HEAD + b"Content-Length: 1000\r\n\r\nabc")
    assert time.monotonic() - began < 8
    assert statuses(answer) in ([], [408])


@pytest.mark.promise(149, 181)
@pytest.mark.parametrize("expect", [b"", b"Expect: 100-continue\r\n"])
def test_a_body_that_is_too_large_is_refused_before_it_comes(port, live, expect):
    began = time.monotonic()
    answer = sent(port, HEAD + expect + b"Content-Length: 65537\r\n\r\n", patience=3)
    assert statuses(answer)[-1:] == [413]
    assert time.monotonic() - began < 5


def test_and_one_in_chunks_while_it_comes(port):
    chunk = b"8000\r\n" + bytes(0x8000) + b"\r\n"
    answer = sent(port, HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + 4 * chunk)
    assert statuses(answer) in ([413], [])


def test_headers_that_are_too_large(port):
    answer = sent(port, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"a" * 70_000 + b"\r\n\r\n")
    assert statuses(answer) in ([400], [414], [431], [])


@pytest.mark.promise(181)
def test_one_address_has_so_many_connections_and_not_more(port):
    idle = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(8)]
    try:
        for one in idle:  # each must have a request that goes on, for nginx to count it
            one.sendall(HEAD + b"Content-Length: 60000\r\n\r\nabc")
        deadline = time.monotonic() + 20
        while statuses(sent(port, b"GET / HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")) != [429]:
            assert time.monotonic() < deadline
    finally:
        for one in idle:
            one.close()


@pytest.mark.promise(181)
def test_slow_clients_do_not_keep_others_waiting(port, live):
    """Thirty that drip, and one that is answered at once all the while."""
    stop = threading.Event()

    def drip_on():
        while not stop.is_set():
            with closing(socket.create_connection(("127.0.0.1", port), timeout=10)) as one:
                try:
                    one.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")
                    while not stop.wait(0.2):
                        one.sendall(b"X")
                except OSError:
                    continue

    threads = [threading.Thread(target=drip_on) for _ in range(30)]
    for thread in threads:
        thread.start()
    try:
        slowest = 0.0
        for _ in range(20):
            began = time.monotonic()
            assert statuses(sent(port, b"GET /simple/ HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")) == [200]
            slowest = max(slowest, time.monotonic() - began)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert slowest < 10


@pytest.mark.promise(161)
def test_the_id_of_a_request_is_nginxs_and_in_the_log_behind(port, live):
    raw = b"GET /api/package/traced/ HTTP/1.0\r\nHost: 127.0.0.1\r\nX-Request-Id: mine\r\n\r\n"
    answer = sent(port, raw)
    (number,) = re.findall(rb"(?i)x-request-id: (\S+)", answer)
    assert re.fullmatch(rb"[0-9a-f]{32}", number)
    assert f'"request_id": "{number.decode()}"' in live.log
    assert "mine" not in live.log


@pytest.mark.parametrize("path", ["/metrics", "/metrics/"])
def test_metrics_are_asked_for_behind_it(port, live, path):
    assert statuses(sent(port, f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".encode())) == [404]
    assert live.request(path).status == 200
