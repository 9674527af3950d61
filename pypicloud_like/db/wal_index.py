"""Whether anything was committed to an SQLite database, read from the memory that its processes share.

In WAL mode SQLite keeps an index of its log in a file beside the database that all its connections map
(https://sqlite.org/walformat.html). Each commit changes the header of that file, which is there twice, before
it is acknowledged. Comparing these bytes takes no system call, no lock of SQLite and no turn with Python's.

A process that closes a file loses all locks it has on it (fcntl(2)), those that SQLite holds as well
(https://sqlite.org/howtocorrupt.html, section 2.2). So what was opened here is never closed.
"""

from __future__ import annotations

import mmap
import os
import threading

_COPY = 48
_open: dict[tuple[int, int], tuple[int, mmap.mmap]] = {}
"""By device and inode, for as long as the process lives."""
_opening = threading.Lock()


class Header:
    """The header of one database: the right one for as long as a connection of this process is open."""

    def __init__(self, shared: mmap.mmap) -> None:
        self._shared = shared

    def read(self) -> bytes:
        """Its bytes, which are others after every commit."""
        return self._shared[: 2 * _COPY]

    @staticmethod
    def is_settled(read: bytes) -> bool:
        """Whether it is in use and nobody was writing it at that moment: the second copy is written first."""
        return any(read) and read[:_COPY] == read[_COPY:]


def header_of(database: str) -> Header | None:
    """The header that belongs to a database file, of which a connection is open; None where there is none to
    be had: another journal mode, another system.

    SQLite follows links before it names its files, so that of a link's own name may be there and be nobody's.
    """
    path = f"{os.path.realpath(database)}-shm"
    try:
        with _opening:
            return Header(_mapped(path))
    except (OSError, ValueError):
        return None


def _mapped(path: str) -> mmap.mmap:
    found = os.stat(path)  # noqa: PTH116 - as the rest of this module
    key = found.st_dev, found.st_ino
    if key not in _open:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        about = os.fstat(file)
        key = about.st_dev, about.st_ino
        if key not in _open:  # else this descriptor stays open, too
            _open[key] = file, mmap.mmap(file, 2 * _COPY, access=mmap.ACCESS_READ)
    return _open[key][1]
