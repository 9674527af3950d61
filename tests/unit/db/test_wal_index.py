"""What the shared memory of SQLite tells, and that looking at it harms nobody."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from pypicloud_like.db import wal_index
from pypicloud_like.db.engine import Database
from pypicloud_like.db.index_tables import clock
from pypicloud_like.settings.model import DatabaseSettings

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems lock and map in other ways")

WRITER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=0)
for line in sys.stdin:
    try:
        connection.execute(line)
        print("done", flush=True)
    except sqlite3.OperationalError as error:
        print(error, flush=True)
"""
TICK = f"UPDATE {clock.name} SET value = value + 1"


class Other:
    """A connection in another process."""

    def __init__(self, path: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def do(self, statement: str) -> str:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(statement + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def end(self) -> None:
        self._process.communicate(timeout=10)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "index.sqlite"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    """One that looks at memory, and counts how often it asks all the same."""
    database = Database(DatabaseSettings(f"sqlite:///{path}", timeout=5), clock=clock)

    def make(connection: sa.Connection) -> None:
        clock.create(connection)
        connection.execute(sa.insert(clock).values(id=1, value=0, birth="b"))

    database.transact(make)
    database.watch_closely()
    yield database
    database.close()


@pytest.fixture
def asked(database: Database, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    watcher, asked = database._watcher, []
    query = watcher._query_it
    monkeypatch.setattr(watcher, "_query_it", lambda: asked.append(1) or query())
    return asked


@pytest.fixture
def other(path: Path, database: Database) -> Iterator[Other]:
    other = Other(path)
    yield other
    other.end()


@pytest.mark.promise(13)
def test_each_commit_of_another_process_is_seen_at_once(
    database: Database, other: Other, asked: list[int]
) -> None:
    assert database.moved() == 0
    for turn in range(1, 300):
        assert other.do(TICK) == "done"
        assert [database.moved() for _ in range(3)] == [turn] * 3
    assert len(asked) <= 301, "it asks when something was written, and not else"


def test_nothing_is_asked_while_nothing_is_written(database: Database, asked: list[int]) -> None:
    for _ in range(100):
        database.moved()
    assert len(asked) == 1


@pytest.mark.promise(13)
def test_a_database_behind_a_link_beside_which_an_old_header_lies(
    path: Path, database: Database, other: Other, tmp_path: Path
) -> None:
    """SQLite uses the one beside the real file; the other one would never change."""
    assert database.moved() == 0
    link = tmp_path / "elsewhere" / "index.sqlite"
    link.parent.mkdir()
    link.symlink_to(path)
    Path(f"{link}-shm").write_bytes(Path(f"{path}-shm").read_bytes())
    linked = Database(DatabaseSettings(f"sqlite:///{link}", timeout=5), clock=clock)
    linked.watch_closely()
    for turn in range(1, 5):
        assert other.do(TICK) == "done"
        assert [linked.moved() for _ in range(3)] == [turn] * 3
    linked.close()


@pytest.mark.promise(13)
@pytest.mark.parametrize(
    "tidied", ["PRAGMA wal_checkpoint(TRUNCATE)", "PRAGMA wal_checkpoint(RESTART)", "VACUUM"]
)
def test_after_the_log_began_anew(database: Database, other: Other, tidied: str) -> None:
    for turn in range(1, 20):
        assert other.do(TICK) == "done"
        assert database.moved() == turn
        assert other.do(tidied) == "done"
        assert database.moved() == turn


@pytest.mark.promise(13)
def test_a_change_that_is_taken_back_is_none(database: Database, other: Other) -> None:
    assert database.moved() == 0
    for statement in ("BEGIN IMMEDIATE", TICK, "ROLLBACK"):
        assert other.do(statement) == "done"
        assert database.moved() == 0
    for statement in ("BEGIN IMMEDIATE", TICK):
        assert other.do(statement) == "done"
        assert database.moved() == 0
    assert other.do("COMMIT") == "done"
    assert database.moved() == 1


@pytest.mark.promise(13)
def test_looking_takes_no_lock_away(path: Path, database: Database, other: Other) -> None:
    """A lock that this process lost would let the other one write beside it."""
    with sqlite3.connect(path, isolation_level=None) as mine:
        mine.execute("BEGIN IMMEDIATE")
        for _ in range(5):
            database.watch_closely()
            assert database.moved() == 0
            assert other.do("BEGIN IMMEDIATE") == "database is locked"
        mine.execute("COMMIT")
    mine.close()
    assert other.do(TICK) == "done"
    assert database.moved() == 1


@pytest.mark.promise(13)
def test_memory_that_was_made_anew_is_looked_at_anew(path: Path, database: Database) -> None:
    """The last connection that is closed takes the file away, and the next one makes another."""
    for turn in range(1, 4):
        database.transact(database.tick)
        assert database.moved() == turn
        database.close()
        assert not Path(f"{path}-shm").exists()
    assert database.moved() == 3


def test_what_is_opened_is_opened_once(database: Database) -> None:
    keep = sqlite3.connect(str(database.engine.url.database))
    keep.execute(f"SELECT value FROM {clock.name}").fetchone()
    database.moved()
    before = len(wal_index._open)
    for _ in range(10):
        database.watch_closely()
        database.moved()
    assert len(wal_index._open) == before
    keep.close()


def test_where_there_is_no_shared_memory(tmp_path: Path) -> None:
    assert wal_index.header_of(str(tmp_path / "nothing")) is None
    (tmp_path / "empty-shm").touch()
    assert wal_index.header_of(str(tmp_path / "empty")) is None


def test_a_header_that_is_being_written_is_not_believed() -> None:
    first, second = bytes([1]) * 48, bytes([2]) * 48
    assert wal_index.Header.is_settled(first + first)
    assert not wal_index.Header.is_settled(first + second)
    assert not wal_index.Header.is_settled(bytes(96))
