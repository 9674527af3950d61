"""Connections that come to an end, whatever the other side does.

A time-out of a socket is about each single read: whoever sends a byte now and then keeps us for ever. So
while an answer begins, and while its body is read, another thread looks at the clock and shuts the socket.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.response import BaseHTTPResponse

_SOCKET = "pypicloud_like_socket"
"""The attribute of a response that its socket is kept under."""


class _Watched:
    """A connection whose answers must begin within ``patience`` seconds."""

    patience: float = 30.0
    sock: socket.socket | None

    def getresponse(self) -> Any:
        """The answer, its head read. (RFC 9112 §4; informational answers before it count too.)"""
        sock = self.sock
        timer = threading.Timer(self.patience, _shut, [sock])
        timer.daemon = True
        timer.start()
        try:
            response = super().getresponse()  # type: ignore[misc] # of the other base class
        finally:
            timer.cancel()
        setattr(response, _SOCKET, sock)
        return response


def pool_manager(patience: float, **options: Any) -> PoolManager:
    """A pool of such connections.

    :param patience: seconds for the head of an answer
    :param options: those of :class:`urllib3.PoolManager`
    """

    class Plain(_Watched, HTTPConnection):
        pass

    class Secure(_Watched, HTTPSConnection):
        pass

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    Plain.patience = Secure.patience = patience
    manager = PoolManager(**options)
    manager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}
    return manager


class Progress:
    """When something of a body came last."""

    def __init__(self) -> None:
        self.at = time.monotonic()

    def made(self) -> None:
        """Now."""
        self.at = time.monotonic()


@contextmanager
def watched(response: BaseHTTPResponse, *, idle: float, seconds: float | None = None) -> Iterator[Progress]:
    """Shut the socket of a response if nothing of its body comes for ``idle`` seconds, or if reading it takes
    more than ``seconds`` in all.
    """
    progress, done = Progress(), threading.Event()
    end = None if seconds is None else time.monotonic() + seconds

    def look() -> None:
        while True:
            now = time.monotonic()
            limit = progress.at + idle if end is None else min(progress.at + idle, end)
            if now >= limit:
                _shut(getattr(response, _SOCKET, None))
                return
            if done.wait(limit - now):
                return

    threading.Thread(target=look, name="upstream-watch", daemon=True).start()
    try:
        yield progress
    finally:
        done.set()


def _shut(sock: socket.socket | None) -> None:
    if sock is not None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
