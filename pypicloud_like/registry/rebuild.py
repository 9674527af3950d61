"""Rebuild: make the index agree with storage while everything goes on.

Storage is the truth. Of each identity the record with the highest serial counts; it is read only if it
is above the index's row. Rows that no record explains are removed at the very end, unless they are
younger than the pass or their record is still due; a storage that suddenly shows much less than the
index knows is not believed without confirmation. Readers never see less than before in between.

An index that was lost is filled from nothing. Until that has come to its end it is no index to be served, nor
may serials be given by it: they would be below those of records that were not read yet.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby

from pypicloud_like.core import keys, records
from pypicloud_like.core.errors import Conflict, RegistryError
from pypicloud_like.core.keys import RecordKey
from pypicloud_like.core.model import Entry, Project
from pypicloud_like.core.ports import Storage
from pypicloud_like.registry.services import Services

log = logging.getLogger(__name__)

BATCH = 500
READERS = 8
GAP = 1_000_000
"""How far serials go on above the highest record when the index was lost: some may have been given
whose record was never written."""
DOUBTFUL_SHARE = 0.1
DOUBTFUL_LEAST = 10
MOST_PROBLEMS = 1000
LOCK = "rebuild"

Progress = Callable[[str, int], None]
"""Called with a stage and how many things of it are done so far."""

Row = tuple[Project, str, int]


def _silent(_stage: str, _done: int) -> None:
    """Tell nobody."""


@dataclass(slots=True)
class Report:
    """What a rebuild found and did. ``doubtful`` rows have no record and were kept for want of
    confirmation; ``held`` files of upstreams were found again; ``problems`` are sentences for an
    administrator.
    """

    projects: int = 0
    records: int = 0
    changed: int = 0
    removed: int = 0
    doubtful: int = 0
    held: int = 0
    problems: list[str] = field(default_factory=list)

    def problem(self, sentence: str) -> None:
        """Note a problem, up to a bound."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(sentence)
        log.warning("rebuild: %s", sentence)


def rebuild(services: Services, *, confirmed: bool = False, progress: Progress = _silent) -> Report:
    """Bring the index in line with the records in storage.

    :param confirmed: remove rows without a record even if they are many
    :param progress: called as soon as the rebuild has begun
    :raises Conflict: another rebuild is running
    """
    with services.state.lock(LOCK) as mine:
        if not mine:
            raise Conflict("A rebuild is already running")
        progress("records", 0)
        return _Pass(services, progress).run(confirmed=confirmed)


def is_lost(services: Services) -> bool:
    """Whether the index is new while storage holds records, or the rebuild of such a one did not come to its
    end: then a rebuild is needed before serving.
    """
    if services.cache.serial() == 0:
        return any(True for _ in services.storage.list(keys.RECORDS))
    return not services.cache.is_whole()


