"""Which modules a module names, in sources plain, odd and hostile."""

from __future__ import annotations

import random

import pytest

from pypicloud_like.ecosystems.jsr.lexer import Patience, TooMuchCode
from pypicloud_like.ecosystems.jsr.references import (
    MOST_REFERENCES,
    Kind,
    Reference,
    references,
)
from tests.support.cost import cpu_below


def static(source: str) -> list[str]:
    return [each.specifier for each in references(source) if each.kind is Kind.STATIC]


def dynamic(source: str) -> list[str]:
    return [each.specifier for each in references(source) if each.kind is Kind.DYNAMIC]


def types(source: str) -> list[str]:
    return [each.specifier for each in references(source) if each.kind is Kind.TYPES]


@pytest.mark.parametrize(
    "statement",
    [
        'import "x";',
        "import 'x'",
        'import a from "x"',
        'import $ from "x"',
        'import * as a from "x"',
        'import a, * as b from "x"',
        'import a, { b } from "x"',
        'import { a, b as c, type D, default as e } from "x"',
        'import { "odd name" as a } from "x"',
        'import {} from "x"',
        'import type A from "x"',
        'import type { A } from "x"',
        'import type * as A from "x"',
        'import type from "x"',
        'import from from "x"',
        'import defer * as a from "x"',
        'import source a from "x"',
        'import a = require("x")',
        "import type a = require('x')",
        'export import a = require("x")',
        'export * from "x"',
        'export * as a from "x"',
        'export * as "odd" from "x"',
        'export { a } from "x"',
        'export { a as default, "b" as c } from "x"',
        'export {} from "x"',
        'export type { A } from "x"',
        'export type * from "x"',
        'import{a}from"x"',
        'import a,{b}from"x"',
        'export*from"x"',
        'import/**/a/*"y"*/from/*\n*/"x"//z',
        'import\n{\n  a, // with "x" and }\n  b, /* } from "y" */\n}\nfrom\n"x"',
        'import a from "x" with { type: "json" }',
        'let a\nimport "x"',
        '"use strict";import"x"',
        '}import"x"',
    ],
)
def test_statements(statement):
    assert static(statement) == ["x"]


@pytest.mark.parametrize(
    "expression",
    [
        'import("x")',
        "await import('x')",
        "import(`x`)",
        'import(/* webpack */ "x")',
        'import("x", { with: { type: "json" } })',
        'const f = () => import("x")',
        '[...import("x")]',
        'import.defer("x")',
        'import.source("x")',
        'type A = import("x").B<string>',
        "type A = typeof import('x')",
        '`${await import("x")}`',
        '`${`${import("x")}`}`',
        '`a${ {b: "}"} }${import("x")}`',
    ],
)
def test_expressions(expression):
    assert dynamic(expression) == ["x"]
    assert static(expression) == []


@pytest.mark.parametrize(
    "source",
    [
        '// import "x"',
        '/* import "x" */',
        "\"import 'x'\"",
        "'\\'import \"x\"'",
        '`import "x"`',
        '`\\`import "x"`',
        '`${1}import "x"${2}`',
        '/import "x"/',
        'a = /[/"]import "x"/g',
        'return /import("x")/',
        'if (a) /import "x"/.test(b)',
        "import.meta.url",
        'a.import("x")',
        'a?.import("x")',
        'class A { #import("x") {} }',
        'reimport("x"); $import("x"); importx("x"); import_("x")',
        'import("x" + y)',
        "import(`x${y}`)",
        "import(x)",
        'export { a }; from("x")',
        'export const from = "x"',
        'export default from "x".y',
        "export default {}",
        'import a = A.B.C; "x"',
        'import { a } "x"',
        'import { a: b } from "x"',
        'import a + b from "x"',
        'import "x',
        "import 'x\n'",
        '#!/usr/bin/env import "x"',
        "",
        "import",
        "import {",
        "export * as",
        'im\\u0070ort "x"',
    ],
)
def test_nothing(source):
    assert static(source) + dynamic(source) == []


def test_division_is_no_regular_expression():
    assert static('a = b / c; import "x"; d = e / f') == ["x"]
    assert static('a = (b) / 2; "/"; import "x"') == ["x"]
    assert static('a++ / 2; import "x"; b / 1') == ["x"]
    assert static('a[0] / 2; import "x"; b / 1') == ["x"]
    assert static('a! / 2; import "x"; b / 1') == ["x"]
    assert static('const a = `${b / c}`\nimport "x"\n`/`') == ["x"]
    assert dynamic('x = a /* c */ / import("x") / 2') == ["x"]


def test_regular_expressions_with_quotes():
    assert static('a = /["\'`]/; import "x"') == ["x"]
    assert static('return /[/`]\\//g\nimport "x"') == ["x"]
    assert static('x = y ? /"/ : /\'/; import "x"') == ["x"]
    assert static('}\n/`/.test(a)\nimport "x"') == ["x"]


