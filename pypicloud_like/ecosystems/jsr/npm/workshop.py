"""Converting versions one after the other, away from the threads that answer requests.

Each version is converted once for all servers: what is made is kept in its record. What cannot be converted
is remembered here for some minutes, with the reason.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from pypicloud_like.core.errors import MissingBytes, NoSpace, RegistryError, Unavailable
from pypicloud_like.core.model import FileRecord, Project
from pypicloud_like.ecosystems.jsr import checks, modules
from pypicloud_like.ecosystems.jsr.errors import Failed
from pypicloud_like.ecosystems.jsr.names import package_of
from pypicloud_like.ecosystems.jsr.npm import deno
from pypicloud_like.ecosystems.jsr.npm.convert import Transpile, Version, convert
from pypicloud_like.ecosystems.jsr.npm.errors import Inconvertible, NoTranspiler, StillConverting
from pypicloud_like.ecosystems.jsr.npm.packument import SIDECAR, facts_of
from pypicloud_like.ecosystems.jsr.npm.prepare import Prepared
from pypicloud_like.ecosystems.jsr.npm.tarball import digests, make_tarball
from pypicloud_like.registry.attach import attach
from pypicloud_like.registry.services import Services

log = logging.getLogger(__name__)

PATIENCE = 20.0
"""Seconds that a request waits. Some clients give up after 30."""
REMEMBERED = timedelta(minutes=5)
"""How long a version that could not be converted is not tried again."""
TROUBLED = timedelta(seconds=5)
"""The same if that was for want of storage or database."""
_LARGER = 4
"""How many times larger than the largest package its npm form may be."""
_MOST_REMEMBERED = 1_000
"""Projects of which failures are remembered."""

Job = tuple[Project, str, str]
"""A version, and the key of its bytes: a number that is used again is another version."""


@dataclass(frozen=True, slots=True)
class _Failure:
    """A version that has no npm form, or trouble of the server with it, which passes."""

    error: Inconvertible | RegistryError
    until: datetime


class Workshop:
    """A queue of versions, and one thread that lives while there is something to do. Threads share it."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._changed = threading.Condition()
        self._waiting: OrderedDict[Job, FileRecord] = OrderedDict()
        self._turns: dict[Project, int] = {}
        """When each project had its last turn, while there is something to do."""
        self._going: Job | None = None
        self._worker: threading.Thread | None = None
        self._failures: OrderedDict[Project, dict[Job, _Failure]] = OrderedDict()
        self._places = threading.BoundedSemaphore(max(1, services.settings.server.threads // 2))

    def make(self, files: Collection[FileRecord], *, urgent: bool = False) -> None:
        """See to it that these versions have an npm form, as far as they can have one. Waits for it within
        bounds; what is not done then goes on.

        :param urgent: before whatever waits
        :raises StillConverting: it takes longer
        :raises Unavailable, NoSpace: what is made cannot be kept now
        """
        jobs = self._enqueue([file for file in files if SIDECAR not in file.sidecars], urgent=urgent)
        if jobs:
            with self._place():
                self._wait(jobs)
        with self._changed:
            for job in jobs:
                self._raise_trouble(job)

    def failure(self, file: FileRecord) -> Inconvertible | None:
        """Why a version has no npm form, if that was tried of late."""
        with self._changed:
            error = self._known(_job(file))
        return error if isinstance(error, Inconvertible) else None

    def failed(self, project: Project) -> frozenset[str]:
        """The versions of a project that could not be converted of late. It changes when they may be tried
        again.
        """
        with self._changed:
            jobs = list(self._failures.get(project, ()))
            return frozenset(job[1] for job in jobs if self._known(job) is not None)

    def _enqueue(self, files: Collection[FileRecord], *, urgent: bool) -> set[Job]:
        with self._changed:
            for file in files:
                self._raise_trouble(_job(file))
            jobs = {job: file for file in files if self._known(job := _job(file)) is None}
            for job, file in jobs.items():
                if job != self._going:
                    self._waiting.setdefault(job, file)
                    if urgent:
                        self._waiting.move_to_end(job, last=False)
            if self._waiting and self._worker is None:
                self._worker = threading.Thread(target=self._work, name="npm-forms", daemon=True)
                self._worker.start()
            return set(jobs)

    @contextmanager
    def _place(self) -> Iterator[None]:
        """Requests that wait never take all threads: the others are told to come again."""
        if not self._places.acquire(blocking=False):
            raise StillConverting
        try:
            yield
        finally:
            self._places.release()

    def _wait(self, jobs: set[Job]) -> None:
        deadline = time.monotonic() + PATIENCE
        with self._changed:
            while any(job == self._going or job in self._waiting for job in jobs):
                left = deadline - time.monotonic()
                if left <= 0:
                    raise StillConverting
                self._changed.wait(left)

    def _work(self) -> None:
        while True:
            with self._changed:
                if not self._waiting:
                    self._worker = None
                    self._turns.clear()
                    return
                job, file = self._next()
                self._going = job
            failed = self._attempt(file)
            with self._changed:
                if failed is not None:
                    self._remember(job, failed)
                self._going = None
                self._changed.notify_all()

    def _next(self) -> tuple[Job, FileRecord]:
        """Projects take turns: one with a thousand versions to be converted, or with such as take long, does
        not keep the others waiting for all of them.
        """
        firsts: dict[Project, Job] = {}
        for job in self._waiting:
            firsts.setdefault(job[0], job)
        job = min(firsts.values(), key=lambda each: self._turns.get(each[0], 0))
        self._turns[job[0]] = max(self._turns.values(), default=0) + 1
        return job, self._waiting.pop(job)

    def _attempt(self, file: FileRecord) -> Inconvertible | RegistryError | None:
        what = f"{file.project.name}@{file.version}"
        try:
            self._convert(file)
        except Inconvertible as error:
            log.warning("no npm form of %s: %s (%s)", what, error.sentence, _one_line(error.detail))
            return error
        except (Unavailable, NoSpace) as error:
            log.warning("no npm form of %s: %s", what, error)
            return error
        except RegistryError as error:
            log.warning("no npm form of %s: %s", what, error)
            return Inconvertible("the server cannot do it now")
        except Exception:
            log.exception("converting %s for npm failed", what)
            return Inconvertible("the server could not do it")
        return None

    def _convert(self, file: FileRecord) -> None:
        now = self._services.cache.snapshot(file.project, [file.identity]).files.get(file.identity)
        if now is None or now.deleted or SIDECAR in now.sidecars:  # all is done since it was asked for
            return
        version = _read(self._services, file)
        converted = convert(version, self._transpiler())
        tarball = make_tarball(version, converted)
        told = facts_of(digests(tarball), converted.dependencies)
        attach(self._services, file, SIDECAR, tarball, facts=lambda now: {**now.facts, SIDECAR: told})

    def _transpiler(self) -> Transpile:
        """deno, looked for only if a version needs it."""
        settings = self._services.settings

        def transpile(prepared: Prepared) -> Mapping[str, bytes]:
            program = deno.find()
            if program is None:
                raise NoTranspiler
            largest = _LARGER * settings.jsr.package_size
            bounds = (settings.jsr.npm_seconds, settings.jsr.npm_memory, largest)
            return deno.Deno(program, *bounds, settings.server.spool_dir).transpile(prepared)

        return transpile

    def _raise_trouble(self, job: Job) -> None:
        error = self._known(job)
        if isinstance(error, RegistryError):
            raise error

    def _known(self, job: Job) -> Inconvertible | RegistryError | None:
        of_project = self._failures.get(job[0], {})
        failure = of_project.get(job)
        if failure is None:
            return None
        if self._services.clock() < failure.until:
            return failure.error
        del of_project[job]
        return None

    def _remember(self, job: Job, error: Inconvertible | RegistryError) -> None:
        of_project = self._failures.setdefault(job[0], {})
        lasts = REMEMBERED if isinstance(error, Inconvertible) else TROUBLED
        of_project[job] = _Failure(error, self._services.clock() + lasts)
        self._failures.move_to_end(job[0])
        if len(self._failures) > _MOST_REMEMBERED:
            self._failures.popitem(last=False)


def _one_line(said: str) -> str:
    """What a program said of somebody's sources, so that it cannot look like other lines of a log."""
    return "".join(char if char.isprintable() else "?" for char in " ".join(said.split()))


def _job(file: FileRecord) -> Job:
    return file.project, file.version, file.blob.key


def _read(services: Services, file: FileRecord) -> Version:
    """A version with all its files.

    :raises MissingBytes: they are gone, or not whole
    """
    blob = modules.manifest_blob(file)
    manifest = modules.read_blob(services.storage, blob)
    pack = modules.read_blob(services.storage, file.blob)
    if hashlib.sha256(pack).hexdigest() != file.blob.sha256:  # what is made of it is made for good
        raise MissingBytes(file.blob.key)
    files = {part.path: pack[part.start : part.start + part.size] for part in modules.parts(manifest)}
    try:
        config = checks.read_config(files, file.facts["config"])
    except Failed as error:
        raise Inconvertible("its configuration cannot be read") from error
    return Version(
        package=package_of(file.project),
        version=file.version,
        files=files,
        exports=json.loads(manifest)["exports"],
        config=config,
        license=file.facts.get("license"),
        digest=blob.sha256,
    )
