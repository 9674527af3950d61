"""Check: compare index, records and bytes. It only looks; :mod:`pypicloud_like.registry.repair` mends.

Whatever seems wrong is looked at once more before it is told, because people go on publishing meanwhile.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from pypicloud_like.core import keys, records
from pypicloud_like.core.errors import MissingBytes, Unavailable
from pypicloud_like.core.keys import RecordKey
from pypicloud_like.core.model import Blob, Entry, File, Project
from pypicloud_like.core.ports import Stat
from pypicloud_like.registry.change import blobs_of
from pypicloud_like.registry.orphans import orphans_among
from pypicloud_like.registry.rebuild import ECOSYSTEMS
from pypicloud_like.registry.services import Services
from pypicloud_like.registry.spool import CHUNK

ORPHAN_AGE = timedelta(hours=24)
RECORD_AGE = timedelta(minutes=5)
"""A change whose record is due for longer than this was broken off."""

REPAIRABLE = frozenset({"orphan", "fetch", "part", "unrecorded", "held"})
KINDS = {
    "missing": "a file's bytes are not in storage",
    "size": "a file's bytes are more or fewer than they should be",
    "digest": "a file's bytes are others than they should be",
    "record": "a record says something else than the index",
    "unreadable": "a record cannot be read",
    "unindexed": "a record is newer than the index",
    "unrecorded": "a record was never written",
    "orphan": "nothing refers to these bytes",
    "held": "the bytes of a file held from an upstream are missing or wrong",
    "fetch": "a fetch from an upstream was broken off",
    "part": "an upload was broken off",
    "foreign": "it does not belong there",
}
Tell = Callable[["Finding"], None]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. ``key`` names it in storage; ``project`` is what it belongs to, if that is
    known.
    """

    kind: str
    key: str
    sentence: str
    project: Project | None = None

    @property
    def repairable(self) -> bool:
        """Whether a repair does something about it."""
        return self.kind in REPAIRABLE


