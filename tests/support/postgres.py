"""A real PostgreSQL on loopback for the tests, run by the database's own user where the tests run as root.

One server serves all workers of a test run. Each worker holds a shared lock on a file; the server's keeper
(this module, run as a program) stops it as soon as nobody holds that lock, also after a crash.
"""

from __future__ import annotations

import fcntl
import importlib.util
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.need import lacking

REPOSITORY = Path(__file__).parents[2]
_keepers: list[subprocess.Popen[bytes]] = []
"""Kept, since forgetting a child that still runs is a warning."""


@dataclass(frozen=True)
class Postgres:
    """A running server. ``folder`` is where its users may put lock files."""

    port: int
    folder: str

    def url(self, database: str) -> str:
        """SQLAlchemy's address of a database."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str, database: str = "postgres") -> list[Any]:
        """Run one statement outside a transaction; gives its rows."""
        import psycopg

        address = f"host=127.0.0.1 port={self.port} user=postgres dbname={database} connect_timeout=5"
        with psycopg.connect(address, autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """The URL of a new database, dropped afterwards."""
        name = f"t{uuid.uuid4().hex}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self.url(name)
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def template(self, name: str, fill: Callable[[str], None]) -> str:
        """A database to be copied, made once in a test run by calling ``fill`` with its URL."""
        with Path(self.folder, "templates.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self.execute(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):
                self.execute(f"CREATE DATABASE {name}_unfinished TEMPLATE template0")
                fill(self.url(f"{name}_unfinished"))
                self.execute(f"ALTER DATABASE {name}_unfinished RENAME TO {name}")
        return name


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """The server, started when first asked for."""
    _programs()
    shared = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        shared = shared.parent
    folder = shared / "postgres"
    folder.mkdir(exist_ok=True)
    with (folder / "users.lock").open("w") as users:
        with (folder / "start.lock").open("w") as start:
            fcntl.flock(start, fcntl.LOCK_EX)
            fcntl.flock(users, fcntl.LOCK_SH)  # waits for a keeper that is stopping its server
            server = _known(folder) or _launch(folder)
        yield server


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """The URL of a new and empty database."""
    with postgres.database() as url:
        yield url


class Server:
    """A server of one's own, to be stopped and started again. Starts at once.

    :param durable: what was committed is to survive a crash of the machine, at the price that has
    :param below: where its data is kept; the server's user must come there
    """

    def __init__(self, *, durable: bool = False, below: Path | None = None) -> None:
        self._durable = durable
        self._programs = _programs()
        self._home = Path(tempfile.mkdtemp(prefix="pgtest-", dir=below))
        self._as: dict[str, Any] = {"cwd": "/"}
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self._home, user.pw_uid, user.pw_gid)
            self._as |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self._data = self._home / "data"
        self._process: subprocess.Popen[bytes] | None = None
        initdb = [self._programs / "initdb", "-D", self._data, "-A", "trust", "-U", "postgres"]
        subprocess.run(
            [*initdb, "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"],
            check=True,
            capture_output=True,
            timeout=60,
            **self._as,
        )
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.postgres = Postgres(port, "")
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "on" if self._durable else "off",
            "max_connections": "300",
        }
        words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        with (self._home / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._data, "-p", str(self.postgres.port), *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self._as,
            )
        import psycopg

        deadline = time.monotonic() + 30
        while True:
            try:
                self.postgres.execute("SELECT 1")
                return
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def stop(self) -> None:
        """Stop it at once, as a crash would: connections break, nothing is written out."""
        assert self._process is not None
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGQUIT)
        self._process.wait(30)

    def remove(self) -> None:
        """Stop it and remove its data."""
        self.stop()
        shutil.rmtree(self._home, ignore_errors=True)


@pytest.fixture
def postgres_server() -> Iterator[Server]:
    """A server of this test alone."""
    _programs()
    server = Server()
    yield server
    server.remove()


def _programs() -> Path:
    """Where the server's programs are, or skip."""
    found = [Path(path).parent for path in [shutil.which("initdb")] if path]
    found += sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda path: [int(n) for n in path.parent.name.split(".")],
    )
    if not found:
        lacking("PostgreSQL (Debian: postgresql)")
    if importlib.util.find_spec("psycopg") is None:
        lacking("psycopg (PyPI)")
    if os.geteuid() == 0:
        try:
            pwd.getpwnam("postgres")
        except KeyError:
            lacking("the user postgres (a PostgreSQL server does not run as root)")
    return found[-1]


def _known(folder: Path) -> Postgres | None:
    try:
        return Postgres(**json.loads((folder / "server.json").read_text()))
    except FileNotFoundError:
        return None


def _launch(folder: Path) -> Postgres:
    log = folder / "keeper.log"
    with log.open("ab") as output:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "tests.support.postgres", str(folder)],
            cwd=REPOSITORY,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    _keepers.append(keeper)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and keeper.poll() is None:
        server = _known(folder)
        if server:
            return server
        time.sleep(0.02)
    pytest.fail(f"PostgreSQL did not start: {log.read_text()[-2000:]}")


def keep(folder: Path) -> None:
    """Start a server, say where it is, and stop it when nobody uses it any more."""
    server = Server()
    announcement = folder / "server.json"
    try:
        text = json.dumps(asdict(Postgres(server.postgres.port, str(folder))))
        (folder / "server.new").write_text(text)
        (folder / "server.new").replace(announcement)
        with (folder / "users.lock").open("w") as users:
            while True:
                with suppress(BlockingIOError):
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    announcement.unlink(missing_ok=True)
                    return
                time.sleep(0.2)
    finally:
        announcement.unlink(missing_ok=True)
        server.remove()


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
