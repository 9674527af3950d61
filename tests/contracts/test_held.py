"""What is held from upstreams: every promise of the port, on every database."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from pypicloud_like.core.model import Blob, FileRecord, Project
from pypicloud_like.core.ports import Document, Held, HeldUse
from pypicloud_like.settings.model import DatabaseSettings
from pypicloud_like.upstream.sql import SqlHeld
from tests.contracts.caches import BAR, FOO, START, UPSTREAM, a_file, open_index

CRATE = Project("cargo", "foo")


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self):
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def held(index_url: str, clock: Clock) -> Iterator[Held]:
    opened = SqlHeld.from_settings(DatabaseSettings(index_url, timeout=10), clock=clock)
    yield opened
    opened.close()


def a_held(number: object = 1, project: Project = FOO, *, size: int = 100) -> FileRecord:
    file = a_file(number, project, origin=UPSTREAM)
    return replace(file, blob=Blob(f"v1/upstream/{project.name}/{number}", size, "a" * 64))


def a_document(project: Project = FOO, **other) -> Document:
    given = {
        "upstream": "public",
        "project": project,
        "kind": "simple",
        "body": b"\x00\xffpage" * 1000,
        "content_type": "text/html",
        "etag": '"é"',
        "last_modified": None,
        "url": "https://x.example/simple/foo/",
        "fetched_at": START,
        "checked_at": START + timedelta(microseconds=1),
    }
    return Document(**(given | other))


def wait_until(true) -> None:
    """Uses are written by another thread."""
    for _ in range(200):
        if true():
            return
        time.sleep(0.02)


def test_documents_are_kept_whole_and_replaced(held):
    assert held.document("public", FOO, "simple") is None
    held.keep_document(a_document())
    assert held.document("public", FOO, "simple") == a_document()
    for other in (
        ("other", FOO, "simple"),
        ("public", BAR, "simple"),
        ("public", CRATE, "simple"),
        ("public", FOO, "x"),
    ):
        assert held.document(*other) is None
    missing = a_document(body=None, etag=None)
    held.keep_document(missing)
    assert held.document("public", FOO, "simple") == missing


def test_files_are_kept_whole_and_found(held):
    one, two, other = a_held(1), a_held(2), a_held(1, BAR)
    for record in (one, two, other):
        assert held.keep(record) is None
    assert held.file(FOO, one.filename) == one
    assert held.file(FOO, other.filename) is None
    assert sorted(held.files(FOO), key=lambda file: file.filename) == [one, two]
    assert held.projects("pypi") == [BAR, FOO]
    assert held.projects("cargo") == []
    assert held.use() == HeldUse(3, 300)


def test_a_file_held_again_takes_the_place_of_the_one_before(held):
    old = a_held(1)
    new = replace(old, blob=Blob("v1/upstream/elsewhere", 7, "b" * 64))
    held.keep(old)
    assert held.keep(new) == old
    assert held.files(FOO) == [new]
    assert held.use() == HeldUse(1, 7)
    assert held.drop([old]) == [], "its bytes lie elsewhere meanwhile"
    assert held.drop([new]) == [new]
    assert held.use() == HeldUse(0, 0)


def test_a_name_is_known_by_a_file_or_a_page(held):
    assert not held.knows(FOO)
    held.keep_document(a_document(body=None))
    assert not held.knows(FOO), "the upstream said that it has no such thing"
    held.keep_document(a_document())
    assert held.knows(FOO)
    held.keep(a_held(1, BAR))
    assert held.knows(BAR)
    assert not held.knows(CRATE)


def test_what_was_used_longest_ago_comes_first(held, clock):
    records = [a_held(number) for number in range(4)]
    for record in records:
        held.keep(record)
        clock.now += timedelta(hours=1)
    held.used(FOO, records[0].filename)
    wait_until(lambda: held.oldest(limit=1) == [records[1]])
    assert held.oldest(limit=10) == [records[1], records[2], records[3], records[0]]
    assert held.oldest(limit=1) == [records[1]]
    assert held.oldest(limit=10, before=START + timedelta(hours=2)) == [records[1]]


def test_pinned_files_are_left_out(held):
    held.keep(a_held(1))
    held.keep(a_held(1, BAR))
    assert held.pin(FOO, True) == 1
    assert [held.is_pinned(each) for each in (FOO, BAR, CRATE)] == [True, False, False]
    assert held.oldest(limit=9) == [a_held(1, BAR)]
    held.keep(replace(a_held(1), summary="again"))
    assert held.oldest(limit=9) == [a_held(1, BAR)], "a pin outlasts a new fetch"
    held.keep(a_held(2))
    assert held.oldest(limit=9) == [a_held(1, BAR)], "and holds for what is fetched later"
    assert held.pin(FOO, True) == 2
    assert held.pin(FOO, False) == 2
    assert not held.is_pinned(FOO)
    assert len(held.oldest(limit=9)) == 3
    assert held.pin(CRATE, True) == 0


def test_nothing_of_it_is_in_the_index(held, index_url):
    held.keep(a_held(1))
    held.keep_document(a_document())
    index = open_index(index_url)
    try:
        assert index.serial() == 0
        assert not index.exists(FOO)
        assert index.files(FOO) == []
        assert index.projects("pypi") == []
        assert list(index.journal()) == []
    finally:
        index.close()


def test_projects_are_told_in_portions(held, clock):
    for number, project in ((1, FOO), (2, FOO), (1, BAR), (1, CRATE)):
        clock.now += timedelta(minutes=1)
        held.keep(a_held(number, project, size=1000 if project == BAR else 10))
    held.pin(CRATE, True)
    held.keep_document(a_document(checked_at=START))
    found, size = held.overview()
    assert size == 3
    assert [(each.project, each.files, each.size, each.pinned) for each in found] == [
        (BAR, 1, 1000, False),
        (FOO, 2, 20, False),
        (CRATE, 1, 10, True),
    ]
    assert {each.project: each.checked_at for each in found} == {BAR: None, FOO: START, CRATE: None}
    assert found[1].used_at == START + timedelta(minutes=2)
    assert [each.project for each in held.overview(oldest_first=True)[0]] == [FOO, BAR, CRATE]
    assert [each.project for each in held.overview(start=1, limit=1)[0]] == [FOO]
    named, how_many = held.overview(containing="FO")
    assert ({each.project for each in named}, how_many) == ({FOO, CRATE}, 2)
    assert held.overview(containing="%") == ([], 0)


def test_what_is_known_is_told_by_ecosystem(held):
    only_a_page = Project("pypi", "only-a-page")
    held.keep(a_held(1, BAR))
    held.keep(a_held(1, CRATE))
    held.keep_document(a_document(BAR))
    held.keep_document(a_document(only_a_page))
    held.keep_document(a_document(FOO, body=None))
    assert held.known("pypi") == [BAR, only_a_page]
    assert held.known("cargo") == [CRATE]


def test_a_page_that_is_doubted_was_confirmed_earlier(held):
    held.keep_document(a_document(checked_at=START))
    earlier = START - timedelta(hours=1)
    assert held.doubt(FOO, before=earlier) == 1
    assert held.doubt(BAR, before=earlier) == 0
    document = held.document("public", FOO, "simple")
    assert (document.checked_at, document.fetched_at) == (earlier, START)
    held.doubt(FOO, before=START)
    assert held.document("public", FOO, "simple").checked_at == earlier
