"""What becomes of the files of a version."""

from __future__ import annotations

import pytest

from pypicloud_like.ecosystems.jsr.npm.convert import Entry, convert
from pypicloud_like.ecosystems.jsr.npm.errors import Inconvertible
from tests.support.cost import cpu_below
from tests.unit.jsr.npm.versions import Recorder, a_version, converted, text_of


class TestJavaScript:
    def test_names_of_packages(self):
        found = converted(
            {
                "mod.js": 'import "jsr:@a/b@^1/x"; import "npm:ms@2"; import "node:fs"; import "./b.js";',
                "b.js": "",
            }
        )
        assert (
            text_of(found, "/mod.js")
            == 'import "@jsr/a__b/x"; import "ms"; import "node:fs"; import "./b.js";'
        )
        assert found.dependencies == {"@jsr/a__b": "^1", "ms": "2"}
        assert found.entries == {".": Entry("/mod.js", None)}

    def test_names_of_an_import_map(self):
        found = converted(
            {
                "lib/mod.js": 'import "b"; import "b/x"; import "#c"; import "@/d.js"; import "/d.js";',
                "c.mjs": "",
                "lib/d.js": "",
                "d.js": "",
            },
            imports={"b": "jsr:@a/b@^1", "#c": "./c.mjs", "@/": "./lib/"},
        )
        assert text_of(found, "/lib/mod.js") == (
            'import "@jsr/a__b"; import "@jsr/a__b/x"; import "../c.mjs"; import "./d.js"; import "../d.js";'
        )

    def test_a_package_may_import_itself(self):
        found = converted({"mod.js": 'import "jsr:@acme/demo@1/x";'})
        assert text_of(found, "/mod.js") == 'import "@jsr/acme__demo/x";'
        assert found.dependencies == {}

    @pytest.mark.parametrize(
        ("files", "types"),
        [
            ({"mod.js": "", "mod.d.ts": ""}, "/mod.d.ts"),
            ({"mod.mjs": "", "mod.d.mts": ""}, "/mod.d.mts"),
            ({"mod.js": '// @ts-self-types="./types/m.d.ts"\n', "types/m.d.ts": ""}, "/types/m.d.ts"),
            ({"mod.js": '// @ts-self-types="./none.d.ts"\n', "mod.d.ts": ""}, None),
            ({"mod.js": ""}, None),
        ],
    )
    def test_types(self, files, types):
        assert converted(files).entries["."].types == types

    def test_exports_of_other_kinds(self):
        files = {"types.d.ts": "", "data.json": "{}"}
        found = converted(files, {"./types": "./types.d.ts", "./data": "./data.json"})
        assert found.entries == {"./types": Entry(None, "/types.d.ts"), "./data": Entry("/data.json", None)}

    def test_declarations(self):
        found = converted(
            {
                "mod.js": "",
                "mod.d.ts": 'export * from "./a.d.ts"; import type { T } from "npm:x@1"; type I = import("./a.d.ts").I;\n',
                "a.d.ts": "",
            }
        )
        assert text_of(found, "/mod.d.ts") == (
            'export * from "./a.js"; import type { T } from "x"; type I = import("./a.js").I;\n'
        )

    def test_what_nobody_reaches_is_rewritten_or_left_out(self):
        found = converted(
            {
                "mod.js": "",
                "test.js": 'import "jsr:@std/assert@1"',
                "bad.js": 'import "npm:"',
                "x.ts": 'import "npm:a@1"',
            }
        )
        assert found.files.keys() == {"/mod.js", "/test.js", "/x.ts"}
        assert text_of(found, "/test.js") == 'import "@jsr/std__assert"'
        assert found.dependencies == {}

    def test_a_bad_specifier_that_is_reached(self):
        with pytest.raises(Inconvertible, match=r"'/mod\.js' cannot be converted"):
            converted({"mod.js": 'import "jsr:x"'})

    def test_bytes_are_kept(self):
        body = b'import "npm:a@1"; const x = "\xff\xfe";\r\n'
        version = a_version({"mod.js": ""})
        version.files["/mod.js"] = body
        version.files["/x.bin"] = b"\xff\0jsr:"
        found = convert(version, Recorder())
        assert found.files["/mod.js"] == body.replace(b"npm:a@1", b"a")
        assert found.files["/x.bin"] == b"\xff\0jsr:"

    def test_a_package_json_of_its_own_gives_way(self):
        assert "/package.json" not in converted({"mod.js": "", "package.json": "{}"}).files


TYPED = {
    "mod.ts": 'export * from "./lib/a.tsx"; import "./b.js"; import "./c.d.ts";\nimport { x } from "jsr:@a/b@1";\n',
    "lib/a.tsx": 'import d from "../d.json" with { type: "json" }; export type { T } from "npm:t@3/x";\n',
    "b.js": 'import "npm:ms@2";\n',
    "c.d.ts": 'export type { T } from "npm:t@3";\n',
    "d.json": "{}",
    "unreached.ts": 'import "jsr:@a/b@1";',
}


