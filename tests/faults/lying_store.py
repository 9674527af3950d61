"""An HTTP proxy before an object store that fails, forgets, alters and loses, as it is told."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit

import boto3

from tests.faults.proxy import reset
from tests.support.swift import S3Store

Trick = Callable[["Handler"], bool]
"""Answers a request itself and says True, or leaves it to the store."""


class LyingStore:
    """Stands before a store. ``tricks`` are tried in order for each request."""

    def __init__(self, store: S3Store) -> None:
        self.store = store
        self.tricks: list[Trick] = []
        self.asked: list[str] = []

    def __enter__(self) -> Self:
        lying = self

        class Bound(Handler):
            front = lying

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Bound)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def endpoint(self) -> str:
        """Its address, for ``storage.endpoint_url``."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def client(self) -> Any:
        """A client of the store itself."""
        return boto3.client(
            "s3",
            endpoint_url=self.store.endpoint,
            aws_access_key_id=self.store.key,
            aws_secret_access_key=self.store.secret,
            region_name="us-east-1",
        )


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    front: LyingStore
    protocol_version = "HTTP/1.1"
    sent: bytes

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def _handle(self) -> None:
        self.sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.front.asked.append(f"{self.command} {self.path}")
        for trick in [*self.front.tricks]:
            if trick(self):
                return
        self.pass_on()

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _handle  # noqa: N815 - the names are http.server's

    def pass_on(self, *, cut: float = 1.0, lose: bool = False) -> None:
        """Ask the store and hand its answer on: this share of its body, or nothing at all."""
        where = urlsplit(self.front.store.endpoint)
        connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)
        try:
            skipped = {"expect", "connection", "transfer-encoding"}
            headers = {name: value for name, value in self.headers.items() if name.lower() not in skipped}
            connection.request(self.command, self.path, body=self.sent or None, headers=headers)
            answer = connection.getresponse()
            body = answer.read()
            if lose:
                self.lose()
                return
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in {
                    "connection",
                    "transfer-encoding",
                    "content-length",
                    "date",
                    "server",
                }:
                    self.send_header(name, value)
            length = answer.getheader("Content-Length") if self.command == "HEAD" else str(len(body))
            self.send_header("Content-Length", length or "0")
            self.end_headers()
            self.wfile.write(body[: int(len(body) * cut)] if cut < 1 else body)
            if cut < 1:
                self.lose()
        finally:
            connection.close()

    def lose(self) -> None:
        """End the connection without (the rest of) an answer."""
        self.wfile.flush()
        self.close_connection = True
        reset(self.connection)

    def refuse(self, status: int, code: str) -> None:
        """An error in S3's words."""
        body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>x</Message></Error>".encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def refuses(status: int, code: str, *, method: str = "", times: int = 10**9) -> Trick:
    """Answers with an error, so many times."""
    left = [times]

    def trick(handler: Handler) -> bool:
        if left[0] <= 0 or not handler.command.startswith(method):
            return False
        left[0] -= 1
        handler.refuse(status, code)
        return True

    return trick


def loses_answers(method: str, *, times: int = 1) -> Trick:
    """Does what is asked, and says nothing."""
    left = [times]

    def trick(handler: Handler) -> bool:
        if left[0] <= 0 or handler.command != method:
            return False
        left[0] -= 1
        handler.pass_on(lose=True)
        return True

    return trick


def cuts_bodies(share: float, part: str) -> Trick:
    """Of objects with this in their key only a share of the bytes comes."""

    def trick(handler: Handler) -> bool:
        if handler.command != "GET" or part not in handler.path:
            return False
        handler.pass_on(cut=share)
        return True

    return trick


def forgets(part: str) -> Trick:
    """Says that it has stored an object, and has not."""

    def trick(handler: Handler) -> bool:
        if handler.command != "PUT" or part not in handler.path:
            return False
        handler.send_response(200)
        handler.send_header("ETag", '"0123456789abcdef0123456789abcdef"')
        handler.send_header("Content-Length", "0")
        handler.end_headers()
        return True

    return trick


def stores_other_bytes(part: str, alter: Callable[[bytes], bytes]) -> Trick:
    """Stores something else than was sent, and says that all is well."""

    def trick(handler: Handler) -> bool:
        if handler.command != "PUT" or part not in handler.path:
            return False
        bucket, _, key = urlsplit(handler.path).path.lstrip("/").partition("/")
        client = handler.front.client()
        client.put_object(Bucket=bucket, Key=key, Body=alter(handler.sent))
        client.close()
        handler.send_response(200)
        handler.send_header("Content-Length", "0")
        handler.end_headers()
        return True

    return trick


def hangs(seconds: float, method: str = "") -> Trick:
    """Says nothing for a while, then ends the connection."""

    def trick(handler: Handler) -> bool:
        if not handler.command.startswith(method):
            return False
        time.sleep(seconds)
        handler.lose()
        return True

    return trick
