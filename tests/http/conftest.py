"""The application in this process, over memory and SQLite, with a clock that stands still."""

from __future__ import annotations

import base64
import os
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path

import pytest
from webtest import TestApp

from pypicloud_like import assembly
from pypicloud_like.access.passwords import Passwords
from pypicloud_like.core.ports import MutableAccess
from pypicloud_like.db import engine
from pypicloud_like.http import shortcut
from pypicloud_like.registry.services import Services
from pypicloud_like.settings.load import load
from tests.support.again import make_wsgi
from tests.support.described import hold

PASSWORD = "correct horse battery"


class SteppingClock:
    """A clock that tests set; each reading is a microsecond after the one before."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(microseconds=1)
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SteppingClock:
    """The server's clock; what merely goes on goes on with it."""
    clock = SteppingClock()

    def monotonic() -> float:
        return clock.now.timestamp()

    monkeypatch.setattr(shortcut, "monotonic", monotonic)
    return clock


@pytest.fixture
def ini() -> dict[str, str]:
    """Settings beside the ones every test has; a test module overrides this."""
    return {}


def make_services(data: Path, ini: dict[str, str], clock: SteppingClock) -> Services:
    """Services over the data folder ``data``, with passwords that cost nothing. What a new one begins with is
    copied, which is faster than migrations for each test.
    """
    data.mkdir(parents=True, exist_ok=True)
    for name, content in _begun().items():
        if not (data / name).exists():
            (data / name).write_bytes(content)
    return _build(data, ini, clock)


def _build(data: Path, ini: dict[str, str], clock: SteppingClock) -> Services:
    given = {"server.data": str(data), "auth.hash_rounds": "1", **ini}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(assembly, "Passwords", partial(Passwords, memory_kib=8))
        patched.setattr(engine, "_SQLITE_PRAGMAS", (*engine._SQLITE_PRAGMAS, "PRAGMA synchronous = OFF"))
        return assembly.build(load(given, {}, here=data), clock=clock)


@cache
def _begun() -> Mapping[str, bytes]:
    """Both databases, empty, and the secret: files of a data folder."""
    with tempfile.TemporaryDirectory() as folder:
        _build(Path(folder), {}, SteppingClock()).close()
        return {path.name: path.read_bytes() for path in Path(folder).glob("*.*")}


@pytest.fixture(autouse=True)
def _hasty(monkeypatch) -> None:
    """Nobody waits for the disk: what it has after a crash is not asked here."""
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)


@pytest.fixture
def services(tmp_path, ini, clock) -> Iterator[Services]:
    """What the application works with, for looking behind it."""
    built = make_services(tmp_path, ini, clock)
    yield built
    built.close()


@pytest.fixture
def app(services) -> TestApp:
    """The application. Unlike WebTest's habit, statuses are for the test to assert."""
    return Client(services)


@pytest.fixture
def users(services) -> MutableAccess:
    """An administrator ``boss`` and users ``ann`` and ``bob``."""
    access = services.access
    assert isinstance(access, MutableAccess)
    access.add_user("boss", PASSWORD, admin=True, actor=None)
    access.add_user("ann", PASSWORD, actor=None)
    access.add_user("bob", PASSWORD, actor=None)
    return access


def basic(user: str, password: str = PASSWORD) -> dict[str, str]:
    """The header of Basic credentials."""
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


class Client(TestApp):
    """WebTest with Basic credentials by user name, without raising on error statuses. Answers that are not
    as the API's description has them fail.
    """

    relayed: tuple[str, ...] = ()
    """Beginnings of paths under which bodies are those of an upstream, who may say what it likes."""

    def __init__(self, services: Services) -> None:
        super().__init__(
            make_wsgi(services), extra_environ={"HTTP_HOST": "localhost:80", "REMOTE_ADDR": "127.0.0.1"}
        )

    def do_request(self, req, status=None, expect_errors=None):
        answer = super().do_request(req, status, expect_errors)
        registry = getattr(
            self.app, "registry", None
        )  # of the application itself, not of what stands before it
        path = req.environ["PATH_INFO"]
        if registry is not None:
            hold(registry, req.method, path, answer, is_relayed=path.startswith(self.relayed))
        return answer

    def ask(self, method: str, path: str, *, user: str | None = None, headers=None, **rest):
        """One request, whatever its status."""
        sent = {**(basic(user) if user else {}), **(headers or {})}
        return self.request(path, method=method, headers=sent, expect_errors=True, **rest)

    def upload(
        self, filename: str, body: bytes, *, user: str | None = "boss", path: str = "/simple/", **fields
    ):
        """A multipart upload as twine makes it."""
        form = {":action": "file_upload", "protocol_version": "1", **fields}
        content_type, data = self.encode_multipart(list(form.items()), [("content", filename, body)])
        return self.ask("POST", path, user=user, body=data, headers={"Content-Type": content_type})
