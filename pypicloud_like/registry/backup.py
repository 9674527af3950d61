"""Copying what storage holds while people publish and delete, so that the copy agrees with itself.

It is of the moment at which it began: the records that were there then, and the bytes that they refer to.
Whatever is published meanwhile is for the next time, so that a busy server cannot keep it from ending. Bytes
that are gone by then were deleted or replaced, and a newer record says so, which was there before they went.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from pypicloud_like.core import keys, records
from pypicloud_like.core.errors import InvalidUpload, MissingBytes
from pypicloud_like.core.model import FileRecord
from pypicloud_like.core.ports import Storage
from pypicloud_like.registry.change import blobs_of
from pypicloud_like.registry.copying import copy_object

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Copied:
    """What was done, in objects, and what could not be, in sentences for an administrator."""

    copied: int = 0
    present: int = 0
    problems: list[str] = field(default_factory=list)


def copy_packages(
    source: Storage,
    target: Storage,
    *,
    held: bool = True,
    tell: Callable[[int], None] = lambda _done: None,
) -> Copied:
    """Copy all packages of one storage to another, but for what is there already: an object of the same key
    has the same bytes.

    :param held: what is held from upstreams too
    :param tell: called with how many objects were copied so far
    """
    return _Copy(source, target, tell).run(held=held)


class _Copy:
    def __init__(self, source: Storage, target: Storage, tell: Callable[[int], None]) -> None:
        self._source = source
        self._target = target
        self._tell = tell
        self._there = {stat.key: stat.size for stat in target.list("")}
        self._copied = Copied()

    def run(self, *, held: bool) -> Copied:
        last = max((key.serial for key in _records(self._source, keys.RECORDS)), default=0)
        self._all(keys.RECORDS, only=lambda key: _serial(key) <= last)
        for folder in sorted({key.folder for key in _records(self._target, keys.RECORDS)}):
            self._project(folder)
        if held:
            self._all(keys.HELD, only=lambda key: not key.endswith(keys.HELD_RECORD))
            self._all(keys.HELD, only=lambda key: key.removesuffix(keys.HELD_RECORD) in self._there)
        return self._copied

    def _all(self, prefix: str, *, only: Callable[[str], bool] = lambda _key: True) -> None:
        for stat in self._source.list(prefix):
            if only(stat.key):
                self._one(stat.key, stat.size)

    def _one(self, key: str, size: int) -> bool:
        """Have one object in the target; False if the source does not have it (any more)."""
        if self._there.get(key) == size:
            self._copied.present += 1
            return True
        try:
            copy_object(self._source, self._target, key, verify=True)
        except MissingBytes:
            return False
        except InvalidUpload as error:
            self._copied.problems.append(str(error))
            return True  # it will not get better by looking again
        self._there[key] = size
        self._copied.copied += 1
        self._tell(self._copied.copied)
        return True

    def _project(self, folder: str) -> None:
        """Copy all bytes that the records of a project refer to."""
        group = keys.highest(_records(self._target, f"{keys.RECORDS}{folder}/"))
        lost = [key for key in group.values() if not self._file(key)]
        if lost:
            self._copied.problems.append(f"{folder}: has a file whose bytes are missing")

    def _file(self, key: keys.RecordKey) -> bool:
        """Copy the bytes of one file; False if they are lost."""
        while not self._bytes(key):
            newest = self._newest(key)
            if newest.serial == key.serial:
                return False
            key = newest
        return True

    def _bytes(self, key: keys.RecordKey) -> bool:
        """Copy the bytes that a record refers to; False if some are not there (any more)."""
        try:
            with self._target.open(key.key) as reader:
                entry = records.from_bytes(reader.read())
        except records.BadRecord as error:
            self._copied.problems.append(f"{key.key}: is no readable record ({error})")
            return True
        if not isinstance(entry, FileRecord) or entry.deleted:
            return True
        lost = [blob for blob in blobs_of(entry) if not self._one(blob.key, blob.size)]
        return not lost

    def _newest(self, key: keys.RecordKey) -> keys.RecordKey:
        """The record that counts by now, copied with those before it."""
        place = f"{keys.RECORDS}{key.folder}/{key.identity}/"
        self._all(place, only=lambda found: found not in self._there)
        return keys.highest([key, *_records(self._target, place)])[key.identity]


def _serial(key: str) -> int:
    record = keys.parse_record(key)
    return record.serial if record else 0


def _records(storage: Storage, prefix: str) -> Iterator[keys.RecordKey]:
    found = (keys.parse_record(stat.key) for stat in storage.list(prefix))
    return (key for key in found if key is not None)