class _Pass:
    """One pass over all records."""

    def __init__(self, services: Services, progress: Progress) -> None:
        self._services = services
        self._cache = services.cache
        self._progress = progress
        self._report = Report()
        self._start = self._cache.serial()
        self._from_nothing = self._start == 0 or not self._cache.is_whole()
        self._highest = 0
        self._rows = 0
        self._unexplained: list[Row] = []
        self._wanted: list[RecordKey] = []
        self._seen: set[Project] = set()

    def run(self, *, confirmed: bool) -> Report:
        self._services.changes.finish()
        if self._from_nothing:
            self._cache.begin_filling()
        with ThreadPoolExecutor(READERS, thread_name_prefix="rebuild") as readers:
            for folder, group in _folders(self._services.storage, self._report):
                self._project(folder, group)
                if len(self._wanted) >= BATCH:
                    self._take_over(readers)
            self._take_over(readers)
        self._cache.raise_serial(self._highest + (GAP if self._from_nothing and self._highest else 0))
        if self._from_nothing:
            self._cache.end_filling()
        self._sweep(confirmed=confirmed)
        if self._services.upstreams is not None:
            held = self._services.upstreams.keeper.restore(lambda done: self._progress("held", done))
            self._report.held = held
        return self._report

    def _project(self, folder: str, found: list[RecordKey]) -> None:
        group = keys.highest(found)
        project = keys.project_of(folder) or project_in(
            self._services.storage, (key.key for key in group.values())
        )
        if project is None:
            self._report.problem(f"no record can be read in {folder}")
            return
        self._seen.add(project)
        self._report.projects += 1
        self._report.records += len(group)
        self._highest = max(self._highest, *(key.serial for key in group.values()))
        rows = self._cache.serials(project)
        self._rows += len(rows)
        known = {keys.segment(identity): serial for identity, (serial, _due) in rows.items()}
        if self._from_nothing:  # its whole journal is wanted back
            self._wanted += found
        else:
            self._wanted += [key for key in group.values() if known.get(key.identity, -1) < key.serial]
        for identity, (serial, due) in rows.items():
            record = group.get(keys.segment(identity))
            if record is None:
                self._unexplain(project, identity, serial, due=due)
            elif record.serial < serial <= self._start and not due:
                self._report.problem(f"{project}: the record {serial} of {identity} is missing in storage")
        self._progress("records", self._report.records)

    def _take_over(self, readers: ThreadPoolExecutor) -> None:
        wanted, self._wanted = self._wanted, []
        entries = [entry for entry in readers.map(self._read, wanted) if entry is not None]
        if entries:
            self._report.changed += self._cache.reconcile(entries)
            self._progress("taken over", self._report.changed)

    def _read(self, key: RecordKey) -> Entry | None:
        try:
            with self._services.storage.open(key.key) as source:
                entry = records.from_bytes(source.read())
        except records.BadRecord as error:
            self._report.problem(f"{key.key} is no readable record ({error})")
            return None
        if keys.record(entry.project, entry.identity, entry.serial) != key.key:
            self._report.problem(f"{key.key} is the record of something else")
            return None
        return entry

    def _unexplain(self, project: Project, identity: str, serial: int, *, due: bool) -> None:
        if not due and serial <= self._start:
            self._unexplained.append((project, identity, serial))

    def _sweep(self, *, confirmed: bool) -> None:
        for ecosystem in ECOSYSTEMS:
            for project in self._cache.known_projects(ecosystem):
                if project not in self._seen:
                    rows = self._cache.serials(project)
                    self._rows += len(rows)
                    for identity, (serial, due) in rows.items():
                        self._unexplain(project, identity, serial, due=due)
        many = len(self._unexplained) > max(DOUBTFUL_LEAST, DOUBTFUL_SHARE * self._rows)
        if many and not confirmed:
            self._report.doubtful = len(self._unexplained)
            self._report.problem(
                f"{len(self._unexplained)} of {self._rows} rows have no record in storage; kept, because"
                " that is many: look at the storage, then confirm to remove them"
            )
            return
        for start in range(0, len(self._unexplained), BATCH):
            self._report.removed += self._cache.forget(self._unexplained[start : start + BATCH])
            self._progress("removed", self._report.removed)


ECOSYSTEMS = ("pypi", "cargo", "jsr")


def _folders(storage: Storage, report: Report) -> Iterator[tuple[str, list[RecordKey]]]:
    """Project folders with the keys of all their records."""

    def parsed() -> Iterator[RecordKey]:
        for stat in storage.list(keys.RECORDS):
            key = keys.parse_record(stat.key)
            if key is None:
                report.problem(f"{stat.key} does not belong among the records")
            else:
                yield key

    for folder, group in groupby(parsed(), key=lambda key: key.folder):
        yield folder, list(group)


def project_in(storage: Storage, found: Iterable[str]) -> Project | None:
    """The project whose records lie under these keys: for a folder whose name was too long to stand there in
    full. None if none of them can be read.
    """
    for key in found:
        try:
            with storage.open(key) as source:
                return records.from_bytes(source.read()).project
        except (records.BadRecord, RegistryError):
            continue
    return None
