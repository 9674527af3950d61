"""How rows of the index are written: the files of one project, its own row, and the journal.

Everything here runs inside a write transaction that holds the project's lock (:func:`lock`) and, from
the first write on, the clock's row, so that transactions of different projects cannot deadlock.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa

from pypicloud_like.cache.rows import (
    FULL,
    HEAD,
    THIS,
    Head,
    change_values,
    file_values,
    head_from,
    name_of,
    project_record_values,
    record_from,
)
from pypicloud_like.core.clock import micros
from pypicloud_like.core.model import Entry, FileRecord, Project, ProjectRecord, Snapshot
from pypicloud_like.db.index_tables import changes, files, projects

V = TypeVar("V", str, int)

AT_ONCE = 500
"""How many values one ``IN`` lists: databases bound the parameters of a statement."""

OLD = (
    files.c.id,
    files.c.identity,
    files.c.filename,
    files.c.serial,
    files.c.deleted,
    files.c.record_due,
    files.c.uploaded_at,
    files.c.origin.is_(None),
)
"""The columns of an :class:`Old`."""

_LOCK = sa.select(sa.func.pg_advisory_xact_lock(sa.bindparam("key", type_=sa.BigInteger)))
_project: sa.BindParameter[int] = sa.bindparam("project_id")
_HEAD = sa.select(*HEAD).where(THIS)
_ID = sa.select(projects.c.id).where(THIS).correlate(None).scalar_subquery()
"""Which project it is, as a value: joined by its column, PostgreSQL decides for a table that is still small
to look for the identity in all projects, and keeps to that for the first minute."""
_HEAD_AND_ONE = (
    sa.select(*HEAD, *OLD, *FULL)
    .join_from(
        projects,
        files,
        sa.and_(files.c.project_id == _ID, files.c.identity == sa.bindparam("identity")),
        isouter=True,
    )
    .where(THIS)
)
_SNAPSHOT = sa.select(*OLD, *FULL).where(files.c.project_id == _project)
_SNAPSHOT_OF = _SNAPSHOT.where(files.c.identity.in_(sa.bindparam("identities", expanding=True)))
_OLD_OF = sa.select(*OLD).where(
    files.c.project_id == _project, files.c.identity.in_(sa.bindparam("identities", expanding=True))
)
_NEWEST = (
    sa.select(files.c.serial, files.c.display_name, files.c.summary)
    .where(files.c.project_id == _project, ~files.c.deleted)
    .order_by(files.c.serial.desc())
    .limit(1)
)
_FIRST = (
    sa.select(files.c.uploaded_at)
    .where(files.c.project_id == _project, ~files.c.deleted)
    .order_by(files.c.uploaded_at)
    .limit(1)
)
_ADD_PROJECT = sa.insert(projects).returning(projects.c.id)
_SET_PROJECT = sa.update(projects).where(projects.c.id == sa.bindparam("row"))
_ADD_FILE = sa.insert(files).inline()
_SET_FILE = sa.update(files).where(files.c.id == sa.bindparam("row"))
_ADD_CHANGE = sa.insert(changes).inline()


@dataclass(frozen=True, slots=True)
class Old:
    """What has to be known of a file's row to replace it. ``uploaded_at`` in microseconds."""

    id: int
    identity: str
    filename: str
    serial: int
    deleted: bool
    due: bool
    uploaded_at: int
    ours: bool


def lock(connection: sa.Connection, project: Project) -> None:
    """Let nobody else change this project until the transaction ends. SQLite has one writer anyway."""
    if connection.dialect.name == "sqlite":
        return
    digest = hashlib.sha256(f"index:{project.ecosystem}:{project.name}".encode()).digest()
    connection.execute(_LOCK, {"key": int.from_bytes(digest[:8], signed=True)})


def load_head(connection: sa.Connection, project: Project) -> Head | None:
    """The project's row, None if it never had any."""
    row = connection.execute(_HEAD, name_of(project)).first()
    return None if row is None else head_from(row, project)


@dataclass(frozen=True, slots=True)
class Loaded:
    """Rows of a project as a change sees them. ``head`` is None if it never had any."""

    head: Head | None
    snapshot: Snapshot
    old: dict[str, Old]
    """By identity, what replacing those of the snapshot takes."""


def is_one(identities: Collection[str] | None) -> bool:
    """Whether :func:`load_snapshot` reads the rows of these by one statement."""
    return identities is not None and len(identities) == 1


def load_snapshot(connection: sa.Connection, project: Project, identities: Collection[str] | None) -> Loaded:
    """The rows of these identities (None: all)."""
    if identities is not None and is_one(identities):
        return _load_one(connection, project, *identities)
    head = load_head(connection, project)
    rows: list[Sequence[Any]] = []
    if head is None:
        pass
    elif identities is None:
        rows.extend(connection.execute(_SNAPSHOT, {"project_id": head.id}))
    else:
        for some in portions(identities):
            rows.extend(connection.execute(_SNAPSHOT_OF, {"project_id": head.id, "identities": some}))
    return _loaded(head, rows, project)


def _load_one(connection: sa.Connection, project: Project, identity: str) -> Loaded:
    """The project's row and a file's by one statement: each is a round trip."""
    row = connection.execute(_HEAD_AND_ONE, name_of(project) | {"identity": identity}).first()
    if row is None:
        return _loaded(None, [], project)
    file = row[len(HEAD) :]
    return _loaded(head_from(row[: len(HEAD)], project), [file] if file[0] is not None else [], project)


