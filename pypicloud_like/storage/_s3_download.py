"""What an S3 store sends: streams that never end early without saying so."""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import quote

from pypicloud_like.storage._pieces import PIECE
from pypicloud_like.storage._s3_calls import Calls

if TYPE_CHECKING:
    from botocore.response import StreamingBody


class Download(io.RawIOBase):
    """The body of an answer. Raises ``Unavailable`` where it ends early or fails its checksum."""

    def __init__(self, stream: StreamingBody, length: int, calls: Calls, key: str) -> None:
        self._stream = stream
        self._left = length
        self._calls = calls
        self._key = key

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # typeshed's Buffer has no len()
        if not self._left:
            return 0
        with self._calls("read", self._key):
            piece = self._stream.read(min(len(buffer), self._left))
            if not piece:
                raise OSError("the answer ends early")
            self._left -= len(piece)
            if not self._left:
                # The checksum is compared at the end only: before the last bytes are given away.
                self._stream.read(1)
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        """Let go of the answer; a connection with unread bytes in it is closed."""
        if not self.closed:
            self._stream.close()
        super().close()


def hexdigest(body: BinaryIO) -> str:
    """The SHA-256 of the rest of a stream."""
    digest = hashlib.sha256()
    while piece := body.read(PIECE):
        digest.update(piece)
    return digest.hexdigest()


def attachment(filename: str) -> str:
    """A Content-Disposition that no filename breaks out of (RFC 6266)."""
    plain = "".join(
        char if char.isascii() and char.isprintable() and char not in '"\\' else "_" for char in filename
    )
    disposition = f'attachment; filename="{plain}"'
    return disposition if plain == filename else f"{disposition}; filename*=UTF-8''{quote(filename, safe='')}"
