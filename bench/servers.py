"""The servers that are compared: ours, the least that Pyramid does, nginx over plain files."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.support.server import DIRECT, LiveServer, free_port

KINDS = ("waitress", "granian")


@dataclass(frozen=True)
class Running:
    """A server that answers: its port, and the process at the head of its own."""

    name: str
    port: int
    pid: int


class Lacking(Exception):
    """This machine cannot measure that; says why."""


def require_kind(kind: str) -> None:
    """:raises Lacking: the WSGI server is not installed"""
    if kind != "waitress" and find_spec(kind) is None:
        raise Lacking(f"{kind} is not installed (pip install 'pypicloud-like[{kind}]')")


def below(folder: Path, name: str) -> Path:
    """A new folder inside another."""
    path = folder / name
    path.mkdir()
    return path


@contextmanager
def ours(server: LiveServer) -> Iterator[Running]:
    """The real command on a data folder."""
    with server:
        assert server.process
        yield Running("ours", server.port, server.process.pid)


@contextmanager
def hello(kind: str, folder: Path, *, threads: int = 4) -> Iterator[Running]:
    """Pyramid's least on the same WSGI server with the same options."""
    require_kind(kind)
    port = free_port()
    if kind == "waitress":
        words = ["-m", "bench.hello", str(port)]
    else:
        words = ["-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
                 "--blocking-threads", str(threads), "--no-ws", "bench.hello:app"]  # fmt: skip
    with process("hello", [sys.executable, *words], port, folder) as running:
        yield running


@contextmanager
def nginx(folder: Path, root: Path) -> Iterator[Running]:
    """nginx over a folder of plain files: what the machine can do at best."""
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    if not Path(program).exists():
        raise Lacking("nginx is not on this machine")
    port, home = free_port(), folder / "nginx"
    home.mkdir()
    user = "user root;" if os.geteuid() == 0 else ""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = " ".join(f"{kind}_temp_path {home}/{kind};" for kind in kinds)
    (home / "nginx.conf").write_text(
        f"{user} daemon off; worker_processes 1; pid {home}/pid; error_log {home}/error.log;\n"
        f"events {{}} http {{ access_log off; {paths}\n"
        f"types {{ text/html html; }} default_type application/octet-stream;\n"
        f"sendfile on; tcp_nopush on; keepalive_requests 1000000;\n"
        f"server {{ listen 127.0.0.1:{port}; location / {{ root {root}; }} }} }}\n"
    )
    words = [program, "-e", str(home / "error.log"), "-p", str(home), "-c", str(home / "nginx.conf")]
    with process("nginx", words, port, folder) as running:
        yield running


@contextmanager
def process(
    name: str, words: Sequence[str], port: int, folder: Path, *, path: str = "/", **more: Any
) -> Iterator[Running]:
    """A program that serves on a port, ended afterwards.

    :raises Lacking: it does not answer within a minute
    """
    log = folder / f"{name}-{port}.log"
    with log.open("wb") as output:
        child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=output, stderr=output, **more)
    try:
        _await(name, child, port, path, log)
        yield Running(name, port, child.pid)
    finally:
        child.terminate()
        try:
            child.wait(15)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _await(name: str, child: subprocess.Popen[bytes], port: int, path: str, log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            with DIRECT.open(f"http://127.0.0.1:{port}{path}", timeout=10):
                return
        except OSError as error:
            if hasattr(error, "code"):  # an answer, whatever it is
                return
        if child.poll() is not None or time.monotonic() > deadline:
            raise Lacking(f"{name} did not start: {log.read_text()[-300:]}")
        time.sleep(0.05)
