"""Publish a file: bytes first, then the one way to change a package."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from pypicloud_like.core import keys
from pypicloud_like.core.errors import AlreadyExists, Forbidden, InvalidUpload
from pypicloud_like.core.model import (
    Action,
    Blob,
    Caller,
    Entry,
    FileRecord,
    Project,
    Snapshot,
    Status,
)
from pypicloud_like.registry.change import blobs_of
from pypicloud_like.registry.services import Services
from pypicloud_like.registry.spool import Spool

CLOSED = frozenset({Status.ARCHIVED, Status.QUARANTINED})
Judge = Callable[[Snapshot], None]
_CLAIMED_WITHIN = timedelta(hours=1)
"""How long after its first file a project that lost its owner in a crash still waits for them."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What may happen to what is already there."""

    overwrite: bool = False
    revive: bool = False
    """The name of a deleted file may be used again, with other bytes."""
    only_new: bool = False
    """The publisher may publish new names only: not if somebody else was first meanwhile."""


@dataclass(frozen=True, slots=True)
class Published:
    """The file as it stands now; ``changed`` is False when the same bytes were there before."""

    record: FileRecord
    changed: bool


def publish(
    services: Services,
    draft: FileRecord,
    body: Spool,
    *,
    sidecars: Mapping[str, bytes],
    terms: Terms,
    caller: Caller,
    at: str | None = None,
    judge: Judge | None = None,
) -> Published:
    """Store ``body`` as the file that ``draft`` describes (its ``blob`` is filled in here).

    Rights have been checked. The first publisher of a new name becomes its owner: of several at once the
    one whose change was first.

    :param at: the key under which the bytes lie in storage already, to be left there
    :param judge: what an ecosystem demands of the whole project as it is inside the transaction; costs
        reading all of it

    :raises AlreadyExists: another file of this identity or name is there, or was deleted
    :raises Forbidden: the project is archived or quarantined
    :raises InvalidUpload: ``judge`` refused it
    :raises NoSpace, Unavailable: nothing is visible
    """
    before = services.cache.snapshot(draft.project, [draft.identity])
    sent = replace(draft, blob=Blob("", body.size, body.sha256))
    there = before.files.get(draft.identity)
    if there is not None and not there.deleted and _is_same(there, sent):
        services.changes.finish(draft.project)
        _own_if_alone(services, draft.project, caller)
        return Published(there, changed=False)
    # no bytes are stored where it is clear already; the transaction judges again
    decide(before, sent, terms)
    stored = _store(services, draft, body, sidecars, at)
    whole = judge is not None or terms.only_new or not before.exists
    replaced: list[Blob] = []
    is_first = False

    def edit(now: Snapshot) -> Sequence[Entry]:
        nonlocal is_first
        replaced[:] = []
        is_first = whole and not now.files and now.record is None
        _judge(now, terms, caller, judge)
        entry = decide(now, stored, terms)
        if entry is None:
            return []
        old = now.files.get(stored.identity)
        if old is not None and not old.deleted:
            replaced.extend(blobs_of(old))
        return [entry]

    try:
        identities = None if whole else [stored.identity]
        entries = services.changes.apply(stored.project, edit, identities=identities)
    except (AlreadyExists, Forbidden, InvalidUpload):
        services.changes.discard(_ours(stored, at))
        raise
    if not entries:  # somebody else stored the same bytes meanwhile
        services.changes.discard(_ours(stored, at))
        return Published(_require(services, stored), changed=False)
    services.changes.discard(replaced)
    entry = entries[0]
    assert isinstance(entry, FileRecord)
    if is_first:
        _take_name(services, entry.project, caller)
    elif whole:
        _own_if_alone(services, entry.project, caller)
    return Published(entry, changed=True)


