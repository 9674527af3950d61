"""Files being written: locked while in use, so that the clean-up can tell them from leftovers."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
import threading
from datetime import datetime
from pathlib import Path

from pypicloud_like.storage._folders import NO_LINK, step

TEMPORARY = ".tmp"
"""The folder below the root for files being written; keys never begin with a dot."""

_umask_lock = threading.Lock()


class Temporary:
    """A new file in the folder of temporary files below an open root; readable by its owner alone.

    :raises OSError: it cannot be made
    """

    def __init__(self, root: int) -> None:
        self.folder = step(root, TEMPORARY, create=True, mode=0o700)
        try:
            self.name, self.file = _create(self.folder)
        except BaseException:
            os.close(self.folder)
            raise

    def write(self, piece: bytes) -> None:
        """Append all of these bytes."""
        rest = memoryview(piece)
        while rest:
            rest = rest[os.write(self.file, rest) :]

    def finish(self, mode: int) -> None:
        """Give the file its final mode and have its bytes survive a crash."""
        os.fchmod(self.file, mode)
        os.fsync(self.file)

    def discard(self) -> None:
        """Remove the temporary name, if it is still there, and let go of the file."""
        # A file system gone read-only keeps the name; the clean-up finds it later.
        with contextlib.suppress(OSError):
            os.unlink(self.name, dir_fd=self.folder)
        for descriptor in (self.file, self.folder):
            # What counts was synced before; a late complaint of a failed write says nothing new.
            with contextlib.suppress(OSError):
                os.close(descriptor)


def sweep(root: int, before: datetime) -> int:
    """Remove temporary files last written before this time that nobody is writing; returns how many.

    :raises OSError: the folder cannot be read
    """
    try:
        folder = step(root, TEMPORARY)
    except FileNotFoundError:
        return 0
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if entry.is_file(follow_symlinks=False)]
        return sum(_remove_stale(folder, name, before) for name in names)
    finally:
        os.close(folder)


def read_umask() -> int:
    """The umask of this process, without changing it where the system tells."""
    with contextlib.suppress(OSError, StopIteration):
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        line = next(line for line in status.splitlines() if line.startswith("Umask:"))
        return int(line.split()[1], 8)
    with _umask_lock:
        mask = os.umask(0o077)
        os.umask(mask)
    return mask


def _create(folder: int) -> tuple[str, int]:
    while True:
        name = secrets.token_hex(12)
        file = os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL | NO_LINK, 0o600, dir_fd=folder)
        try:
            _lock(file)
            # A clean-up may have come between the two calls: then it had the lock, and the name is gone.
            if os.fstat(file).st_nlink:
                return name, file
        except BaseException:
            os.close(file)
            raise
        os.close(file)


def _lock(file: int) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
    except OSError as error:
        # Without locks on this file system the clean-up leaves everything alone (see _remove_stale).
        if error.errno not in {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS}:
            raise


def _remove_stale(folder: int, name: str, before: datetime) -> bool:
    """Remove one temporary file if it is old and no living process holds its lock."""
    try:
        file = os.open(name, os.O_RDWR | os.O_NONBLOCK | NO_LINK, dir_fd=folder)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(file).st_mtime >= before.timestamp():
            return False
        os.unlink(name, dir_fd=folder)
        return True
    except OSError:
        return False
    finally:
        os.close(file)
