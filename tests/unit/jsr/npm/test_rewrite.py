"""Specifiers are replaced where they stand, and nothing else is."""

from __future__ import annotations

import pytest

from pypicloud_like.ecosystems.jsr.npm.errors import Inconvertible
from pypicloud_like.ecosystems.jsr.npm.rewrite import rewritten
from pypicloud_like.ecosystems.jsr.references import Kind


def renamed(source: str) -> str:
    return rewritten(source, lambda reference: "new/one" if reference.specifier == "old" else None)


@pytest.mark.parametrize(
    "source",
    [
        'import "old";',
        "import 'old'",
        'import a, { b } from "old"',
        'export * from "old"',
        'import a = require("old")',
        'await import("old")',
        "await import( /* why */ 'old', { with: {} })",
        "await import(`old`)",
        'type A = import("old").B;',
        '// @deno-types="old"\n',
        "// @ts-types='old'\n",
        "// @ts-types=old\n",
        '// @ts-self-types="old"\n',
        '/// <reference types="old" />\n',
        "/** @jsxImportSource old */\n",
        '/** @type {import("old").T} */\n',
        '/** @import { T } from "old" */\n',
        '/**\n * @import A, {\n *   T } from "old"\n * @type {T}\n */\n',
    ],
)
def test_every_form(source):
    assert renamed(source) == source.replace("old", "new/one")
    assert renamed(f'const a = "old"; // "old"\n{source}').count("new/one") == (
        0 if source.startswith(("///", "/** @jsx")) else 1
    )


def test_several_at_once():
    source = 'import "old"; import x from "other"; export * from "old"; await import("old")'
    assert renamed(source) == source.replace('"old"', '"new/one"')


@pytest.mark.parametrize(
    "source",
    [
        "",
        "const a = 'old';",
        '// import "old"',
        '`import "old"`',
        '/import "old"/',
        '/* import("old") */',
        'x.import("old")',
        "import(old)",
        "import('old' + x)",
        "\ufeffimport 'x'\r\n",
    ],
)
def test_what_is_left_alone(source):
    assert renamed(source) == source


def test_an_escaped_specifier():
    assert renamed(r'import "\x6fld";') == 'import "new/one";'


@pytest.mark.parametrize("new", ["a b", 'a"b', "a'b", "a`b", "a\\b", "a\nb", "${x}", "*/ x"])
def test_no_specifier_can_break_out(new):
    for source in ('import "old"', "import(`old`)", "/** @jsxImportSource old */"):
        with pytest.raises(Inconvertible):
            rewritten(source, lambda _reference: new)


def test_kinds_are_told():
    seen = []
    rewritten('/// <reference lib="dom" />\nimport "a"; import("b")', lambda each: seen.append(each.kind))
    assert seen == [Kind.LIBRARY, Kind.STATIC, Kind.DYNAMIC]
