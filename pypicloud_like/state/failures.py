"""Failed attempts, counted over all processes: at most so many in the last so many seconds."""

from __future__ import annotations

import hashlib
import math
import threading
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.dml import ReturningInsert

from pypicloud_like.core.clock import Clock
from pypicloud_like.db.engine import Database
from pypicloud_like.db.upsert import insert_into
from pypicloud_like.state.tables import failures

_SWEEP_EVERY = timedelta(minutes=1)


class Failures:
    """A sliding window per bucket. A row holds the times of at most ``limit`` failures, so an attack
    costs no more room than its buckets, which go once they say nothing any more.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._swept: datetime | None = None

    def count(self, bucket: str, *, limit: int, window: int) -> int:
        """Count a failure. Gives the seconds to wait, 0 while at most ``limit`` happened in the last
        ``window`` seconds. A failure above the limit does not prolong the wait.
        """
        now = self._clock()
        self._sweep(now)
        key = _key(bucket)

        def work(connection: sa.Connection) -> int:
            stored = connection.scalar(_touch(connection, key, forget_at=now + timedelta(seconds=window)))
            times = _recent(stored or [], now, window)
            if len(times) >= limit:
                return _wait(times, now, limit, window)
            connection.execute(
                sa.update(failures).where(failures.c.bucket == key).values(times=[*times, now.timestamp()])
            )
            if len(times) + 1 >= limit:  # a block begins: what any process remembers as verified is void
                self._database.tick(connection)
            return 0

        return self._database.transact(work)

    def blocked(self, bucket: str, *, limit: int, window: int) -> int:
        """Seconds to wait until one more failure would be within the limit, 0 if it would be now."""
        now = self._clock()
        with self._database.read(once=True) as connection:
            stored = connection.scalar(sa.select(failures.c.times).where(failures.c.bucket == _key(bucket)))
        return _wait(_recent(stored or [], now, window), now, limit, window)

    def _sweep(self, now: datetime) -> None:
        with self._lock:
            if self._swept is not None and abs(now - self._swept) < _SWEEP_EVERY:
                return
            self._swept = now
        self._database.transact(
            lambda connection: connection.execute(sa.delete(failures).where(failures.c.forget_at < now))
        )


def _touch(connection: sa.Connection, key: str, *, forget_at: datetime) -> ReturningInsert[Any]:
    """Make the row or take its lock, in one statement that no deletion can come between."""
    return (
        insert_into(connection, failures)
        .values(bucket=key, times=[], forget_at=forget_at)
        .on_conflict_do_update(index_elements=[failures.c.bucket], set_={"forget_at": forget_at})
        .returning(failures.c.times)
    )


def _key(bucket: str) -> str:
    """Buckets hold what strangers typed, at times a password in the wrong field: kept as a digest."""
    return hashlib.sha256(bucket.encode("utf-8", "surrogatepass")).hexdigest()


def _recent(times: list[float], now: datetime, window: int) -> list[float]:
    """The times within the window. Those ahead of our clock count only as far as clocks may differ:
    a clock that was set back must not block anybody for longer than the window.
    """
    present = now.timestamp()
    return sorted(time for time in times if abs(present - time) < window)


def _wait(times: list[float], now: datetime, limit: int, window: int) -> int:
    if len(times) < limit:
        return 0
    if limit < 1:
        return window
    free_at = times[-limit] + window
    return max(1, min(window, math.ceil(free_at - now.timestamp())))
