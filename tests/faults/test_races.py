"""Changes and reads of one file at the same time, over real HTTP: each reader and each change is right by itself."""

from __future__ import annotations

import hashlib
import http.client
import itertools
import socket
import threading
from collections.abc import Callable, Iterator, Mapping

import pytest

from tests import builders
from tests.faults.forked import ForkedServer
from tests.faults.test_connections import BASIC, asking, connected
from tests.support.server import Answer, LiveServer
from tests.support.uploads import post_file

BOSS = ("boss", "some secret words")
JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}
EDITIONS = 20
ROUNDS = 15


@pytest.fixture
def pair(tmp_path, options) -> Iterator[tuple[LiveServer, LiveServer]]:
    """Two processes over one data folder, which give files themselves."""
    more = {"pypi.allow_overwrite_groups": "admin", "pypi.stream_files": "true", "auth.hash_rounds": "1"}
    given = {**options, **more}
    data = tmp_path / "data"
    with ForkedServer(data, options=given) as one, ForkedServer(data, options=given) as two:
        one.add_user(*BOSS, admin=True)
        yield one, two


@pytest.mark.promise(22)
def test_readers_of_a_file_that_is_overwritten_get_one_or_another(pair):
    one, two = pair
    editions = [
        builders.a_wheel("foo", "1.0", description=f"edition {number} " + "x" * 50 * number)
        for number in range(EDITIONS)
    ]
    known = {hashlib.sha256(built.content).hexdigest(): built.content for built in editions}
    beside = {digest: core_metadata(built) for digest, built in zip(known, editions, strict=True)}
    assert post_file(one, *BOSS, editions[0].filename, editions[0].content).status == 200
    seen: set[str] = set()
    done = threading.Event()
    faults: list[str] = []

    def read(server: LiveServer) -> None:
        while not done.is_set():
            before = entry(server)
            body = server.request(f"/api/package/foo/{editions[0].filename}", auth=BOSS).body
            metadata = server.request(f"/api/package/foo/{editions[0].filename}.metadata", auth=BOSS).body
            after = entry(server)
            for told in (before, after):
                digest = told["hashes"]["sha256"]
                seen.add(digest)
                if told["size"] != len(known[digest]) or told["core-metadata"]["sha256"] != beside[digest]:
                    faults.append(f"a page of two editions: {told}")
            digest = hashlib.sha256(body).hexdigest()
            if digest not in known or (before == after and digest != before["hashes"]["sha256"]):
                faults.append(f"{len(body)} bytes of {digest}, where the page said {before}")
            if before == after and hashlib.sha256(metadata).hexdigest() != before["core-metadata"]["sha256"]:
                faults.append(f"other metadata than {before}")

    readers = [threading.Thread(target=read, args=(server,)) for server in (one, two)]
    for reader in readers:
        reader.start()
    try:
        for number, built in enumerate(editions[1:]):
            answer = post_file(pair[number % 2], *BOSS, built.filename, built.content)
            assert answer.status == 200, answer.text
    finally:
        done.set()
        for reader in readers:
            reader.join()
    assert faults == []
    assert len(seen) > 3
    assert entry(two)["hashes"]["sha256"] == list(known)[-1]


def entry(server: LiveServer) -> dict:
    (found,) = server.request("/simple/foo/", auth=BOSS, headers=JSON).json["files"]
    return found


def core_metadata(built: builders.Built) -> str:
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(built.content)) as archive:
        name = next(name for name in archive.namelist() if name.endswith("/METADATA"))
        return hashlib.sha256(archive.read(name)).hexdigest()


@pytest.mark.promise(26)
def test_a_download_during_which_its_file_is_deleted(pair):
    """Whole, or shorter than was said: never short and looking whole."""
    one, two = pair
    built = builders.a_wheel("big", "1.0", files={"x.bin": bytes(range(256)) * 4096 * 24}, stored=True)
    path = f"/api/package/big/{built.filename}"
    assert post_file(one, *BOSS, built.filename, built.content).status == 200
    readers = [
        connected(server, asking(path, f"Authorization: Basic {BASIC}", "Connection: close"), room=128 * 1024)
        for server in (one, two, one)
    ]
    heads = [reader.recv(1000) for reader in readers]
    assert two.request(path, method="DELETE", auth=BOSS).status == 200
    assert one.request(path, auth=BOSS).status == 404
    for head, reader in zip(heads, readers, strict=True):
        status, length, body = received(head, reader)
        assert status == 200
        assert length == len(built.content)
        assert built.content.startswith(body), "other bytes than the file's"


