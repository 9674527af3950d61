"""Packages as npm, pnpm and yarn ask for them. Those of JavaScript alone need no transpiler."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile
from datetime import timedelta

import pytest

from pypicloud_like.core.model import Status
from pypicloud_like.registry import curate
from pypicloud_like.registry.check import check
from pypicloud_like.registry.rebuild import rebuild
from tests.http.conftest import make_services
from tests.http.jsr.site import DEMO, JsrSite

HERE = "/npm/@jsr/acme__demo"
SCRIPT = {
    "mod.js": 'import { x } from "jsr:@acme/dep@^1/sub";\nimport ms from "npm:ms@^2";\nexport { x, ms };\n',
    "mod.d.ts": 'export { x } from "jsr:@acme/dep@^1/sub";\nexport const ms: number;\n',
    "README.md": "# demo\n",
}


@pytest.fixture
def ini() -> dict[str, str]:
    return {"pypi.default_read": "everyone"}


def script(site: JsrSite, version: str = "1.0.0", name: str = DEMO) -> None:
    """A package of JavaScript."""
    site.taken(name, version, SCRIPT, exports="./mod.js")


def packument(site: JsrSite, path: str = HERE, **more):
    answer = site.get(path, **more)
    assert answer.status_int == 200, answer
    return answer.json


def tarball(site: JsrSite, version: str = "1.0.0", **more) -> bytes:
    answer = site.get(f"{HERE}/-/acme__demo-{version}.tgz", **more)
    assert answer.status_int == 200, answer
    return answer.body


def unpacked(body: bytes) -> dict[str, str]:
    with tarfile.open(fileobj=io.BytesIO(body)) as tar:
        return {member.name: tar.extractfile(member).read().decode() for member in tar}


def refused(answer, status: int) -> str:
    """Assert a clean refusal in npm's words, and give its sentence."""
    assert answer.status_int == status, answer
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    return json.loads(answer.body)["error"]


def test_a_packument(site, clock):
    at = clock.now
    script(site)
    told = packument(site)
    assert told["name"] == "@jsr/acme__demo"
    assert told["dist-tags"] == {"latest": "1.0.0"}
    version = told["versions"]["1.0.0"]
    assert version["name"] == "@jsr/acme__demo"
    assert version["version"] == "1.0.0"
    assert version["license"] == "MIT"
    assert version["dependencies"] == {"@jsr/acme__dep": "^1", "ms": "^2"}
    assert version["dist"]["tarball"] == f"http://localhost:80{HERE}/-/acme__demo-1.0.0.tgz"
    body = tarball(site)
    sha512 = base64.b64encode(hashlib.sha512(body).digest()).decode()
    assert version["dist"]["integrity"] == f"sha512-{sha512}"
    assert version["dist"]["shasum"] == hashlib.sha1(body).hexdigest()
    assert told["time"].keys() == {"created", "modified", "1.0.0"}
    assert told["time"]["1.0.0"][:10] == (at - timedelta(days=7)).strftime("%Y-%m-%d")


def test_a_tarball(site):
    script(site)
    files = unpacked(tarball(site))
    assert files.keys() == {f"package/{name}" for name in ("package.json", "deno.json", *SCRIPT)}
    told = json.loads(files["package/package.json"])
    assert told == {
        "name": "@jsr/acme__demo",
        "version": "1.0.0",
        "type": "module",
        "license": "MIT",
        "main": "./mod.js",
        "types": "./mod.d.ts",
        "exports": {".": {"types": "./mod.d.ts", "default": "./mod.js"}},
        "dependencies": {"@jsr/acme__dep": "^1", "ms": "^2"},
        "_jsr_revision": 11,
    }
    assert files["package/mod.js"].startswith('import { x } from "@jsr/acme__dep/sub";\nimport ms from "ms";')
    assert files["package/mod.d.ts"].startswith('export { x } from "@jsr/acme__dep/sub";')


