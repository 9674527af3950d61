"""The storage port: bytes under keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Protocol


@dataclass(frozen=True, slots=True)
class Stat:
    """One object in storage; ``size`` in bytes, ``modified`` aware, UTC."""

    key: str
    size: int
    modified: datetime


class Storage(Protocol):
    """Bytes under keys. Knows nothing of packages.

    Keys are ``/``-separated ASCII paths made by :mod:`pypicloud_like.core.keys`.
    """

    def put(
        self,
        key: str,
        source: BinaryIO,
        *,
        size: int,
        sha256: str,
        content_type: str = "application/octet-stream",
    ) -> None:
        """Store ``size`` bytes from ``source`` (read from its present position), atomically and
        durably: after it returns they survive a crash, before it nothing is visible. Storing the
        same key with the same bytes again is fine; a caller never stores other bytes under a key.

        :raises NoSpace: the store is full
        :raises InvalidUpload: the source ends early or its digest is not ``sha256``
        """

    def open(self, key: str, *, start: int = 0, length: int | None = None) -> BinaryIO:
        """The bytes from ``start``, to be closed by the caller. A short store raises
        :class:`OSError` or :class:`Unavailable` while being read rather than ending early.

        :raises MissingBytes: there is no such object
        """

    def stat(self, key: str) -> Stat | None:
        """Size and time of an object, or None."""

    def delete(self, key: str) -> None:
        """Remove an object; fine if there is none."""

    def list(self, prefix: str) -> Iterator[Stat]:
        """All objects whose key starts with ``prefix`` (a folder ending in ``/``, or empty), those
        of one folder together. Foreign and half-written things are left out.
        """

    def url(self, key: str, *, filename: str, lifetime: int) -> str | None:
        """An address where a client may fetch the object for ``lifetime`` seconds, or None when
        this server has to send the bytes itself.
        """

    def path(self, key: str) -> Path | None:
        """The object as a file of this machine, or None; lets the WSGI server or a proxy send it."""

    def leftovers(self, older_than: timedelta) -> Sequence[str]:
        """What broken uploads of at least this age left behind and no key names: temporary files, open
        multipart uploads; never one that is going on. Each by a name that says to people what it is.
        """

    def discard_leftover(self, name: str) -> bool:
        """Remove one of these, unless it is in use or gone; returns whether it went."""

    def check(self) -> None:
        """:raises Unavailable: the store cannot be used now"""
