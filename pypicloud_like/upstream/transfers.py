"""Files on their way in from an upstream: fetched once, read by many while they arrive, and believed only
when size and digest are right.

Of a file that is not verified yet the last byte is never handed out, so nobody can take a wrong body for
a whole one.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, BinaryIO, cast

from urllib3.response import BaseHTTPResponse

from pypicloud_like.core.errors import (
    NO_ROOM,
    NoSpace,
    NotFound,
    RegistryError,
    Unavailable,
    UpstreamFailed,
    UpstreamTimedOut,
)
from pypicloud_like.core.model import UNKNOWN_SIZE, FileRecord
from pypicloud_like.upstream.claims import Claim
from pypicloud_like.upstream.client import Client

log = logging.getLogger(__name__)

CHUNK = 256 * 1024
_ATTEMPTS = 4
_PAUSE = 0.3
"""Seconds before the second attempt; longer before each one after."""
_SLOWEST = 1024
"""Bytes per second below which a transfer is given up, once it had time to show better."""
_FAIR_CHANCE = 30.0
_CONTENT_RANGE = re.compile(r"bytes (?P<start>\d{1,19})-\d{1,19}/(?P<total>\d{1,19})\Z")

Keep = Callable[[BinaryIO, int, str], None]
"""Called once with the verified bytes, from their start, their size and their digest."""


class Transfer:
    """One file being fetched. Begins with :meth:`start`; whoever reads it must :meth:`leave` it.

    :param claim: by which other processes of the host follow it; it is closed at the end
    :raises OSError: there is no room for it
    """

    def __init__(
        self, client: Client, wanted: FileRecord, claim: Claim | None, *, spool_dir: Path | None, most: int
    ) -> None:
        assert wanted.origin is not None
        self._client = client
        self._upstream = wanted.origin.upstream
        self._url = wanted.origin.url
        self._sha256 = wanted.blob.sha256
        self._size = wanted.blob.size
        self._most = most
        self._claim = claim
        self._file: IO[bytes] = (
            TemporaryFile(dir=spool_dir, prefix="fetch-")  # noqa: SIM115 - closed by leave()
            if claim is None
            else claim.new_part()
        )
        self._digest = hashlib.sha256()
        self._changed = threading.Condition()
        self._written = 0
        self._total: int | None = None if self._size == UNKNOWN_SIZE else self._size
        self._begun = False
        self._error: RegistryError | None = None
        self._done = False
        self._readers = 0
        self._tag: str | None = None

    def start(self, keep: Keep, ended: Callable[[], None]) -> None:
        """Fetch in a thread of its own.

        :param keep: stores the verified bytes; not called for a file whose digest the upstream does not tell
        :param ended: called at the end, whatever came of it, before those are told who wait
        """

        def work() -> None:
            error: RegistryError | None = None
            try:
                self._fill()
                if self._sha256:
                    keep(self._rewound(), self._written, self._sha256)
            except RegistryError as problem:
                log.warning("%s (%s)", problem, self._url.rpartition("/")[2])
                error = problem
            except OSError as problem:  # those of the network are none any more
                log.warning("%s (%s)", problem, self._url.rpartition("/")[2])
                error = NoSpace() if problem.errno in NO_ROOM else Unavailable("spool")
            except Exception as problem:  # whoever waits must be told
                log.exception("a transfer broke")
                error = UpstreamFailed(self._upstream, type(problem).__name__)
            try:  # who is told that it failed may ask again at once, and is not to be told the same then
                ended()
                self._release(error)
            finally:
                self._end(error)
                self._close_if_unused()

        threading.Thread(target=work, name="upstream-transfer", daemon=True).start()

    def join(self) -> None:
        """One more reader."""
        with self._changed:
            self._readers += 1

    def leave(self) -> None:
        """One reader less; the last one takes the temporary file along."""
        with self._changed:
            self._readers -= 1
        self._close_if_unused()

    def size(self) -> int | None:
        """The size in bytes, None if the upstream does not tell. Waits until it began to answer.

        :raises UpstreamFailed, NotFound: it did not
        """
        with self._changed:
            self._changed.wait_for(lambda: self._begun or self._error)
            if self._error is not None and not self._written:
                raise self._error
            return self._total

    def wait(self) -> None:
        """Until all of it is there, verified and kept.

        :raises UpstreamFailed, NotFound, Unavailable, NoSpace: it is not
        """
        with self._changed:
            self._changed.wait_for(lambda: self._done or self._error)
            if self._error is not None:
                raise self._error

    def read(self) -> Iterator[bytes]:
        """The bytes as they arrive.

        :raises UpstreamFailed: the rest does not come, or is wrong; what was given is not all
        """
        position = 0
        while True:
            with self._changed:
                while self._readable() <= position and not (self._done or self._error):
                    self._changed.wait()
                if self._error is not None:
                    raise self._error
                end = self._readable()
            if position == end:
                return
            while position < end:
                chunk = os.pread(self._file.fileno(), min(CHUNK, end - position), position)
                position += len(chunk)
                yield chunk

    def _readable(self) -> int:
        return self._written if self._done else max(0, self._written - 1)

    def _fill(self) -> None:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                self._fetch()
                break
            except UpstreamFailed:
                if attempt == _ATTEMPTS:
                    raise
                time.sleep(_PAUSE * attempt)
        if self._size not in {UNKNOWN_SIZE, self._written}:
            raise UpstreamFailed(self._upstream, f"a file has {self._written} bytes instead of {self._size}")
        if self._sha256 and self._digest.hexdigest() != self._sha256:
            raise UpstreamFailed(self._upstream, "a file does not have the digest that its page tells")

    def _fetch(self) -> None:
        """From where it broke off, or from the start where the upstream cannot go on."""
        headers = {"Accept-Encoding": "identity"}
        if self._written:
            headers["Range"] = f"bytes={self._written}-"
            if self._tag:
                headers["If-Range"] = self._tag
        began = time.monotonic()
        arrived = 0
        with self._client.open(self._url, headers) as (response, _):
            skip = self._judge(response)
            for chunk in self._client.chunks(response):
                arrived += len(chunk)
                passed = time.monotonic() - began
                if passed > _FAIR_CHANCE and arrived < passed * _SLOWEST:
                    raise UpstreamTimedOut(self._upstream, "a file arrives too slowly")
                fresh = chunk[skip:]
                skip -= min(skip, len(chunk))
                self._write(fresh)
        if self._total is not None and self._written < self._total:
            raise UpstreamFailed(self._upstream, "a file broke off")

    def _judge(self, response: BaseHTTPResponse) -> int:
        """Whether the answer is the file; how many of its first bytes are here already."""
        if response.status in {404, 410}:
            raise NotFound(self._url.rpartition("/")[2])
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise UpstreamFailed(self._upstream, "a file comes in an encoding that was not asked for")
        match = _CONTENT_RANGE.match(response.headers.get("Content-Range", ""))
        length = response.headers.get("Content-Length", "")
        if response.status == 206 and self._written and match and int(match["start"]) == self._written:
            total, skip = int(match["total"]), 0
        elif response.status == 200:
            total, skip = int(length) if length.isdecimal() else UNKNOWN_SIZE, self._written
        else:
            raise UpstreamFailed(self._upstream, f"it answers {response.status} for a file")
        self._begin(total, response.headers.get("ETag"))
        return skip

    def _begin(self, total: int, tag: str | None) -> None:
        if total not in {UNKNOWN_SIZE, self._total} and self._total is not None:
            raise UpstreamFailed(self._upstream, f"a file has {total} bytes instead of {self._total}")
        if max(total, self._size) > self._most:
            raise UpstreamFailed(self._upstream, "a file is larger than all that may be held")
        with self._changed:
            self._tag = tag if tag and not tag.startswith("W/") else None
            self._total = total if total != UNKNOWN_SIZE else self._total
            self._begun = True
            self._changed.notify_all()
        if self._claim is not None:
            self._claim.say(total=self._total)

    def _write(self, chunk: bytes) -> None:
        if self._written + len(chunk) > (self._most if self._total is None else self._total):
            raise UpstreamFailed(self._upstream, "a file is longer than it should be")
        self._file.write(chunk)
        self._file.flush()
        self._digest.update(chunk)
        with self._changed:
            self._written += len(chunk)
            self._changed.notify_all()

    def _rewound(self) -> BinaryIO:
        self._file.seek(0)
        return cast(BinaryIO, self._file)

    def _release(self, error: RegistryError | None) -> None:
        if self._claim is not None:
            if error is not None:
                self._claim.say_failed(error)
            self._claim.close()

    def _end(self, error: RegistryError | None) -> None:
        with self._changed:
            self._error = error
            self._done = error is None
            self._begun = True
            self._changed.notify_all()

    def _close_if_unused(self) -> None:
        with self._changed:
            if (self._done or self._error) and self._readers <= 0:
                with suppress(OSError):  # of bytes for which there was no room; the transfer has failed
                    self._file.close()
