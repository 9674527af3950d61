"""Named locks over all processes on one state database, which end with the process that holds them."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import sqlalchemy as sa

from pypicloud_like.core.errors import Unavailable
from pypicloud_like.core.keys import segment
from pypicloud_like.db.engine import Database, translated_errors


@contextmanager
def hold(database: Database, name: str) -> Iterator[bool]:
    """Hold the lock ``name`` while the block runs; gives False at once if somebody else holds it,
    be it another thread of this process.

    :raises Unavailable: the lock cannot be asked for
    """
    with _file_lock(database, name) if database.is_sqlite else _advisory_lock(database, name) as held:
        yield held


@contextmanager
def _file_lock(database: Database, name: str) -> Iterator[bool]:
    """``flock`` on a file beside the database. The file stays: whoever removed it would let two
    processes lock two files of one name.
    """
    path = f"{database.url.database}-lock-{segment(name)}"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Unavailable("lock") from error
    try:
        yield _try_flock(descriptor)
    finally:
        os.close(descriptor)


def _try_flock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        raise Unavailable("lock") from error
    return True


@contextmanager
def _advisory_lock(database: Database, name: str) -> Iterator[bool]:
    """A session's advisory lock on a connection taken out of the pool, so that long work under the
    lock costs the others no connection. The server frees it when the connection ends.
    """
    key = sa.literal(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True), sa.BigInteger)
    with translated_errors():
        connection = database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.detach()
    try:
        with translated_errors():
            held = bool(connection.scalar(sa.select(sa.func.pg_try_advisory_lock(key))))
        try:
            yield held
        finally:
            if held:
                with suppress(sa.exc.DBAPIError):  # a broken connection has freed it already
                    connection.execute(sa.select(sa.func.pg_advisory_unlock(key)))
    finally:
        connection.close()
