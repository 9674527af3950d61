"""Several server processes on the same sockets: begun, replaced when they die, and stopped together."""

from __future__ import annotations

import logging
import os
import random
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from waitress import wasyncore

_log = logging.getLogger(__name__)

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)
_MORE = 10.0
"""seconds that workers get beyond their own grace before they are ended by force"""
_YOUNG = 2.0
"""A worker that ends younger than so many seconds is replaced only after as many."""
_MOST_FAILURES = 3
"""So many that end one after the other before any is ready: it is no use."""


@dataclass(frozen=True)
class Worker:
    """What a worker gets of its supervisor: when ``lifeline`` ends, the supervisor is gone."""

    number: int
    lifeline: socket.socket
    ready: Callable[[], None]


@dataclass
class _Running:
    number: int
    began: float
    is_ready: bool = False


class Supervisor:
    """Keeps ``count`` workers alive. Forks, so it must be made where no other thread runs.

    :param work: what a worker does until it is told to stop by SIGTERM
    :param ready: called once, when the first workers are all ready
    """

    def __init__(
        self, count: int, work: Callable[[Worker], None], *, grace: float, ready: Callable[[], None]
    ) -> None:
        self._count = count
        self._work = work
        self._grace = grace
        self._ready = ready
        self._running: dict[int, _Running] = {}
        self._failures = 0
        self._here, self._there = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._here.setblocking(False)
        self._life, self._end = socket.socketpair()

    def run(self) -> int:
        """Until SIGTERM or SIGINT, and all have ended. A second signal ends them at once.

        :returns: the exit code: 1 if workers do not even start
        """
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        for number in range(1, self._count + 1):
            self._start(number)
        announced = False
        while self._failures < _MOST_FAILURES:
            found = signal.sigtimedwait(_SIGNALS, 0.2 if not announced else 5.0)
            self._note_ready()
            if not announced and all(each.is_ready for each in self._running.values()):
                announced = True
                self._ready()
            if found is not None and found.si_signo != signal.SIGCHLD:
                break
            self._replace()
        code = int(self._failures >= _MOST_FAILURES)
        self._stop()
        return code

    def _start(self, number: int) -> None:
        pid = os.fork()
        if pid:
            self._running[pid] = _Running(number, time.monotonic())
            return
        code = 1
        try:
            self._end.close()
            os.setpgid(0, 0)  # a terminal's Ctrl-C reaches the supervisor alone, which passes it on once
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
            random.seed()
            told = str(os.getpid()).encode()
            self._work(Worker(number, self._life, lambda: self._there.sendall(told)))
            code = 0
        except BaseException:  # noqa: BLE001 - a child never returns to where its parent goes on
            _log.exception("worker %d failed", number)
        finally:
            logging.shutdown()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _note_ready(self) -> None:
        while True:
            try:
                pid = int(self._here.recv(32))
            except BlockingIOError:
                return
            if pid in self._running:
                self._running[pid].is_ready = True
                self._failures = 0

    def _replace(self) -> None:
        """Put others in the place of those that ended."""
        for gone, status in self._ended():
            code = os.waitstatus_to_exitcode(status)
            _log.error("worker %d ended with %d, another one takes its place", gone.number, code)
            if not gone.is_ready:
                self._failures += 1
            if time.monotonic() - gone.began < _YOUNG:
                found = signal.sigtimedwait({signal.SIGTERM, signal.SIGINT}, _YOUNG)
                if found is not None:
                    os.kill(os.getpid(), found.si_signo)  # the caller looks for it
                    return
            if self._failures < _MOST_FAILURES:
                self._start(gone.number)

    def _ended(self) -> list[tuple[_Running, int]]:
        ended = []
        while self._running:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                break
            if pid in self._running:
                ended.append((self._running.pop(pid), status))
        return ended

    def _stop(self) -> None:
        self._tell(signal.SIGTERM)
        deadline = time.monotonic() + self._grace + _MORE
        while self._running and (left := deadline - time.monotonic()) > 0:
            self._ended()
            if not self._running:
                return
            found = signal.sigtimedwait(_SIGNALS, min(left, 1.0))
            if found is not None and found.si_signo != signal.SIGCHLD:
                break
        if self._running:
            _log.warning("%d workers are ended by force", len(self._running))
            self._tell(signal.SIGKILL)
            for pid in self._running:
                os.waitpid(pid, 0)

    def _tell(self, number: int) -> None:
        for pid in self._running:
            os.kill(pid, number)


class Lifeline(wasyncore.dispatcher):  # type: ignore[misc]  # waitress has no types
    """A connection that the supervisor holds. When it is gone, whatever way, so is the worker."""

    def __init__(self, other: socket.socket, polled: dict[int, Any]) -> None:
        super().__init__(other.dup(), map=polled)

    def writable(self) -> bool:
        """Nothing is ever written."""
        return False

    def handle_read(self) -> None:
        """Nothing is ever sent: this is its end, which :meth:`handle_close` is told."""
        self.recv(1)

    def handle_close(self) -> None:
        """Stop as the supervisor would have told us to."""
        self.close()
        signal.raise_signal(signal.SIGTERM)
