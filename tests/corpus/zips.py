"""Wheels whose zip archive is not what it seems."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from typing import Any

from tests.builders import Built, a_wheel, core_metadata
from tests.corpus import Case
from tests.support.raw_archives import ZipPart, gzipped, raw_zip

WHEEL = "foo-1.0-py3-none-any.whl"
INFO = b"foo-1.0.dist-info/"
MIB = 1024 * 1024


def parts() -> list[ZipPart]:
    """The members of a sound wheel."""
    return [
        ZipPart(b"foo/__init__.py", b"x = 1\n"),
        ZipPart(INFO + b"METADATA", core_metadata("foo", "1.0")),
        ZipPart(INFO + b"WHEEL", b"Wheel-Version: 1.0\n"),
        ZipPart(INFO + b"RECORD", b""),
    ]


def wheel(*extra: ZipPart, **fields: Any) -> Built:
    """A sound wheel with more members; ``fields`` as of ``raw_zip``."""
    return Built(WHEEL, raw_zip([*parts(), *extra], **fields))


def part(name: bytes = b"foo/x.py", data: bytes = b"y = 2\n", **fields: Any) -> Callable[[], Built]:
    """A sound wheel with one more member."""
    return lambda: wheel(ZipPart(name, data, **fields))


def overlapping() -> Built:
    """A member lies inside the data of another, as in bombs that quote themselves."""
    inner = ZipPart(b"foo/inner.py", b"z" * 100, method=0)
    outer = ZipPart(b"foo/outer.py", raw_zip([inner])[: 30 + 12 + 100], method=0)
    inner.central = {"offset": len(raw_zip([*parts(), outer]).partition(b"foo/outer.py")[0]) + 12}
    return wheel(outer, inner)


def two_directories() -> Built:
    """A whole wheel in front of another: readers from the front and from the back see different ones."""
    first = raw_zip([ZipPart(b"evil/__init__.py", b"")])
    return Built(WHEEL, raw_zip(parts(), before=first))


def also_a_tar() -> Built:
    """The first local header, with what it calls an extra field, is the header of a tar archive."""
    first = ZipPart(b"a", b"", method=0)
    plain = raw_zip([first])[:31]
    block = bytearray(512)
    block[:31] = plain
    block[28:30] = struct.pack("<H", 512 - 31)
    block[31:35] = struct.pack("<2H", 0x7777, 512 - 35)
    block[124:136] = b"00000000000\0"
    block[148:156] = b" " * 8
    block[156:157] = b"0"
    block[257:265] = b"ustar\x0000"
    block[148:156] = b"%06o\0 " % sum(block)
    first.local = {"extra": bytes(block[31:])}
    return Built(WHEEL, raw_zip([first, *parts()]))


def bomb(method: int = 8) -> Built:
    """65 MiB of zeros."""
    return wheel(ZipPart(b"foo/zeros", bytes(65 * MIB), method=method))


def many_bombs() -> Built:
    """Each small enough by itself."""
    zeros = bytes(8 * MIB)
    packed = ZipPart(b"", zeros).packed()
    return wheel(*(ZipPart(b"foo/zeros%d" % at, zeros, packed_data=packed) for at in range(9)))


def hidden_bomb() -> Built:
    """METADATA says it is small and goes on for 100 MiB."""
    packed = ZipPart(b"", bytes(100 * MIB)).packed()
    found = parts()
    found[1] = ZipPart(INFO + b"METADATA", core_metadata("foo", "1.0"), packed_data=packed)
    return Built(WHEEL, raw_zip(found))


def large_metadata() -> Built:
    """More than 2 MiB of METADATA, said openly."""
    found = parts()
    found[1] = ZipPart(INFO + b"METADATA", core_metadata("foo", "1.0", description="x" * 3 * MIB))
    return Built(WHEEL, raw_zip(found))


def wrong_crc() -> Built:
    """METADATA's bytes are not those its checksum was made of."""
    found = parts()
    found[1].local = found[1].central = {"crc": 1}
    return Built(WHEEL, raw_zip(found))


def wide(*numbers: int) -> bytes:
    """A ZIP64 extra field."""
    return struct.pack(f"<2H{len(numbers)}Q", 1, 8 * len(numbers), *numbers)


