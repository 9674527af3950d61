"""Requests as they arrive: refused where another server on the way may read them in another way than waitress
(RFC 9112), and bounded where it sets no bound.
"""

from __future__ import annotations

import shutil
import tempfile
from typing import Any

from waitress.parser import HTTPRequestParser, ParsingError
from waitress.receiver import ChunkedReceiver
from waitress.utilities import BadRequest, Error

from pypicloud_like.settings.model import MIB

_LONGEST_LINE = 4096
"""bytes of the line before a chunk: its size, and extensions that nobody uses"""
_CODING = b"\r\ntransfer-encoding"
_LOOK_EVERY = 16 * MIB
"""bytes of a body after which it is looked whether there is room for more"""
_KEPT_FREE = 64 * MIB
"""bytes of the spool's file system that no body may take: what is stored may lie there too"""
_PART_KEPT_FREE = 16
"""and of a small one the part that is kept instead"""


class NoRoom(Error):  # type: ignore[misc]  # waitress has no types
    """A body for which there is no room on its way."""

    code = 507
    reason = "Insufficient Storage"


class Chunks(ChunkedReceiver):  # type: ignore[misc]  # as above
    """A body in chunks. What is no data of it is kept in memory, and joined and searched again with each
    packet: so its length is bounded.

    :param most_behind: bytes of fields that may follow the last chunk
    """

    error: Error | None = None

    def __init__(self, buffer: Any, most_behind: int) -> None:
        super().__init__(buffer)
        self._most_behind = most_behind

    def received(self, s: bytes) -> int:
        """How many of these bytes belong to the body."""
        count: int = super().received(s)
        if not self.completed and not self.error:
            if len(self.control_line) > _LONGEST_LINE:
                self.error = BadRequest("Chunk size line is too long")
            elif len(self.trailer) > self._most_behind:
                self.error = BadRequest("Trailer is too long")
        return count


class Parser(HTTPRequestParser):  # type: ignore[misc]  # as above
    """One request."""

    error: Error | None = None
    body_rcv: Any = None
    _look_at = _LOOK_EVERY

    def received(self, data: bytes) -> int:
        """How many of these bytes belong to the request; ``completed`` once it is whole or refused."""
        count: int = super().received(data)
        if self.body_rcv is not None and not self.completed:
            if self.body_bytes_received == 0:
                self._require_room(self.content_length)
            elif self.body_bytes_received >= self._look_at:
                self._look_at = self.body_bytes_received + _LOOK_EVERY
                left = self.content_length - self.body_bytes_received
                self._require_room(_LOOK_EVERY if self.chunked else min(_LOOK_EVERY, left))
        return count

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head.

        :raises ParsingError: it is malformed, or could be read in two ways
        """
        if b"\r\n " in header_plus or b"\r\n\t" in header_plus:
            raise ParsingError("Header lines must not be folded")  # RFC 9112 §5.2
        try:
            super().parse_header(header_plus)
        except ParsingError:
            raise
        except ValueError as error:  # an address or a number that Python does not read
            raise ParsingError("Address or Content-Length is invalid") from error
        if "," in self.headers.get("HOST", ""):
            raise ParsingError("Host is given more than once")  # RFC 9112 §3.2
        if _CODING in header_plus.lower():
            self._judge_coding(header_plus)
        if self.chunked:
            self.body_rcv = Chunks(self.body_rcv.getbuf(), self.adj.max_request_header_size)

    def _judge_coding(self, header_plus: bytes) -> None:
        """RFC 9112 §6.1 and §6.3: of length and chunks together, or of chunks in HTTP/1.0, another server may
        have seen another end of the body.
        """
        lines = (line.partition(b":") for line in header_plus.split(b"\r\n"))
        told = [value.strip().lower() for name, _, value in lines if name.lower() == b"transfer-encoding"]
        if told != [b"chunked"] or not self.chunked:
            raise ParsingError("Transfer-Encoding is invalid")
        if "CONTENT_LENGTH" in self.headers:
            raise ParsingError("Content-Length and Transfer-Encoding must not come together")

    def _require_room(self, wanted: int) -> None:
        """Refuse the body where so many bytes would fill the spool. Small bodies stay in memory."""
        if wanted <= self.adj.inbuf_overflow:
            return
        usage = shutil.disk_usage(tempfile.gettempdir())
        if usage.free - min(_KEPT_FREE, usage.total // _PART_KEPT_FREE) < wanted:
            self.error = NoRoom("There is no room for the request now")
            self.completed = True
