"""Storage in the memory of this process: for tests and trials, gone when it ends."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Self

from pypicloud_like.core.clock import Clock, system_clock
from pypicloud_like.core.errors import MissingBytes, Unavailable
from pypicloud_like.core.ports import Stat
from pypicloud_like.settings.model import MemoryStorageSettings
from pypicloud_like.storage._keys import parts_of, parts_of_prefix
from pypicloud_like.storage._pieces import pieces


@dataclass(frozen=True, slots=True)
class _Object:
    content: bytes
    modified: datetime


class MemoryStorage:
    """The :class:`~pypicloud_like.core.ports.Storage` port over a dictionary."""

    def __init__(self, *, clock: Clock = system_clock) -> None:
        self._clock = clock
        self._objects: dict[str, _Object] = {}
        self._lock = threading.Lock()

    @classmethod
    def from_settings(cls, settings: MemoryStorageSettings) -> Self:
        """An empty store; there is nothing to set."""
        del settings
        return cls()

    def put(
        self,
        key: str,
        source: BinaryIO,
        *,
        size: int,
        sha256: str,
        content_type: str = "application/octet-stream",
    ) -> None:
        """See :meth:`Storage.put <pypicloud_like.core.ports.Storage.put>`."""
        del content_type
        parts_of(key)
        content = b"".join(pieces(source, size=size, sha256=sha256))
        with self._lock:
            self._objects[key] = _Object(content, self._clock())

    def open(self, key: str, *, start: int = 0, length: int | None = None) -> BinaryIO:
        """See :meth:`Storage.open <pypicloud_like.core.ports.Storage.open>`."""
        found = self._find(key)
        if found is None:
            raise MissingBytes(key)
        end = len(found.content) if length is None else start + length
        if max(start, end) > len(found.content):
            raise Unavailable("storage")
        return io.BytesIO(found.content[start:end])

    def stat(self, key: str) -> Stat | None:
        """See :meth:`Storage.stat <pypicloud_like.core.ports.Storage.stat>`."""
        found = self._find(key)
        return Stat(key, len(found.content), found.modified) if found else None

    def delete(self, key: str) -> None:
        """See :meth:`Storage.delete <pypicloud_like.core.ports.Storage.delete>`."""
        parts_of(key)
        with self._lock:
            self._objects.pop(key, None)

    def list(self, prefix: str) -> Iterator[Stat]:
        """See :meth:`Storage.list <pypicloud_like.core.ports.Storage.list>`; in the order of the keys."""
        parts_of_prefix(prefix)
        with self._lock:
            keys = sorted(key for key in self._objects if key.startswith(prefix))
        return (stat for stat in map(self.stat, keys) if stat)

    def url(self, key: str, *, filename: str, lifetime: int) -> str | None:
        """None: nobody else can reach this memory."""
        del key, filename, lifetime
        return None

    def path(self, key: str) -> Path | None:
        """None: there are no files."""
        del key
        return None

    def check(self) -> None:
        """Memory is always there."""

    def leftovers(self, older_than: timedelta) -> Sequence[str]:
        """None: broken uploads leave nothing behind here."""
        del older_than
        return ()

    def discard_leftover(self, name: str) -> bool:
        """False: there is none."""
        del name
        return False

    def _find(self, key: str) -> _Object | None:
        parts_of(key)
        with self._lock:
            return self._objects.get(key)
