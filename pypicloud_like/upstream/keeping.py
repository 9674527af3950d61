"""Keeping files of upstreams: bytes and a record in storage, a row that finds them, and letting go of what
was used longest ago.

What is lost in between does no harm: bytes without a row are found again by :meth:`Keeper.restore`, a row
without bytes is fetched again.
"""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from typing import BinaryIO

from pypicloud_like.core import keys, records
from pypicloud_like.core.errors import RegistryError
from pypicloud_like.core.model import Blob, FileRecord
from pypicloud_like.core.ports import Held, Storage

log = logging.getLogger(__name__)

_BATCH = 100


class Keeper:
    """Puts files of upstreams into storage and takes them out again. Threads share it."""

    def __init__(self, storage: Storage, held: Held, *, limit: int) -> None:
        self._storage = storage
        self._held = held
        self._limit = limit

    def keep(self, wanted: FileRecord, source: BinaryIO, size: int, sha256: str) -> FileRecord:
        """Store verified bytes as the file that ``wanted`` describes, then make room if there is too much.

        :raises NoSpace, Unavailable: nothing is held
        """
        key = keys.held(wanted.project, sha256, wanted.filename)
        self._storage.put(key, source, size=size, sha256=sha256)
        record = replace(wanted, blob=replace(wanted.blob, key=key, size=size, sha256=sha256))
        body = records.to_bytes(record)
        digest = hashlib.sha256(body).hexdigest()
        self._storage.put(keys.held_record(key), io.BytesIO(body), size=len(body), sha256=digest)
        replaced = self._held.keep(record)
        if replaced is not None:
            self._remove([replaced])
        self.make_room()
        return record

    def let_go(self, record: FileRecord) -> None:
        """Hold a file no longer."""
        self._remove(self._held.drop([record]))

    def make_room(self) -> int:
        """Let go of what was used longest ago until the rest is within the limit; how many files went."""
        return self.prune(keep=self._limit)

    def prune(
        self,
        *,
        keep: int,
        before: datetime | None = None,
        tell: Callable[[FileRecord], None] = lambda _record: None,
        dry_run: bool = False,
    ) -> int:
        """Let go of the files used longest ago until at most ``keep`` bytes are held, or of all that were
        not used since ``before``; pinned ones stay. Returns how many went (or would go).
        """
        excess = self._held.use().size - keep if before is None else None
        gone = 0
        doomed: Collection[FileRecord] = ()
        while excess is None or excess > 0:
            limit = _BATCH if not dry_run else 10**9
            doomed = self._held.oldest(limit=limit, before=before)
            some = list(_up_to(doomed, excess))
            for record in some:
                tell(record)
            went = some if dry_run else self._held.drop(some)
            gone += len(went)
            if dry_run or not went:
                break
            self._remove(went)
            excess = None if excess is None else excess - sum(record.blob.size for record in went)
        return gone

    def restore(self, progress: Callable[[int], None] = lambda _done: None) -> int:
        """Find what storage holds and no row knows, after the index was lost; how many files came back."""
        done = 0
        for stat in self._storage.list(keys.HELD):
            if not stat.key.endswith(keys.HELD_RECORD):
                continue
            with self._storage.open(stat.key) as source:
                raw = source.read()
            try:
                record = records.from_bytes(raw)
            except records.BadRecord:
                continue  # a file that merely is called so
            if not isinstance(record, FileRecord) or keys.held_record(record.blob.key) != stat.key:
                continue
            if self._held.file(record.project, record.filename) is None:
                self._held.keep(record)
                done += 1
                progress(done)
        return done

    def broken(self, before: datetime) -> Iterator[str]:
        """Keys of held bytes that came before a moment and have no record: a fetch that a crash ended."""
        stats = self._storage.list(keys.HELD)
        for _, group in groupby(stats, key=lambda stat: stat.key.rpartition("/")[0]):
            found = {stat.key: stat for stat in group}
            for key, stat in found.items():
                is_record = key.endswith(keys.HELD_RECORD)
                if not is_record and keys.held_record(key) not in found and stat.modified <= before:
                    yield key

    def _remove(self, gone: Iterable[FileRecord]) -> None:
        """The record first: bytes without one are never found again."""
        for record in gone:
            blob: Blob = record.blob
            try:
                self._storage.delete(keys.held_record(blob.key))
                self._storage.delete(blob.key)
            except RegistryError as error:
                log.warning("left held bytes behind: %s (%s)", blob.key, error)


def _up_to(doomed: Iterable[FileRecord], excess: int | None) -> Iterable[FileRecord]:
    """The first of them, as many as it takes; None: all."""
    for record in doomed:
        if excess is not None and excess <= 0:
            return
        yield record
        excess = None if excess is None else excess - record.blob.size