def test_jsx_and_generics():
    source = """
    import { a } from "jsr:@a/b@1"
    const x = <p title="it's">don't `stop` {a / 2} "quoted</p>
    const y = <a href="x">/</a>
    const f = <T,>(z: T): Array<T> => z
    export { b } from "npm:b@2"
    """
    assert static(source) == ["jsr:@a/b@1", "npm:b@2"]


def test_a_backtick_that_is_never_closed():
    assert static('import "a"\n<p>`</p>\nimport "b"') == ["a", "b"]
    assert static('import "a"\n`${ `b` \nimport "c"') == ["a", "c"]
    assert dynamic('`${import("a")}\nimport("b")') == ["a", "b"]


def test_what_a_literal_means():
    assert static(r'import "\x61\u0062\u{63}\d\"\'"') == ["abcd\"'"]
    assert static('import "a\\\nb"') == ["ab"]
    assert static('import "\\u{ffffff}"') == ["\ufffd"]


def test_withdrawn_attributes():
    assert references('import a from "x" assert { type: "json" }') == [Reference("x", Kind.STATIC, True)]
    assert references('import a from "x"\nassert({})')[0].asserted is False
    assert references('import a from "x"\nassert\n{}')[0].asserted is False


def test_comments_that_name_types():
    source = """/// <reference types="npm:@types/node@20" />
/// <reference path="globals.d.ts" />
/// <reference lib="dom" />
/** @jsxImportSource npm:preact@10 */
// @ts-types="npm:@types/express@4"
import express from "npm:express@4"
// @deno-types=./x.d.ts
import x from "./x.js"
/** @type {import("npm:ms@2").Options} */
/// <reference types="late" />
// see @ts-types="not-this"
"""
    assert types(source) == [
        "npm:@types/node@20",
        "./globals.d.ts",
        "npm:preact@10",
        "npm:@types/express@4",
        "./x.d.ts",
        "npm:ms@2",
    ]
    assert [each.specifier for each in references(source) if each.kind is Kind.LIBRARY] == ["dom"]


def test_all_line_ends_and_marks():
    assert static('\ufeffimport "a"\r\nimport "b"\rimport "c"\u2028import "d"') == ["a", "b", "c", "d"]
    assert static('// c\rimport "a"') == ["a"]


PIECES = [
    "import", "export", "from", "{", "}", "(", ")", "`", "${", "'", '"', "/", "/*", "*/", "//", "\\", "[", "]",
    "\n", " ", "=", "a", ".", ",", "*", "type", "require", "<", "+", "!", "#", "@ts-types=", "with", "\u2028",
]  # fmt: skip


def test_any_garbage_is_survived():
    dice = random.Random(7)
    for _ in range(3000):
        source = "import" + "".join(dice.choice(PIECES) for _ in range(dice.randrange(60)))
        for each in references(source):
            assert isinstance(each.specifier, str)


@pytest.mark.promise(99)
@pytest.mark.parametrize(
    "piece",
    [
        "import ", "import{", "import{a,", "import/*", "import(", 'import("', "export*", "export{", "`", "`${",
        "'", '"', '\\"', "/", "/[", "=/", "=/[", "(", "{", "}", "/*", "/**/", "//\n", " /", "\n/", "import a,",
        "import from ", "}/", "`}", "/**/ /", "import\n", "<", "a/ ", "import.", "${`", "//@ts-types=", "*", "@jsxImportSource ",
        "/** import( */", "/// <reference ",
    ],
)  # fmt: skip
def test_time_is_linear(piece):
    source = "import" + piece * (120_000 // len(piece))
    with cpu_below(10):
        references(source)
        references("import '" + source)
        references("import `" + source)


def test_more_references_than_anybody_writes():
    assert len(references('import "a";' * MOST_REFERENCES)) == MOST_REFERENCES
    with pytest.raises(TooMuchCode):
        references('import "a";' * (MOST_REFERENCES + 1))


def test_more_code_than_anybody_writes():
    with cpu_below(60), pytest.raises(TooMuchCode):
        references("import" + "a(" * 5_000_000)
    patience = Patience(102)  # shared by the modules of a package; two for what stands behind "import"
    assert references("import a" + "(" * 99, patience) == []
    with pytest.raises(TooMuchCode):
        references("import", patience)


@pytest.mark.promise(96)
def test_what_is_looked_at_again_and_again_costs_patience():
    """The words behind an ``import`` are read again after it."""
    patience = Patience(steps=50_000)
    with pytest.raises(TooMuchCode):
        references("import " * 10_000, patience)
    references('import { a, b as c } from "./x.ts";\n' * 5_000, Patience(steps=50_000))
