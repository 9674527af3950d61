"""Folders by descriptor: no symbolic link is ever followed below the one they start from."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from pypicloud_like.core.ports import Stat
from pypicloud_like.storage._keys import is_key

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
NO_LINK = os.O_NOFOLLOW | os.O_CLOEXEC
ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EISDIR, errno.ENXIO})
"""What opening says where there is no folder or file, but nothing, or a thing of another kind."""

_log = logging.getLogger(__name__)


@contextmanager
def descend(root: int, parts: Sequence[str], *, create: bool = False) -> Iterator[list[int]]:
    """Open the folders ``parts`` one inside the other, below the open folder ``root``.

    Gives the descriptors from ``root`` (left open) to the innermost.

    :raises OSError: a folder is not there, was removed meanwhile, or is a symbolic link or no folder
    """
    chain = [root]
    try:
        for part in parts:
            chain.append(step(chain[-1], part, create=create))
        yield chain
    finally:
        for folder in chain[1:]:
            os.close(folder)


def open_directly(root: Path, key: str) -> int | None:
    """Open a plain file below ``root`` for reading by one call instead of folder by folder; None as of
    :func:`_directly`.
    """
    file = _directly(f"{root}/{key}", os.O_RDONLY | os.O_NONBLOCK | NO_LINK)
    if file is None or stat.S_ISREG(os.fstat(file).st_mode):
        return file
    os.close(file)
    return None


def open_folder_directly(root: Path, parts: Sequence[str]) -> int | None:
    """As :func:`open_directly`, a folder."""
    return _directly("/".join([str(root), *parts]), FOLDER | os.O_NOFOLLOW)


def _directly(path: str, flags: int) -> int | None:
    """None says nothing of what is there: only where the system tells what was opened (proc(5),
    ``/proc/self/fd``) is it known that no link was followed.
    """
    try:
        opened = os.open(path, flags)
    except OSError:
        return None
    with contextlib.suppress(OSError):
        if os.readlink(f"/proc/self/fd/{opened}") == path:  # noqa: PTH115 - a Path costs more than the call
            return opened
    os.close(opened)
    return None


def step(folder: int, name: str, *, create: bool = False, mode: int = 0o755) -> int:
    """Open one folder inside another, making it if asked to; the process's umask applies."""
    try:
        return os.open(name, FOLDER | os.O_NOFOLLOW, dir_fd=folder)
    except FileNotFoundError:
        if not create:
            raise
    with contextlib.suppress(FileExistsError):
        os.mkdir(name, mode, dir_fd=folder)
    return os.open(name, FOLDER | os.O_NOFOLLOW, dir_fd=folder)


def make_durable(folder: int) -> None:
    """Have the names in an open folder survive a crash."""
    try:
        os.fsync(folder)
    except OSError as error:
        # Some network file systems know no fsync of folders, and write names through.
        if error.errno != errno.EINVAL:
            raise


def make_root(root: Path) -> None:
    """Make the folder and those above it, durably; fine if it is there."""
    missing = [folder for folder in (root, *root.parents) if not folder.exists()]
    root.mkdir(parents=True, exist_ok=True, mode=0o755)
    for made in missing:
        above = os.open(made.parent, FOLDER)
        try:
            make_durable(above)
        finally:
            os.close(above)


def objects(folder: int, prefix: str) -> Iterator[Stat]:
    """All objects below an open folder whose own key is ``prefix``, in the order of their keys.

    Holds the names of one folder at a time in memory. What is no object is logged and left out: links,
    sockets and the like, names that can be no key, everything with a leading dot, and what vanishes
    meanwhile.

    :raises OSError: a folder cannot be read
    """
    for name in _names(folder, prefix):
        if not name.endswith("/"):
            with contextlib.suppress(FileNotFoundError):
                about = os.stat(name, dir_fd=folder, follow_symlinks=False)
                yield Stat(prefix + name, about.st_size, datetime.fromtimestamp(about.st_mtime, UTC))
            continue
        try:
            inner = step(folder, name[:-1])
        except OSError as error:
            if error.errno not in ABSENT:
                raise
            continue
        try:
            yield from objects(inner, prefix + name)
        finally:
            os.close(inner)


def _names(folder: int, prefix: str) -> list[str]:
    """The names in a folder, sorted as their keys are: folders with their slash."""
    names = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or (not prefix and entry.name == "lost+found"):
                continue
            if not is_key(prefix + entry.name):
                _log.info("no object, left out of the listing: %a", prefix + entry.name)
            elif entry.is_dir(follow_symlinks=False):
                names.append(entry.name + "/")
            elif entry.is_file(follow_symlinks=False):
                names.append(entry.name)
            else:
                _log.info("no plain file, left out of the listing: %a", prefix + entry.name)
    names.sort()
    return names
