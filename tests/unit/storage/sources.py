"""Things to store, and sources that misbehave."""

from __future__ import annotations

import hashlib
import io
import time
from datetime import timedelta
from pathlib import Path

from pypicloud_like.core.ports import Storage
from pypicloud_like.settings.model import FileStorageSettings, S3StorageSettings
from pypicloud_like.storage.files import FileStorage
from pypicloud_like.storage.s3 import S3Storage

MIB = 1024 * 1024
SECRET = "the-very-secret-key"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def put(storage: Storage, key: str, content: bytes) -> None:
    """Store bytes as they are."""
    storage.put(key, io.BytesIO(content), size=len(content), sha256=sha256(content))


def get(storage: Storage, key: str) -> bytes:
    with storage.open(key) as stored:
        return stored.read()


def keys(storage: Storage, prefix: str = "") -> list[str]:
    return [stat.key for stat in storage.list(prefix)]


def sweep(storage: Storage, older_than: timedelta) -> int:
    """Discard what broken uploads of that age left; how many went."""
    return sum(map(storage.discard_leftover, storage.leftovers(older_than)))


class Zeros(io.RawIOBase):
    """Any number of zero bytes, in no memory. Seekable if asked for."""

    def __init__(self, size: int, *, seeks: bool = True) -> None:
        self.size = size
        self.at = 0
        self.seeks = seeks

    def readable(self):
        return True

    def seekable(self):
        return self.seeks

    def tell(self):
        return self.at

    def seek(self, offset, whence=0):
        self.at = {0: 0, 1: self.at, 2: self.size}[whence] + offset
        return self.at

    def readinto(self, buffer):
        count = min(len(buffer), self.size - self.at)
        buffer[:count] = bytes(count)
        self.at += count
        return count

    @property
    def sha256(self) -> str:
        digest = hashlib.sha256()
        piece = bytes(MIB)
        for _ in range(self.size // MIB):
            digest.update(piece)
        digest.update(bytes(self.size % MIB))
        return digest.hexdigest()


class Hanging(Zeros):
    """Stops after so many bytes read in all (rereading counts) and says so by making a file."""

    def __init__(self, size: int, *, after: int, sign: Path) -> None:
        super().__init__(size)
        self.rest = after
        self.sign = sign

    def readinto(self, buffer):
        if self.rest <= 0:
            self.sign.touch()
            time.sleep(60)
        count = super().readinto(memoryview(buffer)[: self.rest])
        self.rest -= count
        return count


class Failing(io.RawIOBase):
    """Gives one byte at a time, cannot seek, and breaks with an error of its own after ``count``."""

    def __init__(self, content: bytes, error: Exception | None = None) -> None:
        self.content = io.BytesIO(content)
        self.error = error

    def readable(self):
        return True

    def readinto(self, buffer):
        piece = self.content.read(1)
        if not piece and self.error:
            raise self.error
        buffer[: len(piece)] = piece
        return len(piece)


def reopened(settings: FileStorageSettings | S3StorageSettings) -> FileStorage | S3Storage:
    """The same store, as another process has it."""
    if isinstance(settings, FileStorageSettings):
        return FileStorage.from_settings(settings)
    return S3Storage.from_settings(settings)
