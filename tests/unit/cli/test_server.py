"""Stopping with manners, on a real socket in a process of its own."""

import http.client
import json
import resource
import signal
import socket
import subprocess
import sys
import textwrap
import time
from contextlib import closing, suppress

import pytest

from pypicloud_like.cli.server import connections_allowed, listen
from tests.support.server import is_listening

PROGRAM = """
import sys, time
from pypicloud_like.cli import lingering
from pypicloud_like.cli.server import serve

lingering._LONGEST = float(sys.argv[3])

def app(environ, start_response):
    body = environ["wsgi.input"].read()
    print("began\\n", end="", flush=True)  # at once, for there are several threads
    time.sleep(float(environ["QUERY_STRING"] or 0))
    answer = b"x" * 5_000_000 if environ["PATH_INFO"] == "/large" else b"%d" % len(body)
    start_response("200 OK", [("Content-Length", str(len(answer)))])
    if environ["PATH_INFO"] != "/large":
        return [answer]
    return (answer[at : at + 50_000] for at in range(0, len(answer), 50_000))

def ready(addresses):
    print(addresses[0][1], flush=True)

def watch(environ, start_response):
    if environ["PATH_INFO"] != "/watched":
        return app(environ, start_response)
    body = " ".join(f"{name}={gauges[name]():.0f}" for name in sorted(gauges)).encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]

gauges = {}
options = {"threads": 2, "max_request_body_size": 10_000_000}
options |= {"channel_timeout": 2, "outbuf_high_watermark": 100_000}
where = {"host": sys.argv[2], "port": 0}
serve(watch, options, **where, grace=int(sys.argv[1]), ready=ready, watched=["/watched"], gauges=gauges)
print("closed", flush=True)
"""


