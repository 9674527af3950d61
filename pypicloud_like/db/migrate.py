"""Bring a database to the schema this release knows.

Each family of tables has its own folder of versions and its own version table, so both may live in
one PostgreSQL database. Versions are numbered files, ``0001_first.py``, whose ``revision`` is the number.
"""

from __future__ import annotations

import hashlib
import os
import threading
from functools import cache
from pathlib import Path

import sqlalchemy as sa

from pypicloud_like.core.errors import ConfigurationError
from pypicloud_like.db.engine import Database
from pypicloud_like.settings.model import DatabaseSettings

FAMILIES = ("index", "state")

_FOLDER = Path(__file__).parent / "migrations"
_alembic = threading.Lock()
"""Alembic keeps the running environment in module globals."""


@cache
def versions(family: str) -> tuple[str, ...]:
    """The schema versions this release knows, oldest first."""
    folder = _FOLDER / family / "versions"
    return tuple(sorted(path.name.split("_")[0] for path in folder.glob("[0-9]*_*.py")))


def open_database(settings: DatabaseSettings, *, clock: sa.Table, family: str) -> Database:
    """The database of a family, made or brought up to date where needed.

    :raises ConfigurationError: it was made by a newer release, or has no place
    :raises Unavailable: it cannot be reached
    """
    database = Database(settings, clock=clock)
    if database.is_sqlite:
        _make_file(database.url, family)
    try:
        upgrade(database, family)
    except BaseException:
        database.close()
        raise
    return database


def _make_file(url: sa.URL, family: str) -> None:
    """Make the database's file for its owner alone: it holds password hashes and private names.

    What SQLite puts beside it gets the same mode. A file that is there is not touched: closing it here
    would drop the locks that other connections of this process hold on it (fcntl(2)).
    """
    path = url.database
    if not path or path == ":memory:" or path.startswith("file:"):
        return
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDONLY, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise ConfigurationError([f"the {family} database cannot be made: {error.strerror}"]) from error


def upgrade(database: Database, family: str) -> None:
    """Create or upgrade the tables of ``family`` (``index`` or ``state``) in one transaction.

    Several processes may do so at once: one works, the others wait. Cheap when nothing is to do.

    :raises ConfigurationError: the database was made by a newer release
    :raises Unavailable: the database cannot be reached
    """
    with database.read() as connection:
        if _is_current(connection, family):
            return

    def work(connection: sa.Connection) -> None:
        if not database.is_sqlite:
            _wait_for_turn(connection, family)
        if not _is_current(connection, family):
            _run_alembic(connection, family)

    database.transact(work)
    if not database.is_sqlite:
        database.engine.dispose()  # the connection that took its time is not for requests


def version_table(family: str) -> str:
    """Where the version of a family is kept."""
    return f"{family}_version"


def run_environment() -> None:
    """What the ``env.py`` of every family does: migrate over the connection that was handed in."""
    from alembic import context  # noqa: PLC0415 - exists only while alembic runs an environment

    attributes = context.config.attributes
    context.configure(connection=attributes["connection"], version_table=attributes["version_table"])
    with context.begin_transaction():
        context.run_migrations()


def _is_current(connection: sa.Connection, family: str) -> bool:
    table = version_table(family)
    if not sa.inspect(connection).has_table(table):
        return False
    found = connection.scalar(sa.select(sa.column("version_num")).select_from(sa.table(table)))
    known = versions(family)
    if found is not None and found not in known:
        sentence = (
            f"The {family} database has schema version {found}, made by a newer release;"
            f" this one knows versions up to {known[-1]}"
        )
        raise ConfigurationError([sentence])
    return found == known[-1]


def _wait_for_turn(connection: sa.Connection, family: str) -> None:
    """PostgreSQL lets two transactions create tables at once. A migration may take its time."""
    key = int.from_bytes(hashlib.sha256(f"migrate:{family}".encode()).digest()[:8], signed=True)
    from pypicloud_like.db.patience import wait_for_ever  # noqa: PLC0415 - needs the driver, which is an extra

    wait_for_ever(connection)
    connection.execute(sa.text("SET LOCAL statement_timeout = 0"))
    connection.execute(sa.text("SET LOCAL lock_timeout = 0"))
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))


def _run_alembic(connection: sa.Connection, family: str) -> None:
    from alembic import command  # noqa: PLC0415 - importing it costs more than all else at an ordinary start
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(_FOLDER / family).replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["version_table"] = version_table(family)
    with _alembic:
        command.upgrade(config, "head")
