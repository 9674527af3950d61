"""An object store in the memory of the tests that can be told to misbehave. Checks no signatures."""

from __future__ import annotations

import base64
import hashlib
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

Alter = Callable[[bytes], bytes]


def problem(status: int, code: str, message: str = "no") -> tuple[int, bytes]:
    """An answer as S3 gives for an error."""
    text = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    return status, text.encode()


@dataclass
class Request:
    """What came in."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]


@dataclass
class Script:
    """What the store holds and what it is to do wrong.

    ``answers`` are given instead of right ones, one for each of the coming requests (None: the right
    one), and ``always`` for all; ``alter`` changes what is stored; ``cut`` sends only so many bytes of
    a body; ``lose`` closes the connection instead of answering the request of this number, counted from 0;
    ``hang`` waits for so many seconds; ``etag`` and ``headers`` replace and add what answers carry.
    """

    objects: dict[str, bytes] = field(default_factory=dict)
    parts: dict[str, dict[int, bytes]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    answers: deque[tuple[int, bytes] | None] = field(default_factory=deque)
    always: tuple[int, bytes] | None = None
    alter: Alter = bytes
    cut: int | None = None
    lose: int | None = None
    hang: float = 0
    etag: str | None = None
    ranges: bool = True
    headers: dict[str, str] = field(default_factory=dict)
    endpoint: str = ""

    def seen(self) -> list[str]:
        """The methods of the requests so far."""
        return [request.method for request in self.requests]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *details):
        """Clients hang up here on purpose; what that prints would land in another test's captured output."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(*details)


@contextmanager
def serving() -> Iterator[Script]:
    """The store, on a free port of the loopback interface."""
    script = Script()

    class Handler(_Handler):
        pass

    Handler.script = script
    server = _Server(("127.0.0.1", 0), Handler)
    script.endpoint = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    script: Script
    protocol_version = "HTTP/1.1"
    timeout = 5

    def log_message(self, *_):
        """Say nothing."""

    def answer(self):
        script = self.script
        url = urlsplit(self.path)
        query = parse_qs(url.query, keep_blank_values=True)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        method = self.command
        path = unquote(url.path)
        number = len(script.requests)
        script.requests.append(Request(method, path, query, dict(self.headers.items())))
        time.sleep(script.hang)
        scripted = script.always or (script.answers.popleft() if script.answers else None)
        status, headers, content = (
            (scripted[0], {}, scripted[1]) if scripted else self.right_answer(method, path, query, body)
        )
        if number == script.lose:
            self.close_connection = True
            return
        self.send_response(status)
        for name, value in {**headers, **script.headers}.items():
            self.send_header(name, value)
        if "Content-Length" not in headers:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if method != "HEAD":
            self.wfile.write(content[: script.cut])
            self.close_connection = script.cut is not None

    do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = answer  # noqa: N815 - http.server's names

    def right_answer(self, method, path, query, body):
        script = self.script
        upload = query.get("uploadId", [""])[0]
        if method == "POST" and "uploads" in query:
            script.parts["1"] = {}
            return 200, {}, b"<R><Bucket>b</Bucket><Key>k</Key><UploadId>1</UploadId></R>"
        if upload and upload not in script.parts:
            return 404, {}, problem(404, "NoSuchUpload")[1]
        if upload and method == "PUT":
            script.parts[upload][int(query["partNumber"][0])] = body
            return 200, {"ETag": f'"{hashlib.md5(body).hexdigest()}"'}, b""
        if upload and method == "POST":
            parts = script.parts.pop(upload)
            script.objects[path] = script.alter(b"".join(parts[number] for number in sorted(parts)))
            together = hashlib.md5(b"".join(hashlib.md5(part).digest() for _, part in sorted(parts.items())))
            script.etag = f"{together.hexdigest()}-{len(parts)}"
            return 200, {}, f'<R><ETag>"{script.etag}"</ETag></R>'.encode()
        if upload and method == "DELETE":
            del script.parts[upload]
            return 204, {}, b""
        return self.plain_answer(method, path, body)

    def plain_answer(self, method, path, body):
        script = self.script
        if method == "PUT":
            script.objects[path] = script.alter(body)
            return 200, {"ETag": f'"{hashlib.md5(body).hexdigest()}"'}, b""
        if method == "DELETE":
            script.objects.pop(path, None)
            return 204, {}, b""
        if path.count("/") == 1:
            return 200, {}, b""
        if path not in script.objects:
            return problem(404, "NoSuchKey")[0], {}, problem(404, "NoSuchKey")[1]
        content = script.objects[path]
        etag = script.etag or hashlib.md5(content).hexdigest()
        headers = {"ETag": f'"{etag}"', "Last-Modified": "Mon, 02 Feb 2026 02:02:02 GMT"}
        status = 200
        asked = self.headers.get("Range")
        if asked and script.ranges:
            first, _, last = asked.removeprefix("bytes=").partition("-")
            end = min(int(last) + 1, len(content)) if last else len(content)
            headers["Content-Range"] = f"bytes {first}-{end - 1}/{len(content)}"
            content, status = content[int(first) : end], 206
        headers["Content-Length"] = str(len(content))
        return status, headers, content


def crc32_header(content: bytes) -> dict[str, str]:
    """The checksum header of an answer."""
    import zlib

    return {"x-amz-checksum-crc32": base64.b64encode(zlib.crc32(content).to_bytes(4, "big")).decode()}
