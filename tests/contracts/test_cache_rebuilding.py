"""How the index is brought in line with the records in storage, on every database."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from pypicloud_like.cache.sql import SqlCache
from pypicloud_like.core.model import PROJECT_IDENTITY, Entry, Project, Status
from tests.contracts.caches import (
    BAR,
    FOO,
    START,
    UPSTREAM,
    a_file,
    a_record,
    buried,
    delete,
    everything,
    open_index,
    put,
)

BAZ = Project("pypi", "baz")


@pytest.fixture
def cache(index_url: str) -> Iterator[SqlCache]:
    """An empty index."""
    cache = open_index(index_url)
    yield cache
    cache.close()


@pytest.fixture
def other(tmp_path) -> Iterator[SqlCache]:
    """Another index, to rebuild from."""
    cache = open_index(f"sqlite:///{tmp_path / 'other.sqlite'}")
    yield cache
    cache.close()


def history(cache: SqlCache) -> list[Entry]:
    """All kinds of changes; gives the record of each."""
    changes: list[Sequence[Entry]] = [
        put(cache, a_file(1), a_file(2)),
        put(cache, a_file(1, BAR, summary="first")),
        put(cache, a_file(2, BAR, display_name="BAR", summary=None)),
        put(cache, a_file(1, yanked="broken")),
        put(cache, a_record(BAR, status=Status.DEPRECATED)),
        put(cache, buried(a_file(2))),
        put(cache, a_file(3, filename=a_file(2).filename)),
        put(cache, buried(a_file(3, filename=a_file(2).filename))),
        put(cache, a_file(4, BAZ, origin=UPSTREAM)),
        put(cache, a_record(BAR, display_name="b.a.r")),
        put(cache, a_file(1, uploaded_at=START.replace(year=2039))),
    ]
    return [entry for written in changes for entry in written]


class TestReconcile:
    def test_a_lost_index_is_the_same_again(self, cache: SqlCache, other: SqlCache) -> None:
        records = history(other)
        shuffled = random.Random(7)
        shuffled.shuffle(records)
        for start in range(0, len(records), 4):
            cache.reconcile(records[start : start + 4])
        assert everything(cache, FOO, BAR, BAZ) == everything(other, FOO, BAR, BAZ)
        assert list(cache.journal()) == list(other.journal())
        assert cache.search("pypi", summary=["café"]) == other.search("pypi", summary=["café"])
        assert cache.due() == []

    def test_again_changes_nothing(self, cache: SqlCache, other: SqlCache) -> None:
        records = history(other)
        assert cache.reconcile(records) == len({(entry.project, entry.identity) for entry in records})
        before = (cache.moved(), everything(cache, FOO, BAR, BAZ))
        assert cache.reconcile(records) == 0
        assert (cache.moved(), everything(cache, FOO, BAR, BAZ)) == before

    def test_the_higher_serial_wins(self, cache: SqlCache) -> None:
        put(cache, a_file(1))
        (now,) = put(cache, a_file(1, yanked="x"))
        cache.settle([now])
        assert cache.reconcile([a_file(1, serial=1, yanked="old"), a_file(1, serial=2, yanked="same")]) == 0
        assert cache.described(FOO) == [now]
        newer = a_file(1, serial=9, yanked="newer")
        assert cache.reconcile([newer, a_file(1, serial=8)]) == 1
        assert cache.described(FOO) == [newer]
        assert cache.due() == []
        assert [change.serial for change in cache.journal()] == [1, 2, 8, 9]

    def test_project_records_too(self, cache: SqlCache) -> None:
        (now,) = put(cache, a_record())
        assert cache.reconcile([a_record(serial=1, status_reason="same serial")]) == 0
        assert cache.record(FOO) == now
        assert cache.reconcile([a_record(serial=5, status_reason="newer")]) == 1
        assert cache.record(FOO) == a_record(serial=5, status_reason="newer")

    def test_serials_go_on_above_all_of_them(self, cache: SqlCache) -> None:
        cache.reconcile([a_file(1, serial=4000)])
        assert cache.serial() == 4000
        (entry,) = put(cache, a_file(2))
        assert entry.serial > 4000
        cache.raise_serial(9000)
        cache.raise_serial(10)
        (entry,) = put(cache, a_file(3))
        assert entry.serial == 9001
        assert cache.serial() == 9001

    def test_what_it_changes_moves(self, cache: SqlCache) -> None:
        seen = (cache.touched(FOO), cache.touched(BAR))
        cache.reconcile([a_file(1, serial=7)])
        assert cache.touched(FOO) != seen[0]
        assert cache.touched(BAR) == seen[1]
        seen = (cache.touched(FOO), cache.touched(BAR))
        cache.reconcile([a_file(2, serial=3)])  # a serial below the clock moves all the same
        assert cache.touched(FOO) != seen[0]

    def test_more_than_one_statement_holds(self, cache: SqlCache) -> None:
        files = [a_file(number, serial=number + 1) for number in range(1203)]
        assert cache.reconcile(files) == 1203
        assert {file.serial for file in cache.files(FOO)} == set(range(1, 1204))
        assert len(cache.snapshot(FOO, [file.identity for file in files]).files) == 1203


class TestNamesTwice:
    """Two identities with one name: records of a rename arrive in any order."""

    NAME = a_file(1).filename

    def test_a_tombstone_that_comes_later(self, cache: SqlCache) -> None:
        cache.reconcile([a_file(1, serial=1)])
        heir = a_file(2, serial=3, filename=self.NAME)
        assert cache.reconcile([heir]) == 1
        assert cache.described(FOO) == [heir]
        cache.reconcile([replace(buried(a_file(1)), serial=2)])
        assert cache.described(FOO) == [heir]
        assert set(cache.serials(FOO)) == {a_file(1).identity, heir.identity}
        assert cache.projects("pypi")[0].serial == 3

    def test_the_higher_serial_is_shown(self, cache: SqlCache) -> None:
        low, high = a_file(1, serial=1), a_file(2, serial=3, filename=self.NAME)
        cache.reconcile([low, high])
        assert cache.described(FOO) == [high]
        assert cache.reconcile([low, high]) == 0
        assert cache.described(FOO) == [high]

    def test_a_change_that_is_not_recorded_yet_is_not_evicted(self, cache: SqlCache) -> None:
        (mine,) = put(cache, a_file(1))
        cache.reconcile([a_file(2, serial=3, filename=self.NAME)])
        assert cache.described(FOO) == [mine]
        assert cache.due() == [mine]

    def test_an_older_row_of_the_hidden_one_gives_way(self, cache: SqlCache) -> None:
        cache.reconcile([a_file(1, serial=1)])
        high = a_file(2, serial=9, filename=self.NAME)
        cache.reconcile([a_file(1, serial=5), high])
        assert cache.described(FOO) == [high]
        assert [listing.serial for listing in cache.projects("pypi")] == [9]


class TestForget:
    def test_rows_without_record_go(self, cache: SqlCache) -> None:
        one, two, record = put(
            cache, a_file(1, display_name="old"), a_file(2), a_record(status=Status.ACTIVE)
        )
        cache.settle([one, two, record])
        seen = cache.touched(FOO)
        assert cache.forget([(FOO, two.identity, two.serial)]) == 1
        assert cache.touched(FOO) != seen
        assert cache.described(FOO) == [one]
        assert [(listing.display_name, listing.serial) for listing in cache.projects("pypi")] == [("old", 3)]
        assert cache.forget([(FOO, PROJECT_IDENTITY, 3), (FOO, one.identity, 1)]) == 2
        assert cache.record(FOO) is None
        assert (cache.projects("pypi"), cache.known_projects("pypi"), cache.exists(FOO)) == ([], [], False)
        assert cache.forget([(FOO, one.identity, 1)]) == cache.forget([(BAR, "x", 1)]) == 0
        (again,) = put(cache, a_file(1))
        assert cache.described(FOO) == [again]

    def test_rows_that_changed_or_carry_a_mark_stay(self, cache: SqlCache) -> None:
        one, two, record = put(cache, a_file(1), a_file(2), a_record())
        cache.settle([two])
        (changed,) = put(cache, a_file(2, yanked=""))
        cache.settle([changed])
        moved = cache.moved()
        rows = [(FOO, entry.identity, entry.serial) for entry in (one, two, record)]
        assert cache.forget(rows) == 0
        assert len(cache.files(FOO)) == 2
        assert cache.record(FOO) == record
        assert cache.moved() == moved

    def test_counts_stay_true(self, cache: SqlCache, other: SqlCache) -> None:
        records = history(other)
        cache.reconcile(records)
        highest = {(e.project, e.identity): e for e in sorted(records, key=lambda e: e.serial)}
        kept = [e for (project, _), e in highest.items() if project != FOO or e.identity == "2.0 wheel"]
        gone = [e for e in highest.values() if e not in kept]
        assert cache.forget([(e.project, e.identity, e.serial) for e in gone]) == len(gone)
        delete(other, a_file(3, filename=a_file(2).filename))
        rebuilt = open_index(str(other.database.url).replace("other.sqlite", "third.sqlite"))
        rebuilt.reconcile([entry for entry in records if entry in kept])
        found, expected = everything(cache, FOO, BAR, BAZ), everything(rebuilt, FOO, BAR, BAZ)
        rebuilt.close()
        del found["serial"], expected["serial"]  # the journal keeps what happened
        assert found == expected


def test_an_index_that_is_being_filled_says_so_to_everybody(cache: SqlCache, index_url: str) -> None:
    assert cache.is_whole()
    for _ in range(2):  # a second attempt after a crash
        cache.begin_filling()
        again = open_index(index_url)
        assert not again.is_whole()
        again.close()
    cache.end_filling()
    assert cache.is_whole()
