"""Copying what storage holds while people publish and delete, so that the copy agrees with itself.

Records are read after the bytes they refer to were copied. A record that came since refers to bytes that were
not: they are copied after it. Bytes that are gone by then were deleted or replaced, and a newer record says
so; it is looked for until nothing is missing.
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

_ROUNDS = 10
"""Each of them but the first is needed only if a file was replaced or deleted in the moment before."""


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
        self._all(keys.FILES)
        self._all(keys.RECORDS)
        for folder in sorted({key.folder for key in self._records(keys.RECORDS)}):
            counting = list(keys.highest(self._records(f"{keys.RECORDS}{folder}/")).values())
            whole = [self._complete(record) for record in counting]
            if not all(whole):
                self._copied.problems.append(f"{folder}: has a file whose bytes are missing")
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

    def _complete(self, record: keys.RecordKey) -> bool:
        """Have the bytes that one identity consists of; False if they are lost. Where they are gone a newer
        record says why. It is looked for among those of this identity alone: a project in which people
        publish and delete faster than it can be listed must come to an end too.
        """
        history = record.key.rpartition("/")[0] + "/"
        for _ in range(_ROUNDS):
            if self._has_bytes(record.key):
                return True
            self._all(history, only=lambda key: key not in self._there)
            newest = keys.highest(self._records(history))[record.identity]
            if newest == record:
                return False
            record = newest
        return False

    def _has_bytes(self, record: str) -> bool:
        """Whether all bytes are there that a record refers to; copies those that are not."""
        try:
            with self._target.open(record) as reader:
                entry = records.from_bytes(reader.read())
        except records.BadRecord as error:
            self._copied.problems.append(f"{record}: is no readable record ({error})")
            return True
        if not isinstance(entry, FileRecord) or entry.deleted:
            return True
        return all(blob.key in self._there or self._one(blob.key, blob.size) for blob in blobs_of(entry))

    def _records(self, prefix: str) -> Iterator[keys.RecordKey]:
        found = (keys.parse_record(stat.key) for stat in self._target.list(prefix))
        return (key for key in found if key is not None)
