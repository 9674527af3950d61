"""The records of a zip archive as they stand in the file (PKWARE's APPNOTE 6.3), one function each."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from pypicloud_like.registry.archives.limits import MAX_MEMBERS, MAX_NAMES, refused, unreadable

END = struct.Struct("<4s4H2LH")
END64_LOCATOR = struct.Struct("<4sLQL")
END64 = struct.Struct("<4sQ2H2L4Q")
CENTRAL = struct.Struct("<4s6H3L5H2L")
LOCAL = struct.Struct("<4s5H3L2H")

TAIL = END.size + 0xFFFF
"""The end record stands in these last bytes: behind it only a comment of 16-bit length may follow."""

END_MAGIC = b"PK\x05\x06"
END64_LOCATOR_MAGIC = b"PK\x06\x07"
END64_MAGIC = b"PK\x06\x06"
CENTRAL_MAGIC = b"PK\x01\x02"
LOCAL_MAGIC = b"PK\x03\x04"
DESCRIPTOR_MAGIC = b"PK\x07\x08"

NEWEST = 63
"""The newest version of the format, 6.3, that unpackers know; they refuse what needs a newer one."""
STORED = 0
DEFLATED = 8
ENCRYPTED_FLAGS = 0x0001 | 0x0040 | 0x2000
DESCRIPTOR_FLAG = 0x0008
UTF8_FLAG = 0x0800
ZIP64_EXTRA = 0x0001
UNICODE_PATH_EXTRA = 0x7075

_ALL16 = 0xFFFF
_ALL32 = 0xFFFFFFFF
_MAX_DIRECTORY = MAX_NAMES + MAX_MEMBERS * CENTRAL.size


class End(NamedTuple):
    """The end of the archive: how many members, and where their directory lies. ``position`` is where the
    first end record starts, ``tail`` how many bytes follow the last.
    """

    entries: int
    directory_size: int
    directory_offset: int
    position: int
    tail: int
    comment_length: int


class Member(NamedTuple):
    """One entry of the central directory; sizes in bytes, ``offset`` that of its local header. ``needs`` is
    the version of the format that unpacking takes, 45 for 4.5.
    """

    needs: int
    raw_name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    unpacked: int
    offset: int
    has_comment: bool
    disk: int


class LocalHeader(NamedTuple):
    """What stands before a member's data. ``length`` is that of the header itself."""

    raw_name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    unpacked: int
    length: int


def read_end(source: BinaryIO, size: int) -> End:
    """Find and read the end records. Whatever follows them, a comment or rubbish, is counted as tail.

    :raises Unreadable: there are none
    :raises InvalidUpload: they contradict one another
    """
    window = min(size, TAIL)
    source.seek(size - window)
    block = source.read(window)
    at = block.rfind(END_MAGIC, 0, max(0, len(block) - END.size + len(END_MAGIC)))
    if at < 0:
        raise unreadable("not a zip archive, or a part of one")
    disk, start_disk, here, entries, length, offset, comment = END.unpack_from(block, at)[1:]
    position = size - window + at
    plain = (disk, start_disk, here, entries, length, offset)
    end64 = _read_end64(source, position)
    if end64:
        limits = (_ALL16, _ALL16, _ALL16, _ALL16, _ALL32, _ALL32)
        if any(old not in (new, limit) for old, new, limit in zip(plain, end64, limits, strict=True)):
            raise refused("the two end records of the zip archive contradict one another")
        disk, start_disk, here, entries, length, offset = end64
    if disk or start_disk or here != entries:
        raise refused("zip archives in several parts are not accepted")
    first = position - (END64.size + END64_LOCATOR.size if end64 else 0)
    return End(entries, length, offset, first, size - position - END.size, comment)


def _read_end64(source: BinaryIO, position: int) -> tuple[int, int, int, int, int, int] | None:
    start = position - END64_LOCATOR.size - END64.size
    if start < 0:
        return None
    source.seek(start)
    block = source.read(END64.size + END64_LOCATOR.size)
    magic, disk, offset, disks = END64_LOCATOR.unpack_from(block, END64.size)
    if magic != END64_LOCATOR_MAGIC:
        return None
    head, length, _, _, this, first, here, entries, directory_size, directory = END64.unpack_from(block, 0)
    if head != END64_MAGIC or length != END64.size - 12 or offset != start or disk or disks > 1:
        raise refused("malformed ZIP64 end of the archive")
    return this, first, here, entries, directory_size, directory


