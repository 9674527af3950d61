"""A proxy in front of a server that remembers what a client asked and what it was told."""

from __future__ import annotations

import http.client
import sys
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "upgrade", "te", "trailer"})


@dataclass(frozen=True)
class Exchange:
    """One request and the status of its answer."""

    method: str
    path: str
    status: int
    headers: dict[str, str]
    """Of the request, names in lower case."""


class _Server(ThreadingHTTPServer):
    def handle_error(self, *details: Any) -> None:
        """Clients may hang up; what that prints would land in the captured output of another test."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(*details)


class Recorder:
    """Serves on a port of its own until left; ``exchanges`` grows with each request."""

    def __init__(self, port: int) -> None:
        self.exchanges: list[Exchange] = []
        self._server = _Server(("127.0.0.1", 0), _handler(port, self.exchanges))
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        return f"http://{self.authority}"

    @property
    def authority(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    def seen(self, method: str, ending: str) -> list[Exchange]:
        """The exchanges of a method whose path ends so."""
        return [one for one in self.exchanges if one.method == method and one.path.endswith(ending)]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(port: int, exchanges: list[Exchange]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _forward(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            upstream = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            try:
                sent = {
                    name: value for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP
                }
                upstream.request(self.command, self.path, body or None, sent)
                answer = upstream.getresponse()
                content = answer.read()
                headers = {name.lower(): value for name, value in self.headers.items()}
                exchanges.append(Exchange(self.command, self.path, answer.status, headers))
                self._tell(answer, content)
            finally:
                upstream.close()

        def _tell(self, answer: http.client.HTTPResponse, content: bytes) -> None:
            self.send_response_only(answer.status, answer.reason)
            for name, value in answer.getheaders():
                if name.lower() not in _HOP_BY_HOP:
                    self.send_header(name, value)
            if answer.status != 304 and answer.getheader("Content-Length") is None:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _forward  # noqa: N815 - the base class looks for these names

        def log_message(self, *_: Any) -> None:
            """Not to the terminal: ``exchanges`` is the log."""

    return Handler
