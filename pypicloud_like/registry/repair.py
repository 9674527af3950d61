"""Repair: carry out a plan that was announced, step by step, and nothing beside it.

Each step looks once more just before it acts. What has changed since the plan was made is left alone.
Bytes that a row or the record that counts refers to are never removed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from pypicloud_like.core import keys
from pypicloud_like.core.errors import RegistryError
from pypicloud_like.registry.change import blobs_of
from pypicloud_like.registry.check import Finding, Findings, entry_at
from pypicloud_like.registry.orphans import folder_of, orphans_among
from pypicloud_like.registry.rebuild import project_in
from pypicloud_like.registry.services import Services

_WORDS = {
    "orphan": "remove {key}",
    "fetch": "remove {key}",
    "part": "discard the unfinished upload {key}",
    "unrecorded": "write the record {key}",
    "held": "let go of {key}, to be fetched again when somebody asks",
}
CHANGED = "has changed meanwhile"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that will be done."""

    finding: Finding

    def __str__(self) -> str:
        return _WORDS[self.finding.kind].format(key=self.finding.key)


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a step: ``skipped`` says why nothing was done, and is empty if it was."""

    step: Step
    skipped: str = ""


def plan(findings: Findings) -> Sequence[Step]:
    """What a repair would do about these findings, in this order: records first, for they protect bytes."""
    steps = [Step(finding) for finding in findings.found if finding.repairable]
    return sorted(steps, key=lambda step: step.finding.kind != "unrecorded")


def carry_out(
    services: Services, steps: Sequence[Step], *, tell: Callable[[Done], None] = lambda _done: None
) -> Sequence[Done]:
    """Do these steps. One that fails does not keep the others from being done.

    :param tell: called with each step after it
    """
    outcomes = []
    for step in steps:
        try:
            skipped = _ACTS[step.finding.kind](services, step.finding)
        except RegistryError as error:
            skipped = str(error)
        done = Done(step, skipped)
        outcomes.append(done)
        tell(done)
    return outcomes


def _write_record(services: Services, finding: Finding) -> str:
    entry = entry_at(services, finding.project, finding.key) if finding.project else None
    if entry is None:
        return CHANGED
    services.changes.record([entry])
    return ""


def _remove_orphan(services: Services, finding: Finding) -> str:
    """An upload may have been committed since, or a record have come back: both are asked again."""
    folder = folder_of(finding.key)
    project = keys.project_of(folder) or project_in(
        services.storage, (stat.key for stat in services.storage.list(f"{keys.RECORDS}{folder}/"))
    )
    if project is not None:  # without any record there nothing was ever committed
        rows = services.cache.snapshot(project, None).files.values()
        if any(blob.key == finding.key for row in rows if not row.deleted for blob in blobs_of(row)):
            return CHANGED
    if not list(orphans_among(services.storage, [finding.key])):
        return CHANGED
    services.storage.delete(finding.key)
    return ""


def _remove_fetch(services: Services, finding: Finding) -> str:
    if services.storage.stat(keys.held_record(finding.key)) is not None:
        return CHANGED
    services.storage.delete(finding.key)
    return ""


def _let_go(services: Services, finding: Finding) -> str:
    upstreams, project = services.upstreams, finding.project
    if upstreams is None or project is None:
        return CHANGED
    for record in upstreams.held.files(project):
        if record.blob.key == finding.key:
            upstreams.keeper.let_go(record)
            return ""
    return CHANGED


def _discard(services: Services, finding: Finding) -> str:
    return "" if services.storage.discard_leftover(finding.key) else CHANGED


_ACTS: dict[str, Callable[[Services, Finding], str]] = {
    "orphan": _remove_orphan,
    "fetch": _remove_fetch,
    "part": _discard,
    "unrecorded": _write_record,
    "held": _let_go,
}

OLDEST_IN_USE = timedelta(hours=1)
"""Below this age bytes that nothing refers to may be an upload that is still going on."""
