"""What is fetched by one of several processes: claimed, told of, taken over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from hashlib import blake2b

import pytest

from pypicloud_like.core.errors import NoSpace, NotFound, Unavailable, UpstreamFailed, UpstreamTimedOut
from pypicloud_like.upstream import claims
from pypicloud_like.upstream.claims import Claim, Claims

HOLDER = """
import sys
from pathlib import Path
from pypicloud_like.upstream.claims import Claims
claim = Claims(Path(sys.argv[1]), index="i").of("file")
claim.new_part().write(b"some")
print(claim.mine, flush=True)
sys.stdin.read()
"""


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
    with closing(Claims(folder, index="j")) as elsewhere:
        found = [here.of("file", 1), here.of("file", 2), there.of("turn", 1), elsewhere.of("file", 1)]
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


def test_nothing_goes_on_after_the_end(here):
    here.of("x")
    thread = next(thread for thread in threading.enumerate() if thread.name == "upstream-claims")
    here.close()
    thread.join(20)
    assert not thread.is_alive()


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
        with closing(Claims(folder, index="i")) as claims:
            for _ in range(30):
                while not (claim := claims.of("x")).mine:
                    claim.close()
                inside.append(number)
                most.append(len(inside))
                inside.remove(number)
                claim.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert set(most) == {1}
    assert len(most) == 120
