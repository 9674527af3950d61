"""Files being written: locked while in use, so that the clean-up can tell them from leftovers."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
import threading
from collections.abc import Callable, Sequence
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


def stale(root: int, before: datetime) -> Sequence[str]:
    """The names of temporary files last written before this time that nobody is writing, sorted.

    :raises OSError: the folder cannot be read
    """
    try:
        folder = step(root, TEMPORARY)
    except FileNotFoundError:
        return ()
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries if entry.is_file(follow_symlinks=False))
        return [name for name in names if _unused(folder, name, lambda file: _is_older(file, before))]
    finally:
        os.close(folder)


def remove(root: int, name: str) -> bool:
    """Remove one temporary file unless a living process is writing it; returns whether it went.

    :raises OSError: the folder cannot be read
    """
    try:
        folder = step(root, TEMPORARY)
    except FileNotFoundError:
        return False

    def unlink(_file: int) -> bool:
        os.unlink(name, dir_fd=folder)
        return True

    try:
        return _unused(folder, name, unlink)
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
        # Without locks on this file system the clean-up leaves everything alone (see _unused).
        if error.errno not in {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS}:
            raise


def _is_older(file: int, before: datetime) -> bool:
    return os.fstat(file).st_mtime < before.timestamp()


def _unused(folder: int, name: str, act: Callable[[int], bool]) -> bool:
    """What ``act`` gives for an open temporary file whose lock no living process holds, else False. While it
    acts nobody can take the lock.
    """
    try:
        file = os.open(name, os.O_RDWR | os.O_NONBLOCK | NO_LINK, dir_fd=folder)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return act(file)
    except OSError:
        return False
    finally:
        os.close(file)
