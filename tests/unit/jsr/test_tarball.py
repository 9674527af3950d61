"""Reading tarballs: what is in them, and every way in which they are refused."""

from __future__ import annotations

import io
import tarfile
import tracemalloc
import zlib

import pytest

from pypicloud_like.ecosystems.jsr.errors import Failed
from pypicloud_like.ecosystems.jsr.tarball import MAX_FILES, read_tarball
from tests.support.jsr import MOD, members, tarball
from tests.support.raw_archives import END_OF_TAR, gzipped, pax_header, tar_header, tar_member

MIB = 1024 * 1024


def read(raw: bytes, limit: int = 20 * MIB):
    return read_tarball(io.BytesIO(raw), len(raw), limit=limit)


def refusal(raw: bytes, limit: int = 20 * MIB) -> str:
    with pytest.raises(Failed) as caught:
        read(raw, limit)
    assert caught.value.sentence
    return caught.value.error_code


def test_files_in_the_order_of_paths():
    found = read(tarball({"b.ts": b"2", "./a.ts": b"1", "/c/d.ts": b"", "README.md": b"x"}))
    assert list(found.items()) == [("/README.md", b"x"), ("/a.ts", b"1"), ("/b.ts", b"2"), ("/c/d.ts", b"")]


def test_access_rights_do_not_matter():
    assert read(tarball({"a.ts": MOD}))["/a.ts"] == MOD  # of mode 0, as deno writes it


def test_long_names_of_gnu_and_pax():
    name = "a/" * 60 + "b.ts"
    gnu = tar_member(b"././@LongLink", name.encode() + b"\0", kind=b"L", magic=b"ustar  \0")
    assert list(read(tarball({}, gnu, tar_member(b"cut", MOD)))) == ["/" + name]
    assert list(read(tarball({}, pax_header({"path": name}), tar_member(b"cut", MOD)))) == ["/" + name]


def test_what_the_standard_library_writes():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", format=tarfile.GNU_FORMAT) as archive:
        for name in ("x/" * 55 + "long.ts", "mod.ts"):
            entry = tarfile.TarInfo(name)
            entry.size = len(MOD)
            archive.addfile(entry, io.BytesIO(MOD))
    assert set(read(out.getvalue()).values()) == {MOD}


def test_folders_are_passed_over():
    assert list(read(tarball({"a/b.ts": MOD}, tar_member(b"a/", kind=b"5")))) == ["/a/b.ts"]


@pytest.mark.promise(94)
@pytest.mark.parametrize("kind", [b"1", b"2"])
def test_links(kind):
    assert refusal(tarball({"a.ts": MOD}, tar_member(b"l", kind=kind, target=b"a.ts"))) == "linkInTarball"


@pytest.mark.parametrize("kind", [b"3", b"4", b"6", b"Z", b"S"])
def test_devices_and_odd_things(kind):
    assert refusal(tarball({"a.ts": MOD}, tar_member(b"dev", kind=kind))) == "invalidEntryType"


@pytest.mark.parametrize("name", ["../a", "a/../../b", "a//b", "con.ts", "a b", "_dist/x"])
def test_paths(name):
    assert refusal(tarball({name: b""})) == "invalidPath"


def test_git():
    assert refusal(tarball({".git/config": b""})) == "invalidGitPath"


def test_one_file_twice():
    assert refusal(tarball({"a.ts": b"1", "./a.ts": b"2"})) == "caseInsensitiveDuplicatePath"


def test_one_file_too_large():
    assert read(tarball({"a.ts": b"x" * 100}), 100)
    assert refusal(tarball({"a.ts": b"x" * 101}), 100) == "fileTooLarge"


def test_all_files_together_too_large():
    assert read(tarball({"a.ts": b"x" * 50, "b.ts": b"x" * 50}), 100)
    assert refusal(tarball({"a.ts": b"x" * 51, "b.ts": b"x" * 50}), 100) == "packageTooLarge"


def test_too_many_files():
    many = {f"{number}.ts": b"" for number in range(MAX_FILES + 1)}
    assert refusal(tarball(many)) == "packageTooLarge"
    many.popitem()
    assert len(read(tarball(many))) == MAX_FILES


@pytest.mark.promise(94)
def test_a_bomb_is_not_unpacked():
    deflater = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    size = 500 * MIB
    packed = [deflater.compress(tar_header(b"a.ts", size=size))]
    packed += [deflater.compress(bytes(MIB)) for _ in range(500)]
    raw = b"".join([*packed, deflater.flush()])
    assert len(raw) < MIB
    tracemalloc.start()
    assert refusal(raw) == "fileTooLarge"
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * MIB


def test_many_files_of_a_bomb():
    raw = tarball({f"{number}.ts": bytes(4 * MIB) for number in range(6)})
    assert len(raw) < MIB
    assert refusal(raw) == "packageTooLarge"


WHOLE = members({"a.ts": MOD}) + END_OF_TAR


@pytest.mark.promise(97)
@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no gzip",
        gzipped(b"no tar" * 200),
        gzipped(WHOLE)[:-9],
        gzipped(WHOLE[:700]),
        gzipped(WHOLE) + b"behind",
        gzipped(WHOLE + b"behind"),
        gzipped(WHOLE)[:20] + b"\xff\xff" + gzipped(WHOLE)[22:],
        WHOLE,
    ],
)
def test_broken_archives(raw):
    assert refusal(raw) == "invalidTarball"
