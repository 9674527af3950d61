"""An upstream over real HTTP that does as it is told: right, slow, dead, broken or lying."""

from __future__ import annotations

import gzip
import hashlib
import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import quote, unquote, urlsplit

from tests.builders import Built

JSON = "application/vnd.pypi.simple.v1+json"
HTML = "text/html"


@dataclass
class Request:
    """One request as the upstream got it."""

    path: str
    headers: dict[str, str]


Trick = Callable[["Handler"], bool]
"""Answers a request itself and says True, or leaves it to the upstream."""


@dataclass
class Upstream:
    """Python projects by name, each with its files, served as a simple index.

    ``form`` is what pages come in; ``tricks`` are tried first, by the beginning of the path.
    """

    projects: dict[str, dict[str, Built]] = field(default_factory=dict)
    entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What a file's entry has beside, or instead of, what is true; None takes a key out."""
    form: str = JSON
    ranges: bool = True
    metadata: bool = True
    etag: bool = True
    tricks: dict[str, Trick] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)

    def add(self, project: str, *files: Built, **entry: Any) -> None:
        """Publish files; ``entry`` is merged into the entry of each."""
        self.projects.setdefault(project, {}).update({built.filename: built for built in files})
        for built in files:
            self.entries[built.filename] = {key.replace("_", "-"): value for key, value in entry.items()}

    def asked(self, beginning: str = "") -> Counter[str]:
        """How often each path with this beginning was asked for."""
        return Counter(request.path for request in self.requests if request.path.startswith(beginning))

    def __enter__(self) -> Self:
        upstream = self

        class Bound(Handler):
            up = upstream

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Bound)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    @property
    def index(self) -> str:
        return f"{self.url}/simple"

    def page(self, project: str) -> tuple[bytes, str] | None:
        """A project's page in the form that is set, None if there is no such project."""
        files = self.projects.get(project)
        if files is None:
            return None
        entries = [self._entry(built) for built in files.values()]
        if self.form == JSON:
            page = {"meta": {"api-version": "1.1"}, "name": project, "files": entries}
            return json.dumps(page).encode(), JSON
        anchors = [_anchor(entry) for entry in entries]
        return f"<!DOCTYPE html><title>Links for {project}</title>{''.join(anchors)}".encode(), HTML

    def _entry(self, built: Built) -> dict[str, Any]:
        entry: dict[str, Any] = {
            "filename": built.filename,
            "url": f"/files/{quote(built.filename)}",
            "hashes": {"sha256": hashlib.sha256(built.content).hexdigest()},
            "size": len(built.content),
            "upload-time": "2020-01-01T00:00:00Z",
            "yanked": False,
        }
        if self.metadata and built.filename.endswith(".whl"):
            entry["core-metadata"] = {"sha256": hashlib.sha256(metadata_in(built)).hexdigest()}
        entry |= self.entries.get(built.filename, {})
        return {key: value for key, value in entry.items() if value is not None}


def _anchor(entry: dict[str, Any]) -> str:
    digest = entry.get("hashes", {}).get("sha256")
    fragment = f"#sha256={digest}" if digest else ""
    python = entry.get("requires-python")
    extra = f' data-requires-python="{python.replace(">", "&gt;")}"' if python else ""
    if entry["yanked"] is not False:
        extra += f' data-yanked="{entry["yanked"] if isinstance(entry["yanked"], str) else ""}"'
    return f'<a href="{entry["url"]}{fragment}"{extra}>{entry["filename"]}</a><br>'


def metadata_in(built: Built) -> bytes:
    """METADATA of a wheel."""
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(built.content)) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return archive.read(name)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    up: Upstream
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.up.requests.append(Request(path, {name.lower(): value for name, value in self.headers.items()}))
        for beginning, trick in list(self.up.tricks.items()):
            if path.startswith(beginning) and trick(self):
                return
        if path.startswith("/simple/"):
            self._page(path.removeprefix("/simple/").strip("/"))
        elif path.startswith("/files/"):
            self._file(unquote(path.removeprefix("/files/")))
        else:
            self.send(404, b"", HTML)

    def send(self, status: int, body: bytes, kind: str, **headers: str) -> None:
        """A whole answer."""
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def cut(self) -> None:
        """End the connection with a reset."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.close_connection = True
        self.connection.close()

    def _page(self, project: str) -> None:
        page = self.up.page(project)
        if page is None:
            self.send(404, b"not here", HTML)
            return
        body, kind = page
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if self.up.etag and self.headers.get("If-None-Match") == tag:
            self.send(304, b"", kind, ETag=tag)
            return
        headers = {"ETag": tag} if self.up.etag else {}
        self.send(200, body, kind, **headers)

    def _file(self, filename: str) -> None:
        content = self.content(filename)
        if content is None:
            self.send(404, b"not here", HTML)
            return
        wanted = self.headers.get("Range")
        if wanted is None or not self.up.ranges:
            self.send(200, content, "application/octet-stream", ETag='"v1"')
            return
        start_text, _, end_text = wanted.removeprefix("bytes=").partition("-")
        start = int(start_text) if start_text else max(0, len(content) - int(end_text))
        end = min(int(end_text), len(content) - 1) if start_text and end_text else len(content) - 1
        part = f"bytes {start}-{end}/{len(content)}"
        self.send(206, content[start : end + 1], "application/octet-stream", Content_Range=part, ETag='"v1"')

    def content(self, filename: str) -> bytes | None:
        """The bytes of a file, or of the metadata beside one."""
        for files in self.up.projects.values():
            if filename in files:
                return files[filename].content
            wheel = files.get(filename.removesuffix(".metadata"))
            if wheel is not None and self.up.metadata and filename.endswith(".whl.metadata"):
                return metadata_in(wheel)
        return None


def dead(handler: Handler) -> bool:
    """Ends the connection without an answer."""
    handler.cut()
    return True


def answers(status: int, body: bytes = b"", kind: str = HTML, **headers: str) -> Trick:
    """Always the same answer."""

    def trick(handler: Handler) -> bool:
        handler.send(status, body, kind, **headers)
        return True

    return trick


def silent(seconds: float) -> Trick:
    """Says nothing for a while, then ends the connection."""

    def trick(handler: Handler) -> bool:
        time.sleep(seconds)
        handler.cut()
        return True

    return trick


def drips(head: bytes, piece: bytes, *, seconds: float = 20) -> Trick:
    """A part of an answer, and then so many bytes that it never falls silent and never ends."""

    def trick(handler: Handler) -> bool:
        handler.close_connection = True
        with suppress(OSError):
            handler.wfile.write(head)
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                handler.wfile.write(piece)
                handler.wfile.flush()
                time.sleep(0.1)
        return True

    return trick


def cuts_after(count: int, *, times: int = 1) -> Trick:
    """Sends so many bytes of a file and resets the connection, the first few times."""
    left = [times]

    def trick(handler: Handler) -> bool:
        if left[0] <= 0:
            return False
        left[0] -= 1
        content = handler.content(unquote(handler.path.removeprefix("/files/")))
        assert content is not None
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.send_header("ETag", '"v1"')
        handler.end_headers()
        handler.wfile.write(content[:count])
        handler.wfile.flush()
        time.sleep(0.05)
        handler.cut()
        return True

    return trick


def bomb(size: int) -> Trick:
    """A small answer that is large once decoded."""
    packed = gzip.compress(b" " * size, 9)
    return answers(200, packed, JSON, Content_Encoding="gzip")
