"""JSR packages of another registry, through this server."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

import pytest

from pypicloud_like.core import keys
from pypicloud_like.core.model import Project, Right, Status
from pypicloud_like.registry import curate
from pypicloud_like.registry.rebuild import rebuild
from tests.support.jsr import a_package
from tests.support.upstream import answers, dead

META = "/@std/path/meta.json"
FILES = {"/mod.ts": b"export * from './posix/join.ts';\n", "/posix/join.ts": b"export const sep: string = '/';\n",
         "/deno.json": b"{}"}  # fmt: skip
JSON = "application/json"


def manifest(files=FILES) -> bytes:
    """As another registry writes it: its own spaces, and more than we know."""
    told = {
        path: {"size": len(body), "checksum": f"sha256-{hashlib.sha256(body).hexdigest()}"}
        for path, body in files.items()
    }
    said = {"moduleGraph2": {"/mod.ts": {}}, "manifest": told, "exports": {".": "./mod.ts"}}
    return json.dumps(said, indent=1).encode()


def package(**versions) -> bytes:
    told = {version.replace("_", "."): said for version, said in versions.items()}
    return json.dumps(
        {"scope": "std", "name": "path", "latest": "1.1.0", "versions": told, "more": 1}
    ).encode()


OLD = {"createdAt": "2020-01-01T00:00:00.000000Z"}
BODY = package(**{"1.0.0": OLD, "1.1.0": OLD, "1.2.0": OLD | {"yanked": True}})


@pytest.fixture
def far(upstream):
    """A registry with one package."""
    upstream.tricks["/jsr/@std/path/meta.json"] = answers(200, BODY, JSON)
    for version in ("1.0.0", "1.1.0", "1.2.0"):
        upstream.tricks[f"/jsr/@std/path/{version}_meta.json"] = answers(200, manifest(), JSON)
        for path, body in FILES.items():
            upstream.tricks[f"/jsr/@std/path/{version}{path}"] = answers(200, body, "text/plain")
    return upstream


@pytest.fixture
def opened(far, open_site):
    """Opens servers in front of it."""

    def make(**more):
        return open_site("none", jsr__upstreams="far", upstream__far__url=f"{far.url}/jsr/", **more)

    return make


@pytest.fixture
def site(opened):
    return opened()


def held(site) -> set[str]:
    return {stat.key for stat in site.services.storage.list(keys.HELD)}


def test_a_package_comes_byte_for_byte_and_is_asked_for_once(far, site):
    first = site.get(META)
    assert (first.status_int, first.body) == (200, BODY)
    assert first.headers["Content-Type"] == JSON
    assert site.get(META, If_None_Match=first.headers["ETag"]).status_int == 304
    assert far.asked("/jsr/") == {"/jsr/@std/path/meta.json": 1}
    site.clock.now += timedelta(hours=1)
    assert site.get(META).body == BODY


def test_a_version_and_its_files_are_fetched_once_verified_and_kept(far, site):
    for _ in range(2):
        answer = site.get("/@std/path/1.1.0_meta.json")
        assert (answer.status_int, answer.body) == (200, manifest())
        assert "immutable" in answer.headers["Cache-Control"]
        for path, body in FILES.items():
            answer = site.get(f"/@std/path/1.1.0{path}")
            assert (answer.status_int, answer.body) == (200, body)
            assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert answer.headers["Content-Type"] == JSON
    assert set(far.asked("/jsr/").values()) == {1}
    assert len(held(site)) == 2 * (1 + len(FILES))
    assert site.services.upstreams.counts == {"fetched": len(FILES), "held": len(FILES)}
    assert site.get("/@std/path/1.1.0/mod.ts").headers["Content-Type"] == "text/typescript; charset=utf-8"


def test_what_is_not_there(far, site):
    for path in ("/@std/path/9.9.9_meta.json", "/@std/path/9.9.9/mod.ts", "/@std/path/1.1.0/none.ts",
                 "/@std/path/1.1.0/", "/@std/none/meta.json", "/@std/path/x_meta.json"):  # fmt: skip
        answer = site.get(path)
        assert answer.status_int == 404, path
        assert answer.json["code"]
    assert not any("9.9.9" in path for path in far.asked())
    assert site.get("/api/scopes/std/packages/path", user="boss").json["versionCount"] == 0


@pytest.mark.promise(79)
@pytest.mark.parametrize(
    "trick",
    [
        answers(200, b"other bytes that are as long....", "text/plain"),
        answers(200, b"short"),
        answers(404),
        dead,
    ],
)
def test_a_wrong_file_is_never_shown_or_kept(far, site, trick):
    good = far.tricks["/jsr/@std/path/1.1.0/mod.ts"]
    far.tricks["/jsr/@std/path/1.1.0/mod.ts"] = trick
    answer = site.get("/@std/path/1.1.0/mod.ts")
    assert answer.status_int in {404, 502}, answer
    assert answer.json["code"]
    assert not any("mod.ts" in key for key in held(site))
    far.tricks["/jsr/@std/path/1.1.0/mod.ts"] = good
    assert site.get("/@std/path/1.1.0/mod.ts").body == FILES["/mod.ts"]


@pytest.mark.parametrize(
    "trick",
    [
        dead,
        answers(500),
        answers(200, b"<html>no</html>", "text/html"),
        answers(200, b"[]", JSON),
        answers(200, b'{"versions": []}', JSON),
        answers(200, b'{"versions": {"1.0.0": 1}}', JSON),
        answers(200, b"[" * 100_000, JSON),
    ],
)
def test_stale_pages_are_served_and_a_failure_is_no_missing_package(far, site, trick):
    good = far.tricks["/jsr/@std/path/meta.json"]
    far.tricks["/jsr/@std/path/meta.json"] = trick
    failed = site.get(META)
    assert failed.status_int == 502
    assert failed.json["code"]
    far.tricks["/jsr/@std/path/meta.json"] = good
    assert site.get(META).body == BODY
    far.tricks["/jsr/@std/path/meta.json"] = trick
    site.clock.now += timedelta(hours=1)
    stale = site.get(META)
    assert (stale.status_int, stale.body) == (200, BODY)
    assert "Stale" in stale.headers["Warning"]


@pytest.mark.parametrize(
    "told",
    [
        b"{}",
        b'{"manifest": {"/mod.ts": {}}}',
        b'{"manifest": {"/mod.ts": {"size": -1, "checksum": "sha256-%s"}}}' % (b"0" * 64),
        b'{"manifest": {"/mod.ts": {"size": 1, "checksum": "sha256-zz"}}}',
        b'{"manifest": {"mod.ts": {"size": 1, "checksum": "sha256-%s"}}}' % (b"0" * 64),
        b'{"manifest": {"/a\\tb": {"size": 1, "checksum": "sha256-%s"}}}' % (b"0" * 64),
        b"no",
    ],
)
def test_a_manifest_that_is_none(far, site, told):
    far.tricks["/jsr/@std/path/1.1.0_meta.json"] = answers(200, told, JSON)
    for path in ("/@std/path/1.1.0_meta.json", "/@std/path/1.1.0/mod.ts"):
        answer = site.get(path)
        assert answer.status_int == 502
    assert held(site) == set()


def test_what_is_held_needs_no_upstream(far, site):
    for path in ("/@std/path/1.1.0_meta.json", "/@std/path/1.1.0/mod.ts"):
        site.get(path)
    far.tricks.clear()
    far.tricks["/"] = dead
    site.clock.now += timedelta(days=30)
    assert site.get("/@std/path/1.1.0_meta.json").body == manifest()
    assert site.get("/@std/path/1.1.0/mod.ts").body == FILES["/mod.ts"]


def test_bytes_that_were_lost_are_fetched_again(far, site):
    for _ in range(2):
        assert site.get("/@std/path/1.1.0/mod.ts").body == FILES["/mod.ts"]
        for key in held(site):
            if not key.endswith(keys.HELD_RECORD):
                site.services.storage.delete(key)
    assert far.asked("/jsr/@std/path/1.1.0/mod.ts")["/jsr/@std/path/1.1.0/mod.ts"] == 2


def test_offline_lists_and_serves_what_is_held_also_after_a_lost_index(far, site, opened, tmp_path):
    for path in ("/@std/path/1.0.0/mod.ts", "/@std/path/1.2.0_meta.json"):
        assert site.get(path).status_int == 200
    site.services.close()
    for path in tmp_path.glob("index.sqlite*"):
        path.unlink()
    far.tricks = {"/": dead}
    offline = opened(upstream__offline="true")
    assert rebuild(offline.services).held == 3
    assert offline.get(META).json == {
        "scope": "std",
        "name": "path",
        "latest": "1.0.0",
        "versions": {"1.0.0": OLD, "1.2.0": OLD | {"yanked": True}},
    }
    assert offline.get("/@std/path/1.0.0/mod.ts").body == FILES["/mod.ts"]
    assert offline.get("/@std/path/1.0.0/posix/join.ts").status_int == 404
    assert offline.get("/@std/path/1.1.0_meta.json").status_int == 404
    assert offline.get("/@std/none/meta.json").status_int == 404


def test_the_minimum_age_leaves_versions_out(far, opened):
    site = opened(upstream__far__minimum_age="7d", upstream__far__minimum_age_except="@std/path==1.3.0")
    young = {"createdAt": site.clock.now.isoformat()}
    body = package(**{"1.0.0": OLD, "1.1.0": young, "1.2.0": {}, "1.3.0": young})
    far.tricks["/jsr/@std/path/meta.json"] = answers(200, body, JSON)
    told = site.get(META).json
    assert set(told["versions"]) == {"1.0.0", "1.3.0"}
    assert (told["latest"], told["more"]) == ("1.3.0", 1)
    for version in ("1.1.0", "1.2.0"):
        assert site.get(f"/@std/path/{version}_meta.json").status_int == 404
        assert site.get(f"/@std/path/{version}/mod.ts").status_int == 404
    site.clock.now += timedelta(days=8)
    assert set(site.get(META).json["versions"]) == {"1.0.0", "1.1.0", "1.3.0"}


@pytest.mark.parametrize("rule", [{"upstream__far__deny": "@std/*"}, {"upstream__far__allow": "@other/*"}])
def test_lists_of_names(far, opened, rule):
    site = opened(**rule)
    assert site.get(META).status_int == 404
    assert site.get("/@std/path/1.0.0/mod.ts").status_int == 404
    assert not far.requests


@pytest.mark.promise(76)
@pytest.mark.parametrize("how", ["published", "scope", "made", "granted", "reserved"])
def test_our_own_names_and_scopes_are_told_nobody(far, opened, how):
    site = opened(**({"upstream__reserved": "jsr:@std/*"} if how == "reserved" else {}))
    if how == "published":
        body = a_package("@std/other")
        answer = site.ask("POST", "/api/scopes/std/packages/other/versions/1.0.0?config=/deno.json", user="boss",
                          body=body, headers={"Content-Encoding": "gzip"})  # fmt: skip
        assert answer.json["status"] == "success"
    elif how in {"scope", "made"}:
        site.services.scopes.add("std", creator="boss")
    elif how == "granted":
        site.services.access.grant(Project("jsr", "@std/path"), "user", "ann", Right.READ, actor=None)
    if how == "made":
        said = b'{"package": "path"}'
        answer = site.ask("POST", "/api/scopes/std/packages", user="boss", body=said)
        assert answer.status_int == 200
    for user in (None, "ann", "boss"):
        for path in (META, "/@std/path/1.0.0_meta.json", "/@std/path/1.0.0/mod.ts"):
            assert site.get(path, user=user).status_int in {401, 404}
    assert not far.requests


@pytest.mark.parametrize("how", ["quarantined", "deleted", "granted"])
def test_nor_where_what_is_ours_is_in_no_list(far, site, how):
    ours = Project("jsr", "@std/secret")
    if how == "granted":
        site.services.access.grant(ours, "user", "ann", Right.READ, actor=None)
    else:
        site.ask("POST", "/api/scopes/std/packages/secret/versions/1.0.0?config=/deno.json", user="boss",
                 body=a_package("@std/secret"), headers={"Content-Encoding": "gzip"})  # fmt: skip
        site.services.scopes.remove("std", actor=None)
    if how == "quarantined":
        curate.set_status(site.services, ours, Status.QUARANTINED, reason="", actor="boss")
    elif how == "deleted":
        file = site.services.cache.snapshot(ours, ["1.0.0"]).files["1.0.0"]
        curate.delete(site.services, [file], actor="boss")
    assert site.get(META, user="boss").status_int == 404
    assert site.get("/npm/@jsr/std__path", user="boss").status_int == 404
    assert not far.requests


def test_who_may_not_read_learns_nothing(far, opened):
    site = opened(pypi__default_read="authenticated")
    assert site.get(META).status_int == 401
    assert not far.requests
    assert site.get(META, user="ann").status_int == 200


def test_who_may_not_fetch_sees_what_is_held(far, opened):
    site = opened(pypi__cache_update="admin")
    assert site.get(META, user="ann").status_int == 404
    assert not far.requests
    site.get("/@std/path/1.0.0/mod.ts", user="boss")
    assert set(site.get(META, user="ann").json["versions"]) == {"1.0.0"}


def test_a_name_of_an_upstream_is_not_anybody_s_to_take(far, site):
    assert site.get(META).status_int == 200
    answer = site.ask("POST", "/api/scopes/std/packages/path/versions/1.0.0?config=/deno.json", user="ann",
                      body=a_package("@std/path"), headers={"Content-Encoding": "gzip"})  # fmt: skip
    assert answer.status_int == 403
    assert "served from an upstream" in answer.json["message"]


@pytest.mark.promise(90)
def test_a_scope_of_an_upstream_is_not_anybody_s_to_take(far, site):
    assert site.get(META).status_int == 200
    for user, status in (("ann", 400), ("boss", 200)):
        answer = site.ask("POST", "/api/scopes", user=user, body=b'{"scope": "std"}')
        assert answer.status_int == status, answer
        if user == "ann":
            assert answer.json["code"] == "scopeNameReserved"
            answer = site.ask("POST", "/api/scopes/std/packages/new-one/versions/1.0.0?config=/deno.json",
                              user=user, body=a_package("@std/new-one"), headers={"Content-Encoding": "gzip"})  # fmt: skip
            assert answer.json["error"]["code"] == "scopeNameReserved"
            assert site.get(META).status_int == 200


def test_without_an_upstream_nothing_is_asked(far, open_site):
    assert open_site("none").get(META).status_int == 404
    assert not far.requests


def test_a_browser_sees_text(site):
    answer = site.get("/@std/path/1.1.0/mod.ts", Accept="text/html")
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "&#x27;./posix/join.ts&#x27;" in answer.text
