"""What the package index tells its readers, on every database."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta

import pytest

from pypicloud_like.cache import listings, queries
from pypicloud_like.cache.sql import SqlCache
from pypicloud_like.core.model import (
    PROJECT_IDENTITY,
    Action,
    Listing,
    Project,
    Status,
)
from tests.contracts.caches import (
    BAR,
    FOO,
    START,
    UPSTREAM,
    a_file,
    a_record,
    delete,
    open_index,
    put,
)


@pytest.fixture
def cache(index_url: str) -> Iterator[SqlCache]:
    """An empty index."""
    cache = open_index(index_url)
    yield cache
    cache.close()


class TestReading:
    def test_deleted_files_are_seen_by_changes_only(self, cache: SqlCache) -> None:
        put(cache, a_file(1), a_file(2))
        tombstone = delete(cache, a_file(1))
        assert [file.version for file in cache.files(FOO)] == ["2.0"]
        assert [file.version for file in cache.described(FOO)] == ["2.0"]
        assert cache.file(FOO, a_file(1).filename) is None
        assert [file.version for file in cache.all_files("pypi")] == ["2.0"]
        assert cache.snapshot(FOO, [tombstone.identity]).files == {tombstone.identity: tombstone}

    def test_described_takes_one_version(self, cache: SqlCache) -> None:
        put(cache, a_file(1), a_file(2), a_file(1, identity="1.0 sdist", filename="foo-1.0.tar.gz"))
        assert {file.identity for file in cache.described(FOO, "1.0")} == {"1.0 wheel", "1.0 sdist"}
        assert cache.described(FOO, "3.0") == []
        assert cache.described(BAR) == []

    def test_lists_show_projects_with_visible_files(self, cache: SqlCache) -> None:
        put(cache, a_file(1, BAR), a_file(2, BAR))
        put(cache, a_file(1))
        put(cache, a_file(1, Project("cargo", "baz")))
        put(cache, a_record(Project("pypi", "empty")))
        assert cache.projects("pypi") == [Listing(BAR, "Bar", 2), Listing(FOO, "Foo", 3)]
        delete(cache, a_file(1))
        assert cache.projects("pypi") == [Listing(BAR, "Bar", 2)]
        assert cache.known_projects("pypi") == [BAR, Project("pypi", "empty"), FOO]

    def test_lists_are_the_same_while_nothing_of_theirs_moves(self, cache: SqlCache) -> None:
        put(cache, a_file(1))
        shown = cache.projects("pypi")
        put(cache, a_file(1, Project("cargo", "baz")))
        assert cache.projects("pypi") is shown
        put(cache, a_file(1, BAR))
        assert len(cache.projects("pypi")) == 2
        assert len(shown) == 1

    @pytest.mark.parametrize("seed", range(4))
    def test_lists_follow_whatever_changes(
        self, cache: SqlCache, index_url: str, monkeypatch: pytest.MonkeyPatch, seed: int
    ) -> None:
        """In every process, and also where more changed than is looked at one by one."""
        monkeypatch.setattr(listings, "MOST", 4)
        chance = random.Random(seed)
        other = open_index(index_url)
        projects = [Project(kind, f"p{number}") for kind in ("pypi", "cargo") for number in range(5)]
        for _ in range(80):
            for _ in range(chance.choice([0, 1, 1, 2, 7])):
                project, number = chance.choice(projects), chance.randrange(3)
                match chance.randrange(4):
                    case 0 if other.described(project):
                        delete(cache, chance.choice(other.described(project)))
                    case 1:
                        put(cache, a_record(project, status=chance.choice(list(Status))))
                    case _:
                        put(cache, a_file(number, project, yanked=chance.choice([None, "x"])))
            for kind in ("pypi", "cargo"):
                with other.database.read() as connection:
                    wanted = queries.projects_of(connection, kind)
                assert other.projects(kind) == cache.projects(kind) == wanted
        other.close()

    def test_what_moved_since(self, cache: SqlCache) -> None:
        put(cache, a_file(1))
        put(cache, a_file(1, BAR))
        put(cache, a_file(1, Project("cargo", "baz")))
        before = cache.moved()
        assert cache.moved_since("pypi", before) == []
        put(cache, a_record(status=Status.QUARANTINED))
        assert cache.moved_since("pypi", before) == [FOO]
        put(cache, a_file(2, BAR), a_file(3, BAR))
        delete(cache, a_file(1))
        assert sorted(cache.moved_since("pypi", before)) == [BAR, FOO]
        assert cache.moved_since("cargo", before) == []
        assert cache.moved_since("pypi", cache.moved()) == []
        assert sorted(cache.moved_since("pypi", 0)) == [BAR, FOO]

    def test_names_sort_by_code_point(self, cache: SqlCache) -> None:
        names = ["a-b", "a0", "aa", "b", "ab", "a_c", "ä"]
        for name in names:
            put(cache, a_file(1, Project("jsr", name)))
        assert [listing.project.name for listing in cache.projects("jsr")] == sorted(names)
        assert [file.project.name for file in cache.all_files("jsr")] == sorted(names)

    def test_quarantined_projects_are_not_listed(self, cache: SqlCache) -> None:
        put(cache, a_file(1))
        put(cache, a_record(status=Status.QUARANTINED))
        assert cache.projects("pypi") == []
        assert cache.search("pypi", name=["foo"]) == []
        assert cache.newest_files("pypi", limit=9) == cache.newest_projects("pypi", limit=9) == []
        assert len(cache.files(FOO)) == 1
        put(cache, a_record(status=Status.ACTIVE))
        assert [listing.project for listing in cache.projects("pypi")] == [FOO]

    def test_display_name_is_the_records_else_the_newest_visible_files(self, cache: SqlCache) -> None:
        def shown() -> str:
            return cache.projects("pypi")[0].display_name

        put(cache, a_file(1, display_name="foo_"), a_file(2, display_name="FOO"))
        assert shown() == "FOO"
        put(cache, a_file(1, display_name="foo_", yanked="x"))
        assert shown() == "foo_"
        delete(cache, a_file(1, display_name="foo_"))
        assert shown() == "FOO"
        put(cache, a_record(display_name="F.o.o"))
        put(cache, a_file(3, display_name="fOO"))
        assert shown() == "F.o.o"
        put(cache, a_record(display_name=None))
        assert shown() == "fOO"

    def test_a_name_is_ours_by_a_file_a_tombstone_or_a_record(self, cache: SqlCache) -> None:
        assert not cache.exists(FOO)
        put(cache, a_file(1, origin=UPSTREAM))
        assert not cache.exists(FOO)
        put(cache, a_file(2))
        assert cache.exists(FOO)
        delete(cache, a_file(2))
        assert cache.exists(FOO)
        put(cache, a_record(BAR))
        assert cache.exists(BAR)

    def test_all_files_by_project_and_name_whatever_the_portions(
        self, cache: SqlCache, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        expected = []
        for name, count in (("a", 1), ("b", 12), ("c", 3), ("d", 2), ("e", 5), ("f", 1)):
            project = Project("pypi", name)
            put(cache, *(a_file(number, project) for number in range(count)))
            expected += sorted((name, a_file(number, project).filename) for number in range(count))
        delete(cache, a_file(0, Project("pypi", "f")))
        for portion in (2, 5, 1000):
            monkeypatch.setattr(queries, "PORTION", portion)
            found = [(file.project.name, file.filename) for file in cache.all_files("pypi")]
            assert found == expected[:-1]

    def test_overviews_are_what_reading_one_by_one_gives(
        self, cache: SqlCache, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name, count in (("a", 1), ("b", 12), ("c", 3), ("d", 2), ("e", 5), ("f", 1)):
            project = Project("pypi", name)
            put(cache, *(a_file(number, project) for number in range(count)))
        delete(cache, a_file(0, Project("pypi", "f")))
        put(cache, a_record(Project("pypi", "c"), status=Status.ARCHIVED))
        put(cache, a_record(Project("pypi", "empty")))
        put(cache, a_file(1, Project("cargo", "a")))
        known = cache.known_projects("pypi")
        for portion in (2, 5, 1000):
            monkeypatch.setattr(queries, "PORTION", portion)
            found = list(cache.overviews("pypi"))
            assert [project for project, _, _ in found] == known
            for project, record, files in found:
                assert record == cache.record(project)
                assert {each.identity: each for each in files} == {
                    each.identity: each for each in cache.described(project)
                }
        assert list(cache.overviews("jsr")) == []

    def test_newest_files_and_projects(self, cache: SqlCache) -> None:
        day = timedelta(days=1)
        put(cache, a_file(1, uploaded_at=START), a_file(2, uploaded_at=START + 3 * day))
        put(cache, a_file(1, BAR, uploaded_at=START + 2 * day), a_file(2, BAR, uploaded_at=START + day))
        put(cache, a_file(3, uploaded_at=START))
        assert [str(file.project) + file.version for file in cache.newest_files("pypi", limit=3)] == [
            "foo2.0",
            "bar1.0",
            "bar2.0",
        ]  # fmt: skip - one line
        first = cache.newest_projects("pypi", limit=5)
        assert [(file.project, file.version) for file in first] == [(BAR, "2.0"), (FOO, "1.0")]
        assert len(cache.newest_projects("pypi", limit=1)) == 1
        delete(cache, cache.described(BAR, "2.0")[0])
        put(cache, a_file(2, uploaded_at=START - day))
        delete(cache, cache.described(FOO, "1.0")[0])
        first = cache.newest_projects("pypi", limit=5)
        assert [(file.project, file.version) for file in first] == [(BAR, "1.0"), (FOO, "2.0")]

    def test_journal_follows_and_looks_back(self, cache: SqlCache) -> None:
        put(cache, a_file(1), a_file(2))
        delete(cache, a_file(1))
        put(cache, a_record(BAR))
        rows = cache.journal()
        assert [(row.serial, row.action, row.identity, row.project) for row in rows] == [
            (1, Action.UPLOAD, "1.0 wheel", FOO),
            (2, Action.UPLOAD, "2.0 wheel", FOO),
            (3, Action.DELETE, "1.0 wheel", FOO),
            (4, Action.STATUS, PROJECT_IDENTITY, BAR),
        ]
        assert (rows[0].actor, rows[0].at, rows[0].filename) == (
            "ann",
            START + timedelta(microseconds=1),
            a_file(1).filename,
        )  # fmt: skip - one row
        assert (rows[0].version, rows[0].sha256, rows[3].filename, rows[3].sha256) == (
            "1.0",
            "a" * 64,
            None,
            None,
        )  # fmt: skip - one row
        assert [row.serial for row in cache.journal(after=1, limit=2)] == [2, 3]
        assert [row.serial for row in cache.journal(limit=2, newest=True)] == [4, 3]

    @pytest.mark.promise(66)
    def test_search(self, cache: SqlCache) -> None:
        put(cache, a_file(1, BAR, summary="Fast PARSER of 100% TOML_files"))
        put(cache, a_file(1, summary="old words"), a_file(2, summary="Über slow parser"))
        found = cache.search
        assert found("pypi", name=["O"]) == [FOO]
        assert found("pypi", summary=["parser"]) == [BAR, FOO]
        assert found("pypi", summary=["über"]) == found("pypi", summary=["ÜBER"]) == [FOO]
        assert found("pypi", summary=["old"]) == []
        assert found("pypi", summary=["parser", "slow"], every=True) == [FOO]
        assert found("pypi", summary=["fast", "slow"]) == [BAR, FOO]
        assert found("pypi", name=["foo"], summary=["toml"]) == [BAR, FOO]
        assert found("pypi", name=["foo"], summary=["toml"], every=True) == [BAR, FOO]
        assert found("pypi", summary=["0% t"]) == [BAR]
        for word in ("r_o", "%p%", "/", "\\", "'"):
            assert found("pypi", name=[word], summary=[word]) == []
        assert found("pypi", summary=["toml_"]) == [BAR]
        assert found("pypi") == found("cargo", name=["foo"]) == []
