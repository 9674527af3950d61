"""Closing a connection so that the last answer arrives (RFC 9112, section 9.6).

A client that is still sending when it is refused would not read the answer if the connection were closed at
once: what it sends into a closed connection is answered with a reset, which takes the answer away. So nothing
more is said, and what still comes is taken and thrown away, for a while.
"""

from __future__ import annotations

import socket
import time

from pypicloud_like.cli.sending import SendingChannel

_LONGEST = 30.0
"""seconds"""


class LingeringChannel(SendingChannel):
    """A connection that, once :attr:`lingers` is set, is closed by its client or after :data:`_LONGEST`."""

    lingers = False
    _until: float | None = None

    @property
    def is_over(self) -> bool:
        """Whether the client had long enough."""
        return self._until is not None and time.monotonic() >= self._until

    def readable(self) -> bool:
        """Whether to wait for anything that the client sends."""
        return not self.will_close if self._until is not None else bool(super().readable())

    def handle_read(self) -> None:
        """Take what has come."""
        if self._until is None:
            super().handle_read()
            return
        try:
            data = self.recv(self.adj.recv_bytes)
        except OSError:
            data = b""
        if not data or self.is_over:
            self.handle_close()

    def handle_write(self) -> None:
        """Send what is left, and begin to linger instead of closing."""
        if not (self.lingers and self.close_when_flushed):
            super().handle_write()
            return
        self._flush_exception(self._flush_some)
        if self.connected and not self.total_outbufs_len and not self.will_close:
            self._stop_talking()
        if self.will_close:
            self.handle_close()

    def _stop_talking(self) -> None:
        self.close_when_flushed = False
        self._until = time.monotonic() + _LONGEST
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.will_close = True
