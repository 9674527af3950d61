"""A part of a seekable file as a file of its own."""

from __future__ import annotations

import errno
import io
import os
from typing import BinaryIO


class Span(io.RawIOBase):
    """The bytes ``start`` to ``start + length`` of ``whole``; ending early is an :class:`OSError`.

    Seekable, so that WSGI servers may send it through ``wsgi.file_wrapper``; without a file number, so
    that none of them sends the file behind it to its end. Closing it closes ``whole`` if it ``owns`` it.
    """

    def __init__(self, whole: BinaryIO, start: int, length: int, *, owns: bool = True) -> None:
        self._whole = whole
        self._start = start
        self._length = length
        self._at = 0
        self._owns = owns

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._length}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # typeshed's Buffer has no len()
        wanted = min(len(buffer), self._length - self._at)
        if wanted <= 0:
            return 0
        self._whole.seek(self._start + self._at)
        piece = self._whole.read(wanted)
        if not piece:
            raise OSError(errno.EIO, "the file ends early")
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def close(self) -> None:
        if self._owns and not self.closed:
            self._whole.close()
        super().close()
