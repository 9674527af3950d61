"""Storage in a folder of this machine (or of a network file system), safe for several processes."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import logging
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Self

from pypicloud_like.core.clock import Clock, system_clock
from pypicloud_like.core.errors import NO_ROOM, InvalidRequest, MissingBytes, NoSpace, Unavailable
from pypicloud_like.core.ports import Stat
from pypicloud_like.settings.model import FileStorageSettings
from pypicloud_like.storage import _temporary
from pypicloud_like.storage._durable import DurableFolders, lasts
from pypicloud_like.storage._folders import (
    ABSENT,
    FOLDER,
    NO_LINK,
    descend,
    make_durable,
    make_root,
    objects,
    open_directly,
)
from pypicloud_like.storage._keys import parts_of, parts_of_prefix
from pypicloud_like.storage._pieces import PIECE, pieces
from pypicloud_like.storage._span import Span
from pypicloud_like.storage._temporary import Temporary

_NO_HARD_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})
_ATTEMPTS = 50
"""How often a put begins again when deletes remove its folder under its hands."""

_log = logging.getLogger(__name__)


class FileStorage:
    """The :class:`~pypicloud_like.core.ports.Storage` port over plain files: a key is a path below
    the root. The root itself may be a symbolic link; links below it are not followed.

    The root is made at first use, once: if it goes away later (an unmounted disk), every call raises
    ``Unavailable``, so that nobody takes an absent store for an empty one.
    """

    def __init__(self, root: Path, *, clock: Clock = system_clock) -> None:
        self._root = Path(os.path.abspath(root))  # noqa: PTH100 - resolve() would freeze a symbolic link
        self._clock = clock
        self._mode = 0o644 & ~_temporary.read_umask()
        self._seen = False
        self._durable = DurableFolders()

    @classmethod
    def from_settings(cls, settings: FileStorageSettings) -> Self:
        """The store in the folder of the settings."""
        return cls(settings.dir)

    def put(
        self,
        key: str,
        source: BinaryIO,
        *,
        size: int,
        sha256: str,
        content_type: str = "application/octet-stream",
    ) -> None:
        """See :meth:`Storage.put <pypicloud_like.core.ports.Storage.put>`.

        A file that lies under the key with other bytes (torn by a crash, altered) is replaced.
        """
        del content_type
        *folders, name = parts_of(key)
        with _faults("store", key), self._open_root() as root:
            temporary = Temporary(root)
        try:
            # Only calls on the store stand inside _faults: what the source raises is not its doing.
            for piece in pieces(source, size=size, sha256=sha256):
                with _faults("store", key):
                    temporary.write(piece)
            with _faults("store", key):
                temporary.finish(self._mode)
                self._publish(temporary, folders, name, size, sha256)
        finally:
            temporary.discard()

    def open(self, key: str, *, start: int = 0, length: int | None = None) -> BinaryIO:
        """See :meth:`Storage.open <pypicloud_like.core.ports.Storage.open>`.

        Whatever reaches to the end of the file is the plain buffered file, at its position.

        :raises Unavailable: also when the file is shorter than asked
        """
        with _faults("read", key):
            file = self._file(key)
            if file is None:
                raise MissingBytes(key)
            whole = os.fdopen(file, "rb")
            size = os.fstat(file).st_size
            end = size if length is None else start + length
            if max(start, end) > size:
                whole.close()
                _log.error("storage: %a has %d bytes, %d were asked for", key, size, max(start, end))
                raise Unavailable("storage")
            if end < size:
                return io.BufferedReader(Span(whole, start, end - start))
            whole.seek(start)
            return whole

    def stat(self, key: str) -> Stat | None:
        """See :meth:`Storage.stat <pypicloud_like.core.ports.Storage.stat>`."""
        with _faults("look at", key):
            about = self._lstat(key)
        if about is None:
            return None
        return Stat(key, about.st_size, datetime.fromtimestamp(about.st_mtime, UTC))

    def delete(self, key: str) -> None:
        """See :meth:`Storage.delete <pypicloud_like.core.ports.Storage.delete>`.

        Folders that become empty go too, but for those that last.
        """
        *folders, name = parts_of(key)
        with _faults("delete", key), self._open_root() as root:
            if self._lstat(key) is None:
                return
            try:
                with descend(root, folders) as chain:
                    os.unlink(name, dir_fd=chain[-1])
                    # A folder that is not empty stays; one that another delete removed is gone anyway.
                    with contextlib.suppress(OSError):
                        for depth in range(len(folders) - 1, lasts(folders) - 1, -1):
                            os.rmdir(folders[depth], dir_fd=chain[depth])
            except OSError as error:
                if error.errno not in ABSENT:
                    raise

    def list(self, prefix: str) -> Iterator[Stat]:
        """See :meth:`Storage.list <pypicloud_like.core.ports.Storage.list>`; in the order of the keys."""
        parts_of_prefix(prefix)
        return self._list(prefix)

    def url(self, key: str, *, filename: str, lifetime: int) -> str | None:
        """None: files are sent by this server, or by a proxy that gets their path."""
        del key, filename, lifetime
        return None

    def path(self, key: str) -> Path | None:
        """See :meth:`Storage.path <pypicloud_like.core.ports.Storage.path>`."""
        with _faults("look at", key):
            return self._root / key if self._lstat(key) else None

    def check(self) -> None:
        """Make and remove a file. See :meth:`Storage.check <pypicloud_like.core.ports.Storage.check>`."""
        try:
            with _faults("write a trial file", _temporary.TEMPORARY), self._open_root() as root:
                Temporary(root).discard()
        except NoSpace as error:
            raise Unavailable("storage") from error

    def leftovers(self, older_than: timedelta) -> Sequence[str]:
        """See :meth:`Storage.leftovers <pypicloud_like.core.ports.Storage.leftovers>`: temporary files last
        written longer ago than this that nobody is writing.

        :raises Unavailable: the store cannot be read
        """
        before = self._clock() - older_than
        with _faults("look for leftovers", _temporary.TEMPORARY), self._open_root() as root:
            return [f"{_temporary.TEMPORARY}/{name}" for name in _temporary.stale(root, before)]

    def discard_leftover(self, name: str) -> bool:
        """See :meth:`Storage.discard_leftover <pypicloud_like.core.ports.Storage.discard_leftover>`."""
        folder, _, file = name.partition("/")
        if folder != _temporary.TEMPORARY or not file or "/" in file:
            raise InvalidRequest("name", "is none of a leftover")
        with _faults("clean up", name), self._open_root() as root:
            return _temporary.remove(root, file)

    @contextmanager
    def _open_root(self) -> Iterator[int]:
        if not self._seen:
            make_root(self._root)
        root = os.open(self._root, FOLDER)
        self._seen = True
        try:
            yield root
        finally:
            os.close(root)

    def _publish(
        self, temporary: Temporary, folders: Sequence[str], name: str, size: int, sha256: str
    ) -> None:
        """Give the temporary file its name, and have that survive a crash with all folders above it.

        Also folders found here are synced: who made them may not have come to it yet. Those that this process
        has synced before are not, as far as it remembers them.
        """
        for attempt in range(_ATTEMPTS):
            try:
                with self._chain(folders) as (chain, depth):
                    _name(temporary, chain[-1], name, size, sha256)
                    for folder in reversed(chain):
                        make_durable(folder)
                    self._durable.note(folders, chain, depth)
                return
            except FileNotFoundError:
                # A delete removed an empty folder between our opening it and naming the file in it.
                if attempt == _ATTEMPTS - 1:
                    raise

    @contextmanager
    def _chain(self, folders: Sequence[str]) -> Iterator[tuple[Sequence[int], int]]:
        """Descriptors of the folders that a new file makes names in, made where they are missing: from the
        root, or from the last one whose name is durable. How many lead to that one, too.
        """
        known = self._durable.open(self._root, folders)
        if known is None:
            with self._open_root() as root, descend(root, folders, create=True) as chain:
                yield chain, 0
            return
        start, depth = known
        try:
            with descend(start, folders[depth:], create=True) as chain:
                yield chain, depth
        finally:
            os.close(start)

    def _file(self, key: str) -> int | None:
        """Open a plain file for reading; None if there is none."""
        *folders, name = parts_of(key)
        file = open_directly(self._root, key) if self._seen else None
        if file is not None:
            return file
        with self._open_root() as root:
            try:
                with descend(root, folders) as chain:
                    return _plain(chain[-1], name)
            except OSError as error:
                if error.errno in ABSENT:
                    return None
                raise

    def _lstat(self, key: str) -> os.stat_result | None:
        *folders, name = parts_of(key)
        with self._open_root() as root:
            try:
                with descend(root, folders) as chain:
                    about = os.stat(name, dir_fd=chain[-1], follow_symlinks=False)
            except OSError as error:
                if error.errno in ABSENT:
                    return None
                raise
        return about if stat.S_ISREG(about.st_mode) else None

    def _list(self, prefix: str) -> Iterator[Stat]:
        with _faults("list", prefix), self._open_root() as root:
            try:
                with descend(root, parts_of_prefix(prefix)) as chain:
                    yield from objects(chain[-1], prefix)
            except OSError as error:
                if error.errno not in ABSENT:
                    raise


def _name(temporary: Temporary, folder: int, name: str, size: int, sha256: str) -> None:
    try:
        os.link(temporary.name, name, src_dir_fd=temporary.folder, dst_dir_fd=folder, follow_symlinks=False)
        return
    except FileExistsError:
        pass
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
    if not _holds(folder, name, size, sha256):
        os.replace(temporary.name, name, src_dir_fd=temporary.folder, dst_dir_fd=folder)


def _holds(folder: int, name: str, size: int, sha256: str) -> bool:
    """Whether these bytes lie there already; then they survive a crash, too."""
    try:
        file = _plain(folder, name)
    except OSError as error:
        if error.errno in ABSENT:
            return False
        raise
    if file is None:
        return False
    with os.fdopen(file, "rb") as existing:
        if os.fstat(file).st_size != size:
            return False
        digest = hashlib.sha256()
        while piece := existing.read(PIECE):
            digest.update(piece)
        if digest.hexdigest() != sha256.lower():
            return False
        os.fsync(file)
    return True


def _plain(folder: int, name: str) -> int | None:
    """Open a plain file for reading, None for anything else. Never waits for the writer of a pipe."""
    file = os.open(name, os.O_RDONLY | os.O_NONBLOCK | NO_LINK, dir_fd=folder)
    if stat.S_ISREG(os.fstat(file).st_mode):
        return file
    os.close(file)
    return None


@contextmanager
def _faults(doing: str, key: str) -> Iterator[None]:
    """Turn what the file system says into the errors of the port, with one line in the log."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise InvalidRequest("key", "is longer than the file system takes") from error
        _log.error("storage: cannot %s %a: %s", doing, key, error.strerror)
        if error.errno in NO_ROOM:
            raise NoSpace from error
        raise Unavailable("storage") from error
