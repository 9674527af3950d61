"""Every route with hostile values in its path, query and body: a clear refusal in its own words, never a fault
of the server.
"""

from __future__ import annotations

import random
import re
from urllib.parse import quote

import pytest

from pypicloud_like.http.routing import ROUTES
from tests.http.conftest import basic

VALUES = [
    "a", "A", "1", "0", "-1", "9" * 30, "1.0.0", "1.0.0+b", "latest", "x" * 300, "%", "_", "..", "a/b", "a b",
    "\x00", "a\x00b", "\n", "\r\nX: y", "é", "日本", "\u202e", "\ud7ff", "<script>", "'", '"', "\\", "{}", "[]",
    "@acme", "acme", "foo*", "@jsr", "jsr:@a/b", "cargo:foo", "null", "8ad4e4d4-6a33-4a6e-8b53-5ef5bd1c9a0b",
    "ABCD-EFGH", "meta.json", "1.0.0_meta.json", "foo-1.0-py3-none-any.whl", "a__b", "a__b-1.0.0.tgz",
]  # fmt: skip
RAW = ["%ff", "%c3%28", "%00", "%2e%2e", "%2f", "%252f", "%", "%zz"]
"""What a path may have beside, percent-encoded by nobody who means well."""
BODIES = [
    b"", b"{", b"[]", b"null", b"1", b'"x"', b"{}", b"\xff\xfe", b"\x00" * 64, b"[" * 20_000,
    b'{"scope": null, "package": [], "yanked": "x", "isAdmin": {}, "githubLogin": 5, "title": 1, "text": []}',
    b'{"title": "\\ud800", "scope": "\\ud800", "description": "\\ud800", "githubLogin": "\\ud800"}',
    b'{"title": "\\u0000", "scope": "a\\u0000", "description": "\\u0000", "githubLogin": "\\u0000"}',
    b'{"challenge": "x", "permissions": [[]], "exchangeToken": "\\ud800", "verifier": "\\ud800"}',
    b'{"api_token": {"name": "\\ud800", "crate_scopes": [null], "endpoint_scopes": {}}, "users": [1]}',
    b'{"version": {"yanked": 1e400, "yank_message": "\\u0000"}, "allow": 1e999, "admin": NaN}',
    b'{"description": "\\ud800", "expiresAt": "\\ud800", "permissions": [{"permission": 1}]}',
    b"a=b&c=%ff", b"username=\x00&password=\xff", b"\x04\x00\x00\x00{}{}\x00\x00\x00\x00", b"\xff\xff\xff\xff",
]  # fmt: skip
KINDS = [
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "",
    "x/y; =;",
]


@pytest.fixture
def ini():
    return {"pypi.default_read": "everyone", "pypi.default_write": "authenticated", "auth.failures": "100000"}


def paths_of(pattern: str, chance: random.Random):
    """A path of a pattern with hostile values in it."""
    plain = re.sub(r"\{slash:/\?\}|\{slashes:/\*\}", "", pattern)

    def value(_match) -> str:
        return chance.choice(RAW) if chance.random() < 0.15 else quote(chance.choice(VALUES), safe="/@*")

    # the sets in a pattern may have braces of their own
    return re.sub(r"\{\w+(?::(?:[^{}]|\{[^{}]*\})*)?\}", value, plain)


def query(chance: random.Random) -> str:
    names = ["q", "page", "per_page", "limit", "offset", "include", "sort", "format", "config", "code", "ids[]",
             "before_date", "seek", "user_id", "letter", "next", "verbose", "category"]  # fmt: skip
    pairs = [
        f"{chance.choice(names)}={chance.choice(RAW) if chance.random() < 0.1 else quote(chance.choice(VALUES))}"
        for _ in range(chance.randrange(4))
    ]
    return "?" + "&".join(pairs) if pairs else ""


@pytest.mark.promise(134)
@pytest.mark.parametrize("seed", range(4))
def test_nothing_breaks_the_server(app, users, seed):
    chance = random.Random(seed)
    for entry in app.app.registry[ROUTES].values():
        for method in entry.views:
            for _ in range(5):
                path = paths_of(entry.pattern, chance) + query(chance)
                body = chance.choice(BODIES) if method not in {"GET", "HEAD", "DELETE", "OPTIONS"} else b""
                headers = {"Accept": chance.choice(["*/*", "text/html", "application/json", "x", ""])}
                if body:
                    headers["Content-Type"] = chance.choice(KINDS)
                if chance.random() < 0.3:
                    headers["Content-Encoding"] = "gzip"
                headers |= basic(chance.choice(["boss", "ann"])) if chance.random() < 0.8 else {}
                answer = app.ask(method, path, headers=headers, **({"body": body} if body else {}))
                where = f"{method} {path!r} {body[:60]!r} {headers}: {answer.status} {answer.body[:300]!r}"
                assert answer.status_int < 500 or answer.status_int == 501, where
                assert b"Traceback" not in answer.body, where
