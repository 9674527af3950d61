"""PostgreSQL connections that notice when their server went away or does not answer.

A server that goes away says so to connections that are idle, or its machine closes them: they are looked at
before they are used, which costs no round trip. One whose machine is gone says nothing: connections that
were idle for some seconds are asked.

A server that is slow ends its statements itself (``statement_timeout``), and a machine that is gone is
noticed by TCP (``tcp_user_timeout``). A server that hangs on a machine that lives does neither: only the
client's own clock helps.
"""

from __future__ import annotations

import select
import time
from collections.abc import Generator
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy import event

from pypicloud_like.db.cursors import FrugalCursor

_TRUSTED = 5.0
"""Seconds for which an idle connection is not asked whether its server is there."""
_USED = "pypicloud_like.used"
_GRACE = 1.0
"""Seconds that a server which ends a statement itself has for saying so."""


class _NoAnswer(Exception):
    """The time is up."""


class PatientConnection(psycopg.Connection[Any]):
    """Waits for each answer for ``patience`` seconds; then it is closed. None waits for ever."""

    patience: float | None = None

    def wait(self, gen: Generator[Any, Any, Any], *args: Any, **kwargs: Any) -> Any:
        """Carry out one operation, be it a statement, a commit or a ping.

        :raises psycopg.OperationalError: no answer came in time
        """
        if self.patience is None:
            return super().wait(gen, *args, **kwargs)
        try:
            return super().wait(_until(gen, time.monotonic() + self.patience), *args, **kwargs)
        except _NoAnswer:
            self.close()
            raise psycopg.OperationalError("the server does not answer") from None


def be_patient(engine: sa.Engine, seconds: float) -> None:
    """Have the connections of an engine wait no longer than that for an answer."""

    @event.listens_for(engine, "do_connect")
    def _connect(_dialect: Any, _record: Any, args: Any, kwargs: Any) -> PatientConnection:
        connection = PatientConnection.connect(*args, cursor_factory=FrugalCursor, **kwargs)
        connection.patience = seconds + _GRACE
        return connection


def look_before_use(engine: sa.Engine) -> None:
    """Have the connections of an engine made anew whose server went away while they were idle. It may take as
    long as they are trusted until that is noticed of a server that did not say so.
    """

    @event.listens_for(engine, "checkin")
    def _note(_connection: Any, record: Any) -> None:
        record.info[_USED] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _look(connection: Any, record: Any, _proxy: Any) -> None:
        used = record.info.pop(_USED, None)
        if used is None:  # it was made a moment ago
            return
        try:
            if time.monotonic() - used > _TRUSTED or _has_something_to_say(connection):
                engine.dialect.do_ping(connection)
        except psycopg.Error as error:
            raise sa.exc.InvalidatePoolError from error


def _has_something_to_say(connection: psycopg.Connection[Any]) -> bool:
    """Whether there is anything to read. Nobody says anything to an idle connection, but that it ends."""
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    return bool(waiting.poll(0))


def wait_for_ever(connection: sa.Connection) -> None:
    """Let a connection take the time that its work takes; it is not to be used for anything else after."""
    driver = connection.connection.driver_connection
    if isinstance(driver, PatientConnection):
        driver.patience = None


def _until(steps: Generator[Any, Any, Any], deadline: float) -> Generator[Any, Any, Any]:
    """The steps of an operation. The driver resumes them a few times a second also when nothing came."""
    try:
        wanted = next(steps)
    except StopIteration as done:
        return done.value
    while True:
        ready = yield wanted
        if not ready and time.monotonic() > deadline:
            raise _NoAnswer
        try:
            wanted = steps.send(ready)
        except StopIteration as done:
            return done.value
