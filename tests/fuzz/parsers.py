"""Everything that reads bytes of strangers: how it is called, what it may refuse them with, and what is right.

Each parser is a function of bytes. What it raises beside its own refusals is a fault, and so is taking long.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from pypicloud_like.core import records
from pypicloud_like.core.errors import RegistryError
from pypicloud_like.core.model import Project
from pypicloud_like.core.ports import Document
from pypicloud_like.ecosystems.cargo import described as cargo_described
from pypicloud_like.ecosystems.cargo import index as cargo_index
from pypicloud_like.ecosystems.cargo import mirror
from pypicloud_like.ecosystems.cargo import names as cargo_names
from pypicloud_like.ecosystems.cargo import versions as cargo_versions
from pypicloud_like.ecosystems.cargo.archive import read_crate
from pypicloud_like.ecosystems.cargo.manifest import read_manifest
from pypicloud_like.ecosystems.cargo.publish import read_announced, read_body
from pypicloud_like.ecosystems.jsr import checks, dependencies, exports, jsonc, paths, specifiers
from pypicloud_like.ecosystems.jsr import names as jsr_names
from pypicloud_like.ecosystems.jsr import versions as jsr_versions
from pypicloud_like.ecosystems.jsr.errors import Failed
from pypicloud_like.ecosystems.jsr.lexer import TooMuchCode
from pypicloud_like.ecosystems.jsr.references import references
from pypicloud_like.ecosystems.jsr.tarball import read_tarball
from pypicloud_like.ecosystems.pypi import anchors, metadata, names, provenance, upstream_pages, xmlrpc
from pypicloud_like.ecosystems.pypi import described as pypi_described
from pypicloud_like.ecosystems.pypi import presented as pypi_presented
from pypicloud_like.ecosystems.pypi.entry_points import check_entry_points
from pypicloud_like.ecosystems.pypi.inspect import inspect, inspect_legacy
from pypicloud_like.trust import signatures
from pypicloud_like.upstream.names import matches
from tests.contracts.caches import a_file
from tests.corpus import tars
from tests.fuzz import seeds
from tests.support.jsr import a_package

Read = Callable[[bytes], object]
Errors = tuple[type[Exception], ...]


@dataclass(frozen=True)
class Parser:
    """How bytes are read, what is a refusal of them, and bytes to begin with."""

    read: Read
    refusals: Errors
    seeds: Sequence[bytes]
    words: Sequence[bytes] = ()
    """What means something to it."""


def _text(read: Callable[[str], object]) -> Read:
    """Of bytes that reach it as text: what a server decoded leniently, lone surrogates and all."""
    return lambda raw: read(raw.decode("utf-8", "surrogateescape"))


def _page(kind: str) -> Read:
    then = datetime(2026, 1, 1, tzinfo=UTC)

    def read(raw: bytes) -> object:
        url = "https://example.org/simple/foo/"
        document = Document("x", Project("pypi", "foo"), "page", raw, kind, None, None, url, then, then)
        return upstream_pages.parse(document, lambda _url: True)

    return read


def _crate(raw: bytes) -> object:
    contents = read_crate(io.BytesIO(raw), len(raw), "foo-1.0.0")
    return read_manifest(contents.kept[contents.manifest], contents.files, ())


def _cargo_body(raw: bytes) -> object:
    body = read_body(io.BytesIO(raw), len(raw), limit=10**6, folder=None)
    with body:
        return read_announced(body.json, ())


def _module(raw: bytes) -> object:
    found = references(raw.decode("utf-8", "replace"))
    for each in found:
        assert each.specifier is None or isinstance(each.specifier, str)
    return found


def _graph(raw: bytes) -> object:
    files = {"/mod.ts": raw, "/deno.json": b"{}"}
    found = list(dependencies.uses(files, {".": "./mod.ts"}, {}))
    checks.check_requirements(checks.check_graph(found))
    return dependencies.requirements(found)


def _config(raw: bytes) -> object:
    found = checks.read_config({"/deno.json": raw}, "/deno.json")
    return found, dependencies.import_map(jsonc.parse(raw.decode("utf-8")))


def _path(raw: bytes) -> object:
    path = paths.normal_path(raw)
    paths.check_path(path)
    assert path.startswith("/")
    assert ".." not in path.split("/")
    return path


def _names(text: str) -> object:
    for is_fine in (names.is_valid_name, cargo_names.is_valid_name, jsr_names.is_scope_name):
        if is_fine(text):
            assert text.isascii()
            assert text.isprintable()
    if cargo_names.is_valid_name(text):
        assert ".." not in cargo_names.index_path(text)
    return names.parse_filename(text), names.canonical_version(text)


def _record(raw: bytes) -> object:
    entry = records.from_bytes(raw)
    assert records.from_bytes(records.to_bytes(entry)) == entry
    return entry


def _archives(read: Callable[..., object], filename: str) -> Read:
    return lambda raw: read(filename, io.BytesIO(raw), len(raw))


def _shown_metadata(raw: bytes) -> object:
    """What a catalogue and the pages tell of a wheel with this metadata."""
    facts = metadata.parse(raw)
    file = replace(a_file(), summary=facts.get("summary"), facts=facts)
    presented = pypi_presented.PythonPresenter().present(None, [file], None)
    return pypi_described.describe([file], None), presented, presented.readme()


def _shown_manifest(raw: bytes) -> object:
    """The same of a crate with this manifest."""
    crate = read_manifest(raw, {"src/lib.rs"}, ())
    file = replace(a_file(project=Project("cargo", "foo")), version="1.0.0", facts=crate.facts())
    return cargo_described.describe([file], None), cargo_index.render([file])


REGISTRY: Errors = (RegistryError,)

PARSERS: Mapping[str, Parser] = {
    "wheel": Parser(
        _archives(inspect, seeds.WHEEL.filename),
        REGISTRY,
        [seeds.WHEEL.content, *seeds.SMALL_ZIPS],
        seeds.ZIP_WORDS,
    ),
    "old wheel": Parser(
        _archives(inspect_legacy, seeds.WHEEL.filename),
        REGISTRY,
        [seeds.WHEEL.content, *seeds.SMALL_ZIPS],
        seeds.ZIP_WORDS,
    ),
    "sdist": Parser(_archives(inspect, seeds.SDIST), REGISTRY, seeds.SMALL_TARS, seeds.TAR_WORDS),
    "old sdist": Parser(_archives(inspect_legacy, seeds.SDIST), REGISTRY, seeds.SMALL_TARS, seeds.TAR_WORDS),
    "sdist, unpacked": Parser(
        lambda raw: inspect(seeds.SDIST, io.BytesIO(packed := gzip.compress(raw, 1)), len(packed)),
        REGISTRY,
        [gzip.decompress(tars.sdist().content)],
        seeds.TAR_WORDS,
    ),
    "metadata": Parser(metadata.parse, REGISTRY, [seeds.METADATA], seeds.HEAD_WORDS),
    "metadata, shown": Parser(_shown_metadata, REGISTRY, [seeds.METADATA], (*seeds.HEAD_WORDS, b"http://[")),
    "manifest, shown": Parser(_shown_manifest, REGISTRY, [seeds.MANIFEST], seeds.TOML_WORDS),
    "entry points": Parser(
        check_entry_points, REGISTRY, [b"[console_scripts]\nfoo = foo.bar:main [x]\n"], seeds.TOML_WORDS
    ),
    "names": Parser(
        _text(_names),
        REGISTRY,
        [seeds.WHEEL.filename.encode(), b"1.0.post1", b"foo-1!2.0a1.tar.gz"],
        (b"-", b"!"),
    ),
    "crate": Parser(_crate, REGISTRY, [seeds.CRATE.content], seeds.TAR_WORDS),
    "crate, unpacked": Parser(
        lambda raw: _crate(gzip.compress(raw, 1)),
        REGISTRY,
        [gzip.decompress(seeds.CRATE.content)],
        (*seeds.TAR_WORDS, *seeds.TOML_WORDS),
    ),
    "manifest": Parser(
        lambda raw: read_manifest(raw, {"src/lib.rs"}, ()), REGISTRY, [seeds.MANIFEST], seeds.TOML_WORDS
    ),
    "cargo body": Parser(
        _cargo_body,
        REGISTRY,
        [seeds.framed(seeds.dumped(seeds.SAID), b"crate")],
        (*seeds.JSON_WORDS, b"\xff\xff\xff\xff"),
    ),
    "cargo JSON": Parser(
        lambda raw: read_announced(raw, ()), REGISTRY, [seeds.dumped(seeds.SAID)], seeds.JSON_WORDS
    ),
    "index lines": Parser(
        lambda raw: mirror.parse_lines(raw, "foo"),
        (ValueError, RecursionError),
        [seeds.dumped(seeds.LINE) + b"\n"],
        seeds.JSON_WORDS,
    ),
    "semver": Parser(
        _text(lambda text: (cargo_versions.is_requirement(text), cargo_versions.check_version(text))),
        REGISTRY,
        [b"1.2.3-a.1+b", b">=1.2, <2"],
        (b".", b"-", b"+", b"^", b"*", b"0"),
    ),
    "JSR version": Parser(
        _text(jsr_versions.check_version), REGISTRY, [b"1.2.3-a.1+b"], (b".", b"-", b"+", b"0")
    ),
    "JSR tarball": Parser(
        lambda raw: read_tarball(io.BytesIO(raw), len(raw), limit=10**6),
        (Failed, *REGISTRY),
        [a_package()],
        seeds.TAR_WORDS,
    ),
    "JSR tarball, unpacked": Parser(
        lambda raw: read_tarball(io.BytesIO(packed := gzip.compress(raw, 1)), len(packed), limit=10**6),
        (Failed, *REGISTRY),
        [gzip.decompress(a_package())],
        seeds.TAR_WORDS,
    ),
    "jsonc": Parser(
        _text(jsonc.parse),
        (ValueError,),
        [b'{"a": [1, 2,], // x\n /* y */ "b": "c\\u0041"}'],
        (*seeds.JSON_WORDS, b"//", b"/*"),
    ),
    "JSR config": Parser(
        _config,
        (Failed, ValueError),
        [b'{"name": "@a/b", "version": "1.0.0", "exports": {".": "./m.ts"}, "imports": {"x": "jsr:@a/b@1"}}'],
        seeds.JSON_WORDS,
    ),
    "JSR exports": Parser(
        lambda raw: exports.read_exports(jsonc.parse(raw.decode("utf-8", "replace"))),
        (Failed, ValueError),
        [b'{".": "./mod.ts", "./x": "./x.ts"}', b'"./mod.ts"'],
        seeds.JSON_WORDS,
    ),
    "module": Parser(_module, (TooMuchCode,), [seeds.MODULE], seeds.CODE_WORDS),
    "module graph": Parser(_graph, (TooMuchCode, Failed), [seeds.MODULE], seeds.CODE_WORDS),
    "specifier": Parser(
        _text(specifiers.requirement_of),
        (specifiers.BadSpecifier,),
        [b"jsr:@a/b@^1.2/mod", b"npm:@x/y@1/z"],
        (b"@", b"/", b":"),
    ),
    "JSR path": Parser(
        _path, (Failed,), [b"./a/b.ts", b"package/x.ts"], (b"../", b"./", b"/", b"\\", b"con", b".git", b"\0")
    ),
    "anchors": Parser(
        _text(anchors.read_anchors),
        (anchors.TooManyTags,),
        [
            b'<!DOCTYPE html><base href="/x/"><title>t</title><a href="f.whl#sha256=aa" data-yanked="">f.whl</a>'
        ],
        seeds.HTML_WORDS,
    ),
    "upstream HTML": Parser(
        _page("text/html"),
        (upstream_pages.BadPage,),
        [
            b'<meta name="pypi:repository-version" content="1.1"><a href="foo-1.0.tar.gz#sha256=%s">foo-1.0.tar.gz</a>'
            % (b"a" * 64)
        ],
        seeds.HTML_WORDS,
    ),
    "upstream JSON": Parser(
        _page("application/vnd.pypi.simple.v1+json"),
        (upstream_pages.BadPage,),
        [seeds.dumped(seeds.PAGE)],
        seeds.JSON_WORDS,
    ),
    "XML-RPC": Parser(
        xmlrpc.parse_search, REGISTRY, [seeds.CALL], (*seeds.HTML_WORDS, b"<!DOCTYPE", b"<!ENTITY", b"<i4>")
    ),
    "record": Parser(_record, (records.BadRecord,), seeds.record_files(), seeds.JSON_WORDS),
    "attestations": Parser(
        _text(
            lambda text: provenance.provenance_of(
                text, filename=seeds.WHEEL.filename, sha256="a" * 64, publisher=None
            )
        ),
        REGISTRY,
        [seeds.dumped([seeds.ATTESTATION])],
        seeds.JSON_WORDS,
    ),
    "identity token": Parser(
        _text(signatures.issuer_of),
        REGISTRY,
        [b"eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln"],
        (b".", b"eyJ", b"==", b"bnVsbA"),
    ),
    "name pattern": Parser(
        _text(lambda text: matches("acme-x", [text], names.normalize)),
        (),
        [b"acme-*", b"cargo:acme-*"],
        (b"*", b"-", b":"),
    ),
}
