"""A file that another process of this host is fetching, read while it arrives there."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import IO

from pypicloud_like.core.errors import UpstreamFailed, UpstreamTimedOut
from pypicloud_like.core.model import FileRecord
from pypicloud_like.upstream.claims import POLL, SILENCE, Claim, Silent
from pypicloud_like.upstream.transfers import CHUNK

_PATIENCE = 30.0
"""Seconds without a sign of life after which a file is broken off of which bytes have been given."""


class Following:
    """What :class:`~pypicloud_like.upstream.transfers.Transfer` is for those of this process. Whoever reads
    it must :meth:`leave` it.

    It believes nothing but the digest of what it has read: the last byte is given only if that is right.
    """

    def __init__(self, claim: Claim, part: IO[bytes], wanted: FileRecord, total: int | None) -> None:
        assert wanted.origin is not None
        self._upstream = wanted.origin.upstream
        self._wanted = wanted
        self._claim = claim
        self._part = part
        self._total = total

    def size(self) -> int | None:
        """The size in bytes, None if the upstream does not tell."""
        return self._total

    def wait(self) -> None:
        """Until the other process has ended: then the file is held, or that process has died.

        :raises UpstreamFailed, NotFound, Unavailable, NoSpace: it has failed
        :raises Silent: it gives no sign of life
        """
        while not self._claim.is_over():
            _require_life(self._claim)
            time.sleep(POLL)
        self._require_no_failure()

    def read(self) -> Iterator[bytes]:
        """The bytes as they arrive.

        :raises UpstreamFailed, NotFound, Unavailable, NoSpace: the rest does not come, or is wrong; what was
            given is not all
        """
        digest, position = hashlib.sha256(), 0
        while True:
            over = self._claim.is_over()  # asked first: then all that ever comes is there
            there = self._there()
            while position < there - 1:
                chunk = os.pread(self._part.fileno(), min(CHUNK, there - 1 - position), position)
                if not chunk:
                    raise UpstreamFailed(self._upstream, "what arrived of a file is gone")
                digest.update(chunk)
                position += len(chunk)
                yield chunk
            if over or there == self._total:
                break
            if self._claim.silence() > _PATIENCE:
                raise UpstreamTimedOut(self._upstream, "the process that fetches a file stands still")
            time.sleep(POLL)
        last = os.pread(self._part.fileno(), 1, position)
        digest.update(last)
        if digest.hexdigest() != self._wanted.blob.sha256:
            self._require_no_failure()
            raise UpstreamFailed(self._upstream, "a file did not arrive whole in another process")
        if last:
            yield last

    def leave(self) -> None:
        """Let go of it."""
        self._part.close()
        self._claim.close()

    def _there(self) -> int:
        return os.fstat(self._part.fileno()).st_size

    def _require_no_failure(self) -> None:
        failure = self._claim.failure(self._upstream, self._wanted.filename)
        if failure is not None:
            raise failure


def follow(claim: Claim, wanted: FileRecord) -> Following | None:
    """The file, once it begins to arrive; None if that is over already, and it is to be looked for again.

    Closes the claim unless it gives the file.

    :raises UpstreamFailed, NotFound, Unavailable, NoSpace: it has failed
    :raises Silent: whoever fetches it gives no sign of life
    """
    assert wanted.origin is not None
    with ExitStack() as unused:
        unused.callback(claim.close)
        while True:
            over, said = claim.is_over(), claim.said()
            failure = claim.failure(wanted.origin.upstream, wanted.filename)
            if failure is not None:
                raise failure
            if over:
                return None
            _require_life(claim)
            part = claim.part() if "total" in said else None
            if part is not None:
                unused.pop_all()
                return Following(claim, part, wanted, said["total"])
            time.sleep(POLL)


def _require_life(claim: Claim) -> None:
    if claim.silence() > SILENCE:
        raise Silent
