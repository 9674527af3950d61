"""A TCP proxy on loopback that passes on, delays, freezes, cuts or refuses, as it is told."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from enum import StrEnum
from typing import Self

RESET = b"\1\0\0\0\0\0\0\0"
"""SO_LINGER that ends a connection with a reset."""


class Mode(StrEnum):
    """What becomes of bytes."""

    PASS = "pass"
    DELAY = "delay"
    """Each piece waits for ``delay`` seconds."""
    FREEZE = "freeze"
    """Connections are taken and stay open, and nothing passes, as if packets were dropped."""
    REFUSE = "refuse"
    """New connections are reset."""
    CUT = "cut"
    """Answers are reset after ``room`` bytes of each."""
    LOSE = "lose"
    """What is asked passes; the connection is reset instead of an answer."""


class Proxy:
    """Stands before a port of loopback. ``mode`` may change at any time, for connections that are open too."""

    def __init__(self, port: int) -> None:
        self.mode = Mode.PASS
        self.delay = 0.0
        self.room = 0
        self.taken = 0
        """How many connections there were."""
        self._target = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port: int = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._closed = False
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed = True
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut_all()
        for thread in self._threads:
            thread.join(5)

    def cut_all(self) -> None:
        """Reset every connection there is."""
        with self._lock:
            found = [*self._open]
        for one in found:
            reset(one)

    def _accept(self) -> None:
        while not self._closed:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.taken += 1
            if self.mode is Mode.REFUSE:
                reset(client)
                client.close()
                continue
            thread = threading.Thread(target=self._join, args=(client,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _join(self, client: socket.socket) -> None:
        with suppress(OSError), client, socket.create_connection(self._target) as server:
            with self._lock:
                self._open |= {client, server}
            back = threading.Thread(target=self._pump, args=(server, client, True), daemon=True)
            back.start()
            self._pump(client, server, False)
            back.join()
            with self._lock:
                self._open -= {client, server}

    def _pump(self, source: socket.socket, target: socket.socket, is_answer: bool) -> None:
        passed = 0
        try:
            while piece := source.recv(65536):
                while self.mode is Mode.FREEZE and not self._closed:
                    time.sleep(0.02)
                if self.mode is Mode.DELAY:
                    time.sleep(self.delay)
                if is_answer and self.mode is Mode.LOSE:
                    break
                if is_answer and self.mode is Mode.CUT:
                    piece = piece[: max(0, self.room - passed)]
                target.sendall(piece)
                passed += len(piece)
                if is_answer and self.mode is Mode.CUT and passed >= self.room:
                    break
            else:
                with suppress(OSError):
                    target.shutdown(socket.SHUT_WR)
                return
        except OSError:
            pass
        reset(source)
        reset(target)


def reset(one: socket.socket) -> None:
    """End a connection as a crash of the other side would."""
    with suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
