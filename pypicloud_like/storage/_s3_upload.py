"""What is sent to an S3 store: read once, checked, and cut into parts."""

from __future__ import annotations

import base64
import hashlib
import io
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from pypicloud_like.core.errors import NoSpace
from pypicloud_like.storage._pieces import PIECE, pieces
from pypicloud_like.storage._span import Span

_SPOOLED = 1024 * 1024
"""Bytes of a source that cannot seek kept in memory; above, a temporary file."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of what is to be stored, with what a store can check it by."""

    start: int
    size: int
    sha256: bytes
    md5: bytes


@dataclass(frozen=True, slots=True)
class Upload:
    """Bytes that were read once and have the digest announced for them, ready to be sent in parts."""

    content: BinaryIO
    size: int
    sha256: str
    parts: Sequence[Part]

    def body(self, part: Part) -> BinaryIO:
        """The bytes of a part; may be read again for a retry."""
        return io.BufferedReader(Span(self.content, part.start, part.size, owns=False), PIECE)

    @property
    def etag(self) -> str:
        """The ETag of stores that keep objects as they are, without the quotes."""
        if len(self.parts) == 1:
            return self.parts[0].md5.hex()
        return f"{_md5(b''.join(part.md5 for part in self.parts)).hexdigest()}-{len(self.parts)}"

    @property
    def checksum(self) -> str:
        """The SHA-256 checksum as S3 gives it: of the bytes, or of the checksums of the parts."""
        if len(self.parts) == 1:
            return encoded(self.parts[0].sha256)
        together = hashlib.sha256(b"".join(part.sha256 for part in self.parts))
        return f"{encoded(together.digest())}-{len(self.parts)}"


@contextmanager
def prepared(source: BinaryIO, *, size: int, sha256: str, part_size: int) -> Iterator[Upload]:
    """Read a source once and check it, before anything is sent. One that cannot seek is spooled.

    :raises InvalidUpload: the source ends early, or its SHA-256 is another
    :raises NoSpace: there is no room for spooling
    """
    checked = pieces(source, size=size, sha256=sha256)
    if source.seekable():
        start = source.tell()
        yield Upload(source, size, sha256, _measured(checked, start, part_size))
        return
    with tempfile.SpooledTemporaryFile(max_size=_SPOOLED) as spool:
        content: BinaryIO = spool  # type: ignore[assignment]  # has all of its methods, not its type
        yield Upload(content, size, sha256, _measured(_copied(checked, content), 0, part_size))


def encoded(digest: bytes) -> str:
    """A digest as S3 headers carry it."""
    return base64.b64encode(digest).decode()


def _md5(content: bytes = b"") -> hashlib._Hash:
    # MD5 finds accidents on the way here; who put the bytes there is proved by SHA-256.
    return hashlib.md5(content, usedforsecurity=False)


def _copied(source: Iterator[bytes], copy: BinaryIO) -> Iterator[bytes]:
    for piece in source:
        try:
            copy.write(piece)
        except OSError as error:
            raise NoSpace from error
        yield piece


def _measured(source: Iterator[bytes], start: int, part_size: int) -> Sequence[Part]:
    parts: list[Part] = []
    size, sha256, md5 = 0, hashlib.sha256(), _md5()
    for piece in source:
        rest = memoryview(piece)
        while rest:
            if size == part_size:
                parts.append(Part(start, size, sha256.digest(), md5.digest()))
                start += size
                size, sha256, md5 = 0, hashlib.sha256(), _md5()
            taken = rest[: part_size - size]
            sha256.update(taken)
            md5.update(taken)
            size += len(taken)
            rest = rest[len(taken) :]
    return [*parts, Part(start, size, sha256.digest(), md5.digest())]
