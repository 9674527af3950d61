"""Source archives whose tar or gzip is not what it seems."""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Callable
from typing import Any

from tests.builders import Built, an_sdist, core_metadata
from tests.corpus import Case
from tests.support.raw_archives import END_OF_TAR, a_zip, gzipped, pax_header, tar_header, tar_member

SDIST = "foo-1.0.tar.gz"
TOP = b"foo-1.0/"
MIB = 1024 * 1024
PKG_INFO = tar_member(TOP + b"PKG-INFO", core_metadata("foo", "1.0"))


def sdist(*members: bytes, info: bytes = PKG_INFO, end: bytes = END_OF_TAR) -> Built:
    """A sound sdist with more members."""
    return Built(SDIST, gzipped(info + b"".join(members) + end))


def member(name: bytes = TOP + b"x.py", data: bytes = b"y = 2\n", **fields: Any) -> Callable[[], Built]:
    """A sound sdist with one more member."""
    return lambda: sdist(tar_member(name, data, **fields))


def link(name: bytes, target: bytes, kind: bytes = b"2") -> Callable[[], Built]:
    """A sound sdist with a link, symbolic if nothing else is said."""
    return lambda: sdist(tar_header(TOP + name, kind=kind, target=target))


def through_a_link() -> Built:
    """What lies below a link would be written where the link leads."""
    return sdist(
        tar_header(TOP + b"a", kind=b"2", target=b"b"),
        tar_member(TOP + b"a/evil.py", b"x"),
        tar_member(TOP + b"b/c"),
    )


def climbing_link() -> Built:
    """By its letters the second link stays inside; by way of the first it does not."""
    return sdist(
        tar_member(TOP + b"a/b/c/d"),
        tar_header(TOP + b"a/b/up", kind=b"2", target=b"../.."),
        tar_header(TOP + b"out", kind=b"2", target=b"a/b/up/../evil"),
    )


def zip_inside_gzip() -> Built:
    """The end of the file is a zip archive whose comment is the end of the gzip stream."""
    zipped = a_zip({"evil.py": b""})
    deflater = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    tar = PKG_INFO + END_OF_TAR
    trailer = struct.pack("<2L", zlib.crc32(tar), len(tar))
    packed = deflater.compress(tar) + deflater.flush()
    header = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff" + struct.pack("<H", len(zipped)) + zipped
    return Built(SDIST, header + packed + trailer)


def zip_behind() -> Built:
    """A zip archive behind the gzip stream."""
    return Built(SDIST, sdist().content + a_zip({"foo-1.0/PKG-INFO": b""}))


def endless_extensions() -> Built:
    """Headers that describe no member, without end."""
    return Built(SDIST, gzipped(pax_header({"comment": "x"}, kind=b"g") * 70_000))


def wrong_checksum() -> Built:
    """The gzip stream ends with another CRC."""
    content = sdist().content
    return Built(SDIST, content[:-8] + b"\0\0\0\0" + content[-4:])


