"""Bytes on their way in: written once to a temporary file, counted and hashed on the way."""

from __future__ import annotations

import hashlib
from pathlib import Path
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import IO, BinaryIO, Protocol, Self, cast

from pypicloud_like.core.errors import TooLarge

CHUNK = 256 * 1024
_IN_MEMORY = 1024 * 1024


class _Digest(Protocol):
    def update(self, data: bytes | bytearray, /) -> None: ...

    def hexdigest(self) -> str: ...


class Spool:
    """A temporary file that knows its size and digests. Gone when closed.

    ``limit`` is in bytes and is enforced while writing, not after.
    """

    def __init__(self, *, limit: int, folder: Path | None = None, what: str = "The file") -> None:
        self._file: IO[bytes] = SpooledTemporaryFile(  # noqa: SIM115 - closed by close()
            max_size=_IN_MEMORY, dir=str(folder) if folder else None, prefix="upload-"
        )
        self._limit = limit
        self._what = what
        self._digests: dict[str, _Digest] = {
            "sha256": hashlib.sha256(),
            "md5": hashlib.md5(usedforsecurity=False),
            "blake2b_256": hashlib.blake2b(digest_size=32),
        }
        self.size = 0

    def write(self, chunk: bytes | bytearray) -> None:
        """Take the next bytes.

        :raises TooLarge: more than the limit arrived
        """
        self.size += len(chunk)
        if self.size > self._limit:
            raise TooLarge(self._what, self._limit)
        for digest in self._digests.values():
            digest.update(chunk)
        self._file.write(chunk)

    @classmethod
    def of(cls, source: BinaryIO, *, limit: int, folder: Path | None = None) -> Spool:
        """Read ``source`` to its end."""
        spool = cls(limit=limit, folder=folder)
        while chunk := source.read(CHUNK):
            spool.write(chunk)
        return spool

    @property
    def sha256(self) -> str:
        """Lower-case hexadecimal, as the others."""
        return self._digests["sha256"].hexdigest()

    @property
    def md5(self) -> str:
        """For clients that still know nothing better."""
        return self._digests["md5"].hexdigest()

    @property
    def blake2b_256(self) -> str:
        """BLAKE2b with a digest of 32 bytes."""
        return self._digests["blake2b_256"].hexdigest()

    def rewound(self) -> BinaryIO:
        """The bytes, from the start. Closed with the spool, not by the reader."""
        self._file.seek(0)
        return cast(BinaryIO, self._file)

    def close(self) -> None:
        """Let the bytes go."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
