"""The one way to change a package.

Bytes are already in storage. Then: one short transaction in the index (row, journal row with the next
serial, mark "record due"), the record in storage, the mark cleared. A crash in between leaves the
mark, which the next start, rebuild or repeated request carries out.
"""

from __future__ import annotations

import hashlib
import io
import logging
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from threading import Lock

from pypicloud_like.core import keys, records
from pypicloud_like.core.errors import RegistryError
from pypicloud_like.core.model import Action, Blob, Entry, FileRecord, Project
from pypicloud_like.core.ports import Cache, Edit, Storage

log = logging.getLogger(__name__)

PUBLISHING = frozenset({Action.UPLOAD, Action.OVERWRITE})


class Changes:
    """Carries out edits: index first, record after, in this order for every kind of change."""

    def __init__(self, storage: Storage, cache: Cache) -> None:
        self._storage = storage
        self._cache = cache
        self._lock = Lock()
        self._counts: Counter[tuple[str, str]] = Counter()
        self._sizes: Counter[str] = Counter()

    def apply(self, project: Project, edit: Edit, *, identities: Collection[str] | None) -> Sequence[Entry]:
        """Carry out one edit and write its records.

        :returns: the entries as written, with their serials; none if there was nothing to do
        :raises Unavailable: the index refused (nothing happened), or storage did (the change holds and
            its record stays due; sending the request again is safe)
        """
        entries = self._cache.change(project, edit, identities=identities)
        self.record(entries)
        self._count(entries)
        return entries

    def counted(self) -> tuple[Mapping[tuple[str, str], int], Mapping[str, int]]:
        """The changes this process made, by ecosystem and action, and the bytes of the files it published,
        by ecosystem.
        """
        with self._lock:
            return dict(self._counts), dict(self._sizes)

    def _count(self, entries: Sequence[Entry]) -> None:
        with self._lock:
            for entry in entries:
                ecosystem, action = entry.project.ecosystem, entry.stamp.action
                self._counts[ecosystem, action.value] += 1
                if isinstance(entry, FileRecord) and action in PUBLISHING:
                    self._sizes[ecosystem] += entry.blob.size

    def finish(self, project: Project | None = None) -> int:
        """Write the records that were due when it began, of one project or all; returns how many.

        Not those of changes made since: another process that keeps changing something always has one due.
        """
        last = self._cache.serial()
        done = 0
        while entries := [entry for entry in self._cache.due(project) if entry.serial <= last]:
            self.record(entries)
            done += len(entries)
        return done

    def discard(self, blobs: Iterable[Blob]) -> None:
        """Remove bytes nothing refers to any more. What cannot be removed now is an orphan, for the
        clean-up; it is never a reason to fail a change that holds.
        """
        for blob in blobs:
            try:
                self._storage.delete(blob.key)
            except RegistryError as error:
                log.warning("left an orphan in storage: %s (%s)", blob.key, error)

    def record(self, entries: Sequence[Entry]) -> None:
        """Write the records of committed entries; writing one again does no harm."""
        for entry in entries:
            body = records.to_bytes(entry)
            self._storage.put(
                keys.record(entry.project, entry.identity, entry.serial),
                io.BytesIO(body),
                size=len(body),
                sha256=hashlib.sha256(body).hexdigest(),
                content_type="application/json",
            )
        self._cache.settle(entries)


def blobs_of(entry: FileRecord) -> list[Blob]:
    """All bytes a file consists of."""
    return [entry.blob, *entry.sidecars.values()]