def unicode_path(name: bytes) -> bytes:
    """An extra field that gives a member another name."""
    return struct.pack("<2HBL", 0x7075, 5 + len(name), 1, zlib.crc32(b"foo/x.py")) + name


def cut(at: int) -> Callable[[], Built]:
    """A wheel without its last bytes."""
    return lambda: Built(WHEEL, wheel().content[:-at])


def described(**fields: Any) -> Callable[[], Built]:
    """A member with a data descriptor that lies."""
    data = b"y = 2\n"
    descriptor = struct.pack("<4s3L", b"PK\7\x08", zlib.crc32(data), len(data), len(data) + 1)
    zero = {"crc": 0, "packed": 0, "unpacked": 0}
    return part(data=data, method=0, flags=8, local=zero, descriptor=descriptor, **fields)


END_FAULTS = {
    "more members than there are": {"here": 9, "entries": 9},
    "fewer members than there are": {"here": 2, "entries": 2},
    "two counts of members": {"here": 3},
    "directory elsewhere": {"offset": 0},
    "directory beyond the end": {"offset": 0x7FFFFFFF},
    "directory too long": {"size": 0x7FFFFFFF},
    "several parts": {"disk": 1},
}

CASES = {
    "empty file": Case(lambda: Built(WHEEL, b""), "not a zip archive"),
    "no zip": Case(lambda: Built(WHEEL, b"<html>" * 1000), "not a zip archive"),
    "gzip called wheel": Case(lambda: Built(WHEEL, gzipped(b"x")), "not a zip archive"),
    "end cut off": Case(cut(1), "not a zip archive"),
    "end record cut off": Case(cut(30), "not a zip archive"),
    "archive without members": Case(lambda: Built(WHEEL, raw_zip([])), "empty"),
    "bytes before": Case(lambda: wheel(before=b"#!/bin/sh\n"), "before its first member"),
    "bytes before, offsets not counting them": Case(
        lambda: Built(WHEEL, b"#!/bin/sh\n" + wheel().content), "before its start"
    ),
    "bytes behind": Case(lambda: wheel(after=b"x"), "behind its end"),
    "comment": Case(lambda: wheel(comment=b"hello"), "with a comment"),
    "bytes before the end record": Case(lambda: wheel(middle=b"x" * 40), "before its end record"),
    "bytes between members": Case(part(before=b"secret"), "between its members"),
    "unlisted member": Case(part(before=raw_zip([ZipPart(b"evil.py", b"")])[:40]), "between its members"),
    "two directories": Case(two_directories, "before its first member"),
    "overlapping members": Case(overlapping, "overlap"),
    "two members in one place": Case(part(central={"offset": 0}), "overlap"),
    "member beyond the end": Case(part(central={"offset": 0x7FFFFFF}), "between its members"),
    "also a tar": Case(also_a_tar, "both a zip and a tar"),
    "no member where one is listed": Case(
        part(before=b"X" * 30, central={"offset": len(raw_zip(parts()).partition(b"PK\1\2")[0])}), "not where"
    ),
    "two names": Case(part(local={"name": b"foo/z.py"}), "called otherwise"),
    "two names of different length": Case(part(local={"name": b"foo/longer.py"}), "called otherwise"),
    "another name in an extra field": Case(part(central={"extra": unicode_path(b"evil.py")}), "two names"),
    "another name in a local extra field": Case(part(local={"extra": unicode_path(b"evil.py")}), "two names"),
    "two methods": Case(part(local={"method": 0}), "differ"),
    "two sizes": Case(part(local={"unpacked": 1}), "differ"),
    "two packed sizes": Case(part(local={"packed": 1}), "differ"),
    "two checksums": Case(part(local={"crc": 1}), "differ"),
    "stored with two sizes": Case(part(method=0, central={"unpacked": 3}), "two sizes"),
    "a newer format": Case(part(central={"needs": 64}), "newer format than zip 6.3"),
    "encrypted": Case(part(flags=1), "encrypted"),
    "strongly encrypted": Case(part(flags=0x41), "encrypted"),
    "masked headers": Case(part(flags=0x2000), "encrypted"),
    "bzip2": Case(part(method=12), "than deflate"),
    "lzma": Case(part(method=14), "than deflate"),
    "deflate64": Case(part(method=9), "than deflate"),
    "member comment": Case(part(central={"comment": b"hi"}), "comment"),
    "member in another part": Case(part(central={"disk": 3}), "another part"),
    "malformed extra field": Case(part(central={"extra": b"\x55"}), "malformed extra"),
    "extra field too long": Case(part(central={"extra": b"\x55\x54\xff\xff"}), "malformed extra"),
    "folder with contents": Case(part(b"foo/sub/", b"x"), "folder with contents"),
    "descriptor that lies": Case(described(), "data descriptor"),
    "no descriptor": Case(part(flags=8), "data descriptor"),
    "ZIP64 sizes without need": Case(part(central={"extra": wide(6, 8)}), "ZIP64"),
    "ZIP64 sizes missing": Case(part(central={"unpacked": 0xFFFFFFFF}), "ZIP64"),
    "ZIP64 sizes cut off": Case(
        part(central={"unpacked": 0xFFFFFFFF, "packed": 0xFFFFFFFF, "extra": wide(6)}), "ZIP64"
    ),
    "ZIP64 sizes that differ": Case(part(central={"unpacked": 0xFFFFFFFF, "extra": wide(7)}), "differ"),
    "ZIP64 local sizes cut off": Case(
        part(local={"unpacked": 0xFFFFFFFF, "packed": 0xFFFFFFFF, "extra": wide(6)}), "ZIP64"
    ),
    "ZIP64 end elsewhere": Case(lambda: wheel(end64={"at": 1}), "ZIP64 end"),
    "ZIP64 end of another length": Case(lambda: wheel(end64={"length": 60}), "ZIP64 end"),
    "ZIP64 end in several parts": Case(lambda: wheel(end64={"disks": 2}), "ZIP64 end"),
    "ZIP64 end with another count": Case(lambda: wheel(end64={"entries": 5, "here": 5}), "contradict"),
    "ZIP64 end with another directory": Case(lambda: wheel(end64={"offset": 0}), "contradict"),
    "same name twice": Case(lambda: wheel(*parts()[:1]), "two members are called"),
    "two METADATA": Case(lambda: wheel(*parts()[1:2]), "two members are called"),
    "METADATA in two spellings": Case(part(INFO + b"metadata", b"x"), "only by case"),
    "file and folder": Case(part(b"foo/__init__.py/x", b""), "both a file and a folder"),
    "folder and file": Case(
        lambda: wheel(ZipPart(b"foo/a/", b""), ZipPart(b"foo/a", b"")), "two members are called"
    ),
    "same folder twice": Case(lambda: wheel(*[ZipPart(b"foo/a/", b"")] * 2), "two members are called"),
    "bomb": Case(bomb, "50 times"),
    "many bombs": Case(many_bombs, "50 times"),
    "bomb behind a small size": Case(hidden_bomb, "damaged"),
    "bomb behind a large size": Case(part(central={"unpacked": 0xFFFFFFF0}), "50 times"),
    "METADATA too large": Case(large_metadata, "larger than"),
    "METADATA damaged": Case(wrong_crc, "damaged"),
    "METADATA is no deflate stream": Case(
        lambda: Built(
            WHEEL,
            raw_zip([*parts()[2:], ZipPart(INFO + b"METADATA", b"x" * 9, packed_data=b"\xff" * 9)]),
        ),
        "damaged",
    ),
    "too many members": Case(
        lambda: wheel(end={"here": 0xFFFF, "entries": 0xFFFF}, end64={"here": 200_000, "entries": 200_000}),
        "more than 100000",
    ),
    **{
        f"end record: {name}": Case(lambda fields=fields: wheel(end=fields), "")
        for name, fields in END_FAULTS.items()
    },
    **{
        f"member called {name!a}": Case(part(name), "")
        for name in (
            b"/etc/passwd",
            b"../evil.py",
            b"foo/../../evil.py",
            b"foo/..",
            b"foo//x.py",
            b"./foo/x.py",
            b"C:/evil.py",
            b"c:evil.py",
            b"foo\\evil.py",
            b"foo/a\0b.py",
            b"foo/a\nb.py",
            b"foo/a\x1bb.py",
            b"foo/a\x7fb.py",
            b"foo/\xff\xfe.py",
            b"foo/\xc0\xae\xc0\xae/x",
            "foo/\u202egpj.py".encode(),
            "foo/a\u200bb.py".encode(),
            b"",
            b"/",
            b"foo/" + b"a" * 2000,
        )
    },
}

assert a_wheel().filename == WHEEL
