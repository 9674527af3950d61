"""Check: compare index, records and bytes, and mend only what was announced.

Found are: rows whose bytes are missing, short or wrong; bytes nothing refers to (orphans); records
that were never written. With ``repair`` orphans beyond an age are removed and missing records are
written again. Bytes that a row or the record that counts refers to are never removed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby

from pypicloud_like.core import keys
from pypicloud_like.core.errors import MissingBytes, Unavailable
from pypicloud_like.core.model import Blob, Entry, File
from pypicloud_like.core.ports import Stat
from pypicloud_like.registry.change import blobs_of
from pypicloud_like.registry.orphans import by_folder, orphans_among
from pypicloud_like.registry.rebuild import ECOSYSTEMS
from pypicloud_like.registry.services import Services
from pypicloud_like.registry.spool import CHUNK

ORPHAN_AGE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong; ``kind`` is missing, size, digest, orphan, fetch or unrecorded."""

    kind: str
    key: str
    sentence: str
    repairable: bool = False


@dataclass(slots=True)
class Findings:
    """All of them, and how much was looked at."""

    files: int = 0
    bytes_read: int = 0
    found: list[Finding] = field(default_factory=list)
    repaired: int = 0

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong that was not repaired."""
        return len(self.found) == self.repaired


def check(
    services: Services,
    *,
    verify: bool = False,
    repair: bool = False,
    orphan_age: timedelta = ORPHAN_AGE,
    tell: Callable[[Finding], None] = lambda _finding: None,
    progress: Callable[[int], None] = lambda _done: None,
) -> Findings:
    """Look at everything; ``verify`` reads and re-hashes all bytes; ``repair`` mends as announced.

    :param tell: called with each finding before anything is done about it
    :param progress: called with the number of files that were looked at
    """
    result = Findings()
    stored = _stored_folders(services)
    referred: set[str] = set()
    for finding in _rows(services, stored, referred, result, verify=verify, progress=progress):
        result.found.append(finding)
        tell(finding)
    for finding in _orphans(services, stored, referred, orphan_age):
        result.found.append(finding)
        tell(finding)
    for finding in _broken_fetches(services, orphan_age):
        result.found.append(finding)
        tell(finding)
    for finding in _unrecorded(services):
        result.found.append(finding)
        tell(finding)
    if repair:
        result.repaired = _repair(services, result.found)
        services.storage.sweep(orphan_age)
    return result


def _stored_folders(services: Services) -> dict[str, Stat]:
    return {stat.key: stat for stat in services.storage.list(keys.FILES)}


def _rows(
    services: Services,
    stored: dict[str, Stat],
    referred: set[str],
    result: Findings,
    *,
    verify: bool,
    progress: Callable[[int], None],
) -> Iterator[Finding]:
    for ecosystem in ECOSYSTEMS:
        for _project, files in groupby(services.cache.all_files(ecosystem), key=lambda file: file.project):
            for file in files:
                result.files += 1
                progress(result.files)
                for blob in [file.blob, *file.sidecars.values()]:
                    referred.add(blob.key)
                    yield from _compare(services, file, blob, stored, result, verify=verify)


def _compare(
    services: Services, file: File, blob: Blob, stored: dict[str, Stat], result: Findings, *, verify: bool
) -> Iterator[Finding]:
    where = f"{file.project} {file.filename}"
    stat = stored.get(blob.key) or services.storage.stat(blob.key)
    if stat is None:
        yield Finding("missing", blob.key, f"{where}: its bytes are missing in storage")
    elif stat.size != blob.size:
        yield Finding("size", blob.key, f"{where}: {stat.size} bytes in storage, {blob.size} recorded")
    elif verify:
        result.bytes_read += stat.size
        if _sha256(services, blob.key) != blob.sha256:
            yield Finding("digest", blob.key, f"{where}: its bytes do not match the recorded digest")


def _sha256(services: Services, key: str) -> str | None:
    digest = hashlib.sha256()
    try:
        with services.storage.open(key) as source:
            while chunk := source.read(CHUNK):
                digest.update(chunk)
    except (MissingBytes, Unavailable, OSError):
        return None
    return digest.hexdigest()


def _orphans(
    services: Services, stored: dict[str, Stat], referred: set[str], age: timedelta
) -> Iterator[Finding]:
    limit = services.clock() - age
    old = (key for key, stat in stored.items() if key not in referred and stat.modified <= limit)
    for key in orphans_among(services.storage, old):
        yield Finding("orphan", key, f"{key}: nothing refers to these bytes", repairable=True)


def _broken_fetches(services: Services, age: timedelta) -> Iterator[Finding]:
    if services.upstreams is not None:
        for key in services.upstreams.keeper.broken(services.clock() - age):
            yield Finding(
                "fetch", key, f"{key}: a fetch that was broken off left these bytes", repairable=True
            )


def _unrecorded(services: Services) -> Iterator[Finding]:
    recorded = {stat.key for stat in services.storage.list(keys.RECORDS)}
    for ecosystem in ECOSYSTEMS:
        for project in services.cache.known_projects(ecosystem):
            for identity, (serial, _due) in services.cache.serials(project).items():
                key = keys.record(project, identity, serial)
                if key not in recorded:
                    sentence = f"{project} {identity}: its record is missing"
                    yield Finding("unrecorded", key, sentence, repairable=True)


def _repair(services: Services, found: list[Finding]) -> int:
    orphans = (finding.key for finding in found if finding.kind == "orphan")
    unrecorded = (finding.key for finding in found if finding.kind == "unrecorded")
    removed = sum(_remove(services, folder, list(some)) for folder, some in by_folder(orphans))
    for finding in found:
        if finding.kind == "fetch":
            services.storage.delete(finding.key)
            removed += 1
    return removed + sum(_write_again(services, key) for key in unrecorded)


def _remove(services: Services, folder: str, orphans: list[str]) -> int:
    """Look again just before removing: an upload may have been committed since the listing."""
    project = keys.project_of(folder)
    if project is None:  # its name is too long to be told from the folder
        return 0
    referred = {blob.key for file in services.cache.described(project) for blob in blobs_of(file)}
    doomed = [key for key in orphans if key not in referred]
    for key in doomed:
        services.storage.delete(key)
    return len(doomed)


def _write_again(services: Services, key: str) -> bool:
    parsed = keys.parse_record(key)
    project = keys.project_of(parsed.folder) if parsed else None
    if parsed is None or project is None:
        return False
    now = services.cache.snapshot(project, None)
    entries: list[Entry] = [*now.files.values(), *([now.record] if now.record else [])]
    meant = [entry for entry in entries if keys.record(project, entry.identity, entry.serial) == key]
    services.changes.record(meant)
    return bool(meant)
