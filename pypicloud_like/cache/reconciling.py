"""Bring the index in line with the records in storage: take over what they say, drop what has none."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from pypicloud_like.cache.rows import Head, project_record_values
from pypicloud_like.cache.writes import (
    OLD,
    Old,
    add,
    add_changes,
    load_head,
    load_old,
    lock,
    portions,
    store,
)
from pypicloud_like.core.model import PROJECT_IDENTITY, Entry, FileRecord, Project, ProjectRecord
from pypicloud_like.db.engine import Database
from pypicloud_like.db.index_tables import changes, files, projects

log = logging.getLogger(__name__)

_HOLDERS = sa.select(*OLD).where(
    files.c.project_id == sa.bindparam("project_id"),
    ~files.c.deleted,
    files.c.filename.in_(sa.bindparam("filenames", expanding=True)),
)
_KNOWN_CHANGES = sa.select(changes.c.serial).where(
    changes.c.serial.in_(sa.bindparam("serials", expanding=True)),
    # says nothing new, but keeps PostgreSQL from reading a journal whole that was small a minute ago
    changes.c.serial.between(sa.bindparam("first"), sa.bindparam("last")),
)
_REMOVE_FILE = sa.delete(files).where(files.c.id == sa.bindparam("row"))
_HIGHEST = sa.select(sa.func.max(files.c.serial)).where(files.c.project_id == sa.bindparam("project_id"))
_SET_PROJECT = sa.update(projects).where(projects.c.id == sa.bindparam("row"))


@dataclass(frozen=True, slots=True)
class _Plan:
    """What taking over some entries of one project comes to."""

    entries: Sequence[Entry]
    old: Mapping[str, Old]
    evicted: Sequence[Old]
    missing: Sequence[Entry]
    """Entries without a journal row."""


def reconcile(database: Database, project: Project, entries: Collection[Entry]) -> int:
    """Take over entries of one project in one transaction; returns how many rows changed."""

    def work(connection: sa.Connection) -> int:
        lock(connection, project)
        head = load_head(connection, project)
        plan = _plan(connection, project, head, entries)
        if not (plan.entries or plan.missing):
            return 0
        highest = max(entry.serial for entry in entries)
        touched = max(database.tick(connection), highest)
        database.raise_clock(connection, highest)
        for row in plan.evicted:
            connection.execute(_REMOVE_FILE, {"row": row.id})
        if head is None:
            head = add(connection, project, plan.entries, touched=touched, due=False)
        else:
            store(connection, head, plan.entries, plan.old, touched=touched, due=False, gone=plan.evicted)
        add_changes(connection, head.id, plan.missing)
        return len(plan.entries)

    return database.transact(work)


def forget(database: Database, project: Project, rows: Mapping[str, int]) -> int:
    """Remove rows (identity → serial) of one project; returns how many went."""

    def work(connection: sa.Connection) -> int:
        lock(connection, project)
        head = load_head(connection, project)
        if head is None:
            return 0
        doomed = [
            old
            for old in load_old(connection, head, rows.keys()).values()
            if old.serial == rows[old.identity] and not old.due
        ]
        database.tick(connection, 0)  # the clock's row is ours from here on
        record_goes = _forget_record(connection, head, rows.get(PROJECT_IDENTITY))
        if not (doomed or record_goes):
            return 0
        touched = database.tick(connection)
        for old in doomed:
            connection.execute(_REMOVE_FILE, {"row": old.id})
        highest = connection.execute(_HIGHEST, {"project_id": head.id}).scalar() or 0
        head.serial = max(highest, head.record.serial if head.record else 0)
        store(connection, head, (), {}, touched=touched, due=False, gone=doomed)
        return len(doomed) + record_goes

    return database.transact(work)


def _forget_record(connection: sa.Connection, head: Head, serial: int | None) -> bool:
    if serial is None or head.record is None or head.record.serial != serial:
        return False
    values = project_record_values(None, due=False) | {"row": head.id}
    gone = connection.execute(_SET_PROJECT.where(~projects.c.record_due), values).rowcount > 0
    if gone:
        head.record = None
    return gone


def _plan(
    connection: sa.Connection, project: Project, head: Head | None, entries: Collection[Entry]
) -> _Plan:
    missing = _without_change(connection, entries)
    newest: dict[str, Entry] = {}
    for entry in entries:
        if entry.identity not in newest or entry.serial > newest[entry.identity].serial:
            newest[entry.identity] = entry
    old = load_old(connection, head, newest.keys()) if head else {}
    there = {identity: row.serial for identity, row in old.items()}
    if head and head.record:
        there[PROJECT_IDENTITY] = head.record.serial
    newer = [entry for entry in newest.values() if entry.serial > there.get(entry.identity, 0)]
    taken = [entry for entry in newer if isinstance(entry, FileRecord)]
    accepted, evicted = _settle_names(project, taken, _holders(connection, head, taken))
    records = [entry for entry in newer if isinstance(entry, ProjectRecord)]
    return _Plan([*accepted, *records], old, evicted, missing)


def _settle_names(
    project: Project, newer: Collection[FileRecord], holders: Iterable[Old]
) -> tuple[list[FileRecord], list[Old]]:
    """One name is shown once: of two visible files the one with the higher serial has it.

    The other one's tombstone usually comes later in the same pass; until then, or if there is none,
    it stays out of the index.
    """
    holding = {old.filename: old for old in holders}
    replaced = {file.identity for file in newer}
    accepted: list[FileRecord] = []
    evicted: list[Old] = []
    claimed: set[str] = set()
    for file in sorted(newer, key=lambda file: -file.serial):
        holder = None if file.deleted else holding.get(file.filename)
        own = holder is not None and holder.identity == file.identity
        stays = holder is not None and holder.identity not in replaced
        if file.deleted:
            accepted.append(file)
        elif file.filename in claimed or (stays and holder and (holder.due or holder.serial > file.serial)):
            log.warning(
                "two files of %s are called %s: %s stays hidden", project, file.filename, file.identity
            )
            evicted += [holder] if holder and own else []
        else:
            evicted += [holder] if holder and stays else []
            claimed.add(file.filename)
            accepted.append(file)
    return accepted, evicted


def _holders(connection: sa.Connection, head: Head | None, newer: Collection[FileRecord]) -> list[Old]:
    """The rows that have the names of these files now."""
    if head is None:
        return []
    names = [file.filename for file in newer if not file.deleted]
    return [
        Old(*row)
        for some in portions(names)
        for row in connection.execute(_HOLDERS, {"project_id": head.id, "filenames": some})
    ]


def _without_change(connection: sa.Connection, entries: Collection[Entry]) -> list[Entry]:
    by_serial = {entry.serial: entry for entry in entries}
    for some in portions(by_serial.keys()):
        for (serial,) in connection.execute(
            _KNOWN_CHANGES, {"serials": some, "first": min(some), "last": max(some)}
        ):
            del by_serial[serial]
    return list(by_serial.values())
