"""What the package index promises to those who change it, on every database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace

import pytest

from pypicloud_like.cache.sql import SqlCache
from pypicloud_like.core.errors import AlreadyExists, InvalidRequest
from pypicloud_like.core.model import (
    PROJECT_IDENTITY,
    Action,
    Entry,
    File,
    FileRecord,
    Snapshot,
    Stamp,
)
from pypicloud_like.core.ports import Cache
from tests.contracts.caches import (
    BAR,
    FOO,
    START,
    UPSTREAM,
    a_file,
    a_record,
    delete,
    new_only,
    open_index,
    put,
)


@pytest.fixture
def cache(index_url: str) -> Iterator[SqlCache]:
    """An empty index."""
    cache = open_index(index_url)
    yield cache
    cache.close()


def as_file(record: FileRecord) -> File:
    return File(**{field.name: getattr(record, field.name) for field in fields(File)})


class TestChange:
    @pytest.mark.promise(67)
    def test_a_file_comes_back_as_it_was_written(self, cache: Cache) -> None:
        file = a_file()
        (written,) = cache.change(FOO, new_only(file), identities=[file.identity])
        assert written == replace(file, serial=1)
        assert cache.file(FOO, file.filename) == written
        assert cache.files(FOO) == [as_file(written)]
        assert cache.described(FOO) == [written]
        assert cache.snapshot(FOO, None).files == {file.identity: written}

    def test_what_may_be_missing_comes_back_missing(self, cache: SqlCache) -> None:
        bare = a_file(
            blob=replace(a_file().blob, md5=None, blake2b_256=None),
            sidecars={},
            uploader=None,
            requires_python=None,
            summary=None,
            facts={},
            stamp=Stamp(Action.ADOPT, None, START),
            yanked="",
            origin=UPSTREAM,
        )  # fmt: skip - a list of what may be missing
        put(cache, bare)
        assert cache.file(FOO, bare.filename) == replace(bare, serial=1)

    def test_a_project_record_comes_back_as_it_was_written(self, cache: SqlCache) -> None:
        assert cache.record(FOO) is None
        (written,) = put(cache, a_record(display_name="F.o-O"))
        assert written == a_record(display_name="F.o-O", serial=1)
        assert cache.record(FOO) == written
        put(cache, a_file())
        assert cache.record(FOO) == written

    def test_each_entry_has_its_own_serial_in_order(self, cache: SqlCache) -> None:
        put(cache, a_file(1))
        written = put(cache, a_file(2), a_record(), a_file(3))
        assert [entry.serial for entry in written] == [2, 3, 4]
        assert [change.serial for change in cache.journal()] == [1, 2, 3, 4]
        assert cache.serial() == 4

    def test_the_edit_sees_the_rows_asked_for_and_always_the_record(self, cache: SqlCache) -> None:
        one, two, record = put(cache, a_file(1), a_file(2), a_record())
        tombstone = delete(cache, a_file(3))
        seen: list[Snapshot] = []

        def look(now: Snapshot) -> Sequence[Entry]:
            seen.append(now)
            return []

        for identities in ([], [one.identity], [one.identity, tombstone.identity, "none"], None):
            assert list(cache.change(FOO, look, identities=identities)) == []
        assert [now.record for now in seen] == [record] * 4
        assert [sorted(file.serial for file in now.files.values()) for now in seen] == [
            [],
            [1],
            [1, 4],
            [1, 2, 4],
        ]  # fmt: skip - one for each look
        assert two.serial == 2

    def test_an_edit_that_raises_leaves_nothing(self, cache: SqlCache) -> None:
        put(cache, a_file(1))
        before = (cache.moved(), cache.touched(BAR), list(cache.journal()))

        def refuse(_now: Snapshot) -> Sequence[Entry]:
            raise AlreadyExists("x")

        with pytest.raises(AlreadyExists):
            cache.change(BAR, refuse, identities=None)
        assert (cache.moved(), cache.touched(BAR), list(cache.journal())) == before
        assert cache.known_projects("pypi") == [FOO]

    def test_an_edit_without_entries_changes_nothing(self, cache: SqlCache) -> None:
        before = cache.moved()
        assert list(cache.change(FOO, lambda _now: [], identities=None)) == []
        assert (cache.moved(), cache.known_projects("pypi"), cache.serial()) == (before, [], 0)

    def test_an_identity_that_was_not_asked_for_is_replaced_all_the_same(self, cache: SqlCache) -> None:
        put(cache, a_file(1))
        again = a_file(1, yanked="broken")
        cache.change(FOO, lambda _now: [again], identities=[])
        assert cache.described(FOO) == [replace(again, serial=2)]

    def test_the_name_of_another_visible_file_is_refused(self, cache: SqlCache) -> None:
        put(cache, a_file(1))
        before = cache.moved()
        thief = a_file(2, filename=a_file(1).filename)
        with pytest.raises(AlreadyExists) as refusal:
            put(cache, a_file(3), thief)
        assert refusal.value.filename == thief.filename
        assert cache.moved() == before
        assert [file.serial for file in cache.files(FOO)] == [1]

    def test_a_deleted_file_frees_its_name_even_in_the_same_change(self, cache: SqlCache) -> None:
        put(cache, a_file(1))
        heir = a_file(2, filename=a_file(1).filename)
        put(cache, heir, replace(a_file(1), deleted=True))
        assert cache.described(FOO) == [replace(heir, serial=2)]

    def test_the_same_name_may_stand_in_two_projects(self, cache: SqlCache) -> None:
        put(cache, a_file(1))
        put(cache, a_file(1, BAR, filename=a_file(1).filename))
        assert len(list(cache.all_files("pypi"))) == 2

    def test_a_text_no_database_can_hold_is_refused_clearly(self, cache: SqlCache) -> None:
        with pytest.raises(InvalidRequest):
            put(cache, a_file(1, summary="\udc80"))
        assert cache.serial() == 0

    def test_an_entry_of_another_project_is_a_mistake(self, cache: SqlCache) -> None:
        with pytest.raises(ValueError, match="foo"):
            cache.change(FOO, lambda _now: [a_file(1, BAR)], identities=None)


class TestDue:
    def test_a_change_is_due_until_it_is_settled(self, cache: SqlCache) -> None:
        one, two = put(cache, a_file(1), a_file(2))
        (record,) = put(cache, a_record())
        (other,) = put(cache, a_file(1, BAR))
        assert cache.due() == [one, two, record, other]
        assert cache.due(limit=2) == [one, two]
        assert cache.due(BAR) == [other]
        assert cache.due(FOO, limit=1) == [one]
        cache.settle([one, record])
        assert cache.due() == [two, other]
        assert cache.due(limit=1) == [two]
        assert cache.serials(FOO) == {
            "1.0 wheel": (1, False),
            "2.0 wheel": (2, True),
            PROJECT_IDENTITY: (3, False),
        }  # fmt: skip - three rows
        cache.settle([two, other])
        assert cache.due() == []

    def test_marks_are_cleared_with_the_next_change(self, cache: SqlCache, index_url: str) -> None:
        (one,) = put(cache, a_file(1))
        (record,) = put(cache, a_record())
        cache.settle([one, record])
        other = SqlCache(cache.database)
        assert other.due() == [one, record]
        (two,) = put(cache, a_file(2))
        assert other.due() == [two]
        cache.settle([two])
        cache.flush()
        assert other.due() == []

    def test_a_row_changed_again_keeps_its_new_mark(self, cache: SqlCache) -> None:
        (old,) = put(cache, a_file(1))
        (new,) = put(cache, a_file(1, yanked="x"))
        cache.settle([old])
        cache.flush()
        assert cache.due() == [new]

    def test_many_settled_marks_are_cleared_at_once(self, cache: SqlCache) -> None:
        files = put(cache, *(a_file(number) for number in range(1001)))
        cache.settle(files)
        assert SqlCache(cache.database).due() == []


class TestMoving:
    def test_touched_moves_with_the_project_alone(self, cache: SqlCache) -> None:
        put(cache, a_file(1), a_file(2))
        seen = [cache.touched(FOO), cache.touched(BAR)]
        put(cache, a_file(1, BAR))
        assert cache.touched(FOO) == seen[0]
        assert cache.touched(BAR) != seen[1]
        seen = [cache.touched(FOO), cache.touched(BAR)]
        cache.flush()
        assert [cache.touched(FOO), cache.touched(BAR)] == seen
        put(cache, a_record())
        assert cache.touched(FOO) != seen[0]

    def test_birth_stays(self, cache: SqlCache) -> None:
        again = SqlCache(cache.database)
        assert len(cache.birth) == 32
        assert again.birth == cache.birth
