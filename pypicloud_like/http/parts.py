"""Bytes of storage on their way to a client."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import BinaryIO

from pypicloud_like.core.errors import Unavailable
from pypicloud_like.registry.spool import CHUNK

log = logging.getLogger(__name__)


class StoredPart:
    """Exactly so many bytes of a source; a source that ends early breaks the transfer rather than
    leaving a short answer that looks complete.

    The first piece is read at once: what breaks off in it is an error with a status.

    :raises Unavailable: it did
    """

    def __init__(self, source: BinaryIO, length: int) -> None:
        self._source = source
        self._left = length
        try:
            self._first = self._read()
        except OSError as error:
            source.close()
            log.warning("a stored file cannot be read: %s", error)
            raise Unavailable("storage") from error
        except BaseException:
            source.close()
            raise

    def __iter__(self) -> Iterator[bytes]:
        chunk, self._first = self._first, b""
        while chunk:
            yield chunk
            chunk = self._read()

    def _read(self) -> bytes:
        chunk = self._source.read(min(CHUNK, self._left)) if self._left else b""
        if self._left and not chunk:
            raise OSError("it ended early")
        self._left -= len(chunk)
        return chunk

    def at_once(self) -> bytes:
        """All of it, and the source is closed.

        :raises Unavailable: it broke off
        """
        try:
            return b"".join(self)
        except OSError as error:
            log.warning("a stored file cannot be read: %s", error)
            raise Unavailable("storage") from error
        finally:
            self.close()

    def close(self) -> None:
        """The WSGI server calls this at the end, however it comes."""
        self._source.close()
