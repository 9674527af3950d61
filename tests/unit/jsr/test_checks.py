"""What a package must be like: one rule after the other."""

from __future__ import annotations

import pytest

from pypicloud_like.ecosystems.jsr import checks
from pypicloud_like.ecosystems.jsr.dependencies import uses
from pypicloud_like.ecosystems.jsr.errors import Failed
from pypicloud_like.ecosystems.jsr.names import PackageName

DEMO = PackageName("acme", "demo")


def code(check, *arguments) -> str:
    with pytest.raises(Failed) as caught:
        check(*arguments)
    assert caught.value.sentence
    return caught.value.error_code


def seen(source: str, config=None):
    return list(uses({"/mod.ts": source.encode()}, {".": "./mod.ts"}, config or {}))


def test_the_configuration_is_read_with_comments():
    files = {"/deno.jsonc": b'{ // hello\n "name": "@acme/demo", }'}
    assert checks.read_config(files, "/deno.jsonc") == {"name": "@acme/demo"}


def test_no_configuration():
    assert code(checks.read_config, {"/deno.json": b"{}"}, "/jsr.json") == "missingConfigFile"


@pytest.mark.parametrize(
    "raw", [b"", b" \n", b"[]", b"{", b'"x"', b"\xff{}", b"null", b"[" * 100_000, b" " * 1_100_000]
)
def test_an_invalid_configuration(raw):
    assert code(checks.read_config, {"/deno.json": raw}, "/deno.json") == "invalidConfigFile"


@pytest.mark.parametrize("name", ["@acme/other", "demo", "", None, 1, "@ACME/demo"])
def test_another_name(name):
    assert code(checks.check_name, {"name": name}, DEMO) == "configFileNameMismatch"
    checks.check_name({"name": "@acme/demo"}, DEMO)


@pytest.mark.parametrize("version", ["1.0.1", "v1.0.0", "", 1])
def test_another_version(version):
    assert code(checks.check_version, {"version": version}, "1.0.0") == "configFileVersionMismatch"


def test_both_versions_are_named():
    with pytest.raises(Failed, match=r"1\.0\.1.*9\.9\.9"):
        checks.check_version({"version": "1.0.1"}, "9.9.9")
    checks.check_version({"version": "1.0.0"}, "1.0.0")
    checks.check_version({}, "1.0.0")


@pytest.mark.parametrize("text", ["MIT", "UNLICENSED", "Apache-2.0 OR MIT"])
def test_a_licence_by_name(text):
    assert checks.license_of({"license": text}, []) == text


@pytest.mark.parametrize(
    "path",
    ["/LICENSE", "/LICENSE.md", "/license.txt", "/LICENCE", "/COPYING", "/COPYING.LESSER", "/LICENSE-MIT"],
)
def test_a_licence_by_file(path):
    assert checks.license_of({}, ["/mod.ts", path]) is None


def test_no_licence():
    assert code(checks.license_of, {}, ["/a/LICENSE", "/LICENSES/x", "/mod.ts"]) == "missingLicense"
    for said in ("", " ", 1, [], "x" * 300, "a\nb"):
        assert code(checks.license_of, {"license": said}, ["/LICENSE"]) == "invalidLicense"


def test_common_js():
    checks.check_common_js(["/mod.ts", "/a.mjs"])
    for path in ("/a.cjs", "/b/c.cts"):
        assert code(checks.check_common_js, ["/mod.ts", path]) == "commonJs"


def test_assertions():
    assert code(checks.check_assertions, seen('import a from "./a.json" assert { type: "json" }')) == (
        "bannedImportAssertion"
    )
    checks.check_assertions(seen('import a from "./a.json" with { type: "json" }'))


def test_directives():
    for directive in ('lib="dom"', 'no-default-lib="true"'):
        assert code(checks.check_directives, seen(f"/// <reference {directive} />")) == (
            "bannedTripleSlashDirectives"
        )
    checks.check_directives(seen('/// <reference types="npm:@types/node@20" />'))


@pytest.mark.parametrize(
    "specifier", ["https://deno.land/x/a.ts", "http://x/y", "HTTPS://x", "ftp://x", "blob:x", "git+ssh://x"]
)
def test_external_imports(specifier):
    for source in (f'import "{specifier}"', f'export * from "{specifier}"', f'await import("{specifier}")'):
        assert code(checks.check_external, seen(source)) == "invalidExternalImport"


def test_external_imports_by_the_import_map():
    config = {"imports": {"x": "https://example.org/x.ts"}}
    assert code(checks.check_external, seen('import "x"', config)) == "invalidExternalImport"


@pytest.mark.parametrize(
    "specifier", ["./a.ts", "node:fs", "npm:x@1", "jsr:@a/b@1", "data:text/javascript,1", "x"]
)
def test_what_may_be_imported(specifier):
    checks.check_external(seen(f'import "{specifier}"'))


def test_comments_are_no_imports():
    checks.check_external(seen('// import "https://x"\n"import \'https://x\'"'))


def test_versions_have_to_be_said():
    for specifier in ("npm:ms", "jsr:@std/fs", "npm:ms/x", "jsr:@std/fs@"):
        assert code(checks.check_requirements, seen(f'import "{specifier}"')) == "missingConstraint"
    checks.check_requirements(seen('import "npm:ms@2"; import "jsr:@std/fs@^1/walk"; import "./x"'))


def test_specifiers_that_name_nothing():
    assert code(checks.check_requirements, seen('import "jsr:std/fs@1"')) == "invalidJsrSpecifier"
    assert code(checks.check_requirements, seen('import "npm:@x"')) == "invalidNpmSpecifier"


def test_more_imports_than_a_server_keeps_in_mind():
    source = 'import "a";'
    kept = checks.check_graph(iter(seen(source) * checks.MOST_USES))
    assert len(kept) == checks.MOST_USES
    assert code(checks.check_graph, iter([*kept, kept[0]])) == "graphError"
    one_module = {"/mod.ts": (source * 50_001).encode()}
    assert code(checks.check_graph, uses(one_module, {".": "./mod.ts"}, {})) == "graphError"
