"""Orphans: bytes in storage that nothing refers to.

The index alone must not say so: it may be lost, or behind. What refers to bytes is a row of the index or,
of each identity, the record with the highest serial. Where a record cannot be read, all bytes of its
project are left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from pypicloud_like.core import keys, records
from pypicloud_like.core.errors import MissingBytes
from pypicloud_like.core.model import FileRecord
from pypicloud_like.core.ports import Storage
from pypicloud_like.registry.change import blobs_of


def orphans_among(storage: Storage, candidates: Iterable[str]) -> Iterator[str]:
    """Those of the keys (of bytes no row refers to) that no record refers to either.

    Costs one listing of the records of each project that has a candidate, and the reading of those that
    count.
    """
    for folder, found in groupby(sorted(candidates), key=folder_of):
        referred = _referred(storage, folder)
        if referred is not None:
            yield from (key for key in found if key not in referred)


def folder_of(key: str) -> str:
    """The folder of the project that bytes lie in: ``pypi/foo`` of ``v1/files/pypi/foo/…``."""
    return "/".join(key.removeprefix(keys.FILES).split("/")[:2])


def _referred(storage: Storage, folder: str) -> set[str] | None:
    """The keys that the records of a project's folder refer to; None if that cannot be told."""
    parsed = [keys.parse_record(stat.key) for stat in storage.list(f"{keys.RECORDS}{folder}/")]
    referred: set[str] = set()
    for key in keys.highest(key for key in parsed if key is not None).values():
        try:
            with storage.open(key.key) as source:
                entry = records.from_bytes(source.read())
        except (records.BadRecord, MissingBytes):
            return None
        if isinstance(entry, FileRecord) and not entry.deleted:
            referred.update(blob.key for blob in blobs_of(entry))
    return referred