def decide(now: Snapshot, new: FileRecord, terms: Terms) -> FileRecord | None:
    """What becomes of ``new`` given what is there: the record to write, or None for "no change".

    :raises AlreadyExists: it stands in the way of other bytes
    :raises Forbidden: the project takes no uploads
    """
    if now.record is not None and now.record.status in CLOSED:
        raise Forbidden(f"The project is {now.record.status}: it takes no uploads")
    old = now.files.get(new.identity)
    if old is None:
        return new
    same = _is_same(old, new)
    if old.deleted:
        if not (same or terms.revive):
            raise AlreadyExists(new.filename, why="this name was used by a deleted file")
        return new
    if same:
        return None
    if not terms.overwrite:
        why = "with other content" if old.filename == new.filename else f"as {old.filename}"
        raise AlreadyExists(new.filename, why=why)
    return replace(new, stamp=replace(new.stamp, action=Action.OVERWRITE))


def is_unclaimed(services: Services, project: Project, caller: Caller) -> bool:
    """Whether a project has no owner and nothing in it but what this caller published of late: its name
    still is as new to them. So it is while the upload that came first has not made them its owner yet,
    and after a crash at that moment. Later on, or with a newer account, whoever is called so may be somebody
    else.
    """
    account = caller.account
    if account is None or project.space is not None or services.state.owners(project):
        return False
    now = services.cache.snapshot(project, None)
    since = services.clock() - _CLAIMED_WITHIN
    if account.created_at is not None:
        since = max(since, account.created_at)
    return _all_by(caller, now) and all(file.uploaded_at >= since for file in now.files.values())


def _all_by(caller: Caller, now: Snapshot) -> bool:
    return all(file.uploader == caller.name for file in now.files.values())


def _judge(now: Snapshot, terms: Terms, caller: Caller, judge: Judge | None) -> None:
    """What is demanded of the project beside the file itself."""
    if terms.only_new and not _all_by(caller, now):
        raise Forbidden("Somebody else has published this name first")
    if judge is not None:
        judge(now)


def _own_if_alone(services: Services, project: Project, caller: Caller) -> None:
    if caller.name is not None and is_unclaimed(services, project, caller):
        services.state.add_owner(project, caller.name, actor=caller.name)


def _take_name(services: Services, project: Project, caller: Caller) -> None:
    """The first publisher owns the name. If it was served from an upstream until now, that is audited."""
    if services.upstreams is not None and services.upstreams.held.knows(project):
        services.state.audit("upstream.claim", str(project), actor=caller.name)
    if caller.name is not None and project.space is None:  # in a scope the scope's members own it
        services.state.add_owner(project, caller.name, actor=caller.name)


def _is_same(old: FileRecord, new: FileRecord) -> bool:
    """Whether it is the same file again."""
    return old.blob.sha256 == new.blob.sha256 and old.filename == new.filename


def _store(
    services: Services, draft: FileRecord, body: Spool, sidecars: Mapping[str, bytes], at: str | None
) -> FileRecord:
    key = at or keys.blob(draft.project, body.sha256, draft.filename)
    if at is None:
        services.storage.put(key, body.rewound(), size=body.size, sha256=body.sha256)
    blob = Blob(key, body.size, body.sha256, body.md5, body.blake2b_256)
    beside = {name: store_beside(services, draft, name, content) for name, content in sidecars.items()}
    return replace(draft, blob=blob, sidecars=beside)


def _ours(stored: FileRecord, at: str | None) -> list[Blob]:
    """The bytes this upload put into storage, for when it lost."""
    return [blob for blob in blobs_of(stored) if blob.key != at]


def store_beside(services: Services, draft: FileRecord, name: str, content: bytes) -> Blob:
    """Store bytes that belong to a file; nothing refers to them yet."""
    digest = hashlib.sha256(content).hexdigest()
    key = keys.blob(draft.project, digest, f"{draft.filename}.{name}")
    services.storage.put(key, io.BytesIO(content), size=len(content), sha256=digest)
    return Blob(key, len(content), digest)


def _require(services: Services, wanted: FileRecord) -> FileRecord:
    there = services.cache.file(wanted.project, wanted.filename)
    if there is None:  # deleted again between two reads: to the client it was refused
        raise AlreadyExists(wanted.filename, why="this name was used by a deleted file")
    return there
