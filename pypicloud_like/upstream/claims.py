"""What processes of one host fetch, so that no two fetch the same: a file for each thing, which is locked by
whoever fetches it, says how that stands, and ends with the process or before.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any

from pypicloud_like.core.errors import (
    NoSpace,
    NotFound,
    RegistryError,
    Unavailable,
    UpstreamFailed,
    UpstreamTimedOut,
)

log = logging.getLogger(__name__)

POLL = 0.02
"""Seconds between two looks at what another process does."""
SILENCE = 5.0
"""Seconds without a sign of life after which a process is not waited for: it may be stopped for good."""
_BEAT = 0.5
"""Seconds between two signs of life."""
_MOST_SAID = 4096
_LONGEST_WHY = 200
_PART = ".part"
_ATTEMPTS = 50


class Silent(Exception):
    """Whoever has a claim gives no sign of life."""


class Claims:
    """The claims of a host, as files in a folder. Threads share it; those of one process are no different
    from those of several.

    :param folder: of this host; made when it is needed
    :param index: what tells this index from others that may use the same folder
    """

    def __init__(self, folder: Path, *, index: str) -> None:
        self._folder = folder
        self._index = index
        self._lock = threading.Lock()
        self._mine: set[Claim] = set()
        self._beats = False
        self._closed = threading.Event()
        self._sweep()

    def of(self, *key: object) -> Claim | None:
        """The claim to something: ``mine`` is whether the caller has it now and is to fetch, or is to see
        how another one fares. None if files cannot be locked here: everybody fetches alone.
        """
        named = repr((self._index, *key)).encode("utf-8", "surrogatepass")
        path = self._folder / blake2b(named, digest_size=20).hexdigest()
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for _ in range(_ATTEMPTS):
                claim = _opened(path, self._forget)
                if claim is not None:
                    if claim.mine:
                        self._keep_alive(claim)
                    return claim
        except OSError as error:
            log.warning("fetching without a look at other processes: %s", error)
        return None

    def close(self) -> None:
        """Leave nothing behind of what this process has not ended."""
        self._closed.set()
        with self._lock:
            for claim in self._mine:
                claim.remove()
            self._mine.clear()

    def _keep_alive(self, claim: Claim) -> None:
        with self._lock:
            self._mine.add(claim)
            if self._beats:
                return
            self._beats = True
        threading.Thread(target=self._beat, name="upstream-claims", daemon=True).start()

    def _beat(self) -> None:
        """Give signs of life for all that this process has, until it has none."""
        while not self._closed.wait(_BEAT):
            with self._lock:
                self._beats = bool(self._mine)
                if not self._beats:
                    return
                for claim in self._mine:
                    claim.beat()

    def _forget(self, claim: Claim) -> None:
        with self._lock:
            self._mine.discard(claim)

    def _sweep(self) -> None:
        """Remove what processes left that were killed."""
        with suppress(OSError):
            for path in self._folder.iterdir():
                with suppress(OSError):
                    _remove_dead(path)


class Claim:
    """A claim of this thread (``mine``) or somebody else's. It must be closed.

    :param forget: called when one of this process ends
    """

    def __init__(self, path: Path, descriptor: int, *, mine: bool, forget: Callable[[Claim], None]) -> None:
        self.mine = mine
        self._path = path
        self._descriptor = descriptor
        self._forget = forget

    def say(self, **words: Any) -> None:
        """Let the others know how it stands, in the place of what was said before."""
        with suppress(OSError):  # there was room for the first words
            _say(self._descriptor, words)

    def say_failed(self, error: RegistryError) -> None:
        """Let the others fail likewise."""
        what = error.what if isinstance(error, UpstreamFailed) else str(error)
        self.say(failed=type(error).__name__, why=what[:_LONGEST_WHY])

    def said(self) -> dict[str, Any]:
        """What was said last; nothing yet is no words at all."""
        try:
            found = json.loads(os.pread(self._descriptor, _MOST_SAID, 0))
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def failure(self, upstream: str, wanted: str) -> RegistryError | None:
        """The error that whoever had it ended with.

        :param upstream: its name
        :param wanted: what was fetched, for one that is not there
        """
        said = self.said()
        why = str(said.get("why", ""))
        match said.get("failed"):
            case None:
                return None
            case "NotFound":
                return NotFound(wanted)
            case "NoSpace":
                return NoSpace()
            case "Unavailable":
                return Unavailable("storage")
            case "UpstreamTimedOut":
                return UpstreamTimedOut(upstream, why)
        return UpstreamFailed(upstream, why)

    def is_over(self) -> bool:
        """Whether somebody else's has ended, well or not."""
        over = _is_locked(self._descriptor, fcntl.LOCK_SH)
        if over:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
        return over

    def beat(self) -> None:
        """Give a sign of life."""
        with suppress(OSError):
            os.utime(self._descriptor)

    def silence(self) -> float:
        """Seconds since the last sign of life of whoever has it."""
        return time.time() - os.fstat(self._descriptor).st_mtime

    def new_part(self) -> IO[bytes]:
        """A new file beside it for what arrives, which others may read meanwhile.

        :raises OSError: it cannot be made
        """
        part = _part_of(self._path)
        part.unlink(missing_ok=True)
        return os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "w+b")

    def part(self) -> IO[bytes] | None:
        """That of somebody else, None if it is gone."""
        try:
            return os.fdopen(os.open(_part_of(self._path), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb")
        except OSError:
            return None

    def remove(self) -> None:
        """Take the files of one of this process away. What is open of its part can still be read."""
        with suppress(OSError):
            _remove(self._descriptor, self._path)

    def close(self) -> None:
        """End it if it is mine."""
        if self.mine:
            self._forget(self)
            self.remove()
        os.close(self._descriptor)


def _opened(path: Path, forget: Callable[[Claim], None]) -> Claim | None:
    """The claim of this name; None if its last owner removed it just now, or died and left it.

    :raises OSError: it cannot be opened, locked or written
    """
    with ExitStack() as unused:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        unused.callback(os.close, descriptor)
        mine = _is_locked(descriptor, fcntl.LOCK_EX)
        if mine:
            if not _is_at(descriptor, path):
                return None
            if os.fstat(descriptor).st_size:  # others may still read what is said here
                _remove(descriptor, path)
                return None
            unused.callback(_remove, descriptor, path)
            _say(descriptor, {})
        unused.pop_all()
        return Claim(path, descriptor, mine=mine, forget=forget)


def _say(descriptor: int, words: dict[str, Any]) -> None:
    os.pwrite(descriptor, json.dumps(words).encode().ljust(_MOST_SAID), 0)


def _part_of(path: Path) -> Path:
    return path.with_name(path.name + _PART)


def _remove(descriptor: int, path: Path) -> None:
    """Remove the files of a claim that is locked, unless the name is somebody else's meanwhile."""
    if _is_at(descriptor, path):
        _part_of(path).unlink(missing_ok=True)
        path.unlink(missing_ok=True)


def _remove_dead(path: Path) -> None:
    """Remove the files of a claim that nobody has, and a part that belongs to none."""
    if path.suffix == _PART:
        if not path.with_suffix("").exists():
            path.unlink()
        return
    descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if _is_locked(descriptor, fcntl.LOCK_EX):
            _remove(descriptor, path)
    finally:
        os.close(descriptor)


def _is_locked(descriptor: int, kind: int) -> bool:
    """Lock it now, or tell that it cannot be."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_at(descriptor: int, path: Path) -> bool:
    """Whether this is the file of that name."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
