"""The real command in a process of its own, on a port of its own, with a data folder of its own."""

from __future__ import annotations

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import IO, Any, Self

COMMAND = (sys.executable, "-m", "pypicloud_like.cli")
START_TIMEOUT = 60.0
STOP_TIMEOUT = 30.0
SERVER = "PYPICLOUD_LIKE_TEST_SERVER"
"""The variable that names another WSGI server for all tests."""

# A proxy of this machine must not see requests to loopback.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Answer:
    """One HTTP answer, whatever its status."""

    status: int
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class NotStarted(AssertionError):
    """The server ended or did not answer in time; carries its log."""


@dataclass
class LiveServer:
    """``pypicloud-like serve`` over ``data``. Use it with ``with``, or call start and stop.

    ``options`` are keys of the .ini's ``[app:main]``; with none the embedded defaults are served.
    ``environ`` is added to the process's environment. ``server`` is the WSGI server, ``workers`` how many
    processes there are of it. Starting again after a stop keeps the data and the port, so that addresses stay
    valid.
    """

    data: Path
    options: Mapping[str, str] = field(default_factory=dict)
    command: Sequence[str] = COMMAND
    environ: Mapping[str, str] = field(default_factory=dict)
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    server: str = field(default_factory=lambda: os.environ.get(SERVER, "waitress"))
    workers: int = 1

    @property
    def url(self) -> str:
        """Scheme, host and port, without a last slash."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def authority(self) -> str:
        """Host and port, as pip's ``--trusted-host`` wants them."""
        return f"127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """All that the server wrote so far."""
        path = self._log_path
        return path.read_text(errors="replace") if path.exists() else ""

    @property
    def _log_path(self) -> Path:
        return self.data.with_name(f"{self.data.name}-{self.port}.log")

    def start(self) -> Self:
        """Start and wait until ``/health`` answers. Tries another port if this one was just taken.

        :raises NotStarted: with the log
        """
        wanted = self.port
        for _ in range(3):
            self.port = wanted or free_port()
            try:
                self._start_once()
                return self
            except NotStarted as error:
                if wanted or "in use" not in str(error):
                    raise
        raise NotStarted(self.log)

    def launch(self) -> Self:
        """Start again on its port and wait for an answer, be it well or not.

        :raises NotStarted: with the log
        """
        assert self.port
        self._start_once(self.is_there)
        return self

    def _start_once(self, is_up: Callable[[], bool] | None = None) -> None:
        is_up = is_up or self.is_answering
        with self._log_path.open("ab") as log:
            self.process = self._spawn(log)
        deadline = time.monotonic() + START_TIMEOUT
        while not is_up():
            if self.process.poll() is not None:
                code, self.process = self.process.returncode, None
                raise NotStarted(f"the server ended with {code}:\n{self.log}")
            if time.monotonic() > deadline:
                self.kill()
                raise NotStarted(f"no answer within {START_TIMEOUT} s:\n{self.log}")
            time.sleep(0.05)

    def _spawn(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [*self.command, "serve", *self._where(), "--host", "127.0.0.1", "--port", str(self.port)]
            + ([] if self.server == "waitress" else ["--server", self.server])
            + ([] if self.workers == 1 else ["--workers", str(self.workers)]),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=self._environ(),
            cwd=self.data.parent,
        )

    def is_answering(self) -> bool:
        """Whether ``/health`` says that all is well."""
        try:
            return self.request("/health", timeout=2).status == 200
        except OSError:
            return False

    def is_there(self) -> bool:
        """Whether ``/health`` says anything."""
        try:
            return self.request("/health", timeout=30).status in {200, 500}
        except OSError:
            return False

    def stop(self) -> None:
        """End it as a service manager does (SIGTERM), with force after a while; fine if it is not running."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def kill(self) -> None:
        """End it as a crash does (SIGKILL); fine if it is not running."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def run(self, *arguments: str, stdin: str | None = None, timeout: float = 120) -> str:
        """One command on the same data and settings, and what it printed.

        :raises AssertionError: it failed; with everything it wrote
        """
        done = subprocess.run(
            [*self.command, *arguments, *self._where()],
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            env=self._environ(),
            cwd=self.data.parent,
            timeout=timeout,
            check=False,
        )
        assert done.returncode == 0, f"{arguments} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def add_user(self, name: str, password: str, *, admin: bool = False) -> None:
        """A user, by the command line."""
        self.run(
            "user", "add", name, *(["--admin"] if admin else []), "--password-stdin", stdin=password + "\n"
        )

    def add_token(self, user: str, *, label: str = "test") -> str:
        """A token's secret: the last word that the command prints."""
        return self.run("token", "add", user, "--name", label).split()[-1]

    def request(
        self,
        path: str,
        *,
        method: str = "GET",
        auth: tuple[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout: float = 30,
    ) -> Answer:
        """One request to this server; errors are answers too. Redirects are followed."""
        asked = urllib.request.Request(self.url + path, data=body, method=method, headers=dict(headers or {}))
        if auth:
            secret = base64.b64encode(":".join(auth).encode()).decode()
            asked.add_header("Authorization", f"Basic {secret}")
        try:
            with DIRECT.open(asked, timeout=timeout) as got:
                return Answer(got.status, got.headers, got.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())

    def _where(self) -> list[str]:
        if not self.options:
            return ["--data", str(self.data)]
        return ["--config", str(self._write_ini()), "--data", str(self.data)]

    def _write_ini(self) -> Path:
        path = self.data.with_name(f"{self.data.name}.ini")
        lines = ["[app:main]", "use = egg:pypicloud-like"]
        lines += [f"{key} = {value}" for key, value in self.options.items()]
        text = "\n".join(lines) + "\n"
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
        return path

    def _environ(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("PPC_")}
        return kept | {"PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "ignore"} | dict(self.environ)


def is_listening(port: int) -> bool:
    """Whether connections to a port of the loopback interface are taken."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=20).close()
    except ConnectionRefusedError:
        return False
    except ConnectionResetError:  # it was closed in just this moment
        return is_listening(port)
    return True


def free_port() -> int:
    """A port of the loopback interface that nobody listens on at this moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
