"""Every error below the cargo side's addresses is told in cargo's way."""

from __future__ import annotations

import pytest

from pypicloud_like.ecosystems.cargo.views import yank
from tests.http.cargo.site import detail
from tests.http.conftest import basic


@pytest.mark.parametrize(
    "path", ["/api/v1/nonsense", "/api/v1/crates/a/b/c/d/e", "/cargo/", "/cargo/nonsense"]
)
def test_unknown_addresses(site, path):
    answer = site.ask("GET", path, user="boss")
    detail(answer, 404)
    assert isinstance(answer.json["code"], str)
    assert {"error", "message"} <= answer.json.keys()


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/api/v1/crates/new", "PUT"),
        ("GET", "/api/v1/crates/demo/0.1.0/yank", "DELETE"),
        ("DELETE", "/api/v1/crates/demo/0.1.0/unyank", "PUT"),
        ("POST", "/api/v1/crates/demo/owners", "DELETE, GET, HEAD, PUT"),
    ],
)
def test_wrong_methods(site, method, path, allowed):
    answer = site.ask(method, path, user="boss")
    detail(answer, 405)
    if path.endswith("/new"):
        assert allowed in answer.headers["Allow"]
    else:
        assert answer.headers["Allow"] == allowed


@pytest.mark.promise(151)
def test_a_bug_tells_nothing(site, monkeypatch):
    def broken(*_):
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr(yank, "requested_crate", broken)
    answer = site.ask("DELETE", "/api/v1/crates/demo/0.1.0/yank", user="boss")
    sentence = detail(answer, 500)
    assert "secret" not in sentence


def test_too_many_failed_logins(site):
    for _ in range(11):
        answer = site.ask("DELETE", "/api/v1/crates/demo/0.1.0/yank", headers=wrong())
    detail(answer, 429)
    assert int(answer.headers["Retry-After"]) > 0


def wrong():

    return basic("ann", "wrong")


def test_an_answer_of_an_error_is_kept_by_nobody(site):
    assert site.ask("GET", "/cargo/index/de/mo/demo", user="boss").headers["Cache-Control"] == "no-store"
