"""npm's side of JSR packages of another registry, through this server."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import timedelta

import pytest

from pypicloud_like.core import keys
from pypicloud_like.registry.rebuild import rebuild
from tests.support.upstream import answers, dead

PACKUMENT = "/npm/@jsr/std__path"
TARBALL = "/npm/@jsr/std__path/-/std__path-{}.tgz"
BYTES = {version: f"tarball of {version}".encode() for version in ("1.0.0", "1.1.0", "2.0.0-rc.1")}
JSON = "application/json"
OLD = "2020-01-01T00:00:00.000Z"


def told(url: str, version: str, content: bytes | None = None) -> dict:
    body = BYTES[version] if content is None else content
    integrity = base64.b64encode(hashlib.sha512(body).digest()).decode()
    dist = {"tarball": f"{url}/far/{version}.tgz", "integrity": f"sha512-{integrity}", "shasum": "x"}
    return {"name": "@jsr/std__path", "version": version, "dist": dist, "dependencies": {"ms": "^2"}}


def document(url: str, *versions: str, **times: str) -> bytes:
    said = {"created": OLD, "modified": OLD} | dict.fromkeys(versions, OLD)
    return json.dumps(
        {
            "name": "@jsr/std__path",
            "dist-tags": {"latest": "1.1.0", "next": "2.0.0-rc.1"},
            "versions": {version: told(url, version) for version in versions},
            "time": said | {name.replace("_", "."): at for name, at in times.items()},
            "more": True,
        }
    ).encode()


@pytest.fixture
def far(upstream):
    """A registry that speaks to npm, with one package."""
    upstream.tricks["/npmside/@jsr/std__path"] = answers(200, document(upstream.url, *BYTES), JSON)
    for version, content in BYTES.items():
        upstream.tricks[f"/far/{version}.tgz"] = answers(200, content, "application/octet-stream")
    return upstream


@pytest.fixture
def opened(far, open_site):
    """Opens servers in front of it."""

    def make(**more):
        known = {"upstream__far__url": f"{far.url}/jsr/", "upstream__far__npm_url": f"{far.url}/npmside/"}
        return open_site("none", jsr__upstreams="far", **(known | more))

    return make


@pytest.fixture
def site(opened):
    return opened()


def held(site) -> set[str]:
    return {stat.key for stat in site.services.storage.list(keys.HELD)}


def test_a_packument_has_our_addresses_and_what_else_it_says(far, site):
    for spelled in (PACKUMENT, "/npm/@jsr%2fstd__path", "/npm/@jsr%2Fstd__path"):
        answer = site.get(spelled)
        assert answer.status_int == 200
        assert set(answer.json["versions"]) == set(BYTES)
    assert far.asked("/npmside/") == {"/npmside/@jsr/std__path": 1}
    assert answer.json["more"] is True
    assert answer.json["dist-tags"] == {"latest": "1.1.0", "next": "2.0.0-rc.1"}
    one = answer.json["versions"]["1.0.0"]
    assert one["dist"]["tarball"] == "http://localhost:80" + TARBALL.format("1.0.0")
    assert one["dist"]["integrity"] == told("", "1.0.0")["dist"]["integrity"]
    assert one["dependencies"] == {"ms": "^2"}
    assert site.get(PACKUMENT, If_None_Match=answer.headers["ETag"]).status_int == 304


def test_tarballs_are_fetched_once_verified_and_kept(far, site):
    for version, content in BYTES.items():
        for _ in range(2):
            answer = site.get(TARBALL.format(version))
            assert (answer.status_int, answer.body) == (200, content)
    assert set(far.asked("/far/").values()) == {1}
    assert len(held(site)) == 2 * len(BYTES)
    assert site.get(TARBALL.format("9.9.9")).status_int == 404


@pytest.mark.promise(79)
@pytest.mark.parametrize(
    "trick", [answers(200, b"other bytes", "text/plain"), answers(404), answers(500), dead]
)
def test_a_wrong_tarball_is_never_shown_or_kept(far, site, trick):
    far.tricks["/far/1.0.0.tgz"] = trick
    answer = site.get(TARBALL.format("1.0.0"))
    assert answer.status_int == 502
    assert answer.json["error"]
    assert held(site) == set()


@pytest.mark.parametrize(
    "body", [b"no", b"[]", b'{"versions": []}', b'{"versions": {"1.0.0": 5}}', b"[" * 100_000]
)
def test_a_packument_that_is_none(far, site, body):
    far.tricks["/npmside/@jsr/std__path"] = answers(200, body, JSON)
    assert site.get(PACKUMENT).status_int == 502


def test_versions_that_cannot_be_verified_are_left_out(far, site):
    said = json.loads(document(far.url, *BYTES))
    said["versions"]["1.0.0"]["dist"]["integrity"] = "sha1-x"
    del said["versions"]["1.1.0"]["dist"]
    said["versions"]["../../x"] = told(far.url, "1.0.0")
    said["time"] = []
    far.tricks["/npmside/@jsr/std__path"] = answers(200, json.dumps(said).encode(), JSON)
    answer = site.get(PACKUMENT).json
    assert set(answer["versions"]) == {"2.0.0-rc.1"}
    assert answer["dist-tags"] == {"next": "2.0.0-rc.1", "latest": "2.0.0-rc.1"}


def test_a_tarball_elsewhere_is_not_fetched(far, site):
    said = json.loads(document(far.url, *BYTES))
    said["versions"]["1.0.0"]["dist"]["tarball"] = "http://192.0.2.1/x.tgz"
    far.tricks["/npmside/@jsr/std__path"] = answers(200, json.dumps(said).encode(), JSON)
    assert site.get(TARBALL.format("1.0.0")).status_int == 502


def test_the_minimum_age_leaves_versions_out(far, opened):
    site = opened(upstream__far__minimum_age="7d")
    now = site.clock.now.isoformat()
    body = document(far.url, *BYTES, **{"1_1_0": now})
    far.tricks["/npmside/@jsr/std__path"] = answers(200, body, JSON)
    answer = site.get(PACKUMENT).json
    assert set(answer["versions"]) == {"1.0.0", "2.0.0-rc.1"}
    assert answer["dist-tags"]["latest"] == "1.0.0"
    assert "1.1.0" not in answer["time"]
    assert site.get(TARBALL.format("1.1.0")).status_int == 404


def test_offline_tells_of_what_is_held_also_after_a_lost_index(far, site, opened, tmp_path):
    assert site.get(TARBALL.format("1.0.0")).status_int == 200
    site.services.close()
    for path in tmp_path.glob("index.sqlite*"):
        path.unlink()
    far.tricks = {"/": dead}
    offline = opened(upstream__offline="true")
    assert rebuild(offline.services).held == 1
    answer = offline.get(PACKUMENT).json
    assert set(answer["versions"]) == {"1.0.0"}
    assert (answer["dist-tags"], answer["time"]) == ({"latest": "1.0.0"}, {"1.0.0": OLD})
    assert offline.get(TARBALL.format("1.0.0")).body == BYTES["1.0.0"]
    assert offline.get(TARBALL.format("1.1.0")).status_int == 404


def test_stale_while_it_is_down(far, site):
    first = site.get(PACKUMENT).body
    far.tricks["/npmside/@jsr/std__path"] = dead
    site.clock.now += timedelta(hours=1)
    stale = site.get(PACKUMENT)
    assert stale.body == first
    assert "Stale" in stale.headers["Warning"]


def test_our_own_scopes_are_told_nobody(far, site):
    site.services.scopes.add("std", creator="boss")
    for user in (None, "boss"):
        assert site.get(PACKUMENT, user=user).status_int == 404
        assert site.get(TARBALL.format("1.0.0"), user=user).status_int == 404
    assert not far.requests


def test_an_upstream_that_does_not_speak_to_npm(far, open_site):
    site = open_site("none", jsr__upstreams="far", upstream__far__url=f"{far.url}/jsr/")
    assert site.get(PACKUMENT).status_int == 404
    assert not far.requests
