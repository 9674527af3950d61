"""Transactions, and the watcher of the clock."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from pypicloud_like.core.errors import InvalidRequest, Unavailable
from pypicloud_like.db.engine import ATTEMPTS, Database
from pypicloud_like.db.index_tables import clock
from pypicloud_like.settings.model import DatabaseSettings


@pytest.fixture
def database(empty: Database) -> Database:
    """A database with its clock and a table of notes."""

    def make(connection: sa.Connection) -> None:
        clock.create(connection)
        connection.execute(sa.insert(clock).values(id=1, value=0, birth="b"))
        connection.execute(sa.text("CREATE TABLE notes (text VARCHAR(10), number INTEGER)"))
        connection.execute(sa.text("INSERT INTO notes VALUES ('a', 0)"))

    empty.transact(make)
    return empty


@pytest.fixture(params=["asks", "looks"])
def same(database: Database, empty_url: str, request: pytest.FixtureRequest) -> Iterator[Database]:
    """The same database, as another process has it, which may look at shared memory."""
    other = Database(DatabaseSettings(empty_url, timeout=5), clock=clock)
    if request.param == "looks":
        other.watch_closely()
    yield other
    other.close()


def number(connection: sa.Connection) -> int:
    return connection.execute(sa.text("SELECT number FROM notes")).scalar_one()


def set_number(connection: sa.Connection, value: int) -> None:
    connection.execute(sa.text("UPDATE notes SET number = :value"), {"value": value})


class Refused(Exception):
    sqlstate = "40001"


def refusal() -> sa.exc.DBAPIError:
    return sa.exc.OperationalError("UPDATE", {}, Refused())


def test_a_transaction_is_whole_or_nothing(database: Database) -> None:
    def broken(connection: sa.Connection) -> None:
        set_number(connection, 7)
        database.tick(connection)
        raise KeyError

    with pytest.raises(KeyError):
        database.transact(broken)
    with database.read() as connection:
        assert number(connection) == 0
    assert database.moved() == 0


@pytest.mark.promise(62)
def test_serialisation_errors_are_tried_again_from_the_start(database: Database) -> None:
    tries = []

    def work(connection: sa.Connection) -> str:
        tries.append(number(connection))
        set_number(connection, 5)
        if len(tries) < 3:
            raise refusal()
        return "done"

    assert database.transact(work) == "done"
    assert tries == [0, 0, 0]


@pytest.mark.promise(62)
def test_but_not_for_ever(database: Database) -> None:
    tries = []

    def work(_connection: sa.Connection) -> None:
        tries.append(1)
        raise refusal()

    with pytest.raises(Unavailable):
        database.transact(work)
    assert len(tries) == ATTEMPTS


def test_other_errors_of_the_database_are_not_tried_again(database: Database) -> None:
    tries = []

    def work(connection: sa.Connection) -> None:
        tries.append(1)
        connection.execute(sa.text("INSERT INTO index_clock VALUES (1, 0, 'x')"))

    with pytest.raises(sa.exc.IntegrityError):
        database.transact(work)
    assert len(tries) == 1


@pytest.mark.promise(58, 62)
def test_updates_that_read_first_are_not_lost(database: Database) -> None:
    def add_one(_turn: int) -> int:
        def work(connection: sa.Connection) -> int:
            ticked = database.tick(connection)
            set_number(connection, number(connection) + 1)
            return ticked

        return database.transact(work)

    with ThreadPoolExecutor(4) as pool:
        ticks = list(pool.map(add_one, range(80)))
    assert sorted(ticks) == list(range(1, 81))
    with database.read() as connection:
        assert number(connection) == 80


def test_a_read_is_one_snapshot(database: Database, same: Database) -> None:
    with database.read() as connection:
        before = number(connection)
        same.transact(lambda other: set_number(other, 9))
        assert number(connection) == before
    with database.read() as connection:
        assert number(connection) == 9


def test_one_statement_needs_no_transaction(database: Database, same: Database) -> None:
    statements: list[str] = []
    sa.event.listen(
        database.engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2])
    )
    with database.read(once=True) as connection:
        assert number(connection) == 0
    assert statements == ["SELECT number FROM notes"]
    same.transact(lambda other: set_number(other, 9))
    with database.read(once=True) as connection:
        assert number(connection) == 9


def test_the_clock_as_any_process_left_it(database: Database, same: Database) -> None:
    for turn in range(1, 20):
        writer = (database, same)[turn % 2]
        assert writer.transact(writer.tick) == turn
        assert (database.moved(), same.moved()) == (turn, turn)
    assert database.transact(lambda connection: database.tick(connection, 0)) == 19
    database.transact(lambda connection: database.raise_clock(connection, 100))
    database.transact(lambda connection: database.raise_clock(connection, 50))
    assert (database.moved(), same.moved()) == (100, 100)


def test_the_clock_moves_with_the_commit(database: Database, same: Database) -> None:
    def work(connection: sa.Connection) -> int:
        database.tick(connection)
        return same.moved()

    assert database.transact(work) == 0
    assert same.moved() == 1


def test_threads_may_ask_at_once(database: Database) -> None:
    seen: list[int] = []
    stop = threading.Event()

    def ask() -> None:
        last = 0
        while not stop.is_set():
            now = database.moved()
            assert now >= last
            last = now
        seen.append(last)

    with ThreadPoolExecutor(3) as pool:
        asking = [pool.submit(ask) for _ in range(3)]
        for _ in range(30):
            database.transact(database.tick)
        stop.set()
        for future in asking:
            future.result()
    assert len(seen) == 3
    assert database.moved() == 30


def test_after_closing_it_opens_again(database: Database) -> None:
    assert database.moved() == 0
    database.close()
    database.transact(database.tick)
    assert database.moved() == 1


@pytest.mark.promise(66)
def test_texts_that_cannot_be_stored(database: Database) -> None:
    query = sa.text("SELECT number FROM notes WHERE text = :text")
    refused = ["\udc80"] if database.is_sqlite else ["\udc80", "\0", "a\0b"]
    for text in refused:
        with pytest.raises(InvalidRequest), database.read() as connection:
            connection.execute(query, {"text": text})
        with pytest.raises(InvalidRequest):
            database.transact(lambda connection, text=text: connection.execute(query, {"text": text}))


@pytest.mark.promise(61)
def test_a_database_that_is_not_there(tmp_path) -> None:
    for url in (f"sqlite:///{tmp_path}/none/x.sqlite", "postgresql+psycopg://nobody@127.0.0.1:1/none"):
        database = Database(DatabaseSettings(url, timeout=1), clock=clock)
        for ask in (database.moved, database.check, lambda: database.transact(database.tick)):  # noqa: B023 - used at once
            with pytest.raises(Unavailable):
                ask()
        database.close()


@pytest.mark.promise(60)
def test_connections_that_the_server_ended_while_they_were_idle(postgres_url: str) -> None:
    database = Database(DatabaseSettings(postgres_url, pool_size=3, timeout=5), clock=clock)
    with ThreadPoolExecutor(3) as threads:
        meet = threading.Barrier(3)

        def hold() -> None:
            with database.read():
                meet.wait()

        list(threads.map(lambda _: hold(), range(3)))
    database.transact(
        lambda connection: connection.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    )
    for _ in range(6):
        with database.read(once=True) as connection:
            assert connection.execute(sa.text("SELECT 1")).scalar_one() == 1
        database.check()
    database.close()


@pytest.mark.promise(60)
def test_connections_that_end_as_soon_as_they_are_made(postgres_url: str) -> None:
    settings = DatabaseSettings(postgres_url, timeout=5)
    database, other = Database(settings, clock=clock), Database(settings, clock=clock)
    ending = sa.text("SELECT pg_terminate_backend(:pid, 5000)")

    @sa.event.listens_for(database.engine, "connect")
    def _end(connection: Any, _record: Any) -> None:
        with other.read() as third:
            third.execute(ending, {"pid": connection.info.backend_pid})

    for ask in (database.moved, database.check, lambda: database.transact(database.tick)):
        with pytest.raises(Unavailable):
            ask()
    for each in (database, other):
        each.close()


@pytest.mark.promise(60)
def test_connections_are_asked_only_after_they_were_idle_for_long(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(DatabaseSettings(postgres_url, timeout=5), clock=clock)
    asked: list[object] = []
    ping = database.engine.dialect.do_ping
    monkeypatch.setattr(
        database.engine.dialect, "do_ping", lambda connection: asked.append(connection) or ping(connection)
    )
    for _ in range(3):
        database.check()
    assert not asked
    monkeypatch.setattr("pypicloud_like.db.patience._TRUSTED", 0.0)
    database.check()
    assert len(asked) == 1
    database.close()


@pytest.mark.promise(63)
def test_a_pool_without_a_free_connection(empty_url: str, database: Database) -> None:
    small = Database(DatabaseSettings(empty_url, pool_size=1, timeout=1), clock=clock)
    with small.read(), pytest.raises(Unavailable), small.read():
        pass
    small.close()


@pytest.mark.promise(120)
def test_errors_do_not_tell_what_was_to_be_stored(database):
    def work(connection: sa.Connection) -> None:
        statement = sa.text("INSERT INTO nowhere VALUES (:text)")
        connection.execute(statement, {"text": "a digest of a password"})

    with pytest.raises(Exception) as caught:
        database.transact(work)
    error: BaseException | None = caught.value
    while error is not None:
        assert "digest of a password" not in str(error)
        error = error.__cause__
