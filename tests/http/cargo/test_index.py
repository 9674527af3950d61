"""The sparse index over HTTP."""

from __future__ import annotations

import gzip
import hashlib
import json

import pytest

from pypicloud_like.core.model import Project, Right, Status
from pypicloud_like.registry import curate
from tests.http.cargo.site import detail
from tests.http.conftest import basic

DEMO = Project("cargo", "demo")


@pytest.fixture
def ini():
    return {"pypi.default_read": "everyone"}


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("a", "1/a"),
        ("ab", "2/ab"),
        ("abc", "3/a/abc"),
        ("demo-lib", "de/mo/demo-lib"),
        ("Foo_Bar", "fo/o_/foo_bar"),
    ],
)
def test_a_crate_lies_where_cargo_looks(site, name, path):
    site.taken(name)
    answer = site.ask("GET", f"/cargo/index/{path}")
    assert answer.status_int == 200
    assert answer.content_type == "text/plain"
    assert json.loads(answer.body)["name"] == name
    assert answer.body.endswith(b"}\n")
    assert answer.body.count(b"\n") == 1


@pytest.mark.parametrize(
    "path",
    [
        "xx/yy/demo-lib",
        "de/mo/Demo-Lib",
        "DE/MO/demo-lib",
        "de/mo/demo_lib",
        "3/d/demo-lib",
        "demo-lib",
        "de/mo/demo-lib/",
        "de/mo/demo-other",
        "de/mo/../mo/demo-lib",
        "1/%C3%A9",
        "",
        "de/mo/",
    ],
)
def test_and_nowhere_else(site, path):
    site.taken("demo-lib")
    answer = site.ask("GET", f"/cargo/index/{path}")
    detail(answer, 404)
    assert len(answer.body) < 200


def test_the_other_spelling_is_another_address(site):
    site.taken("demo_lib")
    assert site.ask("GET", "/cargo/index/de/mo/demo_lib").status_int == 200
    assert site.ask("GET", "/cargo/index/de/mo/demo-lib").status_int == 404


def test_the_entity_tag_is_that_of_the_bytes(site):
    site.taken()
    tags = []
    for change in (None, ("DELETE", "yank"), ("PUT", "unyank")):
        if change:
            site.ask(change[0], f"/api/v1/crates/demo/0.1.0/{change[1]}", user="boss")
        answer = site.index(user=None)
        tag = answer.headers["ETag"]
        assert tag == f'"{hashlib.sha256(answer.body).hexdigest()[:32]}"'
        tags.append(tag)
        for sent in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            same = site.index(user=None, headers={"If-None-Match": sent})
            assert (same.status_int, same.body) == (304, b"")
            assert same.headers["ETag"] == tag
        assert site.index(user=None, headers={"If-None-Match": '"other"'}).status_int == 200
    assert tags[0] != tags[1]
    assert tags[0] == tags[2]
    site.taken(version="0.2.0")
    assert site.index(user=None).headers["ETag"] not in tags


def test_compressed_for_whoever_likes(site):
    for number in range(10):
        site.taken(version=f"0.1.{number}")
    plain = site.raw("GET", "/cargo/index/de/mo/demo")
    packed = site.raw("GET", "/cargo/index/de/mo/demo", headers={"Accept-Encoding": "deflate, gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert "Accept-Encoding" in packed.headers["Vary"]


def test_what_everyone_may_read_may_be_kept_by_anybody(site, users):
    site.taken()
    answer = site.index(user=None)
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "Authorization" not in answer.headers["Vary"]
    users.grant(DEMO, "user", "bob", Right.READ, actor=None)
    answer = site.index(user="bob")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "Authorization" in answer.headers["Vary"]


def test_a_quarantined_crate_is_not_there(site):
    site.taken()
    assert site.index().status_int == 200
    curate.set_status(site.services, DEMO, Status.QUARANTINED, reason="", actor=None)
    detail(site.index(), 404)
    detail(site.ask("GET", "/api/v1/crates/demo/0.1.0/download", user="boss"), 404)
    detail(site.ask("GET", "/api/v1/crates/demo/reverse_dependencies", user="boss"), 404)


def test_a_deleted_version_is_gone_and_stays_burnt(site):
    site.taken()
    curate.delete(site.services, site.services.cache.files(DEMO), actor=None)
    detail(site.index(), 404)
    detail(site.new(files={"x": b""}), 409)


def test_other_methods(site):
    for path in ("config.json", "de/mo/demo"):
        answer = site.ask("POST", f"/cargo/index/{path}", user="boss")
        detail(answer, 405)
        assert answer.headers["Allow"] == "GET, HEAD"


def test_a_token_as_cargo_sends_it_reads(site, users):
    site.taken()
    users.grant(DEMO, "user", "bob", Right.READ, actor=None)
    token = site.token("bob", "read")
    for headers in (
        token,
        {"Authorization": f"Bearer {token['Authorization']}"},
        basic("__token__", token["Authorization"]),
    ):
        assert site.index(user=None, headers=headers).status_int == 200
    detail(site.index(user=None, headers=site.token("bob", "write")), 404)
