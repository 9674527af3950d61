"""A remote file read in pieces, as far as it is needed: enough for the directory of a zip archive and one
of its members.
"""

from __future__ import annotations

import io
import re

from pypicloud_like.core.errors import UpstreamFailed
from pypicloud_like.upstream.client import Client

BLOCK = 64 * 1024
MOST_READ = 8 * 1024 * 1024
"""Bytes of all pieces together: beyond it, fetching the whole file is the better way."""

_CONTENT_RANGE = re.compile(r"bytes (?P<start>\d{1,19})-(?P<end>\d{1,19})/(?P<total>\d{1,19})\Z")


class NoRanges(Exception):
    """The server does not give pieces, or too many were asked for."""


class RemoteFile(io.RawIOBase):
    """Seekable and binary; every block is fetched once.

    :raises NoRanges: while being read, or at once
    :raises UpstreamFailed: while being read, or at once
    """

    def __init__(self, client: Client, upstream: str, url: str) -> None:
        super().__init__()
        self._client = client
        self._upstream = upstream
        self._url = url
        self._position = 0
        self._read_bytes = 0
        self._blocks: dict[int, bytes] = {}
        self.size = self._first()

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Where the next read begins."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move; costs nothing."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        self._position = max(0, start + offset)
        return self._position

    def read(self, size: int | None = -1) -> bytes:
        """The next bytes, all that is left for a negative size."""
        end = self.size if size is None or size < 0 else min(self.size, self._position + size)
        parts = []
        while self._position < end:
            number, offset = divmod(self._position, BLOCK)
            part = self._block(number)[offset : offset + end - self._position]
            if not part:
                break
            parts.append(part)
            self._position += len(part)
        return b"".join(parts)

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # any buffer
        """As :meth:`read`, into a buffer."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _first(self) -> int:
        """The end of the file, where the directory of an archive is; gives the file's size."""
        body, start, size = self._fetch(f"bytes=-{BLOCK}")
        number = -(-start // BLOCK)  # what comes before the first whole block is fetched again if needed
        if start == 0:
            number = 0
        self._blocks[number] = body[number * BLOCK - start :]
        return size

    def _block(self, number: int) -> bytes:
        if number not in self._blocks or len(self._blocks[number]) < self._length(number):
            start = number * BLOCK
            body, begin, size = self._fetch(f"bytes={start}-{start + BLOCK - 1}")
            if begin != start or size != self.size:
                raise UpstreamFailed(self._upstream, "a file changed while it was read")
            self._blocks[number] = body
        return self._blocks[number]

    def _length(self, number: int) -> int:
        return min(BLOCK, self.size - number * BLOCK)

    def _fetch(self, wanted: str) -> tuple[bytes, int, int]:
        headers = {"Range": wanted, "Accept-Encoding": "identity"}
        with self._client.open(self._url, headers) as (response, _):
            match = _CONTENT_RANGE.match(response.headers.get("Content-Range", ""))
            if response.status != 206 or match is None:
                raise NoRanges
            start, end, size = (int(match[name]) for name in ("start", "end", "total"))
            length = end - start + 1
            self._read_bytes += length
            if length > BLOCK or self._read_bytes > MOST_READ:
                raise NoRanges
            body = b""
            for chunk in self._client.chunks(response):
                body += chunk
                if len(body) > length:
                    break
        if len(body) != length:
            raise UpstreamFailed(self._upstream, "a piece of a file has the wrong length")
        return body, start, size
