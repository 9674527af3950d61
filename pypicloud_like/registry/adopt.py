"""Adoption: files that lie in a folder or bucket without records get them.

A separate, named act, never part of a rebuild: what has no record may be there for any reason. Files
that lie in our own storage stay where they are; those of another folder are copied. Doing it again
goes on where it stopped.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, BinaryIO, Protocol

from pypicloud_like.core import keys
from pypicloud_like.core.errors import Conflict, InvalidUpload, RegistryError
from pypicloud_like.core.model import ANONYMOUS, Action, FileRecord, Project, Stamp
from pypicloud_like.core.ports import Stat, Storage
from pypicloud_like.registry.publish import Judge, Terms, publish
from pypicloud_like.registry.rebuild import LOCK
from pypicloud_like.registry.services import Services
from pypicloud_like.registry.spool import Spool

log = logging.getLogger(__name__)

WORKERS = 4
BATCH = 256
MOST_PROBLEMS = 1000
META_SUFFIX = ".meta"
"""pypicloud keeps a JSON object of this name beside each file."""


@dataclass(frozen=True, slots=True)
class Description:
    """What an ecosystem says of a file: its record but for bytes, and what is to be stored beside it."""

    draft: FileRecord
    sidecars: Mapping[str, bytes]
    judge: Judge | None = None
    """What else has to hold inside the transaction; see :func:`~pypicloud_like.registry.publish.publish`."""


class Adopter(Protocol):
    """An ecosystem's part in adoption."""

    def locate(self, filename: str) -> Project | None:
        """The project a file of this name belongs to; None if it is no file of this ecosystem."""

    def describe(self, filename: str, body: BinaryIO, size: int, stamp: Stamp) -> Description:
        """Look into a file.

        :raises InvalidUpload: it is not what its name says
        """


class EveryKind:
    """Adopters of several ecosystems as one: a file belongs to the first that knows its name."""

    def __init__(self, *adopters: Adopter) -> None:
        self._adopters = adopters

    def locate(self, filename: str) -> Project | None:
        """The project a file of this name belongs to; None if nobody knows it."""
        return next((found for each in self._adopters if (found := each.locate(filename))), None)

    def describe(self, filename: str, body: BinaryIO, size: int, stamp: Stamp) -> Description:
        """As the one says to whom the file belongs.

        :raises InvalidUpload: it is not what its name says
        """
        for each in self._adopters:
            if each.locate(filename) is not None:
                return each.describe(filename, body, size, stamp)
        raise InvalidUpload("filename", "is of no known kind")


@dataclass(slots=True)
class AdoptReport:
    """How it went; ``problems`` are sentences for an administrator."""

    adopted: int = 0
    present: int = 0
    foreign: int = 0
    problems: list[str] = field(default_factory=list)


def adopt(
    services: Services,
    adopter: Adopter,
    *,
    prefix: str = "",
    source: Storage | None = None,
    actor: str | None = None,
    progress: Callable[[int], None] = lambda _done: None,
) -> AdoptReport:
    """Adopt all files below ``prefix``.

    :param source: where they lie; None for our own storage, and then they stay in place
    :raises Conflict: a rebuild or another adoption is running
    """
    with services.state.lock(LOCK) as mine:
        if not mine:
            raise Conflict("A rebuild is already running")
        run = _Adoption(services, adopter, source, actor)
        with ThreadPoolExecutor(WORKERS, thread_name_prefix="adopt") as pool:
            for batch in _batches(run.candidates(prefix)):
                for outcome in pool.map(run.take, batch):
                    run.count(outcome)
                progress(run.report.adopted + run.report.present)
        return run.report


class _Adoption:
    def __init__(
        self, services: Services, adopter: Adopter, source: Storage | None, actor: str | None
    ) -> None:
        self._services = services
        self._adopter = adopter
        self._source = source or services.storage
        self._in_place = source is None
        self._actor = actor
        self.report = AdoptReport()

    def candidates(self, prefix: str) -> Iterator[tuple[Stat, str, Project]]:
        """Files with a name of this ecosystem, each with its file name and project."""
        for stat in self._source.list(prefix):
            filename = stat.key.rpartition("/")[2]
            if self._in_place and stat.key.startswith(keys.ROOT):
                continue
            project = None if filename.endswith(META_SUFFIX) else self._adopter.locate(filename)
            if project is None:
                self.report.foreign += not filename.endswith(META_SUFFIX)
            else:
                yield stat, filename, project

    def take(self, candidate: tuple[Stat, str, Project]) -> str | bool:
        """Adopt one file: True if it is new, False if it was known, or what is wrong with it."""
        stat, filename, project = candidate
        try:
            there = self._services.cache.file(project, filename)
            if there is not None and there.blob.size == stat.size and self._is_same(there, stat):
                return False
            return self._publish(stat, filename)
        except (RegistryError, OSError) as error:
            return f"{stat.key}: {error}"

    def count(self, outcome: str | bool) -> None:
        """Note how one file went."""
        if isinstance(outcome, str):
            log.warning("adoption: %s", outcome)
            if len(self.report.problems) < MOST_PROBLEMS:
                self.report.problems.append(outcome)
        elif outcome:
            self.report.adopted += 1
        else:
            self.report.present += 1

    def _is_same(self, there: FileRecord, stat: Stat) -> bool:
        """Whether a known file is this very one, without reading it again."""
        return there.blob.key == stat.key or there.facts.get("adopted_from") == stat.key

    def _publish(self, stat: Stat, filename: str) -> bool | str:
        limit = max(stat.size, 1)
        meta = self._meta(stat.key)
        stamp = Stamp(Action.ADOPT, self._actor, self._services.clock())
        with (
            self._source.open(stat.key) as source,
            Spool.of(source, limit=limit, folder=self._services.settings.server.spool_dir) as body,
        ):
            announced = meta.get("hash_sha256")
            if announced and announced != body.sha256:
                return f"{stat.key}: its bytes do not match the digest beside it"
            described = self._adopter.describe(filename, body.rewound(), body.size, stamp)
            draft = replace(
                described.draft,
                uploaded_at=stat.modified,
                uploader=_text(meta.get("uploader")),
                requires_python=described.draft.requires_python or _text(meta.get("requires_python")),
                summary=described.draft.summary or _text(meta.get("summary")),
            )
            if not self._in_place:
                draft = replace(draft, facts={**draft.facts, "adopted_from": stat.key})
            done = publish(
                self._services,
                draft,
                body,
                sidecars=described.sidecars,
                terms=Terms(),
                caller=ANONYMOUS,
                at=stat.key if self._in_place else None,
                judge=described.judge,
            )
        return done.changed

    def _meta(self, key: str) -> Mapping[str, Any]:
        stat = self._source.stat(key + META_SUFFIX)
        if stat is None or stat.size > 1024 * 1024:
            return {}
        try:
            with self._source.open(key + META_SUFFIX) as source:
                data = json.loads(source.read())
        except (ValueError, RegistryError):
            return {}
        return data if isinstance(data, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _batches(
    candidates: Iterable[tuple[Stat, str, Project]],
) -> Iterator[list[tuple[Stat, str, Project]]]:
    iterator = iter(candidates)
    while batch := list(islice(iterator, BATCH)):
        yield batch
