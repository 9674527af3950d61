"""Servers that start in a fraction of a second: children of a process that has everything imported already.

Each is the real command over real HTTP, in a process of its own that a signal really ends.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from tests.support.server import LiveServer

PRELOADED = [
    "tests.faults.forked",
    "tests.faults.stops",
    "pypicloud_like.cli.serve",
    "pypicloud_like.cli.rebuild",
]

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(PRELOADED)


@dataclass
class ForkedServer(LiveServer):
    """A server with the stop points of :mod:`tests.faults.stops` in it."""

    @property
    def orders(self) -> Path:
        """The file by which it is told to end."""
        return self.data.with_name(f"{self.data.name}-orders")

    def end_at(self, point: str, times: int = 1) -> None:
        """Have it end where it passes this point for the so-manieth time from now on."""
        new = self.orders.with_suffix(".new")
        new.write_text(f"{point} {times}")
        new.replace(self.orders)

    def go_on(self) -> None:
        """Have it end nowhere."""
        self.orders.unlink(missing_ok=True)

    def run(self, *arguments: str, stdin: str | None = None) -> str:
        """As :meth:`LiveServer.run`; the command is such a child, too, without stop points."""
        files = {name: self.data.with_name(f"{self.data.name}-{name}") for name in ("input", "output")}
        files["input"].write_text(stdin or "")
        files["output"].write_bytes(b"")
        child = _context.Process(
            target=run,
            args=(
                [*arguments, *self._where()],
                self._environ(),
                str(files["output"]),
                "",
                str(self.data.parent),
            ),
            kwargs={"given": str(files["input"])},
            daemon=True,
        )
        child.start()
        child.join(120)
        if child.exitcode is None:
            child.kill()
            child.join()
        told = files["output"].read_text()
        assert child.exitcode == 0, f"{arguments} ended with {child.exitcode}:\n{told}"
        return told

    def wait(self) -> int:
        """Wait for its end; how it ended."""
        assert self.process is not None
        code, self.process = self.process.wait(30), None
        return code

    def _spawn(self, log: Any) -> subprocess.Popen[bytes]:
        argv = ["serve", *self._where(), "--host", "127.0.0.1", "--port", str(self.port)]
        child = _context.Process(
            target=run,
            args=(argv, self._environ(), log.name, str(self.orders), str(self.data.parent)),
            daemon=True,
        )
        child.start()
        return _Child(child)  # type: ignore[return-value] # has what is used of it


class _Child:
    """What :class:`LiveServer` uses of ``Popen``."""

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process

    @property
    def pid(self) -> int | None:
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("serve", timeout or 0)
        return self._process.exitcode

    def kill(self) -> None:
        self._process.kill()

    def send_signal(self, number: int) -> None:
        assert self._process.pid is not None
        os.kill(self._process.pid, number)


def run(
    argv: list[str], environ: dict[str, str], log: str, orders: str, folder: str, given: str = os.devnull
) -> None:
    """The child: the command line, with stop points if there may be orders, its words going to a log."""
    from pypicloud_like.cli import main
    from tests.faults.stops import Stops

    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for standard in (1, 2):
        os.dup2(descriptor, standard)
    sys.stdin = Path(given).open()  # noqa: SIM115 - until the process ends
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if orders:
        Stops(Path(orders)).install()
    sys.exit(main(argv))
