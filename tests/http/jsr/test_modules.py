"""Modules as deno fetches them, and what nobody can fetch."""

from __future__ import annotations

import hashlib
import io
import json

import pytest

from pypicloud_like.core.model import Status
from pypicloud_like.registry import curate
from tests.http.jsr.site import DEMO, JsrSite, refused
from tests.support.jsr import MOD

FOREVER = "public, max-age=31536000, immutable"


@pytest.fixture
def ini() -> dict[str, str]:
    return {"pypi.default_read": "everyone"}


@pytest.fixture
def demo(site) -> JsrSite:
    site.taken(files={"mod.ts": MOD, "lib/a.tsx": "<a/>", "a.html": "<script>1</script>", "empty.ts": ""})
    return site


def test_meta(demo):
    answer = demo.get(f"/{DEMO}/meta.json")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-cache"
    again = demo.get(f"/{DEMO}/meta.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_int == 304
    assert again.body == b""
    demo.taken(version="1.1.0")
    newer = demo.get(f"/{DEMO}/meta.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert newer.status_int == 200
    assert "1.1.0" in newer.json["versions"]


def test_a_manifest_never_changes(demo, services):
    before = demo.manifest()
    etag = demo.get(f"/{DEMO}/1.0.0_meta.json").headers["ETag"]
    demo.taken(version="1.1.0", files={"mod.ts": "export {}"})
    curate.yank(services, [demo.record()], reason="", actor="boss")
    curate.set_status(services, demo.record().project, Status.ARCHIVED, reason="", actor="boss")
    assert demo.manifest() == before
    again = demo.get(f"/{DEMO}/1.0.0_meta.json")
    assert again.headers["ETag"] == etag
    assert again.headers["Cache-Control"] == FOREVER
    assert hashlib.sha256(again.body).hexdigest() == demo.record().sidecars["meta"].sha256


def test_a_file(demo):
    answer = demo.get(f"/{DEMO}/1.0.0/mod.ts")
    assert answer.body == MOD
    assert answer.headers["Content-Type"] == "text/typescript; charset=utf-8"
    assert answer.headers["Cache-Control"] == FOREVER
    assert answer.headers["ETag"] == f'"{hashlib.sha256(MOD).hexdigest()}"'
    assert (
        demo.get(f"/{DEMO}/1.0.0/mod.ts", headers={"If-None-Match": answer.headers["ETag"]}).status_int == 304
    )
    assert demo.get(f"/{DEMO}/1.0.0/empty.ts").body == b""
    assert demo.get(f"/{DEMO}/1.0.0/lib/a.tsx").headers["Content-Type"] == "text/tsx; charset=utf-8"


def test_a_part_of_a_file(demo):
    answer = demo.get(f"/{DEMO}/1.0.0/mod.ts", headers={"Range": "bytes=7-11"})
    assert answer.status_int == 206
    assert answer.body == MOD[7:12]
    assert answer.headers["Content-Range"] == f"bytes 7-11/{len(MOD)}"
    assert demo.get(f"/{DEMO}/1.0.0/mod.ts", headers={"Range": "bytes=9999-"}).status_int == 416


@pytest.mark.promise(36)
@pytest.mark.parametrize("path", ["meta.json", "1.0.0_meta.json", "1.0.0/mod.ts"])
def test_head(demo, path):
    got = demo.get(f"/{DEMO}/{path}")
    head = demo.ask("HEAD", f"/{DEMO}/{path}", headers={"Accept": "*/*"})
    assert (head.status_int, head.body) == (200, b"")
    for name in ("Content-Length", "Content-Type", "ETag", "Cache-Control"):
        assert head.headers[name] == got.headers[name]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/@acme/none/meta.json", "packageNotFound"),
        ("/@none/demo/meta.json", "packageNotFound"),
        ("/@acme/none/1.0.0_meta.json", "packageNotFound"),
        ("/@acme/none/1.0.0/mod.ts", "packageNotFound"),
        ("/@ACME/demo/meta.json", "packageNotFound"),
        (f"/{DEMO}/1.0.1_meta.json", "packageVersionNotFound"),
        (f"/{DEMO}/x_meta.json", "packageVersionNotFound"),
        (f"/{DEMO}/1.0.1/mod.ts", "packageVersionNotFound"),
        (f"/{DEMO}/1.0/mod.ts", "packageVersionNotFound"),
        (f"/{DEMO}/1.0.0/none.ts", "packagePathNotFound"),
        (f"/{DEMO}/1.0.0/deno.lock", "packagePathNotFound"),
        (f"/{DEMO}/1.0.0/MOD.ts", "packagePathNotFound"),
        (f"/{DEMO}/1.0.0/lib", "packagePathNotFound"),
        (f"/{DEMO}/1.0.0/", "packagePathNotFound"),
        (f"/{DEMO}/1.0.0", "packagePathNotFound"),
        (f"/{DEMO}/1.0.0/lib/../mod.ts", "packagePathNotFound"),
        (f"/{DEMO}/1.0.0/..%2f1.0.0/mod.ts", "packagePathNotFound"),
        (f"/{DEMO}/1.0.0//mod.ts", "packagePathNotFound"),
        (f"/{DEMO}/1.0.0/mod.ts%0a", "packagePathNotFound"),
        (f"/{DEMO}/../demo/meta.json", "packageVersionNotFound"),
        ("/@acme", "notFound"),
        ("/@acme/", "notFound"),
        ("/@", "notFound"),
    ],
)
def test_not_found(demo, path, code):
    answer = demo.raw("GET", path, headers={"Accept": "*/*"})
    assert answer.status_int == 404
    assert json.loads(answer.body)["code"] == code
    assert answer.headers["Cache-Control"] == "no-store"


