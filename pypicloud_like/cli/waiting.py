"""A server that is up before what it depends on: it says so, and serves as soon as it can.

Machines of a team are started in any order. A server that ended because its database is not there yet would
need somebody who starts it again; one that listens can be asked how it is.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import threading
from collections.abc import Callable, Iterable
from typing import Any

from pypicloud_like.cli.proxies import WsgiApp
from pypicloud_like.cli.refusals import is_read_as_json, told_as_json
from pypicloud_like.core.errors import Unavailable

log = logging.getLogger(__name__)

_PAUSE = 1.0
"""Seconds between two attempts."""
_REMINDER = 60
"""After so many attempts in vain the log has another line."""
_RETRY_AFTER = "5"


class Waiting:
    """A WSGI application that is another one, once that can be made.

    :param make: makes it; raises :class:`Unavailable` while it cannot be made yet
    """

    def __init__(self, make: Callable[[], WsgiApp]) -> None:
        self._make = make
        self._made: WsgiApp | None = None
        self._reason = ""
        self._error: Exception | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._try_again, name="waiting", daemon=True)

    def begin(self) -> WsgiApp:
        """What is to be served: the application itself if it can be made now, else this one until it can.

        :raises Exception: it can never be made
        """
        try:
            return self._make()
        except Unavailable as error:
            self._note(error, 0)
        self._thread.start()
        return self

    def end(self) -> None:
        """Stop trying.

        :raises Exception: what ended the attempts, and with them this process
        """
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(2 * _PAUSE)
        if self._error is not None:
            raise self._error

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Pass a request on, or say that the server is starting."""
        if self._made is not None:
            return self._made(environ, start_response)
        status, kind, body = self._answer(environ.get("PATH_INFO", ""))
        headers = [("Content-Type", kind), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
        headers += [] if status == "200 OK" else [("Retry-After", _RETRY_AFTER)]
        start_response(status, [*headers, ("X-Content-Type-Options", "nosniff")])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _answer(self, path: str) -> tuple[str, str, bytes]:
        """Status, type and body; those of the probes are as :mod:`pypicloud_like.web.operations` has them."""
        json_of: dict[str, tuple[str, dict[str, Any]]] = {
            "/alive": ("200 OK", {"alive": True}),
            "/ready": ("503 Service Unavailable", {"ready": False, "parts": {"start": "unavailable"}}),
            "/health": (
                "500 Internal Server Error",
                dict.fromkeys(("access", "cache"), self._reason) | {"storage": ""},
            ),
        }
        if probe := json_of.get(path.rstrip("/")):
            return probe[0], "application/json", json.dumps(probe[1]).encode()
        status, sentence = "503 Service Unavailable", f"The server is starting. {self._reason}"
        if is_read_as_json(path):
            return status, "application/json", told_as_json(status, "unavailable", sentence)
        return status, "text/plain; charset=utf-8", f"{sentence}\n".encode()

    def _try_again(self) -> None:
        attempt = 0
        while not self._stop.wait(_PAUSE):
            attempt += 1
            try:
                self._made = self._make()
            except Unavailable as error:
                self._note(error, attempt)
            except Exception as error:  # noqa: BLE001 - raised again where the process ends
                self._error = error
                os.kill(os.getpid(), signal.SIGTERM)
                return
            else:
                log.warning("all that was waited for is there: serving")
                return

    def _note(self, error: Unavailable, attempt: int) -> None:
        self._reason = str(error)
        if attempt % _REMINDER == 0:
            log.warning("cannot serve yet: %s (%s)", error, _cause(error))


def _cause(error: Exception) -> str:
    """One line of what lies behind."""
    return " ".join(str(error.__cause__ or "no cause").split())[:300]
