"""Messages between two processes through a pipe: each after its length in four bytes."""

from __future__ import annotations

import os
import select
import time

_LENGTH = 4
_CHUNK = 1 << 16


def send(descriptor: int, message: bytes) -> None:
    """Write a message. :raises OSError: nobody reads"""
    rest = memoryview(len(message).to_bytes(_LENGTH, "big") + message)
    while rest:
        rest = rest[os.write(descriptor, rest[:_CHUNK]) :]


def receive(descriptor: int, *, until: float | None = None) -> bytes | None:
    """The next message, or None if the other side has ended.

    :param until: ``time.monotonic()`` at which it has to be there, None for never
    :raises TimeoutError: it was not
    """
    length = _exactly(descriptor, _LENGTH, until)
    return None if length is None else _exactly(descriptor, int.from_bytes(length, "big"), until)


def _exactly(descriptor: int, size: int, until: float | None) -> bytes | None:
    parts: list[bytes] = []
    while size:
        if until is not None:
            left = until - time.monotonic()
            if left <= 0 or not select.select([descriptor], [], [], left)[0]:
                raise TimeoutError("it takes too long")
        part = os.read(descriptor, min(size, _CHUNK))
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
