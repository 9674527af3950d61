"""Requests as scripts and browsers make them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from pypicloud_like.core.ports.state import AuditEvent
from tests.http.conftest import PASSWORD, Client

COOKIE = "pypicloud_like_session"
HTML = {"Accept": "text/html,application/xhtml+xml"}


def as_form(**fields: str) -> dict[str, Any]:
    """The body and headers of a plain form, for ``Client.ask``."""
    return {
        "body": urlencode(fields).encode(),
        "headers": {"Content-Type": "application/x-www-form-urlencoded"},
    }


def as_json(data: Any = None, **fields: Any) -> dict[str, Any]:
    """The body and headers of JSON: of the fields, or of what is no object."""
    return {
        "body": json.dumps(fields if data is None else data).encode(),
        "headers": {"Content-Type": "application/json; charset=utf-8"},
    }


def in_every_shape(app: Client, method: str, path: str, fields: dict[str, str], **rest: Any) -> Iterator[Any]:
    """The same parameters as a form, as a query, as JSON and as a multipart form, on the path without
    and with its last slash: one answer after the other, each asked for when it is wanted.
    """
    kind, multipart = app.encode_multipart(list(fields.items()), [])
    for address in (path, f"{path}/"):
        yield app.ask(method, address, **as_form(**fields), **rest)
        yield app.ask(method, f"{address}?{urlencode(fields)}", **rest)
        yield app.ask(method, address, **as_json(**fields), **rest)
        yield app.ask(method, address, body=multipart, headers={"Content-Type": kind}, **rest)


def is_refused(answer: Any, status: int, *words: str) -> bool:
    """Whether the answer is an error of the API with these words in its sentence."""
    assert answer.status_int == status, f"{answer.status} {answer.body[:300]!r}"
    assert answer.headers["Content-Type"] == "application/json"
    assert set(answer.json) >= {"error", "message"}
    for word in words:
        assert word in answer.json["message"]
    return True


@dataclass(frozen=True)
class Session:
    """A browser that is logged in: its cookie, and the token that its forms carry."""

    secret: str
    csrf: str

    @property
    def cookie(self) -> dict[str, str]:
        return {"Cookie": f"{COOKIE}={self.secret}"}

    @property
    def headers(self) -> dict[str, str]:
        """What the pages' own requests send."""
        return {**self.cookie, "X-CSRF-Token": self.csrf}


def log_in(app: Client, user: str, password: str = PASSWORD) -> Session:
    """Through the login form; the client itself keeps no cookie."""
    answer = app.ask("POST", "/acct/login", **as_form(username=user, password=password))
    assert answer.status_int == 200, answer.text
    secret = cookie_of(answer)
    app.reset()
    page = app.ask("GET", "/", headers={"Cookie": f"{COOKIE}={secret}"})
    found = re.search(r'name="csrf_token" value="([0-9a-f]{64})"', page.text)
    assert found is not None, page.text
    return Session(secret, found[1])


def cookie_of(answer: Any) -> str:
    """The session secret that an answer sets."""
    values = [line.partition(";")[0] for line in answer.headers.getall("Set-Cookie")]
    assert len(values) == 1, values
    name, _, secret = values[0].partition("=")
    assert name == COOKIE
    assert len(secret) >= 43
    return secret


def who(app: Client, headers: dict[str, str]) -> str | None:
    """The user whom the home page greets."""
    page = app.ask("GET", "/", headers=headers)
    assert page.status_int == 200, page.text
    found = re.search(r'<a href="[^"]*/account">([^<]*)</a>', page.text)
    return found[1] if found else None


def what(event: AuditEvent) -> dict[str, Any]:
    """What an event of the audit says, but for how whoever did it came here."""
    return {name: value for name, value in event.detail.items() if name != "by"}
