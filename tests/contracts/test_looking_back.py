"""What administrators ask of the index as a whole: every promise, on every database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from pypicloud_like.core.model import Action, Project, Stamp
from pypicloud_like.core.ports import Share, Sought
from pypicloud_like.db import looking_back
from tests.contracts.caches import BAR, FOO, START, a_file, a_record, delete, open_index, put

CRATE = Project("cargo", "foo")


@pytest.fixture
def cache(index_url: str) -> Iterator:
    opened = open_index(index_url)
    yield opened
    opened.close()


def sized(number: int, size: int, project: Project = FOO, days: int = 0, actor: str = "ann"):
    file = a_file(number, project)
    at = START + timedelta(days=days)
    stamp = Stamp(Action.UPLOAD, actor, at)
    return replace(file, blob=replace(file.blob, size=size), uploaded_at=at, stamp=stamp)


def test_shares_are_what_is_there_by_project_and_day(cache):
    put(cache, sized(1, 10), sized(2, 20), sized(3, 2**40, days=1))
    put(cache, sized(1, 5, CRATE))
    delete(cache, put(cache, sized(1, 7, BAR))[0])
    put(cache, a_record(Project("pypi", "empty")))
    day = START.date()
    assert sorted(cache.shares(), key=lambda each: (each.project, each.day)) == [
        Share(CRATE, day, 1, 5),
        Share(FOO, day, 2, 30),
        Share(FOO, day + timedelta(days=1), 1, 2**40),
    ]


def test_a_day_ends_at_midnight_utc(cache):
    late = START.replace(hour=23, minute=59, second=59, microsecond=999_999)
    put(
        cache,
        replace(sized(1, 1), uploaded_at=late),
        replace(sized(2, 1), uploaded_at=late + timedelta(microseconds=1)),
    )
    assert {each.day for each in cache.shares()} == {date(2040, 2, 3), date(2040, 2, 4)}


def test_the_largest_files_are_those_that_are_there(cache):
    put(cache, sized(1, 10), sized(2, 30), sized(3, 20))
    delete(cache, put(cache, sized(1, 99, BAR))[0])
    put(cache, sized(1, 25, CRATE))
    found = cache.largest(limit=3)
    assert [(file.project, file.blob.size) for file in found] == [(FOO, 30), (CRATE, 25), (FOO, 20)]


def test_the_journal_is_sought_by_what_rows_have(cache):
    put(cache, sized(1, 1))
    put(cache, sized(1, 1, BAR, days=1, actor="bob"))
    delete(cache, cache.described(FOO)[0])
    put(cache, sized(1, 1, CRATE, days=2))

    def found(**wanted):
        return [change.serial for change in cache.sought(Sought(**wanted)).rows]

    assert found() == [4, 3, 2, 1]
    assert found(actor="bob") == [2]
    assert found(action="upload") == [4, 2, 1]
    assert found(project=FOO) == [3, 1]
    assert found(project=Project("pypi", "nosuch")) == []
    assert found(since=START + timedelta(days=1), until=START + timedelta(days=2)) == [2]
    assert found(actor="' OR 1=1 --") == []


def test_portions_of_the_journal_meet(cache):
    for number in range(1, 8):
        put(cache, sized(number, 1, actor="ann" if number % 2 else "bob"))
    first = cache.sought(Sought(actor="ann"), limit=3)
    assert [change.serial for change in first.rows] == [7, 5, 3]
    second = cache.sought(Sought(actor="ann"), before=first.before, limit=3)
    assert [change.serial for change in second.rows] == [1]
    assert second.before is None


def test_no_portion_looks_through_everything(cache, monkeypatch):
    for number in range(1, 8):
        put(cache, sized(number, 1, actor="ann" if number == 1 else "bob"))
    monkeypatch.setattr(looking_back, "LOOKED_THROUGH", 3)
    seen, before, portions = [], None, 0
    while portions == 0 or before is not None:
        portion = cache.sought(Sought(actor="ann"), before=before)
        seen += portion.rows
        before, portions = portion.before, portions + 1
    assert [change.serial for change in seen] == [1]
    assert portions == 3


def test_looking_through_is_bounded():
    assert looking_back.LOOKED_THROUGH <= 200_000