def read_directory(source: BinaryIO, end: End, *, offset: int) -> Iterator[Member]:
    """The entries of the central directory that starts at ``offset``.

    :raises InvalidUpload: the directory does not hold what the end record says
    """
    if end.entries > MAX_MEMBERS:
        raise refused(f"more than {MAX_MEMBERS} members")
    if end.directory_size > _MAX_DIRECTORY:
        raise refused("the directory of the zip archive is too large")
    source.seek(offset)
    block = source.read(end.directory_size)
    at = 0
    for _ in range(end.entries):
        if at + CENTRAL.size > len(block) or block[at : at + 4] != CENTRAL_MAGIC:
            raise refused("the central directory is not where or what the end record says")
        member, at = _central(block, at)
        if at > len(block):
            raise refused("an entry of the central directory is cut off")
        yield member
    if at != end.directory_size or len(block) != end.directory_size:
        raise refused("the central directory holds more than the end record says")


def read_local(source: BinaryIO, member: Member, *, shift: int = 0) -> LocalHeader:
    """The local header of a member.

    :param shift: bytes that stand before the archive and that its offsets do not count
    :raises InvalidUpload: there is none where the directory says
    """
    source.seek(member.offset + shift)
    block = source.read(LOCAL.size + len(member.raw_name))
    if len(block) < LOCAL.size or block[:4] != LOCAL_MAGIC:
        raise refused("a member of the zip archive is not where its directory says")
    flags, method, _, _, crc, packed, unpacked, name_length, extra_length = LOCAL.unpack_from(block)[2:]
    name = block[LOCAL.size : LOCAL.size + name_length]
    extras = {}
    if extra_length and name_length == len(member.raw_name):
        extras = extra_fields(source.read(extra_length))
    if _ALL32 in (packed, unpacked):
        # Both sizes stand in the field of a local header, even if one of them would have fitted.
        wide = extras.get(ZIP64_EXTRA, b"")
        if len(wide) != 16 or (packed, unpacked) != (_ALL32, _ALL32):
            raise refused("malformed ZIP64 sizes in a zip archive")
        unpacked, packed = struct.unpack("<2Q", wide)
    _check_one_name(name, extras)
    return LocalHeader(name, flags, method, crc, packed, unpacked, LOCAL.size + name_length + extra_length)


def extra_fields(extra: bytes) -> dict[int, bytes]:
    """The extra fields of a member by their id.

    :raises InvalidUpload: they are cut off, or one comes twice
    """
    fields: dict[int, bytes] = {}
    at = 0
    while at < len(extra):
        if at + 4 > len(extra):
            raise refused("malformed extra field in a zip archive")
        kind, length = struct.unpack_from("<2H", extra, at)
        at += 4 + length
        if at > len(extra) or kind in fields:
            raise refused("malformed extra field in a zip archive")
        fields[kind] = extra[at - length : at]
    return fields


def _check_one_name(raw_name: bytes, extras: dict[int, bytes]) -> None:
    renamed = extras.get(UNICODE_PATH_EXTRA)
    if renamed is not None and renamed[5:] != raw_name:
        raise refused("a member of the zip archive has two names")


def _central(block: bytes, at: int) -> tuple[Member, int]:
    fields = CENTRAL.unpack_from(block, at)
    needs, flags, method, _, _, crc, packed, unpacked = fields[2:10]
    name_length, extra_length, comment_length, disk, _, _, offset = fields[10:]
    name_at = at + CENTRAL.size
    extra_at = name_at + name_length
    comment_at = extra_at + extra_length
    following = comment_at + comment_length
    extra = block[extra_at:comment_at]
    extras = extra_fields(extra) if extra else {}
    if ZIP64_EXTRA in extras:
        unpacked, packed, offset = _wide(extras[ZIP64_EXTRA], [unpacked, packed, offset])
    elif _ALL32 in (unpacked, packed, offset):
        raise refused("a ZIP64 member without its sizes")
    raw_name = block[name_at:extra_at]
    _check_one_name(raw_name, extras)
    has_comment = comment_length > 0
    found = (needs & 0xFF, raw_name, flags, method, crc, packed, unpacked, offset, has_comment, disk)
    return Member(*found), following


def _wide(field: bytes, plain: list[int]) -> list[int]:
    """Put the 64-bit values of a ZIP64 field in place of those that say "see there"."""
    places = [place for place, value in enumerate(plain) if value == _ALL32]
    if not places or len(field) != 8 * len(places):
        raise refused("malformed ZIP64 sizes in a zip archive")
    for place, value in zip(places, struct.unpack(f"<{len(places)}Q", field), strict=True):
        plain[place] = value
    return plain