class TestTypeScript:
    def test_nothing_from_outside_is_seen(self):
        transpiler = Recorder()
        convert(a_version(TYPED), transpiler)
        assert transpiler.prepared.sources.keys() == {"/mod.ts", "/lib/a.tsx", "/b.js", "/c.d.ts", "/d.json"}
        for path, body in transpiler.prepared.sources.items():
            text = body.decode()
            assert "jsr:" not in text
            assert "npm:" not in text
            assert path == "/d.json" or text.startswith("// @ts-nocheck pcl_")
        assert transpiler.text("/mod.ts").startswith('export * from "./lib/a.tsx"; import "./b.js";')
        assert '"data:text/javascript,pcl_' in transpiler.text("/mod.ts")
        assert transpiler.prepared.sources["/d.json"] == b"{}"
        assert transpiler.prepared.name == "@acme/demo"

    def test_what_comes_out(self):
        found = convert(a_version(TYPED), Recorder())
        assert found.files.keys() == {
            "/mod.js", "/mod.d.ts", "/lib/a.js", "/lib/a.d.ts", "/b.js", "/c.d.ts", "/d.json", "/unreached.ts",
        }  # fmt: skip
        assert text_of(found, "/mod.js") == (
            'export * from "./lib/a.js"; import "./b.js"; import "./c.js";\nimport { x } from "@jsr/a__b";\n'
        )
        assert 'from "t/x"' in text_of(found, "/lib/a.d.ts")
        assert text_of(found, "/b.js") == 'import "ms";\n'
        assert text_of(found, "/c.d.ts") == 'export type { T } from "t";\n'
        assert found.entries == {".": Entry("/mod.js", "/mod.d.ts")}
        assert found.dependencies == {"@jsr/a__b": "1", "ms": "2", "t": "3"}

    def test_without_declarations(self):
        found = convert(a_version({"mod.mts": ""}), Recorder(declares=False))
        assert found.entries == {".": Entry("/mod.mjs", None)}

    @pytest.mark.parametrize(
        "specifier",
        [
            "../../../etc/passwd",
            "./missing.ts",
            "file:///etc/passwd",
            "https://example.com/x.ts",
            "bare",
            "bun:test",
        ],
    )
    def test_no_other_file_is_named(self, specifier):
        transpiler = Recorder()
        found = convert(a_version({"mod.ts": f'import "{specifier}";\n'}), transpiler)
        assert specifier not in transpiler.text("/mod.ts")
        assert text_of(found, "/mod.js") == f'import "{specifier}";\n'

    def test_jsx(self):
        transpiler = Recorder()
        options = {"jsx": "react-jsx", "jsxImportSource": "npm:preact@10", "lib": ["dom"], "paths": {}}
        found = convert(a_version({"mod.tsx": ""}, compilerOptions=options), transpiler)
        told = transpiler.prepared.options
        assert told.keys() == {"jsx", "jsxImportSource"}
        assert told["jsxImportSource"].startswith("data:text/javascript,")
        assert found.dependencies == {"preact": "10"}
        convert(a_version({"mod.tsx": ""}), transpiler)
        assert transpiler.prepared.options == {"jsx": "react"}

    def test_two_that_would_be_called_alike(self):
        files = {
            "mod.ts": 'import "./a.ts"; import "./a.js"; import "./a.tsx"',
            "a.ts": "",
            "a.js": "",
            "a.tsx": "",
        }
        with pytest.raises(Inconvertible, match="would both be called"):
            convert(a_version(files), Recorder())

    def test_a_source_of_which_nothing_is_made(self):
        with pytest.raises(Inconvertible, match=r"nothing was made of '/mod\.ts'"):
            convert(a_version({"mod.ts": ""}), lambda _prepared: {"/other.js": b""})

    def test_only_what_was_expected_is_taken(self):
        found = convert(
            a_version({"mod.ts": ""}),
            lambda _prepared: {"/mod.js": b"", "/etc/passwd": b"x", "/mod.d.ts.d.ts": b""},
        )
        assert found.files.keys() == {"/mod.js"}

    def test_a_specifier_that_is_left(self):
        with pytest.raises(Inconvertible, match="a name that is none"):
            convert(a_version({"mod.ts": ""}), lambda _prepared: {"/mod.js": b'import "jsr:x"'})

    def test_a_name_that_breaks_out(self):
        with pytest.raises(Inconvertible, match="odd characters"):
            convert(a_version({"mod.ts": 'import "a\\"; evil(); \\""'}), Recorder())

    def test_a_first_line_for_the_shell_stays_the_first(self):
        transpiler = Recorder()
        found = convert(a_version({"mod.ts": "#!/usr/bin/env deno\nexport {};\n"}), transpiler)
        assert transpiler.prepared.sources["/mod.ts"].startswith(b"#!/usr/bin/env deno\n// @ts-nocheck pcl_")
        assert text_of(found, "/mod.js") == "#!/usr/bin/env deno\nexport {};\n"


def test_many_names_for_one_large_module():
    exports = {f"./a{number}": "./mod.js" for number in range(2_000)}
    with cpu_below(5):
        found = converted({"mod.js": "export const a = 1;\n" * 100_000}, exports)
    assert set(found.entries.values()) == {Entry("/mod.js", None)}


def test_an_import_map_that_makes_a_module_grow():
    version = a_version(
        {"mod.js": "", "more.js": 'import "a/b";' * 5_000}, imports={"a/": "npm:x@1/" + "b" * 900 + "/"}
    )
    assert "/more.js" not in convert(version, Recorder()).files
    version = a_version({"mod.js": 'import "a/b";' * 5_000}, imports={"a/": "npm:x@1/" + "b" * 400 + "/"})
    with pytest.raises(Inconvertible, match="many times larger"):
        convert(version, Recorder())
