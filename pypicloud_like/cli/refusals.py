"""What waitress itself refuses, because the application never sees it: too large a body, odd headers."""

from __future__ import annotations

import json
from typing import Any

from waitress.task import ErrorTask

from pypicloud_like.cli.lingering import LingeringChannel
from pypicloud_like.cli.loop import serving
from pypicloud_like.cli.parsing import Parser
from pypicloud_like.cli.tasks import Task

_APIS = ("/api/", "/cargo/")
"""Below these, behind whatever prefix, clients read JSON.

Of another answer cargo shows its user all there is, headers included.
"""
_KEYS = {400: "invalid_request", 413: "too_large", 501: "invalid_request", 507: "no_space"}


def is_read_as_json(path: str) -> bool:
    """Whether clients of this path read JSON."""
    return any(root in path for root in _APIS)


def told_as_json(status: str, key: str, sentence: str) -> bytes:
    """An error that every client of an API here understands."""
    told = {"errors": [{"detail": sentence}], "code": status, "error": key, "message": sentence}
    return json.dumps(told).encode()


class _Refusal(ErrorTask):  # type: ignore[misc]  # waitress has no types
    """The answer in waitress's words, or as JSON that every client of an API here understands."""

    def execute(self) -> None:
        self.channel.lingers = True
        found: Any = self.request.error
        path = str(getattr(self.request, "path", ""))
        if found.code not in _KEYS or not is_read_as_json(path):
            super().execute()
            return
        sentence = str(found.body)
        if found.code == 413:
            sentence = f"The request is larger than {self.channel.adj.max_request_body_size} bytes"
        self.status = line = f"{found.code} {found.reason}"
        body = told_as_json(line, _KEYS[found.code], sentence)
        self.response_headers += [("Content-Type", "application/json"), ("Cache-Control", "no-store")]
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class Channel(LingeringChannel):
    """A connection whose refusals are told so, and whose answers are sent as :class:`Task` does."""

    error_task_class = _Refusal
    task_class = Task
    parser_class = Parser

    def service(self) -> None:
        """Carry out one request, in a thread."""
        serving(self, super().service)

    def send_continue(self) -> None:
        """Ask for the body, but not for one that is refused already (RFC 9110 §10.1.1)."""
        if not self.request.error:
            super().send_continue()