def test_two_slashes_are_one(demo):
    assert demo.raw("GET", f"//{DEMO}/meta.json").body == demo.raw("GET", f"/{DEMO}/meta.json").body
    assert demo.raw("GET", f"//{DEMO}/1.0.0/mod.ts").body == MOD


def test_below_a_prefix(demo):
    environ = {"SCRIPT_NAME": "/jsr", "PATH_INFO": f"/{DEMO}/1.0.0/mod.ts"}
    answer = demo.client.request(f"/{DEMO}/1.0.0/mod.ts", environ=environ)
    assert answer.body == MOD


@pytest.mark.promise(138)
def test_no_file_is_served_as_a_page_or_as_another_language(demo):
    answer = demo.get(f"/{DEMO}/1.0.0/a.html")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    for path in ("meta.json", "1.0.0_meta.json", "1.0.0/mod.ts", "1.0.0/a.html"):
        headers = demo.get(f"/{DEMO}/{path}").headers
        assert "sandbox" in headers["Content-Security-Policy"]
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Robots-Tag"] == "noindex"
        assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert "Sec-Fetch-Dest" in headers["Vary"]
        assert "Location" not in headers


BROWSERS = [
    {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"},
    {"Accept": " Text/HTML"},
    {"Accept": "*/*", "Sec-Fetch-Dest": "document"},
    {"Accept": "*/*", "Sec-Fetch-Dest": "iframe"},
    {"Accept": "*/*", "Sec-Fetch-Dest": "script", "Sec-Fetch-Site": "same-origin"},
    {"Accept": "*/*", "Sec-Fetch-Dest": "image", "Sec-Fetch-Site": "cross-site"},
]


@pytest.mark.parametrize("headers", BROWSERS)
@pytest.mark.parametrize("path", ["meta.json", "1.0.0_meta.json", "1.0.0/mod.ts", "1.0.0/a.html"])
def test_a_browser_gets_text_alone(demo, headers, path):
    answer = demo.ask("GET", f"/{DEMO}/{path}", headers=headers)
    assert answer.status_int == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<script" not in answer.text
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "Accept" in answer.headers["Vary"]
    assert answer.headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept": "*/*", "Sec-Fetch-Dest": "empty"},
        {"Sec-Fetch-Dest": "image", "Sec-Fetch-Site": "same-origin"},
    ],
)
def test_code_that_fetches_gets_the_bytes(demo, headers):
    assert demo.ask("GET", f"/{DEMO}/1.0.0/mod.ts", headers=headers).body == MOD


def test_bytes_that_are_no_text_are_not_shown(site):
    site.taken(files={"mod.ts": MOD, "a.bin": b"\0\xff", "b.bin": b"\xff" * 10})
    for path in ("a.bin", "b.bin"):
        answer = site.ask("GET", f"/{DEMO}/1.0.0/{path}", headers={"Accept": "text/html"})
        assert "cannot be shown" in answer.text


def test_yanked_versions_are_marked_and_stay(demo, services):
    demo.taken(version="1.1.0")
    before = demo.manifest("1.1.0")
    curate.yank(services, [demo.record("1.1.0")], reason="", actor="boss")
    told = demo.meta()
    assert told["versions"] == {"1.1.0": {"yanked": True}, "1.0.0": {}}
    assert told["latest"] == "1.0.0"
    assert demo.manifest("1.1.0") == before
    assert demo.get(f"/{DEMO}/1.1.0/mod.ts").body == MOD
    curate.unyank(services, [demo.record("1.1.0")], actor="boss")
    assert demo.meta()["versions"]["1.1.0"] == {}


def test_what_was_deleted_is_gone_and_its_number_used(demo, services):
    demo.taken(version="1.1.0")
    curate.delete(services, [demo.record("1.1.0")], actor="boss")
    assert "1.1.0" not in demo.meta()["versions"]
    for path in ("1.1.0_meta.json", "1.1.0/mod.ts"):
        refused(demo.get(f"/{DEMO}/{path}"), 404, "packageVersionNotFound")
    refused(demo.new(version="1.1.0"), 400, "duplicateVersionPublish")
    curate.delete(services, [demo.record()], actor="boss")
    refused(demo.get(f"/{DEMO}/meta.json"), 404, "packageNotFound")


def test_a_quarantined_package_is_not_there(demo, services):
    curate.set_status(services, demo.record().project, Status.QUARANTINED, reason="", actor="boss")
    for path in ("meta.json", "1.0.0_meta.json", "1.0.0/mod.ts"):
        refused(demo.get(f"/{DEMO}/{path}"), 404, "packageNotFound")


def test_downloads_are_counted_by_manifest(demo, services):
    for _ in range(3):
        demo.get(f"/{DEMO}/1.0.0_meta.json")
    demo.get(f"/{DEMO}/1.0.0/mod.ts")
    demo.ask("HEAD", f"/{DEMO}/1.0.0_meta.json")
    services.downloads.flush()
    assert services.downloads.totals(demo.record().project) == {"1.0.0": 3}


@pytest.mark.promise(30)
def test_missing_bytes_are_told_and_not_kept(demo, services):
    blob = demo.record().sidecars["meta"]
    kept = demo.stored_bytes(blob.key)
    services.storage.delete(blob.key)
    refused(demo.get(f"/{DEMO}/1.0.0/lib/a.tsx"), 503, "missingBytes")
    services.storage.put(blob.key, io.BytesIO(kept), size=blob.size, sha256=blob.sha256)
    assert demo.get(f"/{DEMO}/1.0.0/lib/a.tsx").status_int == 200
