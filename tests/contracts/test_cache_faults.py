"""The index when something breaks, and what it costs when nothing does."""

from __future__ import annotations

import re
import sqlite3
import stat
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa

from pypicloud_like.cache import queries, reconciling, watch, writes
from pypicloud_like.cache.sql import SqlCache
from pypicloud_like.core.errors import ConfigurationError, Unavailable
from pypicloud_like.core.model import Entry, Project, Snapshot
from pypicloud_like.settings.model import DatabaseSettings
from tests.contracts.caches import BAR, FOO, a_file, a_record, delete, open_index, other_process, put
from tests.support.postgres import Server


@pytest.fixture
def cache(index_url: str) -> Iterator[SqlCache]:
    """An empty index."""
    cache = open_index(index_url)
    yield cache
    cache.close()


@pytest.fixture
def local(tmp_path: Path, sqlite_template: Path) -> Iterator[SqlCache]:
    """An empty index in SQLite."""
    cache = open_index(f"sqlite:///{tmp_path / 'index.sqlite'}")
    yield cache
    cache.close()


def write_and_stay(cache: SqlCache, marker: str) -> None:
    """Write a file and stay in the middle of its transaction."""

    def edit(_now: Snapshot) -> Sequence[Entry]:
        return [a_file("half")]

    sa.event.listen(
        cache.database.engine, "commit", lambda _connection: (Path(marker).touch(), time.sleep(60))
    )
    cache.change(FOO, edit, identities=None)


@pytest.mark.promise(3)
def test_a_killed_process_leaves_nothing_half_done(cache: SqlCache, index_url: str, tmp_path: Path) -> None:
    put(cache, a_file(1))
    before = (cache.moved(), list(cache.journal()))
    marker = tmp_path / "marker"
    with other_process(index_url) as other:
        other.send(write_and_stay, str(marker))
        deadline = time.monotonic() + 30
        while not marker.exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert [file.version for file in cache.files(FOO)] == ["1.0"]
        other.kill()
    assert (cache.moved(), list(cache.journal())) == before
    (entry,) = put(cache, a_file(2))
    assert entry.serial == 2
    assert [file.version for file in cache.files(FOO)] == ["1.0", "2.0"]


@pytest.mark.promise(60)
def test_postgresql_goes_and_comes_back(postgres_server: Server) -> None:
    cache = SqlCache.from_settings(DatabaseSettings(postgres_server.postgres.url("postgres"), timeout=3))
    put(cache, a_file(1))
    seen = cache.touched(FOO)
    postgres_server.stop()
    for ask in (
        lambda: cache.touched(FOO),
        lambda: cache.files(FOO),
        lambda: put(cache, a_file(2)),
        lambda: cache.settle([a_file(1, serial=1)] * 2000) or cache.flush(),
        lambda: list(cache.all_files("pypi")),
        cache.check,
    ):
        with pytest.raises(Unavailable):
            ask()
    postgres_server.start()
    assert cache.touched(FOO) == seen
    cache.check()
    (entry,) = put(cache, a_file(2))
    assert entry.serial == 2
    assert cache.touched(FOO) != seen
    cache.close()


