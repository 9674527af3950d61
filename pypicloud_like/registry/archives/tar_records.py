"""The records of a tar archive (POSIX ustar and pax, GNU), read from a stream of decoded bytes.

Readers of tar files differ in what they make of odd headers, and some loop for ever on them. So each
header is checked before its size is believed, and what two readers could understand differently is refused.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import BinaryIO

from pypicloud_like.core.errors import InvalidUpload
from pypicloud_like.registry.archives.limits import (
    MAX_MANIFEST,
    MAX_NAME,
    MIB,
    Budget,
    Kept,
    is_tar_header,
    refused,
    shown,
    unreadable,
)

BLOCK = 512
_CHUNK = 256 * 1024
_INPUT = 64 * 1024
_MAX_PAX = MIB
_OCTAL = re.compile(rb" *([0-7]*)[ \0]*")
_PAX_SIZE = re.compile(rb"[0-9]{1,20}")
_UTF8 = b"ISO-IR 10646 2000 UTF-8"
_PAX_LENGTH = re.compile(rb"([1-9][0-9]{0,7}) ")


class MemberTooLarge(InvalidUpload):
    """A member that has to be read is larger than it may be."""


class OddMember(InvalidUpload):
    """A member is neither a file nor a folder nor a link."""


class Kind(Enum):
    """What a member is."""

    FILE = "file"
    FOLDER = "folder"
    SYMLINK = "symbolic link"
    HARDLINK = "hard link"


@dataclass(frozen=True, slots=True)
class Entry:
    """One member; names are bytes as in the archive, ``data`` is None unless it was wanted."""

    raw_name: bytes
    kind: Kind
    size: int
    raw_target: bytes = b""
    data: bytes | None = None


_KINDS = {
    b"0": Kind.FILE,
    b"\0": Kind.FILE,
    b"7": Kind.FILE,
    b"5": Kind.FOLDER,
    b"1": Kind.HARDLINK,
    b"2": Kind.SYMLINK,
}


class GzipStream:
    """The decoded bytes of a gzip file (RFC 1952) of one member, within a budget."""

    def __init__(self, source: BinaryIO, size: int) -> None:
        source.seek(0)
        self._source = source
        self._budget = Budget(size)
        self._inflater = zlib.decompressobj(16 + zlib.MAX_WBITS)
        self._chunk = b""
        self._at = 0

    def read(self, length: int) -> bytes:
        """The next ``length`` bytes, fewer only at the end."""
        first = self._chunk[self._at : self._at + length]
        self._at += len(first)
        if len(first) == length:
            return first
        parts = [first]
        missing = length - len(first)
        while missing and self._fill():
            part = self._chunk[:missing]
            self._at = len(part)
            missing -= len(part)
            parts.append(part)
        return b"".join(parts)

    def skip(self, length: int) -> bool:
        """Pass over ``length`` bytes; False if the end comes first."""
        while length > len(self._chunk) - self._at:
            length -= len(self._chunk) - self._at
            if not self._fill():
                return length == 0
        self._at += length
        return True

    def rest_is_zero(self) -> bool:
        """Read up to the end; whether there was nothing but zeros."""
        zero = not self._chunk[self._at :].strip(b"\0")
        while self._fill():
            zero = zero and not self._chunk.strip(b"\0")
        return zero

    def _fill(self) -> bool:
        self._chunk, self._at = b"", 0
        while not self._chunk and not self._inflater.eof:
            packed = self._inflater.unconsumed_tail or self._source.read(_INPUT)
            if not packed:
                raise unreadable("the gzip stream is cut off")
            try:
                self._chunk = self._inflater.decompress(packed, _CHUNK)
            except zlib.error:
                raise unreadable("not a gzip stream, or a damaged one") from None
            self._budget.spend(len(self._chunk))
        if self._inflater.eof and (self._inflater.unused_data or self._source.read(1)):
            raise refused("bytes behind the end of the gzip stream are not accepted")
        return bool(self._chunk)


@dataclass(slots=True)
class _Extended:
    """What extension headers say of the member that follows them."""

    name: bytes | None = None
    target: bytes | None = None
    size: int | None = None
    seen: str = ""

    def note(self, kind: str) -> None:
        if kind in self.seen:
            raise refused("two extension headers of one kind before a member of the tar archive")
        self.seen += kind


def read_entries(stream: GzipStream, kept: Kept, *, largest: int = MAX_MANIFEST) -> Iterator[Entry]:
    """Every member of a tar archive up to its end.

    :param largest: how many bytes a member may have that is kept
    :raises Unreadable: it is cut off, or no tar archive
    :raises MemberTooLarge: one that is kept has more bytes; they are not read
    :raises OddMember: it has a device, a pipe or something unknown in it
    :raises InvalidUpload: a header is not one that every reader understands alike
    """
    extended = _Extended()
    first = True
    while block := stream.read(BLOCK):
        if len(block) < BLOCK:
            raise unreadable("the tar archive is cut off")
        if not block.strip(b"\0"):
            if not stream.rest_is_zero():
                raise refused("bytes behind the end of the tar archive are not accepted")
            break
        if not is_tar_header(block):
            raise unreadable("not a tar archive") if first else refused("a damaged header in the tar archive")
        first = False
        kind, size = block[156:157], _number(block[124:136])
        if kind in b"LKxXg":
            _extend(extended, kind, _payload(stream, size, _MAX_PAX))
            continue
        entry = _entry(block, kind, size, extended)
        extended = _Extended()
        wanted = entry.kind is Kind.FILE and kept(entry.raw_name.decode("utf-8", "replace"))
        if wanted:
            yield replace(entry, data=_payload(stream, size, largest))
        else:
            if not stream.skip(size + -size % BLOCK):
                raise unreadable("the tar archive is cut off")
            yield entry
    if extended.seen:
        raise refused("an extension header at the end of the tar archive")


def _payload(stream: GzipStream, size: int, limit: int) -> bytes:
    if size > limit:
        raise MemberTooLarge(
            "content", f"a member of the tar archive that has to be read is larger than {limit} bytes"
        )
    data = stream.read(size)
    if len(data) < size or not stream.skip(-size % BLOCK):
        raise unreadable("the tar archive is cut off")
    return data


def _number(field: bytes) -> int:
    """A number of a header: octal digits, or GNU's binary form, which alone could be negative."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    digits = _OCTAL.fullmatch(field)
    if digits is None:
        raise refused("a malformed or negative number in a header of the tar archive")
    return int(digits[1] or b"0", 8)


