"""A file that another process fetches: read while it arrives, and never whole if it is wrong."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from pypicloud_like.core.errors import NotFound, UpstreamFailed, UpstreamTimedOut
from pypicloud_like.core.model import PYPI, Action, Blob, FileRecord, Origin, Project, Stamp
from pypicloud_like.upstream.claims import Silent
from pypicloud_like.upstream.following import follow
from pypicloud_like.upstream.transfers import CHUNK

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


def test_bytes_are_read_while_they_arrive_but_the_last_one(here, there, following_of):
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
def test_what_is_not_the_file_is_never_whole(here, there, following_of, body, total):
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


def test_an_empty_file(here, there, following_of):
    mine, other = here.of("f"), there.of("f")
    mine.new_part().close()
    mine.say(total=0)
    empty = replace(WANTED, blob=Blob("", 0, sha256(b"").hexdigest()))
    assert list(following_of(other, empty).read()) == []


def test_before_it_begins_it_is_waited_for(here, there, following_of):
    mine, other = here.of("f"), there.of("f")
    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(following_of, other)
        time.sleep(0.1)
        assert not found.done()
        mine.new_part().close()
        mine.say(total=None)
        assert found.result(20).size() is None


def test_what_has_ended_is_to_be_looked_for_again(here, there, following_of):
    mine, other = here.of("f"), there.of("f")
    mine.new_part().close()
    mine.say(total=3)
    mine.close()
    assert following_of(other) is None
    mine, other = here.of("f"), there.of("f")
    mine.close()
    assert following_of(other) is None


def test_a_failure_is_shared(here, there, following_of):
    mine, early, late = here.of("f"), there.of("f"), there.of("f")
    mine.new_part().close()
    mine.say(total=9)
    found = following_of(early)
    mine.say_failed(NotFound("elsewhere"))
    mine.close()
    for ask in (lambda: following_of(late), found.wait, lambda: list(found.read())):
        with pytest.raises(NotFound, match=r"foo-1\.0\.tar\.gz"):
            ask()


def test_a_dead_one_that_had_begun_is_not_followed(here, there, following_of, monkeypatch):
    mine, other = here.of("f"), there.of("f")
    mine.new_part().close()
    mine.say(total=9)
    monkeypatch.setattr(mine, "remove", lambda: None)  # as if it had been killed
    mine.close()
    assert following_of(other) is None


def test_one_that_stands_still_is_given_up(here, there, following_of, stand_still):
    mine = here.of("f")
    stand_still()
    with pytest.raises(Silent):
        following_of(there.of("f"))
    mine.new_part().close()
    mine.say(total=9)
    found = following_of(there.of("f"))
    stand_still()
    with pytest.raises(Silent):
        following_of(there.of("f"))
    with pytest.raises(Silent):
        found.wait()
    with pytest.raises(UpstreamTimedOut):
        list(found.read())


def test_what_is_gone_is_not_read_for_ever(here, there, following_of, folder):
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
