"""Specifiers of registries."""

from __future__ import annotations

import pytest

from pypicloud_like.ecosystems.jsr.specifiers import BadSpecifier, Requirement, requirement_of


@pytest.mark.parametrize(
    ("specifier", "wanted"),
    [
        ("jsr:@std/fs@^1", Requirement("jsr", "@std/fs", "^1", "")),
        ("jsr:@std/fs@^1/walk", Requirement("jsr", "@std/fs", "^1", "walk")),
        ("jsr:/@std/fs@1.0.0-rc.1/a/b", Requirement("jsr", "@std/fs", "1.0.0-rc.1", "a/b")),
        ("jsr:@std/fs", Requirement("jsr", "@std/fs", "", "")),
        ("jsr:@std/fs/walk", Requirement("jsr", "@std/fs", "", "walk")),
        ("npm:ms@^2.1.3", Requirement("npm", "ms", "^2.1.3", "")),
        ("npm:@types/node@20/fs", Requirement("npm", "@types/node", "20", "fs")),
        ("npm:/preact@10/jsx-runtime", Requirement("npm", "preact", "10", "jsx-runtime")),
        ("npm:x@>=1 <3 || 5", Requirement("npm", "x", ">=1 <3 || 5", "")),
        ("npm:JSONStream@1", Requirement("npm", "JSONStream", "1", "")),
        ("node:fs", None),
        ("./a.ts", None),
        ("@std/fs", None),
    ],
)
def test_taken_apart(specifier, wanted):
    assert requirement_of(specifier) == wanted


@pytest.mark.parametrize(
    ("specifier", "kind"),
    [
        ("jsr:std/fs@1", "jsr"),
        ("jsr:@std", "jsr"),
        ("jsr:@Std/fs@1", "jsr"),
        ("jsr:", "jsr"),
        ("jsr:@a/b@\ud800", "jsr"),
        ("npm:", "npm"),
        ("npm:@x", "npm"),
        ("npm:.x@1", "npm"),
        ("npm:a b@1", "npm"),
        ("npm:x@1/\x00", "npm"),
        ("npm:" + "x" * 300, "npm"),
    ],
)
def test_not_taken_apart(specifier, kind):
    with pytest.raises(BadSpecifier) as caught:
        requirement_of(specifier)
    assert caught.value.kind == kind
