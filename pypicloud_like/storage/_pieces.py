"""Reading what is to be stored: never more than was announced, and checked on the way."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import BinaryIO

from pypicloud_like.core.errors import InvalidUpload

PIECE = 256 * 1024
"""Bytes held in memory at a time."""


def pieces(source: BinaryIO, *, size: int, sha256: str) -> Iterator[bytes]:
    """Exactly ``size`` bytes of ``source`` from its present position, in pieces.

    The last piece has been given when a wrong digest is found out, so whoever stores the pieces makes
    them visible only after the iterator has ended.

    :raises InvalidUpload: the source ends early, or the SHA-256 (hexadecimal) is another
    """
    digest = hashlib.sha256()
    left = size
    while left:
        piece = source.read(min(PIECE, left))
        if not piece:
            raise InvalidUpload("content", f"ends after {size - left} of {size} bytes")
        left -= len(piece)
        digest.update(piece)
        yield piece
    if digest.hexdigest() != sha256.lower():
        raise InvalidUpload("content", "does not have the SHA-256 digest announced for it")