@pytest.mark.promise(59)
def test_a_lock_that_is_not_given_free_in_time(local: SqlCache) -> None:
    put(local, a_file(1))
    hurried = SqlCache.from_settings(DatabaseSettings(str(local.database.url), timeout=1))
    with sqlite3.connect(str(local.database.url.database), isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with pytest.raises(Unavailable):
            put(hurried, a_file(2))
        assert 0.9 < time.monotonic() - began < 15
        assert len(hurried.files(FOO)) == 1
        other.execute("ROLLBACK")
    put(hurried, a_file(2))
    hurried.close()
    other.close()


@pytest.mark.promise(31)
def test_a_read_only_file_can_be_read(local: SqlCache) -> None:
    put(local, a_file(1))
    local.close()
    path = Path(str(local.database.url.database))
    path.chmod(stat.S_IRUSR)
    reader = open_index(f"sqlite:///file:{path}?mode=ro&uri=true")
    assert len(reader.files(FOO)) == 1
    assert len(reader.projects("pypi")) == 1
    assert reader.touched(FOO) == reader.moved()
    assert len(reader.birth) == 32
    with pytest.raises(Unavailable):
        put(reader, a_file(2))
    reader.close()
    path.chmod(stat.S_IRUSR | stat.S_IWUSR)


def test_the_folder_is_made_or_its_fault_is_told(tmp_path: Path) -> None:
    open_index(f"sqlite:///{tmp_path}/a/b/index.sqlite").close()
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["index.sqlite"]
    with pytest.raises(ConfigurationError, match="index database"):
        open_index(f"sqlite:///{tmp_path}/a/b/index.sqlite/c/index.sqlite")


def test_what_is_settled_is_written_on_closing(local: SqlCache) -> None:
    local.settle(put(local, a_file(1)))
    local.close()
    again = open_index(str(local.database.url))
    assert again.due() == []
    again.close()


def test_no_sql_while_nothing_moved(local: SqlCache) -> None:
    put(local, a_file(1))
    local.touched(FOO)
    statements: list[str] = []
    sa.event.listen(local.database.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    for _ in range(100):
        local.touched(FOO)
        local.touched(BAR)
    assert statements == []
    put(local, a_file(2))
    statements.clear()
    for _ in range(100):
        local.touched(FOO)
    assert len([text for text in statements if text.startswith("SELECT")]) == 1


def test_many_moved_projects_count_as_all_moved(cache: SqlCache) -> None:
    watcher = watch.Touched(cache.database, most=3)
    projects = [Project("pypi", f"p{number}") for number in range(6)]
    seen = {project: watcher.of(project) for project in projects}
    put(cache, a_file(1, projects[0]))
    assert [watcher.of(project) != seen[project] for project in projects] == [True] + [False] * 5
    for project in projects[:5]:
        put(cache, a_file(2, project))
    for project in projects[:5]:
        assert watcher.of(project) not in (seen[project], 1)
    for _ in range(3):
        for project in projects:
            before = watcher.of(project)
            put(cache, a_file(3, project, yanked="x"))
            assert watcher.of(project) != before


def test_a_write_costs_the_same_in_a_large_project(local: SqlCache) -> None:
    costs = []
    for count in (10, 3000):
        project = Project("pypi", f"p{count}")
        local.reconcile([a_file(number, project, serial=count + number) for number in range(count)])
        with _counted_steps(local) as steps:
            put(local, a_file("new", project))
            put(local, a_file("new", project, yanked="x"))
            delete(local, a_file("new", project))
            delete(local, a_file(0, project))
            put(local, a_record(project))
            put(local, a_file(1, Project("pypi", f"another{count}")))
        costs.append(len(steps))
    assert costs[0] > 20
    assert costs[1] < 1.3 * costs[0]


class _counted_steps:  # noqa: N801 - used as a function
    """Counts portions of 10 instructions of SQLite's machine on the pool's only idle connection."""

    def __init__(self, cache: SqlCache) -> None:
        self._engine = cache.database.engine
        self._steps: list[int] = []

    def __enter__(self) -> list[int]:
        self._set(lambda: self._steps.append(1))
        return self._steps

    def __exit__(self, *_error: object) -> None:
        self._set(None)

    def _set(self, handler: object) -> None:
        pooled = self._engine.raw_connection()
        pooled.driver_connection.set_progress_handler(handler, 10)  # type: ignore[union-attr]  # it is SQLite's
        pooled.close()


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (queries._FILE, "files_filename"),
        (queries._DESCRIBED_VERSION, "files_version"),
        (queries._FILES_AFTER, "files_filename"),
        (queries._DUE_FILES, "files_due"),
        (queries._DUE_FILES_OF, "files_due"),
        (queries._DUE_RECORDS, "projects_due"),
        (queries._DUE_RECORDS_OF, "projects_due"),
        (queries._NEWEST_FILES, "files_uploaded"),
        (queries._NEWEST_PROJECTS, "files_first"),
        (queries._NEWEST_PROJECTS, "projects_first"),
        (writes._NEWEST, "files_latest"),
        (writes._FIRST, "files_first"),
        (watch._MOVED_SINCE, "projects_touched"),
        (queries._MOVED_SINCE, "projects_touched"),
        (queries._LISTED_SINCE, "projects_touched"),
        (queries._EXISTS, "sqlite_autoindex_projects"),
        (writes._HEAD_AND_ONE, "sqlite_autoindex_projects"),
        (writes._HEAD_AND_ONE, "sqlite_autoindex_files"),
    ],
)
def test_indexes_are_used(local: SqlCache, statement: sa.Select, index: str) -> None:
    with local.database.engine.connect() as connection:
        compiled = statement.compile(connection, compile_kwargs={"render_postcompile": True})
        plan = connection.exec_driver_sql(
            f"EXPLAIN QUERY PLAN {compiled}", (1,) * len(compiled.positiontup or ())
        )
        assert index in str(plan.all())


@pytest.mark.parametrize(
    ("statement", "values", "condition"),
    [
        (
            writes._HEAD_AND_ONE,
            {"ecosystem": "pypi", "name": "foo", "identity": "1.0 wheel"},
            r"on files .*Index Cond: \(\(project_id = .* AND \(identity = ",
        ),
        (
            reconciling._KNOWN_CHANGES,
            {"serials": list(range(1, 11)), "first": 1, "last": 10},
            r"changes_pkey on changes .*Index Cond: .*serial",
        ),
    ],
)
def test_what_a_change_reads_is_found_by_index_while_the_tables_are_small(
    postgres_url: str, statement: sa.Select, values: dict, condition: str
) -> None:
    # PostgreSQL knows nothing of new tables, and keeps for a while to how it read them at first
    cache = open_index(postgres_url)
    for number in range(10):
        put(cache, a_file(number, facts={}))
    with cache.database.engine.connect() as connection:
        spelled = statement.params(values).compile(connection, compile_kwargs={"literal_binds": True})
        plan = str(connection.exec_driver_sql(f"EXPLAIN {spelled}").all())
    cache.close()
    assert "Seq Scan" not in plan
    assert re.search(condition, plan)