class Server:
    """The program above, running."""

    def __init__(self, grace, host="127.0.0.1", lingering=2):
        self.process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(PROGRAM), str(grace), host, str(lingering)],
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = int(self.line())

    def line(self):
        return self.process.stdout.readline().strip()

    def ask(self, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("POST" if body is not None else "GET", path, body)
        return connection

    def get(self, path):
        """The body of an answer, on a connection of its own."""
        with closing(self.ask(path)) as connection:
            return connection.getresponse().read()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return time.monotonic()

    def stop_listening(self):
        """Stop, and wait until new connections are refused."""
        asked = self.stop()
        while is_listening(self.port):
            assert time.monotonic() - asked < 20
            time.sleep(0.02)
        return asked


@pytest.fixture
def started():
    servers = []

    def start(grace, **kwargs):
        servers.append(Server(grace, **kwargs))
        return servers[-1]

    yield start
    for one in servers:
        one.process.kill()
        one.process.wait()
        one.process.stdout.close()


@pytest.mark.promise(164)
def test_idle_connections_do_not_hold_it_up(started):
    one = started(30)
    kept = one.ask("/")
    assert kept.getresponse().read() == b"0"
    silent = socket.create_connection(("127.0.0.1", one.port))
    one.stop()
    assert one.process.wait(25) == 0, "before the time that it has is up"
    kept.close()
    silent.close()


@pytest.mark.promise(164)
def test_running_requests_are_answered_and_new_ones_refused(started):
    one = started(30)
    slow = one.ask("/?1.5")
    assert one.line() == "began"
    one.stop_listening()
    assert one.process.poll() is None
    assert slow.getresponse().status == 200
    assert one.process.wait(25) == 0
    assert one.line() == "closed"
    slow.close()


@pytest.mark.promise(164)
def test_an_answer_under_way_is_sent_to_its_end(started):
    one = started(30)
    slow = one.ask("/large")
    assert one.line() == "began"
    one.stop_listening()
    assert len(slow.getresponse().read()) == 5_000_000
    assert one.process.wait(25) == 0
    slow.close()


@pytest.mark.promise(164)
def test_an_upload_under_way_is_taken(started):
    one = started(30)
    with socket.create_connection(("127.0.0.1", one.port)) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6\r\n\r\nabc")
        assert one.get("/") == b"0"  # so what came before is known as well
        one.stop_listening()
        client.sendall(b"def")
        assert client.recv(65536).startswith(b"HTTP/1.1 200 OK")
    assert one.process.wait(25) == 0


@pytest.mark.promise(37)
def test_who_does_not_read_an_answer_that_is_made_meanwhile_is_dropped(started):
    one = started(30)
    stalled = []
    for _ in range(2):  # as many as there are threads
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", one.port))
        client.sendall(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
        stalled.append(client)
        assert one.line() == "began"
    began = time.monotonic()
    assert one.get("/") == b"0"
    assert time.monotonic() - began < 20
    for client in stalled:
        client.settimeout(30)
        received = 0
        with suppress(ConnectionResetError):
            while piece := client.recv(65536):
                received += len(piece)
        assert received < 5_000_000
        client.close()


@pytest.mark.promise(164)
def test_it_does_not_wait_for_ever(started):
    one = started(1)
    slow = one.ask("/?60")
    assert one.line() == "began"
    asked = one.stop()
    assert one.process.wait(25) == 0
    assert time.monotonic() - asked > 0.9
    slow.close()


@pytest.mark.promise(164)
def test_a_second_signal_ends_it_at_once(started):
    one = started(30)
    slow = one.ask("/?60")
    assert one.line() == "began"
    one.stop_listening()
    one.stop()
    assert one.process.wait(25) == -signal.SIGTERM
    slow.close()


def test_what_is_too_large_is_told_in_json_where_clients_read_that(started):
    one = started(30)
    for path in ("/api/v1/crates/new", "/behind/a/proxy/api/v1/crates/new", "/cargo/mirror/x"):
        answer = refused_body(one, path)
        told = json.loads(answer.read())
        assert (answer.status, answer.headers["Content-Type"]) == (413, "application/json")
        assert told["errors"] == [{"detail": "The request is larger than 10000000 bytes"}]
        assert (told["error"], told["message"]) == ("too_large", told["errors"][0]["detail"])
    answer = refused_body(one, "/legacy/")
    assert (answer.status, answer.headers.get_content_type()) == (413, "text/plain")


def refused_body(one, path):
    connection = http.client.HTTPConnection("127.0.0.1", one.port, timeout=20)
    connection.putrequest("PUT", path)
    connection.putheader("Content-Length", "10000001")
    connection.endheaders()
    return connection.getresponse()


@pytest.mark.promise(163)
def test_who_is_still_sending_when_refused_gets_to_know_why(started):
    """However much more is sent, by clients that read only when they have sent everything."""
    one = started(30)
    for _ in range(5):
        with closing(one.ask("/api/x", bytes(40_000_000))) as connection:
            assert connection.getresponse().status == 413
    assert one.get("/") == b"0"


def test_who_is_refused_and_never_stops_is_cut_off(started):
    one = started(30)
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", one.port), timeout=20) as sending:
        sending.sendall(head)
        began = time.monotonic()
        with suppress(ConnectionError):
            while time.monotonic() - began < 60:
                sending.sendall(bytes(1000))
                time.sleep(0.01)
        assert 1.5 < time.monotonic() - began < 50
    with socket.create_connection(("127.0.0.1", one.port), timeout=20) as silent:
        silent.sendall(head)
        began = time.monotonic()
        assert silent.recv(100).startswith(b"HTTP/1.1 413")
        while b"connections=2" in one.get("/watched"):
            assert time.monotonic() - began < 30
            time.sleep(0.1)
    assert one.get("/") == b"0"


def test_who_is_refused_does_not_hold_up_the_end(started):
    one = started(30, lingering=30)
    with socket.create_connection(("127.0.0.1", one.port), timeout=20) as sending:
        sending.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000000\r\n\r\n")
        assert sending.recv(100).startswith(b"HTTP/1.1 413")
        asked = one.stop()
        assert one.process.wait(20) == 0
        assert time.monotonic() - asked < 15


def test_who_watches_is_answered_while_all_threads_are_busy(started):
    one = started(1)
    slow = [one.ask("/?60") for _ in range(3)]
    assert [one.line(), one.line()] == ["began", "began"]
    assert one.get("/watched")  # so the third is in the queue
    for query in ("", "?x=1"):
        began = time.monotonic()
        told = one.get(f"/watched{query}")
        assert time.monotonic() - began < 10
        assert told.endswith(b"queue=1 threads=2 threads_busy=2")
    one.stop()
    assert one.process.wait(25) == 0, "the second lane ends as well"
    for each in slow:
        each.close()


def test_a_taken_address_is_told():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"already in use: '127.0.0.1:{port}'"):
            listen("127.0.0.1", port)


def test_a_host_nobody_knows_is_told():
    with pytest.raises(OSError, match=r"no-such-host\.invalid:1"):
        listen("no-such-host.invalid", 1)


def test_all_addresses_of_a_host(started):
    one = started(5, host="localhost")
    for family, *_, address in socket.getaddrinfo("localhost", one.port, type=socket.SOCK_STREAM):
        if family == socket.AF_INET:
            socket.create_connection(address, timeout=5).close()
    one.stop()
    assert one.process.wait(25) == 0


@pytest.mark.promise(170)
@pytest.mark.parametrize(
    ("limits", "wanted", "allowed"),
    [((64, 64), 512, 8), ((256, 256), 512, 53), ((1024, 1024), 100, 100), ((1024, 65536), 512, 512),
     ((-1, -1), 512, 512), ((1024, -1), 512, 512)],
)  # fmt: skip
def test_connections_fit_the_descriptors(monkeypatch, limits, wanted, allowed):
    asked = []
    monkeypatch.setattr(resource, "getrlimit", lambda _what: limits)
    monkeypatch.setattr(resource, "setrlimit", lambda _what, new: asked.append(new))
    assert connections_allowed(wanted) == allowed
    assert all(new[1] == limits[1] for new in asked)
