"""What a package needs: modules that users can reach, and what they name."""

from __future__ import annotations

import pytest

from pypicloud_like.ecosystems.jsr.dependencies import local_path, mapped, requirements, uses
from pypicloud_like.ecosystems.jsr.lexer import Patience, TooMuchCode
from tests.support.cost import cpu_below


def found(files: dict[str, str], exports=None, config=None):
    encoded = {path: text.encode() for path, text in files.items()}
    return encoded, list(uses(encoded, exports or {".": "./mod.ts"}, config or {}))


def needed(files: dict[str, str], exports=None, config=None) -> list[str]:
    _, seen = found(files, exports, config)
    return [
        f"{each.kind}:{each.name}@{each.constraint}" + (f"/{each.path}" if each.path else "")
        for each in requirements(seen)
    ]


def test_what_the_reached_modules_need():
    files = {
        "/mod.ts": 'export * from "./lib/a.ts"; import "npm:ms@2"; await import("jsr:@std/fs@^1/walk")',
        "/lib/a.ts": 'import type { B } from "../b.js"; import "npm:ms@2"',
        "/b.js": 'import "jsr:@std/assert@1"; import "node:fs"',
        "/mod_test.ts": 'import "npm:mocha@10"; import "https://example.org/x.ts"',
    }
    assert needed(files) == ["jsr:@std/assert@1", "jsr:@std/fs@^1/walk", "npm:ms@2"]


def test_every_export_is_a_beginning():
    files = {"/mod.ts": "", "/sub.tsx": 'import "npm:preact@10"', "/other.ts": 'import "npm:ms@2"'}
    assert needed(files, {".": "./mod.ts", "./sub": "./sub.tsx"}) == ["npm:preact@10"]


def test_circles_end():
    files = {"/mod.ts": 'import "./a.ts"', "/a.ts": 'import "./mod.ts"; import "./a.ts"; import "npm:ms@2"'}
    assert needed(files) == ["npm:ms@2"]


def test_only_sources_are_read():
    files = {"/mod.ts": 'import a from "./a.json" with {type: "json"}', "/a.json": '"import \\"npm:x@1\\""'}
    assert needed(files) == []


def test_broken_utf8_and_missing_files_are_survived():
    seen = list(uses({"/mod.ts": b'\xff import "./none.ts"; import "npm:ms@2"'}, {".": "./mod.ts"}, {}))
    assert [each.name for each in requirements(seen)] == ["ms"]


def test_the_import_map_of_the_configuration():
    config = {
        "imports": {
            "ms": "npm:ms@^2",
            "@std/fs": "jsr:@std/fs@1",
            "@/": "./src/",
            "pre/": "npm:/preact@10/",
            "odd": 1,
        }
    }
    files = {
        "/lib/mod.ts": 'import "ms"; import "@std/fs/walk"; import "@/a.ts"; import "pre/hooks"; import "odd"',
        "/src/a.ts": 'import "npm:left@1"',
    }
    assert needed(files, {".": "./lib/mod.ts"}, config) == [
        "jsr:@std/fs@1/walk",
        "npm:left@1",
        "npm:ms@^2",
        "npm:preact@10/hooks",
    ]


def test_the_source_of_jsx():
    config = {"compilerOptions": {"jsxImportSource": "preact"}, "imports": {"preact": "npm:preact@10"}}
    assert needed({"/mod.ts": ""}, config=config) == ["npm:preact@10"]


def test_an_odd_configuration():
    for config in ({"imports": []}, {"compilerOptions": 1}, {"imports": {"a": {}}}):
        assert needed({"/mod.ts": 'import "npm:ms@2"'}, config=config) == ["npm:ms@2"]


def test_mapping():
    imports = {"a": "npm:a@1", "a/": "./a/", "a/b/": "./b/", "./c.ts": "./d.ts"}
    assert mapped("a", imports) == "npm:a@1"
    assert mapped("a/x.ts", imports) == "./a/x.ts"
    assert mapped("a/b/x.ts", imports) == "./b/x.ts"
    assert mapped("./c.ts", imports) == "./d.ts"
    assert mapped("npm:a", imports) == "npm:a"
    assert mapped("b", imports) == "b"


def test_paths_do_not_leave_the_package():
    files, seen = found({"/mod.ts": 'import "../../etc/passwd"; import "/mod.ts"; import "./mod.ts?x#y"'})
    assert [local_path(use, files) for use in seen] == [None, "/mod.ts", "/mod.ts"]


class TestHostile:
    """Sources and configuration both are somebody's: what takes time or memory with both is bounded."""

    def test_many_names_for_one_module(self):
        body = b'import "npm:ms@2";' * 2_000
        exports = {f"./a{number}": "./mod.ts" for number in range(500)}
        assert len(list(uses({"/mod.ts": body}, exports, {}))) == 2_000

    def test_a_large_import_map(self):
        imports = {f"p{number}/": "./x/" for number in range(50_000)}
        source = "".join(f'import "q{number}/y";' for number in range(5_000)).encode()
        with cpu_below(5):
            seen = list(uses({"/mod.ts": source}, {".": "./mod.ts"}, {"imports": imports}))
        assert len(seen) == 5_000

    def test_an_import_map_of_long_texts(self):
        config = {"imports": {"a/": "npm:x@1/" + "b" * 100_000}}
        _, seen = found({"/mod.ts": 'import "a/b";' * 1_000}, config=config)
        assert {use.target for use in seen} == {"a/b"}

    def test_specifiers_with_many_parts(self):
        source = f'import "{"a/" * 500_000}"'
        config = {"imports": {"a/" * 20: "npm:x@1/"}}
        _, seen = found({"/mod.ts": source}, config=config)
        assert seen[0].target.startswith("npm:x@1/a/")

    def test_modules_that_are_too_much_together(self, monkeypatch):
        monkeypatch.setattr("pypicloud_like.ecosystems.jsr.dependencies.Patience", lambda: Patience(50))
        files = {"/mod.ts": 'import "./b.ts";' + "(" * 25, "/b.ts": "import a" + "(" * 25}
        assert len(found({**files, "/b.ts": ""})[1]) == 1
        with pytest.raises(TooMuchCode):
            found(files)
