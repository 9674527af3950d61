"""Zip archives: held to one strict layout, then read member by member through limits.

Readers of zip files differ in what they believe: some walk the members, some only the directory at
the end. What is accepted here looks the same to all of them: members lie end to end from the first
byte, each local header says what the directory says, nothing stands before, between or behind.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from typing import BinaryIO

from pypicloud_like.ecosystems.pypi.zip_records import (
    CENTRAL_MAGIC,
    DEFLATED,
    DESCRIPTOR_FLAG,
    DESCRIPTOR_MAGIC,
    ENCRYPTED_FLAGS,
    END,
    END_MAGIC,
    NEWEST,
    STORED,
    TAIL,
    UTF8_FLAG,
    End,
    LocalHeader,
    Member,
    read_directory,
    read_end,
    read_local,
)
from pypicloud_like.registry.archives.limits import (
    MAX_DECODED,
    MAX_MANIFEST,
    MAX_RATIO,
    Budget,
    Contents,
    Kept,
    Tree,
    is_tar_header,
    refused,
    shown,
    unreadable,
)

_COMPARED_FLAGS = ENCRYPTED_FLAGS | DESCRIPTOR_FLAG | UTF8_FLAG


def read_zip(source: BinaryIO, size: int, kept: Kept) -> Contents:
    """Check the whole layout of a zip archive and read the members that ``kept`` names.

    :raises Unreadable: it is none
    :raises InvalidUpload: it is not laid out as every reader expects, or is a bomb
    """
    end = read_end(source, size)
    if end.tail or end.comment_length:
        raise refused("a zip archive with a comment or with bytes behind its end is not accepted")
    if end.directory_offset + end.directory_size != end.position:
        raise refused("a zip archive with bytes before its start or before its end record is not accepted")
    tree = Tree()
    members: dict[str, Member] = {}
    order: list[Member] = []
    decoded = 0
    for member in read_directory(source, end, offset=end.directory_offset):
        order.append(member)
        decoded += member.unpacked
        name = _check_member(tree, member)
        if name is not None:
            members[name] = member
    tree.finish()
    if decoded > max(MAX_DECODED, MAX_RATIO * size):
        raise refused(f"decodes to more than {MAX_RATIO} times its size")
    _check_layout(source, size, order, end)
    return Contents(members.keys(), tree.folders, _read_kept(source, members, kept))


def read_odd_zip(source: BinaryIO, size: int, kept: Kept) -> Contents:
    """Read the wanted members of a zip archive whose layout is not checked: for files that were accepted
    long ago by another index. As bounded in time and memory as :func:`read_zip`.

    :raises Unreadable: it is no zip archive
    :raises InvalidUpload: its directory or a wanted member cannot be read
    """
    end = read_end(source, size)
    shift = end.position - end.directory_size - end.directory_offset
    if shift < 0:
        raise unreadable("a part of a zip archive")
    members = {
        member.raw_name.decode("utf-8", "replace"): member
        for member in read_directory(source, end, offset=end.directory_offset + shift)
    }
    return Contents(members.keys(), set(), _read_kept(source, members, kept, shift=shift))


def ends_like_zip(source: BinaryIO, size: int) -> bool:
    """Whether a reader that looks for a zip directory at the end of any file would find one."""
    window = min(size, TAIL)
    source.seek(size - window)
    block = source.read(window)
    at = len(block)
    while (at := block.rfind(END_MAGIC, 0, at)) >= 0 and at + END.size <= len(block):
        entries, length = END.unpack_from(block, at)[4:6]
        start = size - window + at - length
        if start >= 0:
            source.seek(start)
            if entries == 0 == length or source.read(4) == CENTRAL_MAGIC:
                return True
    return False


def _check_member(tree: Tree, member: Member) -> str | None:
    """Check one entry of the directory; gives the name of a file, None for a folder."""
    folder = member.raw_name.endswith(b"/")
    if folder and member.raw_name[:-1].decode("utf-8", "replace") in tree.folders:
        raise refused(f"two members are called {shown(member.raw_name)}")
    name = tree.add(member.raw_name, folder=folder)
    if member.needs > NEWEST:
        raise refused(f"{shown(name)} needs a newer format than zip {NEWEST / 10}")
    if member.flags & ENCRYPTED_FLAGS:
        raise refused(f"{shown(name)} is encrypted")
    if member.method not in (STORED, DEFLATED):
        raise refused(f"{shown(name)} is compressed in another way than deflate")
    if member.method == STORED and member.packed != member.unpacked:
        raise refused(f"{shown(name)} has two sizes")
    if folder and member.unpacked:
        raise refused(f"{shown(name)} is a folder with contents")
    if member.has_comment or member.disk:
        raise refused(f"{shown(name)} has a comment or lies in another part of the archive")
    return None if folder else name


def _check_layout(source: BinaryIO, size: int, members: list[Member], end: End) -> None:
    """Members lie end to end, from the first byte of the file up to the directory."""
    budget = Budget(size)
    members = sorted(members, key=lambda member: member.offset)
    following = [*(member.offset for member in members[1:]), end.directory_offset]
    if not members or members[0].offset != 0:
        raise refused("a zip archive that is empty, or with bytes before its first member, is not accepted")
    for member, after in zip(members, following, strict=True):
        local = read_local(source, member)
        _check_local(member, local)
        _check_gap(source, member, member.offset + local.length + member.packed, after)
        budget.spend(0)
    source.seek(0)
    if is_tar_header(source.read(512)):
        raise refused("both a zip and a tar archive")


def _check_local(member: Member, local: LocalHeader) -> None:
    name = shown(member.raw_name)
    if local.raw_name != member.raw_name:
        raise refused(f"{name} is called otherwise in its local header")
    if local.method != member.method or (local.flags ^ member.flags) & _COMPARED_FLAGS:
        raise refused(f"the two headers of {name} differ")
    described = member.flags & DESCRIPTOR_FLAG
    pairs = ((local.crc, member.crc), (local.packed, member.packed), (local.unpacked, member.unpacked))
    for here, there in pairs:
        if here != there and not (described and here == 0):
            raise refused(f"the two headers of {name} differ")


def _check_gap(source: BinaryIO, member: Member, end_of_data: int, after: int) -> None:
    """Between two members there is nothing, or exactly the data descriptor that the first announces."""
    gap = after - end_of_data
    if gap < 0:
        raise refused("members of the zip archive overlap")
    if not member.flags & DESCRIPTOR_FLAG:
        if gap:
            raise refused("a zip archive with bytes between its members is not accepted")
        return
    source.seek(end_of_data)
    found = source.read(gap) if gap <= 24 else b""
    sizes = (member.packed, member.unpacked)
    short = struct.pack("<L", member.crc) + b"".join(size.to_bytes(8, "little")[:4] for size in sizes)
    long = struct.pack("<L2Q", member.crc, *sizes)
    if found.removeprefix(DESCRIPTOR_MAGIC) not in (short, long):
        raise refused(f"what follows {shown(member.raw_name)} is not its data descriptor")


def _read_kept(
    source: BinaryIO, members: Mapping[str, Member], kept: Kept, *, shift: int = 0
) -> dict[str, bytes]:
    return {name: _read_member(source, name, member, shift) for name, member in members.items() if kept(name)}


def _read_member(source: BinaryIO, name: str, member: Member, shift: int) -> bytes:
    if member.unpacked > MAX_MANIFEST or member.packed > 2 * MAX_MANIFEST:
        raise refused(f"{shown(name)} is larger than {MAX_MANIFEST} bytes")
    local = read_local(source, member, shift=shift)
    source.seek(member.offset + shift + local.length)
    packed = source.read(member.packed)
    data = packed if member.method == STORED else _inflate(name, packed, member.unpacked)
    if len(data) != member.unpacked or zlib.crc32(data) != member.crc:
        raise refused(f"{shown(name)} is damaged")
    return data


def _inflate(name: str, packed: bytes, size: int) -> bytes:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        data = inflater.decompress(packed, size + 1)
    except zlib.error:
        raise refused(f"{shown(name)} is damaged") from None
    if not inflater.eof or inflater.unused_data:
        raise refused(f"{shown(name)} is damaged")
    return data
