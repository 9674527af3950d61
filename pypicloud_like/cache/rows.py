"""Rows of the index as model objects and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from pypicloud_like.core import records
from pypicloud_like.core.clock import micros, moment
from pypicloud_like.core.model import (
    Action,
    Blob,
    Change,
    Entry,
    File,
    FileRecord,
    Project,
    ProjectRecord,
    Stamp,
    Status,
)
from pypicloud_like.db.index_tables import changes, files, projects

_ACTIONS = {action.value: action for action in Action}

f, p, c = files.c, projects.c, changes.c

# One topic a line, in the order in which the functions below take them.
# fmt: off
LIGHT = (
    f.identity, f.filename, f.version, f.kind, f.display_name, f.serial, f.deleted,
    f.uploaded_at, f.uploader, f.requires_python, f.yanked, f.summary,
    f.blob_key, f.size, f.sha256, f.md5, f.blake2b_256,
    f.action, f.actor, f.at, f.origin, f.sidecars,
)
"""The columns of a :class:`File`."""

FULL = (*LIGHT, f.facts)
"""The columns of a :class:`FileRecord`."""

HEAD = (
    p.id, p.serial, p.visible, p.ours, p.latest_serial, p.latest_name, p.latest_summary, p.first_at,
    p.record_serial, p.status, p.status_reason, p.mixed, p.display_name, p.action, p.actor, p.at, p.facts,
)
"""The columns of a :class:`Head`."""

CHANGE = (
    c.serial, c.action, c.actor, c.at, c.identity, c.filename, c.version, c.sha256, p.ecosystem, p.name,
)
"""The columns of a :class:`Change`."""
# fmt: on

THIS = sa.and_(p.ecosystem == sa.bindparam("ecosystem"), p.name == sa.bindparam("name"))
"""One project, by :func:`name_of`."""

DISPLAY_NAME = sa.func.coalesce(p.display_name, p.latest_name, p.name)
"""How a project is spelled: as its record says, else as its newest visible file does."""

Row = Any
"""A row of SQLAlchemy's or a plain tuple, its columns in the order named."""


@dataclass(slots=True)
class Head:
    """A project's row: what is kept of it as a whole, so that no write has to look at all its files."""

    id: int
    serial: int = 0
    visible: int = 0
    ours: int = 0
    latest_serial: int = 0
    latest_name: str | None = None
    latest_summary: str | None = None
    first_at: int | None = None
    record: ProjectRecord | None = None

    @property
    def exists(self) -> bool:
        """Whether the name is ours: a file of ours, a tombstone of one, or a project record."""
        return self.ours > 0 or self.record is not None

    def values(self) -> dict[str, Any]:
        """The columns that follow from the files."""
        return {
            "serial": self.serial,
            "visible": self.visible,
            "ours": self.ours,
            "latest_serial": self.latest_serial,
            "latest_name": self.latest_name,
            "latest_summary": self.latest_summary,
            "first_at": self.first_at,
        }


def name_of(project: Project) -> dict[str, str]:
    """The parameters of ``THIS``."""
    return {"ecosystem": project.ecosystem, "name": project.name}


def file_from(row: Row, project: Project) -> File:
    """A row of LIGHT."""
    return File(**_fields(row, project))


def record_from(row: Row, project: Project) -> FileRecord:
    """A row of FULL."""
    return FileRecord(**_fields(row[:-1], project), facts=json.loads(row[-1]))


def head_from(row: Row, project: Project) -> Head:
    """A row of HEAD."""
    *counts, serial, status, reason, mixed, display_name, action, actor, at, facts = row
    head = Head(*counts)
    if serial is not None:
        head.record = ProjectRecord(
            project=project,
            stamp=Stamp(_ACTIONS[action], actor, moment(at)),
            serial=serial,
            status=Status(status),
            status_reason=reason,
            mixed=mixed,
            display_name=display_name,
            facts=json.loads(facts),
        )
    return head


