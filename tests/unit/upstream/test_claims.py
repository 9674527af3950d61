"""What is fetched by one of several processes: claimed, followed, failed together, taken over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import blake2b, sha256

import pytest

from pypicloud_like.core.errors import NoSpace, NotFound, Unavailable, UpstreamFailed, UpstreamTimedOut
from pypicloud_like.core.model import PYPI, Action, Blob, FileRecord, Origin, Project, Stamp
from pypicloud_like.upstream import claims
from pypicloud_like.upstream.claims import Claim, Claims, Silent
from pypicloud_like.upstream.following import follow
from pypicloud_like.upstream.transfers import CHUNK
from pypicloud_like.upstream.turns import HostTurns

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BODY = b"the bytes of a file"
WANTED = FileRecord(
    project=Project(PYPI, "foo"),
    identity="foo-1.0",
    filename="foo-1.0.tar.gz",
    version="1.0",
    kind="sdist",
    blob=Blob("", len(BODY), sha256(BODY).hexdigest()),
    uploaded_at=NOW,
    stamp=Stamp(Action.FETCH, None, NOW),
    display_name="foo",
    origin=Origin("up", "http://up.example/foo-1.0.tar.gz", NOW, sha256(BODY).hexdigest()),
)
HOLDER = """
import sys
from pathlib import Path
from pypicloud_like.upstream.claims import Claims
claim = Claims(Path(sys.argv[1]), index="i").of("file")
claim.new_part().write(b"some")
print(claim.mine, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "spool" / "fetching"


@pytest.fixture
def here(folder):
    return Claims(folder, index="i")


@pytest.fixture
def following_of():
    """Follows what another one has, until the test ends."""
    with ExitStack() as end:

        def begin(claim, wanted=WANTED):
            found = follow(claim, wanted)
            if found is not None:
                end.callback(found.leave)
            return found

        yield begin


@pytest.fixture
def there(folder):
    """As another process has them: locks belong to open files."""
    return Claims(folder, index="i")


def test_one_has_it_until_it_is_closed(here, there, folder):
    mine = here.of("file", 1)
    assert mine.mine
    for other in (there.of("file", 1), here.of("file", 1)):
        assert not other.mine
        assert not other.is_over()
        other.close()
    assert not there.of("file", 1).mine, "whoever closes one that is not theirs ends nothing"
    mine.close()
    taken = there.of("file", 1)
    assert taken.mine
    taken.close()
    assert list(folder.iterdir()) == []


def test_others_are_no_concern_of_it(here, there, folder):
    found = [
        here.of("file", 1),
        here.of("file", 2),
        there.of("turn", 1),
        Claims(folder, index="j").of("file", 1),
    ]
    assert all(claim.mine for claim in found)


def test_what_is_said_is_heard_to_the_end_and_by_nobody_later(here, there):
    mine, other = here.of("x"), there.of("x")
    assert other.said() == {}
    mine.say(total=5)
    assert other.said() == {"total": 5}
    assert other.failure("up", "foo") is None
    mine.say_failed(UpstreamTimedOut("up", "it took " + "long " * 10_000))
    mine.close()
    assert other.is_over()
    assert isinstance(other.failure("up", "foo"), UpstreamTimedOut)
    assert there.of("x").said() == {}


@pytest.mark.parametrize(
    "error",
    [
        UpstreamFailed("up", "broke"),
        UpstreamTimedOut("up", "slow"),
        NotFound("foo"),
        NoSpace(),
        Unavailable("storage"),
    ],
)
def test_others_fail_likewise(here, there, error):
    mine, other = here.of("x"), there.of("x")
    mine.say_failed(error)
    found = other.failure("up", "foo")
    assert (type(found), str(found)) == (type(error), str(error))


def test_it_ends_with_its_process(here, folder):
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "True\n"
        other = here.of("file")
        assert (other.mine, other.is_over()) == (False, False)
        process.send_signal(signal.SIGKILL)
    assert other.is_over()
    other.close()
    mine = here.of("file")
    assert mine.mine
    with mine.new_part() as part:
        assert part.read() == b"", "what the other one left is gone"
    mine.close()
    assert list(folder.iterdir()) == []


def test_what_a_process_left_that_was_killed_goes_when_another_one_begins(here, folder):
    kept = here.of("in use")
    kept.new_part().close()
    names = {path.name for path in folder.iterdir()}
    for name in ("dead", "dead.part", "of nobody.part"):
        (folder / name).write_bytes(b"{}")
    Claims(folder, index="i")
    assert {path.name for path in folder.iterdir()} == names
    here.close()
    assert list(folder.iterdir()) == []


def test_whose_name_is_somebody_elses_meanwhile_removes_nothing(here, there, folder):
    mine = here.of("x")
    for path in folder.iterdir():
        path.unlink()
    other = there.of("x")
    assert other.mine
    mine.close()
    assert len(list(folder.iterdir())) == 1
    other.close()
    assert list(folder.iterdir()) == []


def test_who_reads_what_a_dead_one_left_is_not_held_up_by_the_next_one(here, there, folder):
    there.of("x").close()
    path = folder / blake2b(repr(("i", "x")).encode(), digest_size=20).hexdigest()
    path.write_bytes(b"{}")
    with path.open("rb") as dead:
        mine = here.of("x")
        assert mine.mine
        assert not os.path.samestat(os.fstat(dead.fileno()), path.stat())


@pytest.mark.parametrize("words", [b"[]", b"3", b'{"failed": "X", "why": []}', b"[" * 5000, b"\xff", b""])
def test_nonsense_is_nothing_said_or_a_failure(here, there, folder, words):
    here.of("x")
    other = there.of("x")
    (path,) = folder.iterdir()
    path.write_bytes(words)
    assert isinstance(other.failure("up", "foo"), UpstreamFailed | None)


def test_signs_of_life(here, there, folder, monkeypatch):
    monkeypatch.setattr(claims, "_BEAT", 0.02)
    mine = here.of("x")
    (path,) = folder.iterdir()
    other, first = there.of("x"), path.stat().st_mtime_ns
    deadline = time.monotonic() + 20
    while path.stat().st_mtime_ns == first:
        assert time.monotonic() < deadline
    monkeypatch.setattr(Claim, "beat", lambda _claim: None)
    os.utime(path, (time.time() - 100,) * 2)
    assert there.of("x").silence() > 99
    os.utime(path)
    assert other.silence() < 90
    mine.close()


def test_where_nothing_can_be_locked_everybody_fetches(tmp_path, caplog):
    (tmp_path / "file").write_bytes(b"")
    assert Claims(tmp_path / "file" / "folder", index="i").of("x") is None
    assert "without a look at other processes" in caplog.text


def test_the_folder_may_be_removed_meanwhile(here, folder):
    here.of("x").close()
    folder.rmdir()
    assert here.of("x").mine


def test_a_crowd_takes_it_one_after_the_other(folder):
    inside, most = [], []

    def work(number):
        for _ in range(30):
            while not (claim := Claims(folder, index="i").of("x")).mine:
                claim.close()
            inside.append(number)
            most.append(len(inside))
            inside.remove(number)
            claim.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert set(most) == {1}
    assert len(most) == 120


def stand_still(folder):
    """As a process does that has been stopped."""
    for path in folder.iterdir():
        os.utime(path, (time.time() - 100,) * 2)


class TestFollowing:
    def test_bytes_are_read_while_they_arrive_but_the_last_one(self, here, there, following_of):
        mine = here.of("f")
        other = there.of("f")
        with mine.new_part() as part:
            mine.say(total=len(BODY))
            part.write(BODY[:8])
            part.flush()
            found = following_of(other)
            assert found.size() == len(BODY)
            pieces = found.read()
            assert next(pieces) == BODY[:7]
            part.write(BODY[8:])
            part.flush()
            assert b"".join(pieces) == BODY[7:], "all is there, and right: nobody waits until it is stored"
        mine.close()
        found.wait()

    @pytest.mark.parametrize("total", [None, len(BODY)])
    @pytest.mark.parametrize("body", [BODY[:-1], BODY + b"x", BODY[:-1] + b"x", b""])
    def test_what_is_not_the_file_is_never_whole(self, here, there, following_of, body, total):
        mine, other = here.of("f"), there.of("f")
        with mine.new_part() as part:
            part.write(body)
        mine.say(total=total)
        found = following_of(other)
        mine.close()
        given = []
        with pytest.raises(UpstreamFailed):
            given.extend(found.read())
        assert b"".join(given) == body[:-1]

    def test_an_empty_file(self, here, there, following_of):
        mine, other = here.of("f"), there.of("f")
        mine.new_part().close()
        mine.say(total=0)
        empty = replace(WANTED, blob=Blob("", 0, sha256(b"").hexdigest()))
        assert list(following_of(other, empty).read()) == []

    def test_before_it_begins_it_is_waited_for(self, here, there, following_of):
        mine, other = here.of("f"), there.of("f")
        with ThreadPoolExecutor(1) as pool:
            found = pool.submit(following_of, other)
            time.sleep(0.1)
            assert not found.done()
            mine.new_part().close()
            mine.say(total=None)
            assert found.result(20).size() is None

    def test_what_has_ended_is_to_be_looked_for_again(self, here, there, following_of):
        mine, other = here.of("f"), there.of("f")
        mine.new_part().close()
        mine.say(total=3)
        mine.close()
        assert following_of(other) is None
        mine, other = here.of("f"), there.of("f")
        mine.close()
        assert following_of(other) is None

    def test_a_failure_is_shared(self, here, there, following_of):
        mine, early, late = here.of("f"), there.of("f"), there.of("f")
        mine.new_part().close()
        mine.say(total=9)
        found = following_of(early)
        mine.say_failed(NotFound("elsewhere"))
        mine.close()
        for ask in (lambda: following_of(late), found.wait, lambda: list(found.read())):
            with pytest.raises(NotFound, match=r"foo-1\.0\.tar\.gz"):
                ask()

    def test_a_dead_one_that_had_begun_is_not_followed(self, here, there, following_of, monkeypatch):
        mine, other = here.of("f"), there.of("f")
        mine.new_part().close()
        mine.say(total=9)
        monkeypatch.setattr(mine, "remove", lambda: None)  # as if it had been killed
        mine.close()
        assert following_of(other) is None

    def test_one_that_stands_still_is_given_up(self, here, there, following_of, folder, monkeypatch):
        monkeypatch.setattr(Claim, "beat", lambda _claim: None)
        mine = here.of("f")
        stand_still(folder)
        with pytest.raises(Silent):
            following_of(there.of("f"))
        mine.new_part().close()
        mine.say(total=9)
        found = following_of(there.of("f"))
        stand_still(folder)
        with pytest.raises(Silent):
            following_of(there.of("f"))
        with pytest.raises(Silent):
            found.wait()
        with pytest.raises(UpstreamTimedOut):
            list(found.read())

    def test_what_is_gone_is_not_read_for_ever(self, here, there, following_of, folder):
        mine, other = here.of("f"), there.of("f")
        with mine.new_part() as part:
            part.write(bytes(CHUNK + 10))
        mine.say(total=CHUNK + 10)
        pieces = following_of(other).read()
        next(pieces)
        (path,) = [path for path in folder.iterdir() if path.suffix]
        os.truncate(path, 1)
        with pytest.raises(UpstreamFailed, match="gone"):
            list(pieces)


class TestTurns:
    def test_one_asks_and_the_others_find_it(self, here, there):
        got, asked = {}, []

        def ask(turns):
            with turns.of("up", "page"):
                if "page" not in got:
                    asked.append(1)
                    time.sleep(0.1)
                    got["page"] = 1

        sides = [HostTurns(here), HostTurns(there)]
        with ThreadPoolExecutor(6) as pool:
            list(pool.map(ask, sides * 3))
        assert len(asked) == 1

    def test_those_that_waited_fail_likewise_and_the_next_one_asks(self, here, there):
        sides = [HostTurns(here), HostTurns(there)]
        began, may_end, asked = threading.Event(), threading.Event(), []

        def ask(turns):
            with turns.of("up", "page"):
                asked.append(1)
                began.set()
                may_end.wait(20)
                raise UpstreamTimedOut("up", "slow")

        with ThreadPoolExecutor(6) as pool:
            first = pool.submit(ask, sides[0])
            assert began.wait(20)
            others = [pool.submit(ask, side) for side in (*sides, *sides)]
            time.sleep(1)  # until they wait
            may_end.set()
            for each in (first, *others):
                with pytest.raises(UpstreamTimedOut, match="slow"):
                    each.result(20)
        assert len(asked) == 1
        with sides[1].of("up", "page"):
            pass

    def test_whoever_neither_ends_nor_dies_is_not_waited_for(self, here, there, folder, monkeypatch):
        monkeypatch.setattr(Claim, "beat", lambda _claim: None)
        here.of("turn", "page")
        stand_still(folder)
        with HostTurns(there).of("up", "page"):
            pass
