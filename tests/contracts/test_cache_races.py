"""Several threads and processes at one index, on every database."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress

import pytest

from pypicloud_like.cache.sql import SqlCache
from pypicloud_like.core.errors import AlreadyExists
from pypicloud_like.core.model import Entry, Project, Snapshot
from tests.contracts.caches import BAR, FOO, a_file, delete, new_only, open_index, other_process, put

THREADS, PROCESSES, ROUNDS = 4, 2, 12


@pytest.fixture
def cache(index_url: str) -> Iterator[SqlCache]:
    """An empty index."""
    cache = open_index(index_url)
    yield cache
    cache.close()


def at_once(cache: SqlCache, job, writer: str) -> list[object]:
    """Run ``job(cache, name)`` in several threads of this process; gives all they answered."""
    with ThreadPoolExecutor(THREADS) as pool:
        names = [f"{writer}{thread}" for thread in range(THREADS)]
        return [answer for answers in pool.map(lambda name: job(cache, name), names) for answer in answers]


def win(cache: SqlCache, writer: str) -> list[int]:
    """Try to be the first to publish each of some files."""
    won = []
    for number in range(ROUNDS):
        file = a_file(number, uploader=writer)
        if cache.change(FOO, new_only(file), identities=[file.identity]):
            won.append(number)
    return won


def claim(cache: SqlCache, writer: str) -> list[int]:
    """Try to have one file name under an identity of one's own, in each of some projects."""
    won = []
    for number in range(ROUNDS):
        project = Project("pypi", f"p{number}")
        with suppress(AlreadyExists):
            put(cache, a_file(writer, project, filename="same.whl"))
            won.append(number)
    return won


def publish(cache: SqlCache, writer: str) -> list[int]:
    """Publish files of one's own into a project of all; gives their serials."""
    return [put(cache, a_file(f"{writer}.{number}"))[0].serial for number in range(ROUNDS)]


def append(cache: SqlCache, writer: str) -> list[int]:
    """Read the state of a file and write it on, again and again: no update may be lost."""

    def edit(now: Snapshot) -> Sequence[Entry]:
        old = now.files.get("shared")
        count = int(old.facts["count"]) if old else 0
        return [a_file("x", identity="shared", uploader=writer, facts={"count": count + 1})]

    return [cache.change(FOO, edit, identities=["shared"])[0].serial for _ in range(ROUNDS)]


def with_others(cache: SqlCache, url: str, job) -> list:
    """What all threads of all processes answered."""
    with ExitStack() as stack:
        others = [stack.enter_context(other_process(url)) for _ in range(PROCESSES)]
        for other in others:
            other.call(SqlCache.moved)  # it is up
        for number, other in enumerate(others):
            other.send(at_once, job, f"p{number}t")
        answers = at_once(cache, job, "here")
        for other in others:
            answers += other.receive()
    return answers


@pytest.mark.promise(20)
def test_of_one_identity_exactly_one_wins(cache: SqlCache, index_url: str) -> None:
    assert sorted(with_others(cache, index_url, win)) == list(range(ROUNDS))
    assert len(cache.files(FOO)) == len(cache.journal(limit=999)) == ROUNDS


@pytest.mark.promise(20)
def test_of_one_name_exactly_one_wins(cache: SqlCache, index_url: str) -> None:
    assert sorted(with_others(cache, index_url, claim)) == list(range(ROUNDS))


@pytest.mark.promise(59)
def test_no_update_is_lost(cache: SqlCache, index_url: str) -> None:
    serials = with_others(cache, index_url, append)
    assert len(set(serials)) == len(serials) == (PROCESSES + 1) * THREADS * ROUNDS
    assert cache.described(FOO)[0].facts == {"count": len(serials)}


def test_different_files_are_all_there_and_a_follower_misses_none(cache: SqlCache, index_url: str) -> None:
    followed: list[int] = []
    done = threading.Event()

    def follow() -> None:
        last_look = False
        while not last_look:
            last_look = done.is_set()
            while rows := cache.journal(after=followed[-1] if followed else 0, limit=7):
                followed.extend(row.serial for row in rows)

    follower = threading.Thread(target=follow)
    follower.start()
    serials = with_others(cache, index_url, publish)
    done.set()
    follower.join()
    assert len(set(serials)) == len(serials) == (PROCESSES + 1) * THREADS * ROUNDS
    assert followed == sorted(serials)
    assert {file.serial for file in cache.files(FOO)} == set(serials)
    assert cache.projects("pypi")[0].serial == max(serials)


@pytest.mark.promise(13)
def test_what_one_process_wrote_the_other_sees_at_once(cache: SqlCache, index_url: str) -> None:
    with other_process(index_url) as other:
        for number in range(30):
            seen = {project: other.call(SqlCache.touched, project) for project in (FOO, BAR)}
            mine = cache.touched(FOO)
            put(cache, a_file(number))
            assert other.call(SqlCache.touched, FOO) != seen[FOO]
            assert other.call(SqlCache.touched, BAR) == seen[BAR]
            assert cache.touched(FOO) != mine
            mine = cache.touched(BAR)
            other.call(put, a_file(number, BAR))
            assert cache.touched(BAR) != mine
            assert len(cache.files(BAR)) == number + 1


def test_rows_kept_under_a_number_are_never_older_than_it(cache: SqlCache) -> None:
    kept: dict[int, int] = {}
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            number = cache.touched(FOO)  # asked before the rows are read
            kept.setdefault(number, len(cache.files(FOO)))

    with ThreadPoolExecutor(3) as pool:
        readers = [pool.submit(read) for _ in range(3)]
        try:
            for number in range(60):
                put(cache, a_file(number))
                assert kept.get(cache.touched(FOO), number + 1) == number + 1
        finally:
            stop.set()
        for reader in readers:
            reader.result()
    assert len(kept) > 1


def test_forgetting_races_with_changes(cache: SqlCache) -> None:
    (old,) = put(cache, a_file("kept"))
    cache.settle([old])
    ended = threading.Event()

    def change() -> None:
        try:
            for _ in range(20):
                put(cache, a_file("new"))
                cache.settle(cache.due())
                delete(cache, a_file("new"))
        finally:
            ended.set()

    def forget() -> int:
        asked = 0
        while not (ended.is_set() and asked):
            cache.forget([(FOO, old.identity, 0), (FOO, "new.0 wheel", cache.serial() - 1)])
            asked += 1
        return asked

    with ThreadPoolExecutor(2) as pool:
        changed, asked = pool.submit(change), pool.submit(forget)
        changed.result()
        assert asked.result() >= 1
    assert [file.identity for file in cache.files(FOO)] == [old.identity]
    with cache.database.read() as connection:
        counted = connection.exec_driver_sql("SELECT visible, ours FROM projects").one()
        rows = connection.exec_driver_sql("SELECT count(*) FROM files").scalar_one()
    assert tuple(counted) == (1, rows)
