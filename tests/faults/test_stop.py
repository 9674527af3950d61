"""A server that is told to stop: what runs is finished within a bound, nothing new begins, all is whole."""

from __future__ import annotations

import base64
import signal
import socket
import threading
import time

import pytest

from tests import builders
from tests.support.server import LiveServer, is_listening
from tests.support.uploads import post_file

BOSS = ("boss", "some secret words")
LOGIN = "Basic " + base64.b64encode(":".join(BOSS).encode()).decode()
BOUNDARY = "a-boundary-that-is-nowhere"


@pytest.fixture
def grace():
    """Seconds until what still runs is broken off."""
    return 60


@pytest.fixture
def server(tmp_path, grace):
    options = {"server.grace": f"{grace}s", "log.format": "json"}
    with LiveServer(tmp_path / "data", options=options) as running:
        running.add_user(*BOSS, admin=True)
        yield running
        running.process = None  # each test ends it


def upload(server: LiveServer, built) -> tuple[socket.socket, bytes]:
    """A connection on which the first half of an upload was sent, and the second half."""
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="content"; filename="{built.filename}"\r\n\r\n'
    )
    body = head.encode() + built.content + f"\r\n--{BOUNDARY}--\r\n".encode()
    lines = [
        "POST /simple/ HTTP/1.1",
        f"Host: {server.authority}",
        f"Authorization: {LOGIN}",
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}",
        f"Content-Length: {len(body)}",
    ]
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=20)
    connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode() + body[: len(body) // 2])
    assert server.request("/alive").status == 200  # so what came before is known as well
    return connection, body[len(body) // 2 :]


def files(server: LiveServer) -> set[str]:
    accept = {"Accept": "application/vnd.pypi.simple.v1+json"}
    answer = server.request("/simple/foo/", auth=BOSS, headers=accept)
    return {file["filename"] for file in answer.json["files"]} if answer.status == 200 else set()


def stop(server: LiveServer):
    process = server.process
    assert process is not None
    process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + 20
    while is_listening(server.port):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return process


@pytest.mark.promise(164)
def test_a_running_upload_is_finished_and_new_ones_are_refused(server):
    wheel, other = builders.a_wheel("foo", "1.0"), builders.a_wheel("foo", "2.0")
    connection, rest = upload(server, wheel)
    process = stop(server)
    with pytest.raises(OSError, match="refused"):
        post_file(server, *BOSS, other.filename, other.content)
    connection.sendall(rest)
    assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
    assert process.wait(30) == 0, "it ends when all is answered, not when the time is up"
    connection.close()
    server.start()
    assert files(server) == {wheel.filename}
    assert " 0 findings" in server.run("check", "--verify")
    assert stop(server).wait(30) == 0


@pytest.mark.promise(5, 164)
@pytest.mark.parametrize("grace", [4])
def test_an_upload_that_does_not_end_is_broken_off_and_leaves_nothing(server):
    wheel = builders.a_wheel("foo", "1.0")
    connection, _ = upload(server, wheel)
    began = time.monotonic()
    process = stop(server)
    assert process.wait(30) == 0
    assert time.monotonic() - began > 3.5
    assert connection.recv(65536) == b""
    connection.close()
    assert "1 connections were cut off" in server.log
    server.start()
    assert files(server) == set()
    assert " 0 findings" in server.run("check", "--verify")
    assert post_file(server, *BOSS, wheel.filename, wheel.content).status == 200, "sent again it is taken"
    assert stop(server).wait(30) == 0


@pytest.mark.promise(2, 164)
def test_many_uploads_while_it_stops_are_there_or_were_not_acknowledged(server):
    acknowledged: set[str] = set()
    refused = []

    def lane(number: int) -> None:
        for turn in range(200):
            built = builders.a_wheel("foo", f"{number}.{turn}")
            try:
                answer = post_file(server, *BOSS, built.filename, built.content)
            except OSError as error:
                refused.append(error)
                return
            if answer.status == 200:
                acknowledged.add(built.filename)

    lanes = [threading.Thread(target=lane, args=(number,)) for number in range(3)]
    for each in lanes:
        each.start()
    while len(acknowledged) < 6:
        time.sleep(0.05)
    process = stop(server)
    for each in lanes:
        each.join()
    assert process.wait(30) == 0
    assert len(refused) == len(lanes)
    server.start()
    assert files(server) >= acknowledged
    assert " 0 findings" in server.run("check", "--verify")
    assert stop(server).wait(30) == 0
