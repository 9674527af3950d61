"""What every kind of archive is held to before a byte of it is believed: names, counts, bombs, time."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from pypicloud_like.core.errors import InvalidUpload

MIB = 1024 * 1024
MAX_MEMBERS = 100_000
MAX_NAME = 1024
MAX_NAMES = 16 * MIB
"""Bytes of all member names together: they are the one thing of an archive that is kept in memory."""
MAX_DECODED = 64 * MIB
MAX_RATIO = 50
"""An archive may decode to 64 MiB whatever its size, to more only at up to 50 times its size."""
MAX_MANIFEST = 2 * MIB
"""Decoded bytes of METADATA or PKG-INFO, entry_points.txt, WHEEL."""
CPU_SECONDS = 12.0

Kept = Callable[[str], bool]
"""Says by its name whether a member's bytes are wanted."""


class Unreadable(InvalidUpload):
    """The bytes are no whole archive of the kind its name says: torn, damaged or something else."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What was read of an archive: the names of its files (links are among them), those of the folders
    that it lists (without a last slash), and the bytes of the few files that were wanted.
    """

    names: Collection[str]
    folders: Collection[str]
    kept: Mapping[str, bytes]


def refused(reason: str) -> InvalidUpload:
    """The refusal of an archive for what is in it."""
    return InvalidUpload("content", reason)


def unreadable(reason: str) -> Unreadable:
    """The refusal of bytes that are no archive of their kind."""
    return Unreadable("content", reason)


def shown(name: str | bytes) -> str:
    """A hostile text as it may stand in a refusal: short, printable ASCII."""
    text = name.decode("utf-8", "replace") if isinstance(name, bytes) else name
    return ascii(text[:80])


class Budget:
    """What reading one archive may cost: decoded bytes, set against its size, and CPU seconds."""

    def __init__(self, size: int) -> None:
        self._left = max(MAX_DECODED, MAX_RATIO * size)
        self._deadline = time.thread_time() + CPU_SECONDS

    def spend(self, decoded: int) -> None:
        """Account for decoded bytes, whether they are wanted or not.

        :raises InvalidUpload: the budget is used up
        """
        self._left -= decoded
        if self._left < 0:
            raise refused(f"decodes to more than {MAX_RATIO} times its size")
        if time.thread_time() > self._deadline:
            raise refused("takes too long to read")


@dataclass(slots=True)
class Tree:
    """The members of an archive as they would lie on a disk."""

    files: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)
    _bytes: int = 0

    def add(self, raw: bytes, *, folder: bool) -> str:
        """Check one member's name and remember it. A folder may come again, a file may not.

        :raises InvalidUpload: the name is not acceptable or the limits are reached
        """
        name = member_name(raw)
        self._bytes += len(raw)
        if name in self.files or (name in self.folders and not folder):
            raise refused(f"two members are called {shown(name)}")
        (self.folders if folder else self.files).add(name)
        if len(self.files) + len(self.folders) > MAX_MEMBERS:
            raise refused(f"more than {MAX_MEMBERS} members")
        if self._bytes > MAX_NAMES:
            raise refused("the names of its members are too long")
        return name

    def finish(self) -> None:
        """:raises InvalidUpload: something lies below a member that is no folder"""
        # With "/" sorted before every other character, what is below a path follows it at once.
        ordered = sorted(name.replace("/", "\0") for name in self.files | self.folders)
        for above, below in pairwise(ordered):
            if below.startswith(above + "\0") and above.replace("\0", "/") in self.files:
                raise refused(f"{shown(above.replace(chr(0), '/'))} is both a file and a folder")


def member_name(raw: bytes) -> str:
    """The name of a member, without the slash that ends a folder's: relative, plain UTF-8, made of
    proper components, nothing in it that a terminal or a file system would take for something else.

    :raises InvalidUpload: it is anything else
    """
    if len(raw) > MAX_NAME:
        raise refused(f"a member has a name of more than {MAX_NAME} bytes")
    try:
        name = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise refused(f"a member's name is not UTF-8: {shown(raw)}") from None
    name = name.removesuffix("/")
    if not name.isprintable() or "\\" in name or name[1:2] == ":":
        raise refused(f"not acceptable as a member's name: {shown(name)}")
    if not all(part and part not in {".", ".."} for part in name.split("/")):
        raise refused(f"a member's name is not a plain relative path: {shown(name)}")
    return name


def check_one_spelling(names: Collection[str], wanted: str) -> None:
    """On a file system that ignores case, the last of two spellings would be the one that is read.

    :raises InvalidUpload: another member's name differs from ``wanted`` only by case
    """
    lowered = wanted.lower()
    for name in names:
        if len(name) == len(wanted) and name != wanted and name.lower() == lowered:
            raise refused(f"{shown(name)} and {shown(wanted)} differ only by case")


def is_tar_header(block: bytes) -> bool:
    """Whether 512 bytes would be taken for the first header of a tar archive."""
    digits = block[148:156].strip(b" \0")
    if len(block) != 512 or not digits or digits.strip(b"01234567"):
        return False
    return int(digits, 8) == sum(block[:148]) + 8 * 32 + sum(block[156:])
