"""How answers leave: files by the kernel alone, all else as waitress sends it."""

from __future__ import annotations

import errno
import os
import time
from typing import Any

from waitress.buffers import ReadOnlyFileBasedBuffer
from waitress.channel import HTTPChannel

_AT_ONCE = 4 * 2**20
"""bytes: after as many others get their turn"""
_CANNOT = frozenset({errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSOCK})
"""What the system says where it cannot send such a file by itself."""


class SendingChannel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """A connection over which files are sent without being read into memory (sendfile(2))."""

    def _flush_some(self, do_close: bool = True) -> bool:
        """Send what the client takes now; whether that was anything. In waitress's place."""
        sent = 0
        while True:
            buffer = self.outbufs[0]
            while (left := buffer.__len__()) > 0 and sent < _AT_ONCE:
                count = self._send_from(buffer, left, do_close=do_close)
                if not count:
                    break
                buffer.skip(count, True)
                self.total_outbufs_len -= count
                sent += count
            if left > 0 or len(self.outbufs) == 1:
                break
            self.outbufs.pop(0).close()
        if sent:
            self.last_activity = time.time()
        return sent > 0

    def _send_from(self, buffer: Any, left: int, *, do_close: bool) -> int:
        if isinstance(buffer, ReadOnlyFileBasedBuffer) and not getattr(buffer, "is_odd", False):
            try:
                count = os.sendfile(
                    self.socket.fileno(), buffer.file.fileno(), buffer.file.tell(), min(left, _AT_ONCE)
                )
                # at its end too early: the file was cut off, and the client must not take it for whole
                if not count:
                    self.will_close = True
                return count
            except BlockingIOError:
                return 0
            except (AttributeError, OSError) as error:
                # not a file of the system, or a client that is gone: the other way tells which, and says so
                if isinstance(error, AttributeError) or not error.errno or error.errno in _CANNOT:
                    buffer.is_odd = True
        return int(self.send(buffer.get(self.sendbuf_len), do_close=do_close))
