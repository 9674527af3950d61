"""A state database with its access backend, in this process and in another one."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from pypicloud_like.access.passwords import Passwords
from pypicloud_like.access.sql import SqlAccess
from pypicloud_like.settings.model import DatabaseSettings
from pypicloud_like.state.sql import SqlState

START = datetime(2040, 2, 3, 4, 5, 6, 789012, tzinfo=UTC)  # past 2038, with microseconds


@dataclass
class SetClock:
    """A clock that stands until it is moved."""

    now: datetime = field(default=START)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class People:
    """Both ports over one database."""

    url: str
    state: SqlState
    access: SqlAccess
    clock: SetClock

    def actions(self) -> list[tuple[str, str | None, str]]:
        """The audit, oldest first, as (action, actor, subject)."""
        events = self.state.audit_events(limit=1000)
        return [(event.action, event.actor, event.subject) for event in reversed(events)]


@pytest.fixture(name="state_url", params=["sqlite", "postgresql"])
def state_url_fixture(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a new and empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'state.sqlite'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(name="people")
def people_fixture(state_url: str) -> Iterator[People]:
    """Both ports over a new database."""
    people = open_people(state_url)
    yield people
    people.state.close()


def open_people(url: str) -> People:
    """Open, and create what is missing."""
    clock = SetClock()
    state = SqlState.from_settings(DatabaseSettings(url, timeout=5), clock=clock, session_lifetime=3600)
    return People(url, state, SqlAccess(state.database, Passwords.cheap(), clock=clock), clock)


class Other:
    """The same in a process of its own: ``other.state(method, …)`` calls and gives what it answered."""

    def __init__(self, url: str) -> None:
        context = multiprocessing.get_context("spawn")
        self._here, there = context.Pipe()
        self.process = context.Process(target=_serve, args=(url, there), daemon=True)
        self.process.start()
        there.close()

    def state(self, method: str, *args: Any, **options: Any) -> Any:
        return self.call("state", method, *args, **options)

    def access(self, method: str, *args: Any, **options: Any) -> Any:
        return self.call("access", method, *args, **options)

    def call(self, *args: Any, **options: Any) -> Any:
        self.send(*args, **options)
        return self.receive()

    def send(self, port: str, method: str, *args: Any, **options: Any) -> None:
        self._here.send((port, method, args, options))

    def receive(self) -> Any:
        assert self._here.poll(60), "the other process does not answer"
        answer = self._here.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def kill(self) -> None:
        assert self.process.pid is not None
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.join()
        self._here.close()


@contextmanager
def other_process(url: str) -> Iterator[Other]:
    """A process that is gone afterwards."""
    other = Other(url)
    try:
        assert other.state("moved") >= 0  # it is up
        yield other
    finally:
        if other.process.is_alive():
            other.kill()


def _serve(url: str, calls: Connection) -> None:
    people = open_people(url)
    held = []
    while True:
        port, method, args, options = calls.recv()
        try:
            if method == "lock":
                held.append(people.state.lock(*args))
                answer: Any = held[-1].__enter__()
            else:
                answer = getattr(getattr(people, port), method)(*args, **options)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
            answer = error
        calls.send(answer)
