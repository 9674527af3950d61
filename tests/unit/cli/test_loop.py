"""Connections over our loop and our task: kept open, in order, whatever their clients do meanwhile."""

from __future__ import annotations

import io
import random
import socket
import threading
import time
from contextlib import contextmanager

import pytest
from waitress import wasyncore
from waitress.server import create_server

from pypicloud_like.cli import balance
from pypicloud_like.cli.balance import Shares
from pypicloud_like.cli.lanes import Lanes
from pypicloud_like.cli.loop import Loop, wake_for
from pypicloud_like.cli.refusals import Channel
from pypicloud_like.cli.server import listen

LARGE = 5 * 2**20


def answering(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/unchanged":
        start_response("304 Not Modified", [("ETag", '"x"')])
        return []
    if path == "/empty":
        start_response("204 No Content", [])
        return []
    if path == "/slow":
        time.sleep(0.3)
    body = b"y" * LARGE if path == "/large" else path.encode()
    if path == "/pieces":
        start_response("200 OK", [("Content-Length", "6")])
        return [b"abc", b"", b"def"]
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


def listening(loop, lanes, app=answering):
    server = create_server(
        app,
        map=loop,
        sockets=listen("127.0.0.1", 0),
        _dispatcher=lanes,
        outbuf_high_watermark=2**20,
        outbuf_overflow=2 * LARGE,
    )
    for listener in loop.listeners():
        listener.channel_class = Channel
        listener.pull_trigger = wake_for(loop, listener)
    return server


@contextmanager
def running(app=answering, *, threads=2):
    loop = Loop(Shares(1).of(1))
    lanes = Lanes(threads, [])
    server = listening(loop, lanes, app)
    stop = threading.Event()

    def turn():
        while not stop.is_set():
            loop.once(60)  # longer than any test: nothing is found by looking at everything now and then

    thread = threading.Thread(target=turn)
    thread.start()
    try:
        yield server.effective_port
    finally:
        stop.set()
        server.trigger.pull_trigger()
        thread.join()
        lanes.shutdown()
        wasyncore.close_all(loop)


@pytest.fixture
def port():
    with running() as found:
        yield found


def connect(port):
    client = socket.create_connection(("127.0.0.1", port), timeout=20)
    return client, client.makefile("rb")


def asked(path, *more, version="1.1"):
    return "\r\n".join([f"GET {path} HTTP/{version}", "Host: x", *more, "", ""]).encode()


def read(stream):
    """Status, headers and body of one answer."""
    status = stream.readline()
    headers = {}
    while (line := stream.readline()) not in {b"\r\n", b""}:
        name, _, value = line.decode().partition(":")
        headers[name.lower()] = value.strip()
    return int(status.split()[1]), headers, stream.read(int(headers.get("content-length", 0)))


@pytest.mark.parametrize(("path", "status"), [("/unchanged", 304), ("/empty", 204)])
def test_the_connection_stays_open_after_an_answer_without_a_body(port, path, status):
    client, stream = connect(port)
    with client, stream:
        for _ in range(3):
            client.sendall(asked(path))
            found, headers, _ = read(stream)
            assert found == status
            assert "connection" not in headers
            assert "content-length" not in headers
            assert "transfer-encoding" not in headers
        client.sendall(asked("/after"))
        assert read(stream)[2] == b"/after"


def test_it_is_closed_where_the_client_wants_that(port):
    client, stream = connect(port)
    with client, stream:
        client.sendall(asked("/unchanged", "Connection: close"))
        assert read(stream)[1]["connection"] == "close"
        assert stream.read() == b""


@pytest.mark.parametrize("wish", [(), ("Connection: Keep-Alive",)])
def test_older_clients_say_that_it_is_to_stay_open(port, wish):
    client, stream = connect(port)
    with client, stream:
        client.sendall(asked("/unchanged", *wish, version="1.0"))
        headers = read(stream)[1]
        assert headers["connection"] == ("Keep-Alive" if wish else "close")
        if wish:
            client.sendall(asked("/more", *wish, version="1.0"))
            assert read(stream)[2] == b"/more"
        else:
            assert stream.read() == b""


def test_many_requests_one_after_the_other(port):
    client, stream = connect(port)
    with client, stream:
        for number in range(500):
            client.sendall(asked(f"/{number}"))
            assert read(stream)[2] == f"/{number}".encode()


def test_requests_that_do_not_wait_for_answers_are_answered_in_order(port):
    client, stream = connect(port)
    with client, stream:
        client.sendall(b"".join(asked(f"/{number}") for number in range(50)))
        assert [read(stream)[2] for _ in range(50)] == [f"/{number}".encode() for number in range(50)]


def test_a_request_that_comes_while_another_is_carried_out_is_answered_after_it(port):
    client, stream = connect(port)
    with client, stream:
        client.sendall(asked("/slow"))
        time.sleep(0.1)
        client.sendall(asked("/second"))
        assert read(stream)[2] == b"/slow"
        assert read(stream)[2] == b"/second"
        client.sendall(asked("/third"))
        assert read(stream)[2] == b"/third"


def test_a_large_answer_reaches_a_client_that_reads_late(port):
    client, stream = connect(port)
    with client, stream:
        for _ in range(2):
            client.sendall(asked("/large"))
            time.sleep(0.3)
            assert len(read(stream)[2]) == LARGE


def test_a_body_in_pieces_is_whole(port):
    client, stream = connect(port)
    with client, stream:
        client.sendall(asked("/pieces"))
        assert read(stream)[2] == b"abcdef"


def test_a_client_that_goes_while_it_is_answered_takes_nobody_with_it(port):
    for _ in range(10):
        client, stream = connect(port)
        client.sendall(asked("/large"))
        client.close()
        stream.close()
    client, stream = connect(port)
    with client, stream:
        client.sendall(asked("/here"))
        assert read(stream)[2] == b"/here"


def test_many_connections_at_once(port):
    failures = []

    def work(number):
        client, stream = connect(port)
        with client, stream:
            for turn in range(50):
                client.sendall(asked(f"/{number}-{turn}"))
                if read(stream)[2] != f"/{number}-{turn}".encode():
                    failures.append((number, turn))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


@pytest.mark.parametrize("known", [LARGE, LARGE + 7])
def test_a_file_is_sent_from_where_it_stands_and_one_that_was_cut_off_ends_the_connection(tmp_path, known):
    path = tmp_path / "file"
    content = random.Random(1).randbytes(LARGE + 100)
    path.write_bytes(content)

    def app(environ, start_response):
        file = path.open("rb")
        file.seek(100)
        start_response("200 OK", [("Content-Length", str(known))])
        wrapped = environ["wsgi.file_wrapper"](file)
        wrapped.prepare(LARGE)
        wrapped.remain = known  # as if it had been so long when it was opened
        wrapped.prepare = lambda _size: known
        return wrapped

    with running(app) as port:
        client, stream = connect(port)
        with client, stream:
            for _ in range(2):
                client.sendall(asked("/"))
                _, headers, body = read(stream)
                assert headers["content-length"] == str(known)
                assert body == content[100:]
                if known > LARGE:
                    assert stream.read() == b""
                    return


def test_what_is_no_file_of_the_system_is_sent_as_well():
    def app(environ, start_response):
        start_response("200 OK", [("Content-Length", str(LARGE))])
        return environ["wsgi.file_wrapper"](io.BytesIO(b"z" * LARGE))

    with running(app) as port:
        client, stream = connect(port)
        with client, stream:
            for _ in range(2):
                client.sendall(asked("/"))
                assert read(stream)[2] == b"z" * LARGE


class Beside:
    """A loop on sockets that other workers listen on as well, of which it is told how many connections they
    have.
    """

    def __init__(self, share):
        self.loop = Loop(share)
        self._lanes = Lanes(1, [])
        self._server = listening(self.loop, self._lanes)
        self.port = self._server.effective_port

    def turn_until(self, true):
        for _ in range(1000):
            if true():
                return
            self.loop.once(0.001)
        raise AssertionError("it takes for ever")

    def accept_elsewhere(self):
        """As another worker does."""
        self._server.accept()[0].close()

    def close(self):
        self._lanes.shutdown()
        wasyncore.close_all(self.loop)


@pytest.fixture
def shares():
    return Shares(3)


@pytest.fixture
def beside(shares):
    share = shares.of(1)
    found = Beside(share)
    share.begin()
    yield found
    found.close()


@pytest.fixture
def other(shares):
    """Another worker, which has no connections."""
    share = shares.of(2)
    share.begin()
    return share


def connected(beside):
    return socket.create_connection(("127.0.0.1", beside.port))


def test_a_new_connection_is_left_to_a_worker_that_has_fewer_but_not_for_long(beside, other, monkeypatch):
    monkeypatch.setattr(balance, "_SHORTEST", 60.0)  # however busy the machine is
    clients = [connected(beside)]
    beside.turn_until(lambda: len(beside.loop.channels()) == 1)
    clients.append(connected(beside))
    began = time.monotonic()
    beside.loop.once(1)
    assert len(beside.loop.channels()) == 1  # this worker has one, the other has none
    beside.turn_until(lambda: len(beside.loop.channels()) == 2)  # which it does not take
    assert time.monotonic() - began >= 0.005
    for count in range(3, 6):  # so it is not waited for, for a while
        clients.append(connected(beside))
        beside.loop.once(1)
        assert len(beside.loop.channels()) == count
    for client in clients:
        client.close()


def test_looking_at_everything_does_not_make_it_longer(beside, other):
    clients = [connected(beside)]
    beside.turn_until(lambda: len(beside.loop.channels()) == 1)
    clients.append(connected(beside))
    beside.loop.once(1)
    began = time.monotonic()
    while len(beside.loop.channels()) == 1:
        beside.loop.once(0, everywhere=True)
        assert time.monotonic() - began < 10
    for client in clients:
        client.close()


def test_a_new_connection_is_taken_at_once_where_no_worker_has_fewer(beside, other):
    clients = []
    for count in range(1, 6):
        other.note(count - 1)
        clients.append(connected(beside))
        beside.loop.once(1)
        beside.loop.once(0)
        assert len(beside.loop.channels()) == count
    for client in clients:
        client.close()
    beside.turn_until(lambda: not beside.loop.channels())
    assert beside.loop._share.is_least()


def test_one_that_another_worker_took_meanwhile_is_forgotten(beside, other):
    clients = [connected(beside)]
    beside.turn_until(lambda: len(beside.loop.channels()) == 1)
    clients.append(connected(beside))
    beside.loop.once(1)
    beside.accept_elsewhere()
    time.sleep(0.01)
    beside.loop.once(0.001)  # when the moment is over, nobody waits
    clients.append(connected(beside))
    beside.loop.once(1)
    assert len(beside.loop.channels()) == 1  # is left to the other one as well
    for client in clients:
        client.close()
