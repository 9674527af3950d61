"""Bytes that are right, or nearly so, for every parser, and what means something in them."""

from __future__ import annotations

import base64
import json
from typing import Any

from pypicloud_like.core import records
from tests import builders
from tests.contracts.caches import a_file, a_record
from tests.corpus import tars, zips

JSON_WORDS = (
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b"null",
    b"true",
    b"1e999",
    b"NaN",
    b'"\\ud800"',
    b"[" * 5000,
)
TAR_WORDS = (
    b"ustar\0",
    b"../",
    b"\0" * 512,
    b"0000777\0",
    b"\x80",
    b"\xff" * 8,
    b"path=",
    b"size=-1",
    b"LongLink",
)
ZIP_WORDS = (b"PK\3\4", b"PK\1\2", b"PK\5\6", b"PK\6\6", b"PK\6\7", b"\xff\xff\xff\xff", b"\0\0", b"METADATA")
CODE_WORDS = (
    b"import ",
    b"export ",
    b"from ",
    b"'",
    b'"',
    b"`",
    b"${",
    b"}",
    b"/*",
    b"*/",
    b"//",
    b"/",
    b"\\",
    b"(",
)
CODE_WORDS += (
    b"jsr:@a/b@1",
    b"npm:x",
    b"type ",
    b"* as ",
    b"import(",
    b"declare module",
    b"\xe2\x80\xa8",
    b"=>",
)
HTML_WORDS = (
    b"<a ",
    b"href=",
    b'"',
    b"'",
    b">",
    b"<",
    b"<!--",
    b"-->",
    b"<script",
    b"</script",
    b"&#x110000;",
    b"&",
)
HTML_WORDS += (b'data-yanked="', b"#sha256=", b"<base href=", b'<meta name="pypi:', b"http://[")
HEAD_WORDS = (b"Name: ", b"Version: ", b"\n", b"\r", b"\n ", b": ", b"Metadata-Version: 2.4\n", b"=?utf-8?b?")
HEAD_WORDS += (
    b"Requires-Dist: ",
    b"Requires-Python: ",
    b"Project-URL: ",
    b"Description: ",
    b"\n\n",
    b"\0",
    b"; ",
)
TOML_WORDS = (
    b"[",
    b"]",
    b"=",
    b'"',
    b"'''",
    b"\n",
    b"[package]\n",
    b"[dependencies.",
    b"{",
    b"}",
    b"1979-05-27",
    b"inf",
)

WHEEL = builders.a_wheel("foo", "1.0")
CRATE = builders.a_crate("foo", "1.0.0", files={"src/lib.rs": b"fn main() {}"})
METADATA = b"Metadata-Version: 2.4\nName: foo\nVersion: 1.0\nRequires-Dist: bar>=1; python_version > '3'\nKeywords: a,b\n"
METADATA += b"Requires-Python: >=3.8\nProject-URL: Home, https://example.org\nDescription-Content-Type: text/plain\n\nText\n"
SAID = {
    "name": "foo",
    "vers": "1.0.0",
    "deps": [{"name": "bar", "version_req": "^1", "features": []}],
    "features": {},
}
PAGE = {
    "meta": {"api-version": "1.1"},
    "name": "foo",
    "files": [
        {
            "filename": WHEEL.filename,
            "url": "foo.whl",
            "hashes": {"sha256": "a" * 64},
            "size": 7,
            "upload-time": "2026-01-01T00:00:00Z",
            "yanked": "x",
            "requires-python": ">=3",
            "core-metadata": {"sha256": "b" * 64},
        }
    ],
}
MANIFEST = b"""[package]
name = "foo"
version = "1.0.0"
edition = "2021"
license = "MIT"
description = "x"
keywords = ["a"]
[dependencies.bar]
version = "^1.2"
features = ["x"]
optional = true
[target.'cfg(unix)'.dependencies.baz]
version = "1"
[features]
default = ["dep:bar"]
"""
MODULE = b"""import { a } from "jsr:@std/assert@^1"; import * as n from 'npm:chalk@5';
import type X from "./x.ts" with { type: "json" }; export * from "./y.ts"; /* import "no" */
const r = /["'`]/g, t = `a ${ await import("node:fs") } b`; declare module "m" { } // export from "z"
/** @module */ /// <reference path="./types.d.ts" />
"""
LINE = {
    "name": "foo",
    "vers": "1.0.0",
    "deps": [],
    "cksum": "a" * 64,
    "features": {},
    "yanked": False,
    "v": 2,
}


def dumped(value: Any) -> bytes:
    return json.dumps(value).encode()


def framed(said: bytes, crate: bytes) -> bytes:
    return len(said).to_bytes(4, "little") + said + len(crate).to_bytes(4, "little") + crate


def record_files() -> list[bytes]:

    return [records.to_bytes(a_file(uploader="ann")), records.to_bytes(a_record())]


SDIST = "foo-1.0.tar.gz"
SEEDS_OF_TARS = [tars.sdist().content, *(case.make().content for case in tars.CASES.values())]
SMALL_TARS = [seed for seed in SEEDS_OF_TARS if len(seed) < 20_000]
SMALL_ZIPS = [
    seed
    for seed in (zips.wheel().content, *(case.make().content for case in zips.CASES.values()))
    if len(seed) < 20_000
]
STATEMENT = {
    "_type": "https://in-toto.io/Statement/v1",
    "subject": [{"name": WHEEL.filename, "digest": {"sha256": "a" * 64}}],
    "predicateType": "https://docs.pypi.org/attestations/publish/v1",
}
ATTESTATION = {
    "version": 1,
    "verification_material": {"certificate": "x", "transparency_entries": [{}]},
    "envelope": {"statement": base64.b64encode(dumped(STATEMENT)).decode(), "signature": "x"},
}
CALL = b"<methodCall><methodName>search</methodName><params><param><value><struct><member><name>name</name>"
CALL += b"<value><string>foo</string></value></member></struct></value></param></params></methodCall>"
