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
                self.total_outbufs_len -= count
                sent += count
            if left > 0 or len(self.outbufs) == 1:
                break
            self.outbufs.pop(0).close()
        if sent:
            self.last_activity = time.time()
        return sent > 0

    def _send_from(self, buffer: Any, left: int, *, do_close: bool) -> int:
        if isinstance(buffer, ReadOnlyFileBasedBuffer) and not hasattr(buffer, "is_odd"):
            try:
                return self._send_file(buffer, left)
            except BlockingIOError:
                return 0
            except (AttributeError, OSError) as error:
                # not a file of the system, or a client that is gone: the other way tells which, and says so
                if isinstance(error, AttributeError) or not error.errno or error.errno in _CANNOT:
                    buffer.is_odd = True
                if hasattr(buffer, "offset"):
                    buffer.file.seek(buffer.offset)
        count = int(self.send(buffer.get(self.sendbuf_len), do_close=do_close))
        if count:
            buffer.skip(count, True)
        return count

    def _send_file(self, buffer: Any, left: int) -> int:
        """Where the file stands is kept beside it: to have it stand elsewhere costs more than to send."""
        if not hasattr(buffer, "offset"):
            buffer.source, buffer.offset = buffer.file.fileno(), buffer.file.tell()
        count = os.sendfile(self.socket.fileno(), buffer.source, buffer.offset, min(left, _AT_ONCE))
        buffer.offset += count
        buffer.remain -= count
        if not count:  # at its end too early: it was cut off, and the client must not take it for whole
            self.will_close = True
        return count
