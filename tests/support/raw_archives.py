"""Zip and tar archives whose every field can be a lie."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

BLOCK = 512
END_OF_TAR = b"\0" * 2 * BLOCK


def a_zip(members: Mapping[str, bytes], *, stored: bool = False) -> bytes:
    """A zip archive of these files."""
    return raw_zip(
        [ZipPart(name.encode(), data, method=0 if stored else 8) for name, data in members.items()]
    )


def a_tar(members: Mapping[str, bytes]) -> bytes:
    """A tar archive of these files, not compressed."""
    return b"".join(tar_member(name.encode(), data) for name, data in members.items()) + END_OF_TAR


def gzipped(data: bytes) -> bytes:
    """One gzip stream, the same for the same bytes."""
    deflater = zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return deflater.compress(data) + deflater.flush()


@dataclass(kw_only=True)
class _Fields:
    local: Mapping[str, Any] = field(default_factory=dict)
    central: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class ZipPart(_Fields):
    """One member. ``local`` and ``central`` replace fields of that header alone: ``needs name flags method
    crc packed unpacked extra comment disk offset``. ``descriptor`` is what follows the data.
    """

    name: bytes
    data: bytes = b""
    method: int = 8
    flags: int = 0
    packed_data: bytes | None = None
    descriptor: bytes = b""
    before: bytes = b""

    def packed(self) -> bytes:
        if self.packed_data is not None:
            return self.packed_data
        if self.method != 8:
            return self.data
        deflater = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
        return deflater.compress(self.data) + deflater.flush()

    def fields(self) -> dict[str, Any]:
        return {
            "needs": 20,
            "name": self.name,
            "flags": self.flags,
            "method": self.method,
            "crc": zlib.crc32(self.data),
            "packed": len(self.packed()),
            "unpacked": len(self.data),
            "extra": b"",
            "comment": b"",
            "disk": 0,
        }


def raw_zip(
    parts: Iterable[ZipPart],
    *,
    before: bytes = b"",
    middle: bytes = b"",
    after: bytes = b"",
    comment: bytes = b"",
    end: Mapping[str, int] | None = None,
    end64: Mapping[str, int] | None = None,
) -> bytes:
    """A zip archive of these parts; every offset counts from the first byte, ``before`` included.

    :param middle: bytes between the directory and the end record
    :param end: replaces fields of the end record: ``disk start here entries size offset``
    :param end64: writes a ZIP64 end record and locator, with these fields replaced, too
    """
    body = bytearray(before)
    directory = bytearray()
    count = 0
    for part in parts:
        body += part.before
        offset = len(body)
        body += _local_header({**part.fields(), **part.local}) + part.packed() + part.descriptor
        directory += _central_header({**part.fields(), "offset": offset, **part.central})
        count += 1
    true = {
        "disk": 0,
        "start": 0,
        "here": count,
        "entries": count,
        "size": len(directory),
        "offset": len(body),
    }
    found = bytes(body + directory) + middle
    if end64 is not None:
        found += _end64({**true, "at": len(found), **end64})
    last = {**true, **(end or {})}
    numbers = [last[key] for key in ("disk", "start", "here", "entries", "size", "offset")]
    return found + struct.pack("<4s4H2LH", b"PK\5\6", *numbers, len(comment)) + comment + after


def _local_header(fields: Mapping[str, Any]) -> bytes:
    head = struct.pack(
        "<4s5H3L2H",
        b"PK\3\4",
        20,
        fields["flags"],
        fields["method"],
        0,
        0x21,
        fields["crc"],
        fields["packed"],
        fields["unpacked"],
        len(fields["name"]),
        len(fields["extra"]),
    )
    return head + fields["name"] + fields["extra"]


def _central_header(fields: Mapping[str, Any]) -> bytes:
    head = struct.pack(
        "<4s6H3L5H2L",
        b"PK\1\2",
        0x0314,
        fields["needs"],
        fields["flags"],
        fields["method"],
        0,
        0x21,
        fields["crc"],
        fields["packed"],
        fields["unpacked"],
        len(fields["name"]),
        len(fields["extra"]),
        len(fields["comment"]),
        fields["disk"],
        0,
        0o100644 << 16,
        fields["offset"],
    )
    return head + fields["name"] + fields["extra"] + fields["comment"]


def _end64(fields: Mapping[str, int]) -> bytes:
    numbers = [fields[key] for key in ("disk", "start", "here", "entries", "size", "offset")]
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", fields.get("length", 44), 45, 45, *numbers)
    return record + struct.pack("<4sLQL", b"PK\6\7", 0, fields["at"], fields.get("disks", 1))


def tar_member(name: bytes, data: bytes = b"", **fields: Any) -> bytes:
    """One member of a tar archive, header and padded data. ``fields`` as of :func:`tar_header`."""
    return (
        tar_header(name, size=fields.pop("size", len(data)), **fields) + data + b"\0" * (-len(data) % BLOCK)
    )


def tar_header(
    name: bytes,
    *,
    size: int | bytes = 0,
    kind: bytes = b"0",
    target: bytes = b"",
    prefix: bytes = b"",
    magic: bytes = b"ustar\x0000",
    mode: bytes = b"0000644\0",
    checksum: bytes | None = None,
) -> bytes:
    """The 512 bytes before a member. ``size`` may be the raw field of 12 bytes."""
    block = bytearray(BLOCK)
    block[0 : len(name)] = name
    block[100:108] = mode
    block[108:124] = b"0000000\0" * 2
    block[124:136] = size if isinstance(size, bytes) else b"%011o\0" % size
    block[136:148] = b"00000000000\0"
    block[148:156] = b" " * 8
    block[156:157] = kind
    block[157 : 157 + len(target)] = target
    block[257:265] = magic
    block[345 : 345 + len(prefix)] = prefix
    block[148:156] = b"%06o\0 " % sum(block) if checksum is None else checksum
    assert len(block) == BLOCK
    return bytes(block)


def pax_header(records: Mapping[str, str | bytes] | bytes, *, kind: bytes = b"x") -> bytes:
    """An extension header of pax with these records, or with these bytes for them."""
    if not isinstance(records, bytes):
        records = b"".join(_pax_record(key, value) for key, value in records.items())
    return tar_member(b"PaxHeader", records, kind=kind)


def _pax_record(key: str, value: str | bytes) -> bytes:
    text = b" " + key.encode() + b"=" + (value.encode() if isinstance(value, str) else value) + b"\n"
    length = len(text)
    while len(b"%d" % length) + len(text) != length:
        length = len(b"%d" % length) + len(text)
    return b"%d" % length + text
