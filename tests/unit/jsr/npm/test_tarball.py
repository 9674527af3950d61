"""Tarballs: always the same bytes, and a package.json that fits them."""

from __future__ import annotations

import io
import tarfile

from pypicloud_like.ecosystems.jsr.npm.convert import Converted, Entry
from pypicloud_like.ecosystems.jsr.npm.tarball import digests, make_tarball, package_json
from tests.unit.jsr.npm.versions import a_version

ENTRIES = {
    ".": Entry("/mod.js", "/mod.d.ts"),
    "./types": Entry(None, "/t.d.ts"),
    "./data": Entry("/d.json", None),
}


def test_exports():
    told = package_json(a_version({"mod.js": ""}), Converted({}, ENTRIES, {"ms": "2"}))
    assert told["exports"] == {
        ".": {"types": "./mod.d.ts", "default": "./mod.js"},
        "./types": {"types": "./t.d.ts"},
        "./data": {"default": "./d.json"},
    }
    assert list(told["exports"]["."]) == ["types", "default"]  # the first that fits counts
    assert (told["main"], told["types"], told["dependencies"]) == ("./mod.js", "./mod.d.ts", {"ms": "2"})


def test_without_a_main_module():
    told = package_json(a_version({"mod.js": ""}), Converted({}, {"./types": Entry(None, "/t.d.ts")}, {}))
    assert "main" not in told
    assert "types" not in told


def test_always_the_same_bytes():
    long = "/" + "/".join(["folder" * 4] * 5) + "/" + "f" * 95
    converted = Converted({"/mod.js": b"x", long: b"y"}, ENTRIES, {})
    first = make_tarball(a_version({"mod.js": ""}), converted)
    assert make_tarball(a_version({"mod.js": ""}), converted) == first
    with tarfile.open(fileobj=io.BytesIO(first)) as tar:
        members = tar.getmembers()
    assert [member.name for member in members] == ["package/package.json", "package/mod.js", f"package{long}"]
    assert {(member.mode, member.uid, member.mtime, member.type) for member in members} == {
        (0o644, 0, 499162500, tarfile.REGTYPE)
    }


def test_digests():
    found = digests(b"")
    assert found.shasum == "da39a3ee5e6b4b0d3255bfef95601890afd80709"
    assert found.integrity.startswith("sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP")