def change_from(row: Row) -> Change:
    """A row of CHANGE."""
    serial, action, actor, at, identity, filename, version, sha256, ecosystem, name = row
    project = Project(ecosystem, name)
    return Change(serial, project, _ACTIONS[action], actor, moment(at), identity, filename, version, sha256)


def file_values(file: FileRecord, *, due: bool) -> dict[str, Any]:
    """What a file's row holds, but for its ids."""
    blob, stamp = file.blob, file.stamp
    return {
        "serial": file.serial,
        "deleted": file.deleted,
        "record_due": due,
        "identity": file.identity,
        "filename": file.filename,
        "version": file.version,
        "kind": file.kind,
        "display_name": file.display_name,
        "uploaded_at": micros(file.uploaded_at),
        "uploader": file.uploader,
        "requires_python": file.requires_python,
        "yanked": file.yanked,
        "blob_key": blob.key,
        "size": blob.size,
        "sha256": blob.sha256,
        "md5": blob.md5,
        "blake2b_256": blob.blake2b_256,
        "action": stamp.action.value,
        "actor": stamp.actor,
        "at": micros(stamp.at),
        "summary": file.summary,
        "origin": _json(records.origin_to_json(file.origin)) if file.origin else None,
        "sidecars": _sidecars_text(file.sidecars),
        "facts": _json(file.facts),
    }


def project_record_values(record: ProjectRecord | None, *, due: bool) -> dict[str, Any]:
    """What a project's row holds of its record; None for "it has none"."""
    if record is None:
        nothing = dict.fromkeys(("record_serial", "display_name", "action", "actor", "at", "facts"))
        return nothing | {
            "record_due": False,
            "status": Status.ACTIVE.value,
            "status_reason": "",
            "mixed": False,
        }
    return {
        "record_serial": record.serial,
        "record_due": due,
        "status": record.status.value,
        "status_reason": record.status_reason,
        "mixed": record.mixed,
        "display_name": record.display_name,
        "action": record.stamp.action.value,
        "actor": record.stamp.actor,
        "at": micros(record.stamp.at),
        "facts": _json(record.facts),
    }


def change_values(entry: Entry, project_id: int) -> dict[str, Any]:
    """The journal row of an entry."""
    file = entry if isinstance(entry, FileRecord) else None
    return {
        "serial": entry.serial,
        "project_id": project_id,
        "action": entry.stamp.action.value,
        "actor": entry.stamp.actor,
        "at": micros(entry.stamp.at),
        "identity": entry.identity,
        "filename": file.filename if file else None,
        "version": file.version if file else None,
        "sha256": file.blob.sha256 if file else None,
    }


def _fields(row: Row, project: Project) -> dict[str, Any]:
    # fmt: off
    (
        identity, filename, version, kind, display_name, serial, deleted,
        uploaded_at, uploader, requires_python, yanked, summary,
        key, size, sha256, md5, blake2b_256,
        action, actor, at, origin, sidecars,
    ) = row
    # fmt: on
    return {
        "project": project,
        "identity": identity,
        "filename": filename,
        "version": version,
        "kind": kind,
        "blob": Blob(key, size, sha256, md5, blake2b_256),
        "uploaded_at": moment(uploaded_at),
        "stamp": Stamp(_ACTIONS[action], actor, moment(at)),
        "display_name": display_name,
        "serial": serial,
        "sidecars": _sidecars(sidecars),
        "uploader": uploader,
        "requires_python": requires_python,
        "summary": summary,
        "yanked": yanked,
        "origin": records.origin_from_json(json.loads(origin)) if origin else None,
        "deleted": deleted,
    }


def _sidecars(text: str | None) -> dict[str, Blob]:
    if not text:
        return {}
    return {name: records.blob_from_json(blob) for name, blob in json.loads(text).items()}


def _sidecars_text(sidecars: Mapping[str, Blob]) -> str | None:
    if not sidecars:
        return None
    return _json({name: records.blob_to_json(blob) for name, blob in sidecars.items()})


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
