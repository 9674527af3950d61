"""Long work that administrators start and watch: every process sees how it gets on, and none starts it twice.

What is known of it is a notice in the state, written every second while it goes on. A notice that nobody has
written for a while is of work that was broken off with its process.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Self

from pypicloud_like.core.errors import Conflict, RegistryError
from pypicloud_like.registry import check as checking
from pypicloud_like.registry import rebuild as rebuilding
from pypicloud_like.registry import repair as repairing
from pypicloud_like.registry.services import Services

log = logging.getLogger(__name__)

REBUILD = rebuilding.LOCK
CHECK = "check"
EVERY = 1.0
"""Seconds between two notices."""
SILENCE = timedelta(seconds=30)
"""After which work is taken for broken off."""
_PATIENCE = 20.0
_MOST_PROBLEMS = 200
_LONGEST = 400
_TIMES = ("began_at", "seen_at", "ended_at")

Tell = Callable[[str, int], None]
"""Called with a stage and how many things of it are done."""


def _silent(_stage: str, _done: int) -> None:
    """Tell nobody else."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it: numbers by their names, and sentences."""

    numbers: Mapping[str, int]
    problems: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """How some work gets on, or how it ended. Times are aware, UTC; ``total`` is a guess, 0 for none."""

    actor: str | None
    began_at: datetime
    seen_at: datetime
    ended_at: datetime | None = None
    stage: str = ""
    done: int = 0
    total: int = 0
    numbers: Mapping[str, int] = field(default_factory=dict)
    problems: Sequence[str] = ()
    failure: str = ""

    def is_running(self, now: datetime) -> bool:
        """Whether somebody is at it."""
        return self.ended_at is None and now - self.seen_at < SILENCE


def look(services: Services, name: str) -> Job | None:
    """The last work of this name, which may still go on."""
    said = services.state.notice(name)
    if said is None:
        return None
    times = {key: datetime.fromisoformat(said[key]) for key in _TIMES if said[key]}
    return Job(**{**said, **times})


def rebuild(
    services: Services, *, actor: str | None, confirmed: bool, tell: Tell = _silent
) -> rebuilding.Report:
    """Rebuild the index where everybody sees how it gets on.

    :raises Conflict: another rebuild is running
    """
    with _Watched(services, REBUILD, actor, total=_expected(services)) as watched:

        def both(stage: str, done: int) -> None:
            watched.tell(stage, done)
            tell(stage, done)

        report = rebuilding.rebuild(services, confirmed=confirmed, progress=both)
        numbers = {
            "projects": report.projects,
            "records": report.records,
            "changed": report.changed,
            "removed": report.removed,
            "kept_without_record": report.doubtful,
            "held": report.held,
        }
        watched.outcome = Outcome(numbers, report.problems)
    services.state.audit("rebuild", "index", actor=actor, changed=report.changed)
    return report


def check(services: Services, *, actor: str | None, verify: bool, repair: bool, tell: Tell = _silent) -> None:
    """Compare index, records and bytes where everybody sees how it gets on.

    :raises Conflict: another check is running
    """
    with services.state.lock(CHECK) as mine:
        if not mine:
            raise Conflict("A check is already running")
        with _Watched(services, CHECK, actor, total=0) as watched:

            def both(done: int) -> None:
                watched.tell("files", done)
                tell("files", done)

            both(0)
            found = checking.check(services, verify=verify, progress=both)
            done = repairing.carry_out(services, repairing.plan(found)) if repair else ()
            mended = sum(not each.skipped for each in done)
            numbers = {"files": found.files, "findings": len(found.found), "mended": mended}
            watched.outcome = Outcome(numbers, [finding.sentence for finding in found.found])
    detail = {"findings": len(found.found), "mended": mended}
    services.state.audit("check", "index", actor=actor, verify=verify, repair=repair, **detail)


def start(name: str, work: Callable[[Tell], object]) -> threading.Thread:
    """Do it in a thread of its own; returns when it has begun.

    :raises RegistryError: it did not begin
    """
    begun = threading.Event()
    failed: list[RegistryError] = []

    def run() -> None:
        try:
            work(lambda _stage, _done: begun.set())
        except RegistryError as error:
            failed.append(error)
        except Exception:
            log.exception("%s failed", name)
        finally:
            begun.set()

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    begun.wait(_PATIENCE)
    if failed:
        raise failed[0]
    return thread


class _Watched:
    """Writes notices from the first thing that is told until the end. What was never told of had not begun:
    somebody else may be at it, whose notices these are.
    """

    def __init__(self, services: Services, name: str, actor: str | None, *, total: int) -> None:
        self.outcome: Outcome | None = None
        self._services = services
        self._name = name
        now = services.clock()
        self._job = Job(actor, now, now, total=total)
        self._ended = threading.Event()
        self._writer: threading.Thread | None = None

    def __enter__(self) -> Self:
        return self

    def tell(self, stage: str, done: int) -> None:
        """It has got so far."""
        self._job = replace(self._job, stage=stage, done=done)
        if self._writer is None:
            self._write()
            self._writer = threading.Thread(target=self._write_on, name=f"{self._name}-notices", daemon=True)
            self._writer.start()

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        self._ended.set()
        if self._writer is None:
            return
        self._writer.join()
        outcome = self.outcome or Outcome({})
        self._job = replace(
            self._job,
            ended_at=self._services.clock(),
            numbers=outcome.numbers,
            problems=[sentence[:_LONGEST] for sentence in outcome.problems[:_MOST_PROBLEMS]],
            failure="" if error is None else _told(error),
        )
        self._write()

    def _write_on(self) -> None:
        while not self._ended.wait(EVERY):
            self._write()

    def _write(self) -> None:
        said: dict[str, Any] = asdict(self._job) | {"seen_at": self._services.clock()}
        said |= {key: said[key].isoformat() for key in _TIMES if said[key] is not None}
        with suppress(RegistryError):  # the work is worth more than what is said of it
            self._services.state.put_notice(self._name, said)


def _expected(services: Services) -> int:
    """How many records the last rebuild found."""
    last = look(services, REBUILD)
    return int(last.numbers.get("records", 0)) if last is not None else 0


def _told(error: BaseException) -> str:
    return str(error) if isinstance(error, RegistryError) else "It failed; the log says why"
