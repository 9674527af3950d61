"""One database: how transactions begin, end, are retried and are watched.

SQLite runs in WAL mode and whatever writes begins with ``BEGIN IMMEDIATE``: a transaction that
reads and then writes would otherwise lose updates. PostgreSQL reads in one repeatable snapshot.
"""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, NoReturn, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from pypicloud_like.core import moment
from pypicloud_like.core.errors import InvalidRequest, Unavailable
from pypicloud_like.db.wal_index import Header, header_of
from pypicloud_like.settings.model import DatabaseSettings

T = TypeVar("T")

ATTEMPTS = 6
_RETRIED_SQLSTATES = frozenset({"40001", "40P01"})
_UNREACHABLE = (sa.exc.OperationalError, sa.exc.InterfaceError, PoolTimeout)


def clock_table(metadata: sa.MetaData, name: str, *more: sa.Column[Any]) -> sa.Table:
    """A table of one row whose ``value`` counts what happened in its database, in commit order.

    ``birth`` is a random id the database was created with.
    """
    return sa.Table(
        name,
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
        sa.Column("birth", sa.String(32), nullable=False),
        *more,
    )


class Database:
    """Transactions on one database. Threads may share it."""

    def __init__(self, settings: DatabaseSettings, *, clock: sa.Table) -> None:
        self.url: URL = make_url(settings.url)
        self.engine = _make_engine(self.url, settings)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._patience = settings.timeout
        self._reading, self._reading_once, self._writing = _views(self.engine)
        self._clock = clock
        self._tick = (
            sa.update(clock)
            .where(clock.c.id == 1)
            .values(value=clock.c.value + sa.bindparam("by", type_=sa.BigInteger))
            .returning(clock.c.value)
        )
        self._watcher = _Watcher(self.engine, clock, asks_version=self.is_sqlite)

    @contextmanager
    def read(self, *, once: bool = False) -> Iterator[sa.Connection]:
        """One consistent snapshot. Never writes.

        :param once: only one statement is executed, whose answer is read inside the block: it needs no
            transaction around it, which saves two round trips. Nobody keeps it from writing
        :raises Unavailable: the database cannot be reached in time
        :raises InvalidRequest: a text holds what the database cannot hold
        """
        reading = self._reading_once if once else self._reading
        with translated_errors(), reading.begin() as connection:
            yield connection

    def transact(self, work: Callable[[sa.Connection], T]) -> T:
        """Run ``work`` in one write transaction and commit it; again after a lock or serialisation
        error, a bounded number of times and no longer than the setting allows.

        :raises Unavailable: the database cannot be reached, or stays locked
        :raises InvalidRequest: a text holds what the database cannot hold
        """
        deadline = time.monotonic() + self._patience
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with self._writing.begin() as connection:
                    done = work(connection)
                moment.renew()
                return done
            except DBAPIError as error:
                if _is_retryable(error) and attempt < ATTEMPTS and time.monotonic() < deadline:
                    time.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 - a pause, not a secret
                    continue
                _raise_translated(error)
            except (PoolTimeout, UnicodeEncodeError) as error:
                _raise_translated(error)
        raise AssertionError("unreachable")

    def tick(self, connection: sa.Connection, by: int = 1) -> int:
        """Advance the clock inside a write transaction and return the new value.

        The row's lock is held until the commit, so clock values are in commit order on every
        database. Call it as late as possible; ``by=0`` only takes the lock.
        """
        return int(connection.execute(self._tick, {"by": by}).scalar_one())

    def raise_clock(self, connection: sa.Connection, least: int) -> None:
        """Make the clock stand at ``least`` or higher, inside a write transaction."""
        connection.execute(
            sa.update(self._clock)
            .where(self._clock.c.id == 1, self._clock.c.value < least)
            .values(value=least)
        )

    def moved(self) -> int:
        """The clock as last committed by any process. No SQL while nothing was written (SQLite)."""
        try:
            return self._watcher.value()
        except Exception as error:  # noqa: BLE001 - translated or raised again
            _raise_translated(error)

    def seen(self) -> int:
        """As :meth:`moved`, asked once in each moment (see :mod:`pypicloud_like.core.moment`)."""
        known = moment.seen()
        if known is None:
            return self.moved()
        value = known.get(id(self))
        if value is None:
            value = known[id(self)] = self.moved()
        return value

    def watch_closely(self) -> None:
        """Have :meth:`moved` look at the memory that SQLite shares, for a process that lives long: it keeps
        what it opens. Does nothing on other databases.
        """
        self._watcher.look_at_memory()

    def birth(self) -> str:
        """The random id this database was created with."""
        with self.read(once=True) as connection:
            return str(connection.execute(sa.select(self._clock.c.birth)).scalar_one())

    def check(self) -> None:
        """:raises Unavailable: the database cannot be used"""
        with self.read(once=True) as connection:
            connection.execute(sa.text("SELECT 1"))

    def close(self) -> None:
        """Let go of all connections."""
        self._watcher.close()
        self.engine.dispose()


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turn the driver's connection and lock errors into :class:`Unavailable`, and its refusal of a
    text (NUL in PostgreSQL, a lone surrogate) into :class:`InvalidRequest`.
    """
    try:
        yield
    except (DBAPIError, PoolTimeout, UnicodeEncodeError) as error:
        _raise_translated(error)


def _raise_translated(error: Exception) -> NoReturn:
    if isinstance(error, sa.exc.DataError | UnicodeEncodeError):
        raise InvalidRequest("", "a text holds characters that cannot be stored") from error
    gone = isinstance(error, DBAPIError) and error.connection_invalidated
    if gone or isinstance(error, _UNREACHABLE):
        raise Unavailable("database") from error
    raise error


def _is_retryable(error: DBAPIError) -> bool:
    sqlstate = getattr(error.orig, "sqlstate", None)
    if sqlstate is not None:
        return sqlstate in _RETRIED_SQLSTATES
    if not isinstance(error.orig, sqlite3.OperationalError):
        return False
    return "locked" in str(error.orig) or _primary_code(error.orig) == sqlite3.SQLITE_READONLY


def _primary_code(error: BaseException | None) -> int:
    """SQLite's result code without what extends it (sqlite.org/rescode.html)."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _make_engine(url: URL, settings: DatabaseSettings) -> sa.Engine:
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url, settings)
    # needs the driver, which is an extra
    from pypicloud_like.db.patience import be_patient, look_before_use  # noqa: PLC0415

    engine = sa.create_engine(
        url,
        pool_size=settings.pool_size,
        max_overflow=0,
        pool_timeout=settings.timeout,
        pool_use_lifo=True,  # the server has what the last one asked at hand
        hide_parameters=True,  # digests and hashes would stand in the text of an error, and so in the log
        connect_args={
            "connect_timeout": max(2, settings.timeout // 3),
            "options": f"-c statement_timeout={settings.timeout * 1000}"
            f" -c lock_timeout={settings.timeout * 1000}",
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "tcp_user_timeout": settings.timeout * 1000,
        },
    )
    be_patient(engine, settings.timeout)
    look_before_use(engine)
    return engine


def _views(engine: sa.Engine) -> tuple[sa.Engine, sa.Engine, sa.Engine]:
    """The engine for what reads in one snapshot, for what reads by one statement, and for what writes."""
    if engine.dialect.name == "sqlite":
        how: Sequence[dict[str, Any]] = ({"begin": "BEGIN"}, {"begin": None}, {"begin": "BEGIN IMMEDIATE"})
    else:
        reads = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        how = (reads, {"isolation_level": "AUTOCOMMIT"}, {})
    reading, reading_once, writing = (engine.execution_options(**options) for options in how)
    return reading, reading_once, writing


def _sqlite_engine(url: URL, settings: DatabaseSettings) -> sa.Engine:
    engine = sa.create_engine(
        url,
        poolclass=sa.pool.QueuePool,
        hide_parameters=True,  # as above
        pool_size=settings.pool_size,
        max_overflow=0,
        pool_timeout=settings.timeout,
        connect_args={"timeout": settings.timeout, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        _switch_to_wal(connection, settings.timeout)
        for pragma in _SQLITE_PRAGMAS:
            connection.execute(pragma)

    @event.listens_for(engine, "handle_error")
    def _let_go(context: ExceptionContext) -> None:
        if _primary_code(context.original_exception) in _SPOILT:
            context.is_disconnect = True

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        statement = connection.get_execution_options().get("begin", "BEGIN")
        if statement is not None:
            connection.exec_driver_sql(statement)

    return engine


def _switch_to_wal(connection: sqlite3.Connection, patience: float) -> None:
    """Of several processes that open a new file at once one switches it. The others are told that it is
    locked without waiting, whatever the busy timeout is.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


_SPOILT = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}
"""After these a connection is not used again. One that was opened while the disk took no writes, be it only
full, can only read for as long as it lives (sqlite.org/c3ref/open.html, SQLITE_OPEN_READWRITE).
"""
_SQLITE_PRAGMAS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA temp_store = MEMORY",
)


class _Watcher:
    """Asks for the clock's row on a connection of its own that never writes.

    SQLite says by ``PRAGMA data_version`` whether any other connection wrote, so the row is read only
    then. The number does not move on a connection that wrote itself, and stays frozen inside an open
    transaction. Even that is not asked while the memory that SQLite shares tells that nothing was written,
    if that is looked at (:mod:`pypicloud_like.db.wal_index`). PostgreSQL is asked for the row each time: a
    notification could arrive after the writer's client was answered by another process; a select of one
    row cannot.
    """

    def __init__(self, engine: sa.Engine, clock: sa.Table, *, asks_version: bool) -> None:
        self._engine = engine
        self._query = f"SELECT value FROM {clock.name} WHERE id = 1"  # noqa: S608 - the name is ours
        self._asks_version = asks_version
        self._lock = threading.Lock()
        self._connection: Any = None
        self._execute: Any = None
        self._version: int | None = None
        self._value = 0
        self._looks = False
        self._header: Header | None = None
        self._known: tuple[Header, bytes, int] | None = None

    def look_at_memory(self) -> None:
        """Look at the shared memory of SQLite from the next connection on."""
        self._looks = self._asks_version
        self.close()

    def value(self) -> int:
        """The clock as last committed; one more try on a new connection when the old one broke."""
        known = self._known
        if known is not None and known[0].read() == known[1]:
            return known[2]
        with self._lock:
            if self._execute is not None:
                try:
                    return self._ask()
                except self._engine.dialect.loaded_dbapi.Error:
                    self._drop()
            try:
                self._connect()
                return self._ask()
            except self._engine.dialect.loaded_dbapi.Error as error:
                self._drop()
                raise Unavailable("database") from error

    def close(self) -> None:
        """Let go of the connection; the next question opens another."""
        with self._lock:
            self._drop()

    def _ask(self) -> int:
        header = self._header
        if header is None:
            return self._query_it()
        read = header.read()  # before the question: what is written meanwhile is asked for again
        value = self._query_it()
        self._known = (header, read, value) if Header.is_settled(read) else None
        return value

    def _query_it(self) -> int:
        if self._asks_version:
            (version,) = self._execute("PRAGMA data_version").fetchone()
            if version == self._version:
                return self._value
            (self._value,) = self._execute(self._query).fetchone()
            self._version = version
            return self._value
        (value,) = self._execute(self._query).fetchone()
        return int(value)

    def _connect(self) -> None:
        pooled = self._engine.raw_connection()
        self._connection = pooled.driver_connection
        pooled.detach()
        if not self._asks_version:
            self._connection.autocommit = True
        self._execute = self._connection.cursor().execute
        if self._looks:
            self._execute(self._query).fetchone()  # which makes the shared memory
            self._header = header_of(str(self._engine.url.database))

    def _drop(self) -> None:
        connection, self._connection, self._execute, self._version = self._connection, None, None, None
        self._header = self._known = None
        if connection is not None:
            with suppress(self._engine.dialect.loaded_dbapi.Error):
                connection.close()
