"""What processes of one host fetch, so that no two fetch the same: a file for each thing, which is locked by
whoever fetches it, says how that stands, and ends with the process or before.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import time
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
_MOST_SAID = 4096
_LONGEST_WHY = 200
_PART = ".part"
_ABANDONED = 3600.0
"""Seconds after which files that nobody has locked were left by a process that was killed."""


class Claims:
    """The claims of a host, as files in a folder. Threads share it; those of one process are no different
    from those of several.

    :param folder: of this host; made when it is needed
    :param index: what tells this index from others that may use the same folder
    """

    def __init__(self, folder: Path, *, index: str) -> None:
        self._folder = folder
        self._index = index
        self._is_ready = False

    def of(self, *key: object) -> Claim | None:
        """The claim to something: ``mine`` is whether the caller has it now and is to fetch, or is to see
        how another one fares. None if files cannot be locked here: everybody fetches alone.
        """
        named = repr((self._index, *key)).encode("utf-8", "surrogatepass")
        path = self._folder / blake2b(named, digest_size=20).hexdigest()
        try:
            self._make_ready()
            while True:
                claim = _opened(path)
                if claim is not None:
                    return claim
        except OSError as error:
            self._is_ready = False  # somebody may have removed the folder
            log.warning("fetching without a look at other processes: %s", error)
            return None

    def _make_ready(self) -> None:
        if self._is_ready:
            return
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        before = time.time() - _ABANDONED
        for path in self._folder.iterdir():
            with suppress(OSError):
                if path.lstat().st_mtime < before and _is_abandoned(path):
                    path.unlink()
        self._is_ready = True


class Claim:
    """A claim of this thread (``mine``) or somebody else's. It must be closed."""

    def __init__(self, path: Path, descriptor: int, *, mine: bool) -> None:
        self.mine = mine
        self._path = path
        self._part = path.with_name(path.name + _PART)
        self._descriptor = descriptor

    def say(self, **words: Any) -> None:
        """Let the others know how it stands, in the place of what was said before."""
        text = json.dumps(words).encode().ljust(_MOST_SAID)
        with suppress(OSError):  # they see at least when it is over
            os.pwrite(self._descriptor, text, 0)

    def say_failed(self, error: RegistryError) -> None:
        """Let the others fail likewise."""
        what = error.what if isinstance(error, UpstreamFailed) else str(error)
        self.say(failed=type(error).__name__, why=what[:_LONGEST_WHY])

    def said(self) -> dict[str, Any]:
        """What was said last; nothing yet is no words at all."""
        try:
            found: dict[str, Any] = json.loads(os.pread(self._descriptor, _MOST_SAID, 0))
        except ValueError:
            return {}
        return found

    def failure(self, upstream: str, wanted: str) -> RegistryError | None:
        """The error that whoever had it ended with.

        :param upstream: its name
        :param wanted: what was fetched, for one that is not there
        """
        said = self.said()
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
                return UpstreamTimedOut(upstream, said["why"])
        return UpstreamFailed(upstream, said["why"])

    def is_over(self) -> bool:
        """Whether somebody else's has ended, well or not."""
        over = _is_locked(self._descriptor, fcntl.LOCK_SH)
        if over:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
        return over

    def new_part(self) -> IO[bytes]:
        """A new file beside it for what arrives, which others may read meanwhile.

        :raises OSError: it cannot be made
        """
        self._part.unlink(missing_ok=True)
        return os.fdopen(os.open(self._part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "w+b")

    def part(self) -> IO[bytes] | None:
        """That of somebody else, None if it is gone."""
        try:
            return self._part.open("rb")
        except FileNotFoundError:
            return None

    def close(self) -> None:
        """End it if it is mine. What is open of its part can still be read."""
        if self.mine:
            with suppress(OSError):
                self._part.unlink(missing_ok=True)
                self._path.unlink(missing_ok=True)
        os.close(self._descriptor)


def _opened(path: Path) -> Claim | None:
    """The claim of this name; None if its last owner removed it just now.

    :raises OSError: it cannot be opened or locked
    """
    with ExitStack() as unused:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        unused.callback(os.close, descriptor)
        mine = _is_locked(descriptor, fcntl.LOCK_EX)
        if mine:
            if not _is_at(descriptor, path):
                return None
            os.ftruncate(descriptor, 0)  # what one said whose process died
        unused.pop_all()
        return Claim(path, descriptor, mine=mine)


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


def _is_abandoned(path: Path) -> bool:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        return _is_locked(descriptor, fcntl.LOCK_EX)
    finally:
        os.close(descriptor)
