"""One database: how transactions begin, end, are retried and are watched.

SQLite runs in WAL mode and whatever writes begins with ``BEGIN IMMEDIATE``: a transaction that
reads and then writes would otherwise lose updates. PostgreSQL reads in one repeatable snapshot.
"""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from pypicloud_like.core.errors import Unavailable
from pypicloud_like.settings.model import DatabaseSettings

T = TypeVar("T")

ATTEMPTS = 6
_RETRIED_SQLSTATES = frozenset({"40001", "40P01"})


def clock_table(metadata: sa.MetaData, name: str) -> sa.Table:
    """A table of one row whose ``value`` counts what happened in its database, in commit order.

    ``birth`` is a random id the database was created with.
    """
    return sa.Table(
        name,
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
        sa.Column("birth", sa.String(32), nullable=False),
    )


class Database:
    """Transactions on one database. Threads may share it."""

    def __init__(self, settings: DatabaseSettings, *, clock: sa.Table) -> None:
        self.url: URL = make_url(settings.url)
        self.engine = _make_engine(self.url, settings)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._writing = self.engine.execution_options(begin="BEGIN IMMEDIATE")
        self._clock = clock
        self._watcher: _SqliteWatcher | _SelectWatcher = (
            _SqliteWatcher(self.url, clock.name) if self.is_sqlite else _SelectWatcher(self.engine, clock)
        )

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """One consistent snapshot. Never writes.

        :raises Unavailable: the database cannot be reached in time
        """
        options = (
            {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        )
        with (
            translated_errors(),
            self.engine.connect() as connection,
            connection.execution_options(**options).begin(),
        ):
            yield connection

    def transact(self, work: Callable[[sa.Connection], T]) -> T:
        """Run ``work`` in one write transaction and commit it; again after a lock or serialisation
        error, a bounded number of times.

        :raises Unavailable: the database cannot be reached, or stays locked
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with self._writing.begin() as connection:
                    return work(connection)
            except DBAPIError as error:
                if not _is_retryable(error) or attempt == ATTEMPTS:
                    raise _translated(error) from error
                time.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 - a pause, not a secret
            except PoolTimeout as error:
                raise Unavailable("database") from error
        raise AssertionError("unreachable")

    def tick(self, connection: sa.Connection, by: int = 1) -> int:
        """Advance the clock inside a write transaction and return the new value.

        The row's lock is held until the commit, so clock values are in commit order on every
        database. Call it as late as possible.
        """
        return int(
            connection.execute(
                sa.update(self._clock)
                .where(self._clock.c.id == 1)
                .values(value=self._clock.c.value + by)
                .returning(self._clock.c.value)
            ).scalar_one()
        )

    def moved(self) -> int:
        """The clock as last committed by any process. No SQL while nothing was written (SQLite)."""
        with translated_errors():
            return self._watcher.value()

    def birth(self) -> str:
        """The random id this database was created with."""
        with self.read() as connection:
            return str(connection.execute(sa.select(self._clock.c.birth)).scalar_one())

    def check(self) -> None:
        """:raises Unavailable: the database cannot be used"""
        with self.read() as connection:
            connection.execute(sa.text("SELECT 1"))

    def close(self) -> None:
        """Let go of all connections."""
        self._watcher.close()
        self.engine.dispose()


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turn the driver's connection and lock errors into :class:`Unavailable`."""
    try:
        yield
    except DBAPIError as error:
        raise _translated(error) from error
    except (PoolTimeout, sqlite3.OperationalError) as error:
        raise Unavailable("database") from error


def _translated(error: DBAPIError) -> Exception:
    if isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError) or error.connection_invalidated:
        return Unavailable("database")
    return error


def _is_retryable(error: DBAPIError) -> bool:
    sqlstate = getattr(error.orig, "sqlstate", None)
    if sqlstate is not None:
        return sqlstate in _RETRIED_SQLSTATES
    return isinstance(error.orig, sqlite3.OperationalError) and "locked" in str(error.orig)


def _make_engine(url: URL, settings: DatabaseSettings) -> sa.Engine:
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url, settings)
    return sa.create_engine(
        url,
        pool_size=settings.pool_size,
        max_overflow=0,
        pool_timeout=settings.timeout,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": settings.timeout,
            "options": f"-c statement_timeout={settings.timeout * 1000}"
            f" -c lock_timeout={settings.timeout * 1000}",
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "tcp_user_timeout": settings.timeout * 1000,
        },
    )


def _sqlite_engine(url: URL, settings: DatabaseSettings) -> sa.Engine:
    engine = sa.create_engine(
        url,
        poolclass=sa.pool.QueuePool,
        pool_size=settings.pool_size,
        max_overflow=0,
        pool_timeout=settings.timeout,
        connect_args={"timeout": settings.timeout, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in _SQLITE_PRAGMAS:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))

    return engine


_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA temp_store = MEMORY",
)


class _SqliteWatcher:
    """Asks ``PRAGMA data_version`` on a connection of its own that never writes: the number does not
    move on the connection that wrote, and stays frozen inside an open transaction.
    """

    def __init__(self, url: URL, table: str) -> None:
        self._path = url.database or ":memory:"
        self._query = f"SELECT value FROM {table} WHERE id = 1"  # noqa: S608 - the name is ours
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._version = -1
        self._value = 0

    def value(self) -> int:
        with self._lock:
            if self._connection is None:
                self._connection = sqlite3.connect(
                    self._path, isolation_level=None, check_same_thread=False, timeout=5
                )
            (version,) = self._connection.execute("PRAGMA data_version").fetchone()
            if version != self._version:
                (self._value,) = self._connection.execute(self._query).fetchone()
                self._version = version
            return self._value

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
                self._version = -1


class _SelectWatcher:
    """Asks for the clock's row each time. A notification could arrive after the writer's client was
    answered by another process; a select of one row cannot.
    """

    def __init__(self, engine: sa.Engine, clock: sa.Table) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._query = sa.select(clock.c.value).where(clock.c.id == 1)

    def value(self) -> int:
        with self._engine.connect() as connection:
            return int(connection.execute(self._query).scalar_one())

    def close(self) -> None:
        """Nothing of its own to let go of."""
