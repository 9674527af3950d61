"""Bodies and archives that are not what they should be leave no trace."""

from __future__ import annotations

import json
import struct

import pytest

from tests.builders import a_crate, cargo_toml
from tests.http.cargo.site import announced, detail, framed
from tests.support.raw_archives import END_OF_TAR, gzipped, tar_header, tar_member

METADATA = json.dumps(announced()).encode()
WHOLE = framed(METADATA, a_crate().content)
BORDERS = {
    "in the first length": 2,
    "in the metadata": 50,
    "in the second length": 4 + len(METADATA) + 1,
    "in the archive": len(WHOLE) - 1,
}


@pytest.mark.promise(5)
@pytest.mark.parametrize("where", BORDERS)
def test_cut_short(site, where):
    with site.unchanged():
        detail(site.put(WHOLE[: BORDERS[where]]), 400, "length")


def test_bytes_behind_it(site):
    with site.unchanged():
        detail(site.put(WHOLE + b"\0"), 400, "length")


@pytest.mark.promise(100)
def test_a_length_that_cannot_be(site):
    with site.unchanged():
        detail(site.put(struct.pack("<I", 0xFFFFFFFF) + METADATA), 413, "JSON")
        detail(site.put(framed(METADATA, b"")[:-4] + struct.pack("<I", 0xFFFFFFFF)), 413, "larger")


class TestLimit:
    @pytest.fixture
    def ini(self):
        return {"limits.file": "4000", "limits.description": "4000"}

    @pytest.mark.promise(91)
    def test_an_archive_above_the_limit(self, site):
        site.taken()
        with site.unchanged():
            detail(site.put(framed(METADATA, b"x" * 4001)), 413, "4000")


MANIFEST = tar_member(b"demo-0.1.0/Cargo.toml", cargo_toml().encode())


def archive(*members: bytes, manifest: bytes = MANIFEST) -> bytes:
    return gzipped(manifest + b"".join(members) + END_OF_TAR)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (archive(tar_header(b"demo-0.1.0/x", kind=b"2", target=b"/etc/passwd")), "symbolic link"),
        (archive(tar_header(b"demo-0.1.0/x", kind=b"1", target=b"demo-0.1.0/Cargo.toml")), "hard link"),
        (archive(tar_member(b"demo-0.1.0/../x")), "path"),
        (archive(tar_member(b"/demo-0.1.0/x")), "path"),
        (archive(tar_member(b"other-0.1.0/x")), "invalid path found"),
        (archive(tar_member(b"demo-0.1.0/cargo.toml")), "more than one"),
        (archive(manifest=b""), "Cargo.toml"),
        (a_crate(top="demo-0.2.0").content, "invalid path found"),
        (archive(manifest=tar_member(b"demo-0.1.0/Cargo.toml", b"[package")), "failed to parse"),
        (a_crate(rest="[dependencies]\nx.workspace = true\n").content, "workspace"),
        (a_crate(package={"rust-version": ">=1.60"}).content, "rust-version"),
        (b"no archive", "gzip"),
        (b"", "gzip"),
        (a_crate().content[:-10], "cut off"),
        (archive(tar_member(b"demo-0.1.0/zeros", bytes(80 * 1024 * 1024))), "times its size"),
    ],
)
def test_archives_that_are_refused(site, content, word):
    with site.unchanged():
        detail(site.put(framed(METADATA, content)), 400, word)