@dataclass(slots=True)
class Findings:
    """All of them, and how much was looked at."""

    files: int = 0
    bytes_read: int = 0
    found: list[Finding] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong."""
        return not self.found


def check(
    services: Services,
    *,
    verify: bool = False,
    orphan_age: timedelta = ORPHAN_AGE,
    tell: Tell = lambda _finding: None,
    progress: Callable[[int], None] = lambda _files: None,
) -> Findings:
    """Look at everything and change nothing.

    :param verify: read and hash all bytes, and compare what records say
    :param orphan_age: what nothing refers to is told of only when it is older
    :param tell: called with each finding as it is found
    :param progress: called with how many files were looked at, after each
    """
    look = _Look(services, orphan_age, verify=verify, progress=progress)
    for finding in look.all():
        look.result.found.append(finding)
        tell(finding)
    return look.result


class _Look:
    """One look at everything. What lies in storage is listed first: it only grows while somebody publishes,
    and what goes meanwhile is seen when it is looked at again.
    """

    def __init__(
        self,
        services: Services,
        orphan_age: timedelta,
        *,
        verify: bool,
        progress: Callable[[int], None],
    ) -> None:
        self.result = Findings()
        self._progress = progress
        self._services = services
        self._verify = verify
        self._age = orphan_age
        self._before = services.clock() - orphan_age
        self._bytes: dict[str, Stat] = {}
        self._records: dict[str, list[RecordKey]] = {}
        self._referred: set[str] = set()

    def all(self) -> Iterator[Finding]:
        """Everything that is wrong."""
        yield from self._foreign()
        for ecosystem in ECOSYSTEMS:
            yield from self._rows(ecosystem)
        yield from self._orphans()
        yield from self._compare_records()
        yield from self._held()
        for name in self._services.storage.leftovers(self._age):
            yield Finding("part", name, f"{name}: an upload that was broken off left this")

    def _foreign(self) -> Iterator[Finding]:
        """Sort what lies in storage; what is none of ours is told of and never touched."""
        for stat in self._services.storage.list(keys.ROOT):
            record = keys.parse_record(stat.key)
            if record is not None:
                self._records.setdefault(record.folder, []).append(record)
            elif keys.digest_in(stat.key):
                self._bytes[stat.key] = stat
            elif not stat.key.startswith(keys.HELD) and stat.key != keys.MARKER:
                yield Finding("foreign", stat.key, f"{stat.key}: does not belong there")

    def _rows(self, ecosystem: str) -> Iterator[Finding]:
        for file in self._services.cache.all_files(ecosystem):
            self.result.files += 1
            for blob in (file.blob, *file.sidecars.values()):
                self._referred.add(blob.key)
                fault = self._fault(blob, self._bytes.get(blob.key))
                if fault is not None and self._is_still(file, blob):
                    kind, words = fault
                    yield Finding(kind, blob.key, f"{file.project} {file.filename}: {words}", file.project)

    def _fault(self, blob: Blob, stat: Stat | None) -> tuple[str, str] | None:
        """What is wrong with bytes that are referred to."""
        stat = stat or self._services.storage.stat(blob.key)
        if stat is None:
            return "missing", "its bytes are missing in storage"
        if stat.size != blob.size:
            return "size", f"{stat.size} bytes in storage, {blob.size} recorded"
        if not self._verify:
            return None
        self.result.bytes_read += stat.size
        found = _sha256(self._services, blob.key)
        return None if found == blob.sha256 else ("digest", "its bytes do not match the recorded digest")

    def _is_still(self, file: File, blob: Blob) -> bool:
        """Whether the index still refers to the bytes: the file may have been deleted meanwhile."""
        now = self._services.cache.snapshot(file.project, [file.identity]).files.get(file.identity)
        return now is not None and not now.deleted and any(blob.key == one.key for one in blobs_of(now))

    def _orphans(self) -> Iterator[Finding]:
        storage = self._services.storage
        old = (
            key
            for key, stat in self._bytes.items()
            if key.startswith(keys.FILES) and key not in self._referred and stat.modified <= self._before
        )
        for key in orphans_among(storage, old):
            stat = storage.stat(key)
            if stat is not None:
                yield Finding("orphan", key, f"{key}: nothing refers to these {stat.size} bytes")

    def _compare_records(self) -> Iterator[Finding]:
        """Rows whose record is missing, or says something else, and records that are newer than their row."""
        seen = set()
        for ecosystem in ECOSYSTEMS:
            for project in self._services.cache.known_projects(ecosystem):
                folder = keys.project_folder(project)
                seen.add(folder)
                yield from self._project(project, self._records.get(folder, []))
        for folder, found in self._records.items():
            if folder not in seen:
                yield from self._unindexed(folder, keys.highest(found), {})

    def _project(self, project: Project, found: Sequence[RecordKey]) -> Iterator[Finding]:
        there = {record.key for record in found}
        rows = self._services.cache.serials(project)
        wanted = {
            identity: keys.record(project, identity, serial) for identity, (serial, _due) in rows.items()
        }
        for identity, key in wanted.items():
            if key not in there and self._is_unrecorded(project, identity, key):
                yield Finding("unrecorded", key, f"{project} {identity}: its record is missing", project)
        known = {keys.segment(identity): serial for identity, (serial, _due) in rows.items()}
        yield from self._unindexed(keys.project_folder(project), keys.highest(found), known)
        if self._verify:
            yield from self._contents(project, [key for key in wanted.values() if key in there])

    def _is_unrecorded(self, project: Project, identity: str, key: str) -> bool:
        """Whether a record is missing for good: not one that is being written, or came since the listing."""
        entry = entry_at(self._services, project, key, [identity])
        if entry is None or self._services.storage.stat(key) is not None:
            return False
        _, due = self._services.cache.serials(project).get(identity, (0, False))
        return not due or entry.stamp.at <= self._services.clock() - RECORD_AGE

    def _unindexed(
        self, folder: str, found: dict[str, RecordKey], known: dict[str, int]
    ) -> Iterator[Finding]:
        for identity, record in found.items():
            if known.get(identity, -1) < record.serial:
                sentence = f"{record.key}: is newer than what the index knows; `rebuild` reads it"
                yield Finding("unindexed", record.key, sentence, keys.project_of(folder))

    def _contents(self, project: Project, there: Sequence[str]) -> Iterator[Finding]:
        entries = self._services.cache.snapshot(project, None).entries
        by_key = {keys.record(project, entry.identity, entry.serial): entry for entry in entries}
        for key in there:
            entry = by_key.get(key)
            if entry is None:  # changed meanwhile
                continue
            try:
                with self._services.storage.open(key) as source:
                    said = records.from_bytes(source.read())
            except records.BadRecord as error:
                yield Finding("unreadable", key, f"{key}: is no readable record ({error})", project)
                continue
            if records.to_bytes(said) != records.to_bytes(entry):
                yield Finding("record", key, f"{key}: says something else than the index", project)

    def _held(self) -> Iterator[Finding]:
        upstreams = self._services.upstreams
        if upstreams is None:
            return
        for ecosystem in ECOSYSTEMS:
            for project in upstreams.held.projects(ecosystem):
                for file in upstreams.held.files(project):
                    fault = self._fault(file.blob, self._bytes.get(file.blob.key))
                    if fault is not None and upstreams.held.file(project, file.filename) == file:
                        sentence = f"{project} {file.filename}, held from an upstream: {fault[1]}"
                        yield Finding("held", file.blob.key, sentence, project)
        for key in upstreams.keeper.broken(self._before):
            yield Finding("fetch", key, f"{key}: a fetch that was broken off left these bytes")


def entry_at(
    services: Services, project: Project, key: str, identities: Collection[str] | None = None
) -> Entry | None:
    """The entry whose record lies, or should lie, under this key; None if it has changed meanwhile.

    :param identities: which it can be; None: any
    """
    entries = services.cache.snapshot(project, identities).entries
    return next((one for one in entries if keys.record(project, one.identity, one.serial) == key), None)


def _sha256(services: Services, key: str) -> str | None:
    digest = hashlib.sha256()
    try:
        with services.storage.open(key) as source:
            while chunk := source.read(CHUNK):
                digest.update(chunk)
    except (MissingBytes, Unavailable, OSError):
        return None
    return digest.hexdigest()
