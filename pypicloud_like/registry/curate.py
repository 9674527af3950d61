"""Change what is already published: yank, un-yank, delete, project status."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pypicloud_like.core.errors import NotFound
from pypicloud_like.core.model import (
    Action,
    Blob,
    Entry,
    File,
    FileRecord,
    Project,
    ProjectRecord,
    Snapshot,
    Stamp,
    Status,
)
from pypicloud_like.registry.change import blobs_of
from pypicloud_like.registry.services import Services

Facts = Callable[[FileRecord], Mapping[str, Any]]
"""What the facts of a file are once it has changed."""
Step = Callable[[FileRecord], FileRecord | None]
"""What becomes of one file; None leaves it as it is."""


def as_they_were(file: FileRecord) -> Mapping[str, Any]:
    """Facts that no change of a file concerns."""
    return file.facts


def yank(
    services: Services,
    files: Collection[File],
    *,
    reason: str,
    actor: str | None,
    facts: Facts = as_they_were,
) -> Sequence[Entry]:
    """Mark files of one project as yanked (PEP 592); again with another reason changes the reason.

    :raises NotFound: none of them is there any more
    """
    stamp = Stamp(Action.YANK, actor, services.clock())

    def step(file: FileRecord) -> FileRecord | None:
        return None if file.yanked == reason else replace(file, yanked=reason, stamp=stamp, facts=facts(file))

    return _each(services, files, step)


def unyank(
    services: Services, files: Collection[File], *, actor: str | None, facts: Facts = as_they_were
) -> Sequence[Entry]:
    """Take the mark off again.

    :raises NotFound: none of them is there any more
    """
    stamp = Stamp(Action.UNYANK, actor, services.clock())

    def step(file: FileRecord) -> FileRecord | None:
        return None if file.yanked is None else replace(file, yanked=None, stamp=stamp, facts=facts(file))

    return _each(services, files, step)


def delete(services: Services, files: Collection[File], *, actor: str | None) -> Sequence[Entry]:
    """Delete files: tombstones take their place, their bytes go, their names stay burnt.

    :raises NotFound: none of them is there any more
    """
    stamp = Stamp(Action.DELETE, actor, services.clock())
    gone: dict[str, list[Blob]] = {}

    def step(file: FileRecord) -> FileRecord:
        gone[file.identity] = blobs_of(file)
        return replace(file, deleted=True, stamp=stamp, facts={}, sidecars={})

    entries = _each(services, files, step)
    services.changes.discard(blob for blobs in gone.values() for blob in blobs)
    return entries


def set_status(
    services: Services, project: Project, status: Status, *, reason: str, actor: str | None
) -> Sequence[Entry]:
    """Set a project's status marker (PEP 792).

    :raises NotFound: there is no such project here
    """
    if not services.cache.exists(project):
        raise NotFound(str(project))
    stamp = Stamp(Action.STATUS, actor, services.clock())

    def edit(now: Snapshot) -> Sequence[Entry]:
        old = now.record or ProjectRecord(project=project, stamp=stamp)
        if now.record is not None and (old.status, old.status_reason) == (status, reason):
            return []
        return [replace(old, status=status, status_reason=reason, stamp=stamp, serial=0)]

    return services.changes.apply(project, edit, identities=[])


def set_mixed(services: Services, project: Project, mixed: bool, *, actor: str | None) -> Sequence[Entry]:
    """Say whether a project may show files of an upstream beside ours.

    :raises NotFound: there is no such project here
    """
    if not services.cache.exists(project):
        raise NotFound(str(project))
    stamp = Stamp(Action.MIX, actor, services.clock())

    def edit(now: Snapshot) -> Sequence[Entry]:
        old = now.record or ProjectRecord(project=project, stamp=stamp)
        return [] if old.mixed == mixed else [replace(old, mixed=mixed, stamp=stamp, serial=0)]

    return services.changes.apply(project, edit, identities=[])


def describe(
    services: Services,
    project: Project,
    facts: Callable[[Snapshot], Mapping[str, Any]],
    *,
    actor: str | None,
) -> Sequence[Entry]:
    """Change what is said of a project beside its files, of which there need not be any.

    :param facts: gives what is said from now on; pure, sees the whole project inside the transaction, and may
        raise to refuse
    """
    stamp = Stamp(Action.DESCRIBE, actor, services.clock())

    def edit(now: Snapshot) -> Sequence[Entry]:
        old = now.record or ProjectRecord(project=project, stamp=stamp)
        new = facts(now)
        return [] if new == old.facts else [replace(old, facts=new, stamp=stamp, serial=0)]

    return services.changes.apply(project, edit, identities=None)


def _each(services: Services, files: Collection[File], step: Step) -> Sequence[Entry]:
    if not files:
        raise NotFound("The file")
    project = next(iter(files)).project

    def edit(now: Snapshot) -> Sequence[Entry]:
        there = [file for file in now.files.values() if not file.deleted]
        if not there:
            raise NotFound("The file")
        return [replace(new, serial=0) for file in there if (new := step(file)) is not None]

    return services.changes.apply(project, edit, identities=[file.identity for file in files])