@pytest.mark.parametrize(
    "form", ["@jsr/acme__demo", "@jsr%2facme__demo", "@jsr%2Facme__demo", "@jsr/acme__demo/"]
)
def test_every_spelling_of_a_name(site, form):
    script(site)
    assert site.raw("GET", f"/npm/{form}").body == site.raw("GET", HERE).body


def test_the_older_address_of_a_tarball(site):
    script(site)
    answer = site.get("/npm/~/11/@jsr/acme__demo/1.0.0.tgz")
    assert answer.body == tarball(site)


def test_headers(site):
    script(site)
    page = site.get(HERE)
    assert page.headers["Cache-Control"] == "no-cache"
    again = site.get(HERE, headers={"If-None-Match": page.headers["ETag"]})
    assert (again.status_int, again.body) == (304, b"")
    head = site.ask("HEAD", HERE)
    assert (head.status_int, head.body) == (200, b"")
    file = site.get(f"{HERE}/-/acme__demo-1.0.0.tgz")
    assert file.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert file.headers["Content-Type"] == "application/octet-stream"
    unchanged = site.get(f"{HERE}/-/acme__demo-1.0.0.tgz", headers={"If-None-Match": file.headers["ETag"]})
    assert unchanged.status_int == 304


def test_a_new_version_is_seen_at_once(site):
    script(site)
    before = site.get(HERE)
    script(site, "1.1.0")
    after = site.get(HERE, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_int == 200
    assert list(after.json["versions"]) == ["1.0.0", "1.1.0"]
    assert after.json["dist-tags"]["latest"] == "1.1.0"


def test_the_latest_is_the_newest_stable_that_is_left(site, services):
    script(site, "1.0.0-rc.1")
    assert packument(site)["dist-tags"] == {"latest": "1.0.0-rc.1"}
    for version in ("1.0.0", "1.1.0", "2.0.0-rc.1"):
        script(site, version)
    assert packument(site)["dist-tags"] == {"latest": "1.1.0"}
    curate.yank(services, [site.record("1.1.0")], reason="", actor="boss")
    told = packument(site)
    assert told["dist-tags"] == {"latest": "1.0.0"}
    assert told["versions"].keys() == told["time"].keys() - {"created", "modified"}
    assert "1.1.0" not in told["versions"]


def test_yanked_versions_are_there_for_lock_files(site, services):
    script(site)
    curate.yank(services, [site.record()], reason="", actor="boss")
    assert "yanked" in refused(site.get(HERE), 404)
    assert tarball(site)
    curate.unyank(services, [site.record()], actor="boss")
    assert "1.0.0" in packument(site)["versions"]


def test_a_deprecated_package_says_so(site, services):
    script(site)
    assert "deprecated" not in packument(site)["versions"]["1.0.0"]
    curate.set_status(services, site.record().project, Status.DEPRECATED, reason="use other", actor="boss")
    assert packument(site)["versions"]["1.0.0"]["deprecated"] == "use other"


def test_what_is_not_there(site, services):
    script(site)
    for path in ("/npm/@jsr/acme__none", "/npm/@jsr/acme", "/npm/@jsr/ACME__demo", "/npm/@jsr/a__b__c"):
        assert refused(site.get(path), 404)
    for path in ("/npm/lodash", "/npm/@other/x", "/npm/@jsr", "/npm/-/all", f"{HERE}/1.0.0", f"{HERE}/-/"):
        assert refused(site.get(path), 404)
    for name in (
        "acme__demo-2.0.0.tgz",
        "acme__demo-1.0.tgz",
        "acme__demo-1.0.0.zip",
        "other-1.0.0.tgz",
        "x",
    ):
        assert refused(site.get(f"{HERE}/-/{name}"), 404)
    assert refused(site.ask("PUT", HERE, user="boss"), 405)
    curate.set_status(services, site.record().project, Status.QUARANTINED, reason="", actor="boss")
    assert refused(site.get(HERE), 404)
    assert refused(site.get(f"{HERE}/-/acme__demo-1.0.0.tgz"), 404)


def test_what_was_deleted_is_gone_with_its_tarball(site, services):
    script(site)
    script(site, "1.1.0")
    packument(site)
    key = site.record("1.1.0").sidecars["npm"].key
    curate.delete(services, [site.record("1.1.0")], actor="boss")
    assert key not in site.stored()
    assert list(packument(site)["versions"]) == ["1.0.0"]
    assert refused(site.get(f"{HERE}/-/acme__demo-1.1.0.tgz"), 404)


def test_root_ping_and_whoami(site):
    for path in ("/npm", "/npm/", "/npm/-/ping", "/npm/-/ping?write=true"):
        assert site.get(path).json == {}
    assert site.get("/npm/-/whoami", headers=site.token("ann", "read")).json == {"username": "ann"}
    assert refused(site.get("/npm/-/whoami"), 401)


def test_downloads_are_counted_by_tarball(site, services):
    script(site)
    packument(site)
    tarball(site)
    site.ask("HEAD", f"{HERE}/-/acme__demo-1.0.0.tgz")
    services.downloads.flush()
    assert services.downloads.totals(site.record().project) == {"1.0.0": 1}


def test_a_version_is_converted_once_and_for_good(site, services, tmp_path, clock):
    script(site)
    script(site, "1.1.0")
    before = packument(site), tarball(site), tarball(site, "1.1.0"), site.record().serial
    curate.yank(services, [site.record("1.1.0")], reason="", actor="boss")
    curate.unyank(services, [site.record("1.1.0")], actor="boss")
    assert (packument(site), tarball(site), tarball(site, "1.1.0"), site.record().serial) == before
    assert check(services, verify=True).clean
    services.close()
    for path in (tmp_path / "data").glob("index.sqlite*"):
        path.unlink()
    again = make_services(tmp_path / "data", {"pypi.default_read": "everyone"}, clock)
    try:
        assert rebuild(again).problems == []
        other = JsrSite(again, clock)
        with other.unchanged():
            told = packument(other), tarball(other), tarball(other, "1.1.0"), other.record().serial
        assert told == before
    finally:
        again.close()


def test_bytes_that_are_wrong_are_not_made_into_anything(site, services):
    script(site)
    blob = site.record().blob
    services.storage.delete(blob.key)
    wrong = b"x" * blob.size
    services.storage.put(
        blob.key, io.BytesIO(wrong), size=blob.size, sha256=hashlib.sha256(wrong).hexdigest()
    )
    with site.unchanged():
        assert "cannot do it now" in refused(site.get(HERE), 404)


class TestSettings:
    @pytest.fixture
    def ini(self) -> dict[str, str]:
        return {
            "pypi.default_read": "everyone",
            "jsr.npm_time": "real",
            "server.public_url": "https://packages.example.org/all",
        }

    def test_real_times_and_the_public_address(self, site, clock):
        at = clock.now
        script(site)
        told = packument(site)
        assert told["time"]["1.0.0"][:10] == at.strftime("%Y-%m-%d")
        address = told["versions"]["1.0.0"]["dist"]["tarball"]
        assert address.startswith("https://packages.example.org/")
        assert address.endswith(f"{HERE}/-/acme__demo-1.0.0.tgz")


class TestPrivate:
    @pytest.fixture
    def ini(self) -> dict[str, str]:
        return {"pypi.default_read": "authenticated"}

    @pytest.mark.parametrize("path", [HERE, f"{HERE}/-/acme__demo-1.0.0.tgz"])
    def test_a_token_is_asked_for(self, site, path):
        script(site)
        answer = site.get(path)
        assert refused(answer, 401) == "Authentication required"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
        wrong = site.get(path, headers={"Authorization": "Bearer pcl_nonsense"})
        assert refused(wrong, 401)
        given = site.get(path, headers=site.token("ann", "read"))
        assert given.status_int == 200
        assert given.headers["Cache-Control"].startswith("private, ")
        assert "Authorization" in given.headers["Vary"]
        other = site.token("ann", "read", projects=["@acme/other"])
        unknown = site.get(path.replace("demo", "none"), headers=site.token("ann", "read"))
        hidden = refused(site.get(path, headers=other), 404)
        assert hidden.replace("demo", "none") == refused(unknown, 404)
