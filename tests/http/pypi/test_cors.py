"""Pages of other origins: let in only where the settings name them, and never with credentials."""

from __future__ import annotations

import pytest

from tests.builders import a_wheel

INI = {"server.cors_origins": "https://app.example http://localhost:3000", "pypi.default_read": "everyone"}
ORIGIN = "https://app.example"
ADDRESSES = {
    "/simple/": 200,
    "/simple/foo/": 200,
    "/simple/FOO/": 301,
    "/simple/nothing/": 404,
    "/pypi/foo/json": 200,
    "/pypi/foo/1.0/json": 200,
    "/pypi/FOO/json": 301,
    "/pypi/foo/latest/json": 307,
    "/pypi/foo/latest/json/": 301,
    "/pypi/nothing/json": 404,
    "/pypi/foo/9/json": 404,
    "/rss/updates.xml": 200,
}


@pytest.fixture(scope="module")
def full(shared):
    shared.publish(a_wheel("foo", "1.0"))
    return shared


@pytest.mark.promise(140)
@pytest.mark.parametrize("path", ADDRESSES)
def test_a_listed_origin_is_told_so_whatever_the_answer(full, path):
    answer = full.ask("GET", path, headers={"Origin": ORIGIN})
    assert answer.status_int == ADDRESSES[path]
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert answer.headers["Access-Control-Allow-Methods"] == "GET"
    assert answer.headers["Access-Control-Expose-Headers"] == "X-PyPI-Last-Serial"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Origin" in ", ".join(answer.headers.getall("Vary"))


def test_not_modified_is_told_too(full):
    tag = full.ask("GET", "/simple/foo/", headers={"Origin": ORIGIN}).headers["ETag"]
    answer = full.ask("GET", "/simple/foo/", headers={"Origin": ORIGIN, "If-None-Match": tag})
    assert answer.status_int == 304
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


@pytest.mark.parametrize("path", ADDRESSES)
def test_a_preflight_is_answered(full, path):
    asked = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "if-none-match",
    }
    answer = full.ask("OPTIONS", path, headers=asked)
    assert answer.status_int in {200, 204}
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "If-None-Match" in answer.headers["Access-Control-Allow-Headers"]
    assert answer.body == b""


@pytest.mark.promise(140)
@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "https://app.example.evil", "http://app.example", ""]
)
def test_another_origin_is_told_nothing(full, origin):
    for method in ("GET", "OPTIONS"):
        asked = {"Origin": origin, "Access-Control-Request-Method": "GET"}
        answer = full.ask(method, "/simple/foo/", headers=asked)
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert "Origin" in ", ".join(answer.headers.getall("Vary"))


def test_an_upload_from_a_listed_origin_is_refused_all_the_same(full):
    with full.unchanged():
        built = a_wheel("foo", "2.0")
        kind, body = full.client.encode_multipart([], [("content", built.filename, built.content)])
        answer = full.ask(
            "POST", "/legacy/", user="boss", body=body, headers={"Content-Type": kind, "Origin": ORIGIN}
        )
        assert answer.status_int == 403


class TestAnyOrigin:
    @pytest.fixture
    def ini(self):
        return {"server.cors_origins": "*", "pypi.default_read": "everyone"}

    def test_a_star_lets_all_read(self, site):
        site.publish(a_wheel("foo", "1.0"))
        for method in ("GET", "OPTIONS"):
            asked = {"Origin": "https://any.example", "Access-Control-Request-Method": "GET"}
            answer = site.ask(method, "/simple/foo/", headers=asked)
            assert answer.status_int in {200, 204}
            assert answer.headers["Access-Control-Allow-Origin"] in {"*", "https://any.example"}
            assert "Access-Control-Allow-Credentials" not in answer.headers


class TestSwitchedOff:
    @pytest.mark.promise(140)
    def test_without_the_setting_nobody_is_let_in(self, site):
        site.publish(a_wheel("foo", "1.0"))
        asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "GET"}
        assert (
            "Access-Control-Allow-Origin"
            not in site.ask("GET", "/simple/foo/", user="ann", headers=asked).headers
        )
        answer = site.ask("OPTIONS", "/simple/foo/", headers=asked)
        assert answer.status_int == 405
        assert "Access-Control-Allow-Origin" not in answer.headers
