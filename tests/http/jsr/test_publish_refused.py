"""What is not published: requests that are refused, and tarballs whose task fails."""

from __future__ import annotations

import gzip

import pytest

from tests.http.jsr.site import refused
from tests.support.jsr import MOD, a_package, config, tarball
from tests.support.raw_archives import tar_member

LIMIT = 200_000


@pytest.fixture
def ini() -> dict[str, str]:
    return {"pypi.default_read": "everyone", "jsr.package_size": str(LIMIT)}


@pytest.mark.parametrize("encoding", [None, "identity", "br", "gzip, br"])
def test_no_gzip_header(site, encoding):
    with site.unchanged():
        answer = site.post(a_package(), headers={"Content-Encoding": encoding})
    refused(answer, 400, "missingGzipContentEncoding")


@pytest.mark.parametrize(
    "query", ["", "config=", "config=/", "config=../x", "config=/a b", "configs=/deno.json", "config=%FF"]
)
def test_no_configuration_is_named(site, query):
    with site.unchanged():
        refused(site.post(a_package(), query=query), 400, "malformedRequest")


@pytest.mark.parametrize("version", ["v1.0.0", "1.0", "01.0.0", "latest", "1.0.0-", "1" * 200])
def test_no_version(site, version):
    with site.unchanged():
        refused(site.post(a_package(), version=version), 400, "malformedRequest")


@pytest.mark.parametrize(
    "name", ["@a/demo", "@Acme/demo", "@acme/x", "@ac--me/demo", "@acme/Demo", "@acme/" + "x" * 59]
)
def test_no_name(site, name):
    with site.unchanged():
        refused(site.post(a_package(), name=name), 400, "malformedRequest")


@pytest.mark.promise(91)
def test_a_body_that_is_too_large(site):
    body = a_package() + b"\0" * LIMIT
    with site.unchanged():
        refused(site.post(body), 413, "tarballSizeLimitExceeded")
        answer = site.post(body[: LIMIT + 1], headers={"Content-Length": ""})
        refused(answer, 413, "tarballSizeLimitExceeded")
    assert site.post(body[:LIMIT]).json["error"]["code"] == "invalidTarball"


@pytest.mark.promise(5)
def test_a_body_that_ends_early(site):
    with site.unchanged():
        raw = site.raw("POST", "/api/scopes/acme/packages/demo/versions/1.0.0?config=/deno.json", user="boss",
                       headers={"Content-Encoding": "gzip", "Content-Length": "100000"}, body=a_package())  # fmt: skip
    assert raw.status_int == 400


@pytest.mark.promise(101)
def test_a_bomb(site):
    assert site.failed(tarball({"deno.json": config(), "mod.ts": b" " * (LIMIT + 1)})) == "fileTooLarge"
    halves = {"deno.json": config(), "mod.ts": b" " * 100_000, "b.ts": b" " * 100_000}
    assert site.failed(tarball(halves)) == "packageTooLarge"


LINK = tar_member(b"link.ts", kind=b"2", target=b"mod.ts")
DEVICE = tar_member(b"dev", kind=b"3")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (tarball({"deno.json": config(), "mod.ts": MOD}, LINK), "linkInTarball"),
        (tarball({"deno.json": config(), "mod.ts": MOD}, DEVICE), "invalidEntryType"),
        (a_package(files={"mod.ts": MOD, "a b": ""}), "invalidPath"),
        (a_package(files={"mod.ts": MOD, ".env": "X=1"}), "invalidPath"),
        (a_package(files={"mod.ts": MOD, ".git/config": ""}), "invalidGitPath"),
        (a_package(files={"mod.ts": MOD, "README.md": "", "readme.md": ""}), "caseInsensitiveDuplicatePath"),
        (a_package(files={"mod.ts": 'import "./mod.ts/a.ts"', "mod.ts/a.ts": ""}), "invalidPath"),
        (a_package(files={"mod.ts": MOD, "Lib": "", "lib/a/b": ""}), "invalidPath"),
        (a_package()[:-20], "invalidTarball"),
        (gzip.compress(b"no tar", mtime=0), "invalidTarball"),
        (b"", "invalidTarball"),
        (tarball({"mod.ts": MOD}), "missingConfigFile"),
        (tarball({"deno.json": "{", "mod.ts": MOD}), "invalidConfigFile"),
        (a_package("@acme/other"), "configFileNameMismatch"),
        (a_package(version="1.0.1"), "configFileVersionMismatch"),
        (a_package(exports="./none.ts"), "configFileExportsInvalid"),
        (a_package(exports={"foo": "./mod.ts"}), "configFileExportsInvalid"),
        (a_package(exports={"./a//b": "./mod.ts"}), "configFileExportsInvalid"),
        (a_package(exports={"./a/": "./mod.ts"}), "configFileExportsInvalid"),
        (a_package(exports=None), "configFileExportsInvalid"),
        (a_package(license=None), "missingLicense"),
        (a_package(license=1), "invalidLicense"),
        (a_package(files={"mod.ts": 'import "./a.cjs"', "a.cjs": ""}), "commonJs"),
        (a_package(files={"mod.ts": '/// <reference lib="dom" />'}), "bannedTripleSlashDirectives"),
        (
            a_package(files={"mod.ts": 'import a from "./a.json" assert {type: "json"}'}),
            "bannedImportAssertion",
        ),
        (a_package(files={"mod.ts": 'import "https://example.org/x.ts"'}), "invalidExternalImport"),
        (a_package(files={"mod.ts": 'import "npm:ms"'}), "missingConstraint"),
        (a_package(files={"mod.ts": 'import "jsr:std/fs@1"'}), "invalidJsrSpecifier"),
        (a_package(files={"mod.ts": 'import "npm:@x"'}), "invalidNpmSpecifier"),
        (a_package(files={"mod.ts": "".join(f'import "npm:a{n}@1";' for n in range(2_001))}), "graphError"),
    ],
)
def test_a_task_fails(site, body, code):
    assert site.failed(body) == code


def test_files_that_nobody_reaches_may_import_what_they_like(site):
    files = {"mod.ts": MOD, "mod_test.ts": 'import "https://example.org/x.ts"; import "npm:ms"', "a.cjs": "x"}
    site.taken(files=files)


def test_no_explanation_of_a_failure_is_a_surprise(site):
    answer = site.post(a_package(files={"mod.ts": 'import "https://example.org/x.ts"'}))
    assert answer.json["error"]["message"] == (
        "'/mod.ts' imports 'https://example.org/x.ts'; a package may import from 'jsr:', 'npm:', 'node:',"
        " 'data:' and its own files"
    )


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_other_methods(site, method):
    answer = site.ask(method, "/api/scopes/acme/packages/demo/versions/1.0.0", user="boss")
    assert answer.status_int in {405, 404, 403}
    assert answer.json["code"]


def test_unknown_addresses(site):
    refused(site.get("/api/publish_status/x/y"), 404, "notFound")