def _text(field: bytes) -> bytes:
    return field.partition(b"\0")[0]


def _entry(block: bytes, kind: bytes, size: int, extended: _Extended) -> Entry:
    for start, end in ((100, 108), (108, 116), (116, 124)):
        _number(block[start:end])
    name, target = _name_of(block), _text(block[157:257])
    if extended.name is not None:
        name = extended.name
    if extended.target is not None:
        target = extended.target
    if extended.size not in (None, size):
        raise refused(f"{shown(name)} has two sizes")
    found = _KINDS.get(kind)
    if found is None:
        raise OddMember("content", f"{shown(name)} is neither a file nor a folder nor a link")
    if found is Kind.FILE and name.endswith(b"/"):
        if kind != b"\0":
            raise refused(f"{shown(name)} is a file called like a folder")
        found = Kind.FOLDER  # how archives older than POSIX mark one
    if found is not Kind.FILE and size:
        raise refused(f"{shown(name)} is a {found.value} with contents")
    return Entry(name, found, size, target)


def _name_of(block: bytes) -> bytes:
    name, prefix = _text(block[:100]), _text(block[345:500])
    if not prefix:
        return name
    if block[257:263] != b"ustar\0":
        raise refused("a name in two parts in a header of an old kind")
    return prefix + b"/" + name


def _extend(extended: _Extended, kind: bytes, data: bytes) -> None:
    """Take up what an extension header says."""
    if kind in b"LK":
        extended.note(kind.decode())
        text = _text(data)
        if data[len(text) :].strip(b"\0") or len(text) > MAX_NAME:
            raise refused("a malformed long name in the tar archive")
        names = {b"path" if kind == b"L" else b"linkpath": text}
    else:
        names = dict(_pax_records(data))
        _check_pax(names)
        if kind == b"g":
            if names.keys() & {b"path", b"linkpath", b"size"}:
                raise refused("a pax header that names every member is not accepted")
            return
        extended.note("x")
    extended.name = _once(extended.name, names.get(b"path"))
    extended.target = _once(extended.target, names.get(b"linkpath"))
    if b"size" in names:
        extended.size = int(names[b"size"])


def _check_pax(records: Mapping[bytes, bytes]) -> None:
    if any(key.startswith((b"GNU.sparse", b"SCHILY.realsize")) for key in records):
        raise refused("sparse members are not accepted")
    if records.get(b"hdrcharset", _UTF8) != _UTF8:
        raise refused("names in another encoding than UTF-8 are not accepted")
    if not _PAX_SIZE.fullmatch(records.get(b"size", b"0")):
        raise refused("a malformed size in a pax header")


def _once(known: bytes | None, new: bytes | None) -> bytes | None:
    if known is not None and new is not None and known != new:
        raise refused("two extension headers give one member two names")
    return known if new is None else new


def _pax_records(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Records of the form ``LENGTH KEY=VALUE`` and a line end; the length counts the whole record."""
    keys = set()
    at = 0
    while at < len(data):
        length = _PAX_LENGTH.match(data, at)
        end = at + int(length[1]) if length else 0
        if length is None or end > len(data) or end <= length.end() or data[end - 1 : end] != b"\n":
            raise refused("a malformed pax header")
        key, equals, value = data[length.end() : end - 1].partition(b"=")
        if not equals or not key or key in keys:
            raise refused("a malformed pax header")
        keys.add(key)
        yield key, value
        at = end
