"""Publishing a version: what deno sends, what it is answered, and what is kept."""

from __future__ import annotations

import hashlib
import json
import uuid

import pytest

from pypicloud_like.core.model import Status
from pypicloud_like.registry.curate import set_status
from tests.http.jsr.site import DEMO, refused, version_path
from tests.support.jsr import MOD, a_package, config, tarball


@pytest.fixture
def ini() -> dict[str, str]:
    return {"pypi.default_read": "everyone", "pypi.default_write": "authenticated"}


def test_the_task(site):
    task = site.taken(user="ann")
    assert uuid.UUID(task["id"])
    assert task.keys() == {
        "id", "status", "error", "userId", "user", "packageScope", "packageName", "packageVersion", "createdAt",
        "updatedAt",
    }  # fmt: skip
    assert (task["packageScope"], task["packageName"], task["packageVersion"]) == ("acme", "demo", "1.0.0")
    assert task["error"] is None
    assert task["user"]["name"] == "ann"
    assert task["userId"] == task["user"]["id"] == str(uuid.UUID(task["userId"]))
    assert task["createdAt"].endswith("Z")
    assert "email" not in task["user"]


def test_success_means_served(site):
    files = {"mod.ts": MOD, "lib/a.ts": "export {}", "README.md": "# demo"}
    site.taken(files=files, exports={".": "./mod.ts", "./a": "./lib/a.ts"})
    assert site.meta(user=None) == {
        "scope": "acme", "name": "demo", "latest": "1.0.0", "versions": {"1.0.0": {}},
    }  # fmt: skip
    told = json.loads(site.manifest())
    assert told["exports"] == {".": "./mod.ts", "./a": "./lib/a.ts"}
    assert list(told["manifest"]) == ["/README.md", "/deno.json", "/lib/a.ts", "/mod.ts"]
    for path, said in told["manifest"].items():
        answer = site.get(f"/{DEMO}/1.0.0{path}")
        assert answer.status_int == 200
        assert len(answer.body) == said["size"]
        assert f"sha256-{hashlib.sha256(answer.body).hexdigest()}" == said["checksum"]


def test_exports_are_an_object_though_they_were_a_text(site):
    site.taken(exports="./mod.ts")
    assert json.loads(site.manifest())["exports"] == {".": "./mod.ts"}


def test_a_version_is_two_blobs_and_a_record(site):
    site.taken(files={f"{number}.ts": b"x" * number for number in range(200)} | {"mod.ts": MOD})
    assert len(site.stored()) == 2
    assert len(site.records()) == 1


def test_what_the_record_says(site):
    site.taken(
        files={
            "mod.ts": 'import "jsr:@std/fs@^1/walk"; import "npm:ms@2"; import "jsr:@acme/demo@1"',
            "LICENSE": "x",
        },
        license=None,
        user="ann",
    )
    record = site.record()
    assert (record.version, record.identity, record.kind, record.uploader) == (
        "1.0.0",
        "1.0.0",
        "module",
        "ann",
    )
    assert record.facts["dependencies"] == [
        {"kind": "jsr", "name": "@std/fs", "constraint": "^1", "path": "walk"},
        {"kind": "npm", "name": "ms", "constraint": "2", "path": ""},
    ]
    assert record.facts["license"] is None
    assert record.facts["config"] == "/deno.json"


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("config=%2Fdeno.json", "deno.json"),
        ("config=/deno.json", "deno.json"),
        ("config=deno.json", "deno.json"),
        ("config=/jsr.json", "jsr.json"),
        ("config=/deno.jsonc", "deno.jsonc"),
        ("config=%2Fpackages%2Fa%2Fdeno.json&x=y", "packages/a/deno.json"),
    ],
)
def test_where_the_configuration_is(site, query, name):
    answer = site.post(tarball({name: config(), "mod.ts": MOD}), query=query)
    assert answer.json["status"] == "success"


def test_comments_and_trailing_commas(site):
    said = b'{ // hello\n "name": "@acme/demo", "exports": "./mod.ts", /* x */ "license": "MIT", }'
    assert site.post(tarball({"deno.json": said, "mod.ts": MOD})).json["status"] == "success"


@pytest.mark.promise(25)
def test_a_version_once_published_stays(site):
    first = site.taken()
    with site.unchanged():
        for body in (a_package(), a_package(files={"mod.ts": "export {}"})):
            answer = site.post(body)
            refused(answer, 400, "duplicateVersionPublish")
            assert answer.json["task"] == first


def test_a_duplicate_without_a_task_that_is_remembered(site, services):
    site.taken(user="ann")
    with services.tasks._database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM publishing_tasks")
    answer = site.new()
    refused(answer, 400, "duplicateVersionPublish")
    assert (answer.json["task"]["status"], answer.json["task"]["user"]["name"]) == ("success", "ann")


def test_versions_differ_by_build_metadata(site):
    site.taken(version="1.0.0+a")
    site.taken(version="1.0.0+b")
    assert set(site.meta()["versions"]) == {"1.0.0+a", "1.0.0+b"}
    assert site.get(f"/{DEMO}/1.0.0+a_meta.json").status_int == 200
    assert site.get(f"/{DEMO}/1.0.0%2Ba/mod.ts").status_int == 200


def test_the_first_version_makes_the_scope_and_its_publisher_an_admin(site, services):
    site.taken(user="ann")
    (member,) = services.scopes.members("acme")
    assert (member.user, member.admin) == ("ann", True)
    assert list(services.state.owners(site.record().project)) == []  # or they would stay after leaving
    refused(site.new("@acme/other", user="bob"), 403, "actorNotAuthorized")
    site.taken("@acme/other", user="ann")


def test_a_version_that_fails_makes_no_scope(site, services):
    site.failed(a_package(files={"other.ts": MOD}), user="ann")
    assert services.scopes.scope("acme") is None


def test_a_failed_version_may_be_published_again(site):
    assert site.failed(a_package(files={"other.ts": MOD})) == "configFileExportsInvalid"
    assert site.taken()["status"] == "success"


def test_a_package_that_was_archived(site, services):
    site.taken()
    set_status(services, site.record().project, Status.ARCHIVED, reason="", actor="boss")
    with site.unchanged():
        refused(site.new(version="1.1.0"), 400, "packageArchived")
    assert site.get(f"/{DEMO}/1.0.0/mod.ts").status_int == 200


def test_what_deno_asks_before(site):
    path = version_path(DEMO, "1.0.0")
    refused(site.get(path), 404, "packageNotFound")
    refused(site.get("/api/scopes/acme/packages/demo"), 404, "packageNotFound")
    assert (
        site.get("/api/scopes/acme/packages/demo", user="ann").status_int == 200
    )  # it may be brought into being
    site.taken()
    assert site.get(path).json["version"] == "1.0.0"
    assert site.get("/api/scopes/acme/packages/demo").json["latestVersion"] == "1.0.0"
    refused(site.get(version_path(DEMO, "1.0.1")), 404, "packageVersionNotFound")


def test_the_whole_of_a_large_package(site):
    files = {f"src/{number}.ts": f"export const x{number} = {number}\n" * 20 for number in range(2000)}
    site.taken(files={"mod.ts": MOD, **files})
    for number in (0, 999, 1999):
        assert site.get(f"/{DEMO}/1.0.0/src/{number}.ts").body == files[f"src/{number}.ts"].encode()
