"""One server as tests see it: its HTTP side, and what lies behind it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from webob import Request, Response

from pypicloud_like.core.keys import FILES, RECORDS
from pypicloud_like.core.model import PYPI, Project
from pypicloud_like.registry.services import Services
from tests.builders import Built
from tests.http.conftest import Client, SteppingClock, basic

JSON = "application/vnd.pypi.simple.v1+json"
HTML = "application/vnd.pypi.simple.v1+html"
SKIP_PHRASES = (
    "already exist",
    "updating asset",
    "cannot be updated",
    "already been taken",
    "overwrite artifact",
)
"""Words by which uploaders recognise a file that is there already."""


def part(name: str, value: str | bytes, filename: str | None = None, kind: str | None = None) -> bytes:
    """One part of a form, as clients write it; ``kind`` is its Content-Type."""
    head = f'Content-Disposition: form-data; name="{name}"'
    head += f'; filename="{filename}"' if filename is not None else ""
    head += f"\r\nContent-Type: {kind}" if kind else ""
    return head.encode() + b"\r\n\r\n" + (value.encode() if isinstance(value, str) else value)


def form(parts: Iterable[bytes], boundary: str = "b0undary") -> tuple[str, bytes]:
    """The Content-Type and the body of a form made of such parts."""
    mark = b"--" + boundary.encode()
    body = b"".join(mark + b"\r\n" + each + b"\r\n" for each in parts) + mark + b"--\r\n"
    return f"multipart/form-data; boundary={boundary}", body


class Site:
    """Requests, and looks at storage and index."""

    def __init__(self, services: Services, clock: SteppingClock) -> None:
        self.services = services
        self.clock = clock
        self.client = Client(services)
        self.ask = self.client.ask

    def raw(self, method: str, path: str, *, user: str | None = None, headers=None, **rest: Any) -> Response:
        """One request whose answer is left as it was sent: WebTest would decode a compressed one."""
        sent = {"Host": "localhost:80", **(basic(user) if user else {}), **(headers or {})}
        response = Request.blank(path, method=method, headers=sent, **rest).get_response(self.client.app)
        assert isinstance(response.body, bytes)  # read to its end, and closed
        return response

    def upload(self, built: Built, **fields: Any):
        """Upload as twine does; ``user`` and ``path`` beside the form's fields."""
        return self.client.upload(built.filename, built.content, **fields)

    def publish(self, *files: Built, **fields: Any):
        """Upload files that have to be taken; the answer to the last."""
        for built in files:
            answer = self.upload(built, **fields)
            assert answer.status_int == 200, answer
        return answer

    def send(
        self, parts: Iterable[bytes], *, user: str | None = "boss", path: str = "/legacy/", headers=None
    ):
        """Post a form made of raw parts."""
        kind, body = form(parts)
        return self.ask("POST", path, user=user, body=body, headers={"Content-Type": kind, **(headers or {})})

    def page(self, name: str, *, user: str | None = "boss") -> dict[str, Any]:
        """A project's page in JSON."""
        answer = self.ask("GET", f"/simple/{name}/", user=user, headers={"Accept": JSON})
        assert answer.status_int == 200, answer
        return json.loads(answer.body)

    def html(self, name: str, *, user: str | None = "boss") -> str:
        """A project's page in HTML."""
        answer = self.ask("GET", f"/simple/{name}/", user=user, headers={"Accept": "text/html"})
        assert answer.status_int == 200, answer
        return answer.text

    def entry(self, name: str, filename: str) -> dict[str, Any]:
        """What a project's page says of one file."""
        (found,) = [file for file in self.page(name)["files"] if file["filename"] == filename]
        return found

    def stored(self) -> set[str]:
        """The keys of all bytes of files in storage."""
        return {found.key for found in self.services.storage.list(FILES)}

    def stored_bytes(self, key: str) -> bytes:
        """The bytes under a key."""
        with self.services.storage.open(key) as source:
            return source.read()

    def records(self) -> set[str]:
        """The keys of all records in storage."""
        return {found.key for found in self.services.storage.list(RECORDS)}

    def indexed(self, name: str) -> dict[str, str]:
        """File name → SHA-256 of a project's files in the index."""
        return {file.filename: file.blob.sha256 for file in self.services.cache.files(Project(PYPI, name))}

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """What is done inside leaves no trace in storage or index."""
        before = self._all()
        yield
        assert self._all() == before

    def _all(self) -> tuple[Any, ...]:
        files = [
            (file.project.name, file.filename, file.blob.sha256)
            for file in self.services.cache.all_files(PYPI)
        ]
        return self.stored(), self.records(), files, self.services.cache.serial()


def refused(answer, status: int, *words: str) -> str:
    """Assert a clean refusal with these words in it, and give its sentence."""
    assert answer.status_int == status, answer
    body = answer.body.decode()
    reason = answer.status.partition(" ")[2]
    for word in words:
        assert word in body, body
    assert reason.encode("latin-1")
    assert reason.isprintable()
    for said in (body, reason):
        assert "Traceback" not in said
        if status != 409:
            assert not any(phrase in said.lower() for phrase in SKIP_PHRASES)
    return body