def _loaded(head: Head | None, rows: Iterable[Sequence[Any]], project: Project) -> Loaded:
    known = [(Old(*row[: len(OLD)]), record_from(row[len(OLD) :], project)) for row in rows]
    return Loaded(
        head,
        Snapshot(
            head.record if head else None,
            {record.identity: record for _, record in known},
            exists=head is not None and head.exists,
        ),
        {old.identity: old for old, _ in known},
    )


def load_old(connection: sa.Connection, head: Head, identities: Collection[str]) -> dict[str, Old]:
    """What replacing the rows of these identities takes."""
    found: dict[str, Old] = {}
    for some in portions(identities):
        rows = connection.execute(_OLD_OF, {"project_id": head.id, "identities": some})
        found.update((row.identity, Old(*row)) for row in rows)
    return found


def add(
    connection: sa.Connection, project: Project, entries: Sequence[Entry], *, touched: int, due: bool
) -> Head:
    """Write the first entries of a project, and its row."""
    head = Head(0)
    new = _files(entries)
    _count(connection, head, new, [])
    values = project_record_values(None, due=False) | _values(head, entries, due=due)
    values |= name_of(project) | {"touched": touched}
    head.id = connection.execute(_ADD_PROJECT, values).scalar_one()
    _store_files(connection, head, new, {}, due=due)
    return head


def store(
    connection: sa.Connection,
    head: Head,
    entries: Sequence[Entry],
    old: Mapping[str, Old],
    *,
    touched: int,
    due: bool,
    gone: Collection[Old] = (),
) -> None:
    """Write entries of one project over their old rows, and bring the project's row up to date.

    ``gone`` are rows that were removed in this transaction already. Costs the same however many
    files the project has.
    """
    new = _files(entries)
    _store_files(connection, head, new, old, due=due)
    _count(connection, head, new, [*(old[file.identity] for file in new if file.identity in old), *gone])
    values = _values(head, entries, due=due) | {"touched": touched}
    connection.execute(_SET_PROJECT, values | {"row": head.id})


def _files(entries: Iterable[Entry]) -> list[FileRecord]:
    return [entry for entry in entries if isinstance(entry, FileRecord)]


def _values(head: Head, entries: Iterable[Entry], *, due: bool) -> dict[str, Any]:
    """What the project's row holds after these; its files are counted already."""
    values: dict[str, Any] = {}
    for entry in entries:
        if isinstance(entry, ProjectRecord):
            head.record = entry
            head.serial = max(head.serial, entry.serial)
            values = project_record_values(entry, due=due)
    return head.values() | values


def _store_files(
    connection: sa.Connection, head: Head, new: Sequence[FileRecord], old: Mapping[str, Old], *, due: bool
) -> None:
    """Tombstones go first: the name they free may be taken by another file of the same change."""
    updates, inserts = [], []
    for file in sorted(new, key=lambda file: not file.deleted):
        values = file_values(file, due=due)
        if file.identity in old:
            updates.append(values | {"row": old[file.identity].id})
        else:
            inserts.append(values | {"project_id": head.id})
    for statement, rows in ((_SET_FILE, updates), (_ADD_FILE, inserts)):
        execute_each(connection, statement, rows)


def _count(connection: sa.Connection, head: Head, new: Sequence[FileRecord], replaced: Sequence[Old]) -> None:
    """Carry the project's numbers on from what was replaced by what."""
    visible = [file for file in new if not file.deleted]
    hidden = [old for old in replaced if not old.deleted]
    head.visible += len(visible) - len(hidden)
    head.ours += sum(file.origin is None for file in new) - sum(old.ours for old in replaced)
    head.serial = max([head.serial, *(file.serial for file in new)])
    for file in visible:
        if file.serial > head.latest_serial:
            head.latest_serial, head.latest_name = file.serial, file.display_name
            head.latest_summary = _folded(file.summary)
    if any(old.serial == head.latest_serial for old in hidden):
        newest = connection.execute(_NEWEST, {"project_id": head.id}).first() or (0, None, None)
        head.latest_serial, head.latest_name = newest[0], newest[1]
        head.latest_summary = _folded(newest[2])
    if any(old.uploaded_at == head.first_at for old in hidden):
        head.first_at = connection.execute(_FIRST, {"project_id": head.id}).scalar()
    elif visible:
        times = [micros(file.uploaded_at) for file in visible]
        head.first_at = min(times if head.first_at is None else [head.first_at, *times])


def add_changes(connection: sa.Connection, project_id: int, entries: Sequence[Entry]) -> None:
    """The journal rows of these entries."""
    execute_each(connection, _ADD_CHANGE, [change_values(entry, project_id) for entry in entries])


def execute_each(
    connection: sa.Connection, statement: sa.Executable, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Execute a statement that gives nothing for each of these rows. One alone costs drivers less so."""
    if rows:
        connection.execute(statement, rows if len(rows) > 1 else rows[0])


def portions(values: Collection[V]) -> Iterable[list[V]]:
    """The values without repetition, as many at once as one statement may hold."""
    unique = list(dict.fromkeys(values))
    return (unique[start : start + AT_ONCE] for start in range(0, len(unique), AT_ONCE))


def _folded(summary: str | None) -> str | None:
    return None if summary is None else summary.casefold()
