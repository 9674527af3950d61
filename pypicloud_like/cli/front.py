"""What waitress does for the application beyond WSGI, for servers that do not: limits, the mount prefix."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from pypicloud_like.cli.proxies import WsgiApp
from pypicloud_like.cli.refusals import is_read_as_json, told_as_json
from pypicloud_like.core.errors import TooLarge
from pypicloud_like.settings.model import Settings

_REFUSALS = {400: ("400 Bad Request", "invalid_request"), 413: ("413 Request Entity Too Large", "too_large")}
_MOST_DIGITS = 18
"""of a length that is looked at: Python reads no number of thousands of digits"""


class Bounded:
    """A body of unknown length that may have so many bytes at most.

    :raises TooLarge: it has more; from each way of reading
    """

    def __init__(self, source: BinaryIO, most: int) -> None:
        self._source = source
        self._left = most
        self._most = most

    def read(self, size: int = -1) -> bytes:
        """As of files."""
        wanted = self._left + 1 if size is None or size < 0 else min(size, self._left + 1)
        return self._counted(self._source.read(wanted))

    def readline(self, size: int = -1) -> bytes:
        """As of files."""
        wanted = self._left + 1 if size is None or size < 0 else min(size, self._left + 1)
        return self._counted(self._source.readline(wanted))

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def _counted(self, piece: bytes) -> bytes:
        self._left -= len(piece)
        if self._left < 0:
            raise TooLarge("request", self._most)
        return piece


def front(app: WsgiApp, settings: Settings) -> WsgiApp:
    """The application behind the limit of bodies, below the path of the public address, with one slash at the
    beginning of paths, as waitress has it; and small bodies in a form that needs no iterating.
    """
    most = settings.limits.body
    prefix = urlsplit(settings.server.public_url or "").path

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        told = environ.get("CONTENT_LENGTH")
        if told:
            if not told.isascii() or not told.isdigit():
                return _refused(environ, start_response, 400, "Content-Length is no number")
            if len(told) > _MOST_DIGITS or int(told) > most:
                return _refused(environ, start_response, 413, f"The request is larger than {most} bytes")
        elif "HTTP_TRANSFER_ENCODING" in environ:
            environ["wsgi.input"] = Bounded(environ["wsgi.input"], most)
            environ["wsgi.input_terminated"] = True
        path = environ.get("PATH_INFO", "")
        if path.startswith("//"):
            environ["PATH_INFO"] = path = "/" + path.lstrip("/")
        if prefix and (path == prefix or path.startswith(prefix + "/")):
            environ["SCRIPT_NAME"], environ["PATH_INFO"] = prefix, path[len(prefix) :]
        body = app(environ, start_response)
        return list(body) if isinstance(body, tuple) else body

    return answer


def _refused(environ: dict[str, Any], start_response: Any, code: int, sentence: str) -> Iterable[bytes]:
    status, key = _REFUSALS[code]
    if is_read_as_json(environ.get("PATH_INFO", "")):
        kind, body = "application/json", told_as_json(status, key, sentence)
    else:
        kind, body = "text/plain; charset=utf-8", f"{sentence}\n".encode()
    headers = [("Content-Type", kind), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
    start_response(status, headers)
    return [body]
