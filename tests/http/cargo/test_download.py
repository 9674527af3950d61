"""Downloads of crates."""

from __future__ import annotations

import hashlib

import pytest

from pypicloud_like.core.model import Project, Right
from tests.builders import a_crate
from tests.http.cargo.site import detail

DEMO = Project("cargo", "demo")
PATH = "/api/v1/crates/demo/0.1.0/download"


@pytest.fixture
def ini():
    return {"pypi.default_read": "everyone"}


def test_the_bytes(site):
    site.taken()
    answer = site.ask("GET", PATH)
    assert hashlib.sha256(answer.body).hexdigest() == site.line()["cksum"]
    assert answer.headers["Content-Length"] == str(a_crate().size)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Vary"] == "Accept"
    assert "Content-Encoding" not in answer.headers
    assert "demo-0.1.0.crate" in answer.headers["Content-Disposition"]


def test_never_packed_once_more(site):
    site.taken()
    answer = site.raw("GET", PATH, headers={"Accept-Encoding": "gzip, deflate"})
    assert "Content-Encoding" not in answer.headers
    assert answer.body == a_crate().content


@pytest.mark.parametrize("version", ["1.0.0+b.1", "1.0.0%2Bb.1"])
def test_build_metadata(site, version):
    site.taken(version="1.0.0+b.1")
    assert site.ask("GET", f"/api/v1/crates/demo/{version}/download").status_int == 200
    for other in ("1.0.0", "1.0.0+b.2", "1.0.0%20b.1"):
        detail(site.ask("GET", f"/api/v1/crates/demo/{other}/download"), 404)


def test_the_name_in_any_spelling(site):
    site.taken("Foo_Bar")
    for name in ("Foo_Bar", "foo-bar", "FOO_BAR"):
        assert site.ask("GET", f"/api/v1/crates/{name}/0.1.0/download").status_int == 200


def test_a_yanked_version_is_still_there(site):
    site.taken()
    site.ask("DELETE", "/api/v1/crates/demo/0.1.0/yank", user="boss")
    assert site.ask("GET", PATH).body == a_crate().content


def test_who_asks_for_json_is_told_the_address(site):
    site.taken("Foo_Bar", "1.0.0+x")
    answer = site.ask(
        "GET", "/api/v1/crates/foo-bar/1.0.0+x/download", headers={"Accept": "application/json"}
    )
    assert answer.json == {"url": "http://localhost:80/api/v1/crates/Foo_Bar/1.0.0+x/download"}
    assert "Accept" in answer.headers["Vary"]
    assert (
        site.ask("GET", "/api/v1/crates/foo-bar/1.0.0+x/download", headers={"Accept": "*/*"}).content_type
        != "application/json"
    )


@pytest.mark.parametrize("path", ["demo/0.2.0", "demo/x", "other/0.1.0", "1x/0.1.0", "demo/0.1.0%00"])
def test_what_is_not_there(site, path):
    site.taken()
    assert site.ask("GET", f"/api/v1/crates/{path}/download").status_int in {400, 404}


def test_a_private_crate_is_nobody_else_s(site, users):
    site.taken()
    users.grant(DEMO, "user", "bob", Right.READ, actor=None)
    detail(site.ask("GET", PATH), 401)
    detail(site.ask("GET", PATH, user="ann"), 404)
    answer = site.ask("GET", PATH, headers=site.token("bob", "read"))
    assert answer.status_int == 200
    assert answer.headers["Cache-Control"].startswith("private")
    assert "Authorization" in answer.headers["Vary"]


def test_again(site):
    site.taken()
    tag = site.ask("GET", PATH).headers["ETag"]
    assert site.ask("GET", PATH, headers={"If-None-Match": tag}).status_int == 304
    part = site.ask("GET", PATH, headers={"Range": "bytes=0-3"})
    assert (part.status_int, part.body) == (206, a_crate().content[:4])