CASES = {
    "empty file": Case(lambda: Built(SDIST, b""), "cut off"),
    "no gzip": Case(lambda: Built(SDIST, b"<html>" * 1000), "not a gzip stream"),
    "not compressed": Case(lambda: Built(SDIST, PKG_INFO + END_OF_TAR), "not a gzip stream"),
    "zip called tar.gz": Case(lambda: Built(SDIST, a_zip({"foo-1.0/PKG-INFO": b""})), "both a tar and a zip"),
    "gzip of no tar": Case(lambda: Built(SDIST, gzipped(b"hello" * 1000)), "not a tar archive"),
    "gzip of nothing": Case(lambda: Built(SDIST, gzipped(b"")), "exactly one top folder"),
    "gzip cut off": Case(lambda: Built(SDIST, sdist().content[:-9]), "cut off"),
    "gzip without its trailer": Case(lambda: Built(SDIST, sdist().content[:-8]), "cut off"),
    "gzip with a wrong checksum": Case(wrong_checksum, "damaged"),
    "bytes behind the gzip stream": Case(lambda: Built(SDIST, sdist().content + b"x"), "behind the end"),
    "second gzip stream": Case(lambda: Built(SDIST, sdist().content + gzipped(b"x")), "behind the end"),
    "zip behind": Case(zip_behind, "both a tar and a zip"),
    "zip in the gzip header": Case(zip_inside_gzip, "both a tar and a zip"),
    "tar cut off in a header": Case(lambda: sdist(PKG_INFO[:100], end=b""), "cut off"),
    "tar cut off in data": Case(lambda: sdist(tar_member(TOP + b"x", b"", size=5000), end=b""), "cut off"),
    "bytes behind the tar": Case(lambda: sdist(end=END_OF_TAR + b"evil"), "behind the end of the tar"),
    "second tar behind the first": Case(lambda: sdist(END_OF_TAR, PKG_INFO), "behind the end of the tar"),
    "damaged header": Case(member(checksum=b"000001\0 "), "damaged header"),
    "header without a checksum": Case(member(checksum=b"\0" * 8), "damaged header"),
    "signed checksum": Case(member(checksum=b"-00001\0 "), "damaged header"),
    "negative size": Case(member(size=b"-0000000512\0", data=b""), "negative"),
    "negative binary size": Case(member(size=b"\xff" * 11 + b"\0", data=b""), "negative"),
    "size that is no number": Case(member(size=b"99999999999\0", data=b""), "malformed"),
    "size in another notation": Case(member(size=b"0o000000001\0", data=b""), "malformed"),
    "size with an underscore": Case(member(size=b"000000000_1\0", data=b""), "malformed"),
    "size with something behind it": Case(member(size=b"000\x000000001 ", data=b""), "malformed"),
    "huge binary size": Case(member(size=b"\x80" + b"\x7f" * 11, data=b""), "cut off"),
    "mode that is no number": Case(member(mode=b"rw-r--r-"), "malformed"),
    "character device": Case(member(kind=b"3", data=b""), "neither a file"),
    "block device": Case(member(kind=b"4", data=b""), "neither a file"),
    "fifo": Case(member(kind=b"6", data=b""), "neither a file"),
    "sparse member": Case(member(kind=b"S"), "neither a file"),
    "multi-volume member": Case(member(kind=b"M"), "neither a file"),
    "unknown kind": Case(member(kind=b"~"), "neither a file"),
    "sparse member by pax": Case(
        lambda: sdist(pax_header({"GNU.sparse.major": "1", "GNU.sparse.minor": "0"}), PKG_INFO), "sparse"
    ),
    "sparse member by old pax": Case(
        lambda: sdist(pax_header({"GNU.sparse.size": "99999999999"}), tar_member(TOP + b"x")), "sparse"
    ),
    "pax size": Case(lambda: sdist(pax_header({"size": "1"}), tar_member(TOP + b"x", b"12")), "two sizes"),
    "pax size negative": Case(
        lambda: sdist(pax_header({"size": "-1"}), tar_member(TOP + b"x")), "malformed size"
    ),
    "pax size of many digits": Case(
        lambda: sdist(pax_header({"size": "9" * 5000}), tar_member(TOP + b"x")), "malformed size"
    ),
    "pax path twice": Case(
        lambda: sdist(pax_header(b"18 path=foo-1.0/a\n18 path=foo-1.0/b\n"), tar_member(TOP + b"x")),
        "malformed pax",
    ),
    "pax length too long": Case(
        lambda: sdist(pax_header(b"99 path=a\n"), tar_member(TOP + b"x")), "malformed pax"
    ),
    "pax length zero": Case(
        lambda: sdist(pax_header(b"0 path=a\n"), tar_member(TOP + b"x")), "malformed pax"
    ),
    "pax length of many digits": Case(
        lambda: sdist(pax_header(b"9" * 5000 + b" path=a\n"), tar_member(TOP + b"x")), "malformed pax"
    ),
    "pax without a key": Case(
        lambda: sdist(pax_header(b"7 path\n"), tar_member(TOP + b"x")), "malformed pax"
    ),
    "pax header too large": Case(
        lambda: sdist(pax_header({"comment": "x" * 2 * MIB}), tar_member(TOP + b"x")), "larger than"
    ),
    "pax in another encoding": Case(
        lambda: sdist(pax_header({"hdrcharset": "BINARY", "path": "foo-1.0/y"}), tar_member(TOP + b"x")),
        "encoding",
    ),
    "pax path for all": Case(
        lambda: sdist(pax_header({"path": "foo-1.0/y"}, kind=b"g"), tar_member(TOP + b"x")), "every member"
    ),
    "pax path outside": Case(
        lambda: sdist(pax_header({"path": "../evil"}), tar_member(TOP + b"x")), "plain relative"
    ),
    "two pax headers": Case(
        lambda: sdist(pax_header({"path": "foo-1.0/y"}) * 2, tar_member(TOP + b"x")), "two extension headers"
    ),
    "pax and GNU names": Case(
        lambda: sdist(
            tar_member(b"././@LongLink", TOP + b"a\0", kind=b"L"),
            pax_header({"path": "foo-1.0/y"}),
            tar_member(TOP + b"x"),
        ),
        "two names",
    ),
    "pax header at the end": Case(lambda: sdist(pax_header({"path": "x"})), "extension header at the end"),
    "GNU name with something behind": Case(
        lambda: sdist(tar_member(b"././@LongLink", TOP + b"a\0b", kind=b"L"), tar_member(TOP + b"x")),
        "long name",
    ),
    "GNU name too long": Case(
        lambda: sdist(tar_member(b"././@LongLink", TOP + b"a" * 9000, kind=b"L"), tar_member(TOP + b"x")),
        "long name",
    ),
    "prefix in an old header": Case(member(prefix=b"evil", magic=b"ustar  \0"), "two parts"),
    "folder with contents": Case(member(name=TOP + b"d/", kind=b"5"), "with contents"),
    "link with contents": Case(member(kind=b"1", target=TOP + b"PKG-INFO"), "with contents"),
    "file called like a folder": Case(member(name=TOP + b"d/"), "called like a folder"),
    "same name twice": Case(lambda: sdist(PKG_INFO), "two members are called"),
    "PKG-INFO in two spellings": Case(member(name=TOP + b"pkg-info"), "only by case"),
    "file and folder": Case(member(name=TOP + b"PKG-INFO/x"), "both a file and a folder"),
    "below a link": Case(through_a_link, "both a file and a folder"),
    "link to the root": Case(link(b"a", b"/etc/passwd"), "leads outside"),
    "link up and out": Case(link(b"a", b"../x"), "leads outside"),
    "link far up": Case(link(b"a/b/c", b"../../../x"), "leads outside"),
    "link up later": Case(climbing_link, "leads outside"),
    "link to nothing": Case(link(b"a", b""), "leads outside"),
    "link with a backslash": Case(link(b"a", b"..\\..\\x"), "leads outside"),
    "link with a control character": Case(link(b"a", b"x\x1b"), "leads outside"),
    "hard link outside": Case(link(b"a", b"../x", b"1"), "plain relative"),
    "hard link to the root": Case(link(b"a", b"/etc/passwd", b"1"), "plain relative"),
    "hard link to a later file": Case(
        lambda: sdist(tar_header(TOP + b"a", kind=b"1", target=TOP + b"b"), tar_member(TOP + b"b")),
        "no earlier",
    ),
    "hard link to a link": Case(
        lambda: sdist(
            tar_header(TOP + b"a", kind=b"2", target=b"b"),
            tar_header(TOP + b"c", kind=b"1", target=TOP + b"a"),
        ),
        "no earlier",
    ),
    "PKG-INFO is a link": Case(
        lambda: sdist(
            tar_header(TOP + b"PKG-INFO", kind=b"2", target=b"other"),
            info=tar_member(TOP + b"other", core_metadata("foo", "1.0")),
        ),
        "not a plain file",
    ),
    "bomb": Case(lambda: sdist(tar_member(TOP + b"zeros", bytes(66 * MIB))), "50 times"),
    "bomb behind the end": Case(lambda: sdist(end=bytes(66 * MIB)), "50 times"),
    "gzip bomb of no tar": Case(lambda: Built(SDIST, gzip.compress(bytes(80 * MIB))), "50 times"),
    "endless extension headers": Case(endless_extensions, "50 times"),
    "PKG-INFO too large": Case(
        lambda: sdist(info=tar_member(TOP + b"PKG-INFO", core_metadata("foo", "1.0") + b"x" * 3 * MIB)),
        "larger than",
    ),
    "two top folders": Case(member(name=b"bar-1.0/x"), "exactly one top folder"),
    "empty second top folder": Case(member(name=b"bar-1.0/", data=b"", kind=b"5"), "exactly one top folder"),
    "file beside the top folder": Case(member(name=b"x.py"), "exactly one top folder"),
    "top folder of another project": Case(lambda: an_sdist(top="bar-1.0"), "top folder"),
    "top folder of another version": Case(lambda: an_sdist(top="foo-2.0"), "top folder"),
    "top folder without a version": Case(lambda: an_sdist(top="foo"), "top folder"),
    **{
        f"member called {name!a}": Case(member(name=name), "")
        for name in (
            b"/etc/passwd",
            b"../evil.py",
            TOP + b"../../evil.py",
            TOP + b"..",
            TOP + b"/x",
            b"./" + TOP + b"x",
            TOP + b"a\\b",
            TOP + b"a\nb",
            TOP + b"\xff",
            "foo-1.0/\u202egpj".encode(),
            b"",
        )
    },
}
