"""Trusted publishing is not there, and says so in the way its clients understand."""

from __future__ import annotations

import pytest


def test_the_audience(shared):
    answer = shared.ask("GET", "/_/oidc/audience")
    assert answer.status_int in {403, 404}
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json["message"]


@pytest.mark.parametrize("body", [b'{"token": "a.b.c"}', b"", b"x", b"[" * 10_000])
@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded", ""])
def test_minting(shared, body, kind):
    with shared.unchanged():
        answer = shared.ask("POST", "/_/oidc/mint-token", body=body, headers={"Content-Type": kind})
        assert answer.status_int in {403, 404, 422}
        (error,) = answer.json["errors"]
        assert error["code"] == "not-enabled"
        assert error["description"]


def test_discovery(shared):
    assert shared.ask("GET", "/.well-known/pytp?discover=%2Flegacy%2F").status_int == 404