def received(head: bytes, reader: socket.socket) -> tuple[int, int, bytes]:
    """Status, announced length and body of an answer whose beginning was read."""
    with reader:
        while True:
            try:
                piece = reader.recv(1 << 20)
            except ConnectionResetError:
                break
            if not piece:
                break
            head += piece
    lines, _, body = head.partition(b"\r\n\r\n")
    length = next(
        int(line[15:]) for line in lines.split(b"\r\n") if line.lower().startswith(b"content-length:")
    )
    return int(lines[9:12]), length, body


WHEEL = builders.a_wheel("all", "1.0")
FILE = f"/api/package/all/{WHEEL.filename}"
YANK = "/api/package/all/1.0/yank"
CHANGES: Mapping[str, Callable[[LiveServer], Answer]] = {
    "upload": lambda server: post_file(server, *BOSS, WHEEL.filename, WHEEL.content),
    "yank": lambda server: server.request(YANK, method="POST", auth=BOSS, body=b""),
    "un-yank": lambda server: server.request(YANK, method="DELETE", auth=BOSS),
    "delete": lambda server: server.request(FILE, method="DELETE", auth=BOSS),
}
"""What may be done to one file, by its name."""
STATES: Mapping[str, tuple[str, ...]] = {
    "there": ("upload", "un-yank"),
    "yanked": ("upload", "yank"),
    "gone": ("upload", "delete"),
}
"""How it may show, and how it comes to that."""

REFUSED = {("gone", "yank"): 404, ("gone", "un-yank"): 404, ("gone", "delete"): 400}
"""What cannot be done; all else succeeds. (pypicloud answers 400 for a file to be deleted that is not there.)"""


def state(server: LiveServer) -> str:
    page = server.request("/simple/all/", auth=BOSS, headers=JSON)
    files = page.json["files"] if page.status == 200 else []
    shown = ["yanked" if file["yanked"] is not False else "there" for file in files]
    return shown[0] if shown else "gone"


@pytest.mark.promise(27)
def test_changes_at_once_end_as_some_order_of_them_does(pair):
    steps: dict[tuple[str, str], tuple[int, str]] = {}
    for before, name in itertools.product(STATES, CHANGES):
        bring(pair[0], before)
        steps[before, name] = (CHANGES[name](pair[0]).status, state(pair[1]))
    assert {step: status for step, (status, _) in steps.items() if status != 200} == REFUSED
    for number in range(ROUNDS):
        before = list(STATES)[number % 3]
        bring(pair[0], before)
        names = [*CHANGES, "yank"] if number % 2 else [*CHANGES, "upload"]
        statuses = at_once([(CHANGES[name], pair[lane % 2]) for lane, name in enumerate(names)])
        after = {state(server) for server in pair}
        assert len(after) == 1
        assert (statuses, after.pop()) in outcomes(steps, before, names), f"round {number}, from {before}"
    assert " 0 findings" in pair[0].run("check", "--verify")


def bring(server: LiveServer, wanted: str) -> None:
    for name in STATES[wanted]:
        CHANGES[name](server)
    assert state(server) == wanted


def outcomes(
    steps: Mapping[tuple[str, str], tuple[int, str]], before: str, names: list[str]
) -> set[tuple[tuple[int, ...], str]]:
    """Statuses and end of every order in which these changes may happen."""
    found = set()
    for order in itertools.permutations(range(len(names))):
        now, statuses = before, [0] * len(names)
        for lane in order:
            statuses[lane], now = steps[now, names[lane]]
        found.add((tuple(statuses), now))
    return found


def at_once(asked: list[tuple[Callable[[LiveServer], Answer], LiveServer]]) -> tuple[int, ...]:
    """Ask all of it at the same time; the statuses."""
    start = threading.Barrier(len(asked))
    statuses = [0] * len(asked)

    def ask(lane: int) -> None:
        change, server = asked[lane]
        start.wait()
        try:
            statuses[lane] = change(server).status
        except (OSError, http.client.HTTPException):
            statuses[lane] = -1

    threads = [threading.Thread(target=ask, args=(lane,)) for lane in range(len(asked))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return tuple(statuses)
