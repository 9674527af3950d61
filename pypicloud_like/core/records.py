"""Records: the JSON objects beside the bytes, from which everything can be rebuilt.

One record is one change of one entry. ``to_bytes`` is deterministic, so writing a record again
after a crash writes the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pypicloud_like.core.model import (
    Action,
    Blob,
    Entry,
    FileRecord,
    Origin,
    Project,
    ProjectRecord,
    Stamp,
    Status,
)

FORMAT = 1
_LONGEST_REASON = 200


class BadRecord(ValueError):
    """The bytes are no record that this version understands."""


def to_bytes(entry: Entry) -> bytes:
    """The record of an entry as ASCII JSON with sorted keys."""
    head: dict[str, Any] = {
        "format": FORMAT,
        "ecosystem": entry.project.ecosystem,
        "project": entry.project.name,
        "identity": entry.identity,
        "serial": entry.serial,
        "action": entry.stamp.action.value,
        "actor": entry.stamp.actor,
        "at": time_text(entry.stamp.at),
        "display_name": entry.display_name,
        "facts": entry.facts,
    }
    body = _file_body(entry) if isinstance(entry, FileRecord) else _project_body(entry)
    return json.dumps(head | body, sort_keys=True, indent=1).encode("ascii")


def from_bytes(raw: bytes) -> Entry:
    """The entry a record describes.

    :raises BadRecord: the bytes are not a record of a known format
    """
    try:
        data = json.loads(raw)
        known = data["format"] == FORMAT
        entry = (_file(data) if "filename" in data else _project(data)) if known else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadRecord(str(error)[:_LONGEST_REASON]) from error
    if entry is None:
        raise BadRecord(f"unknown record format {data['format']!r}"[:_LONGEST_REASON])
    return entry


def time_text(moment: datetime, *, timespec: str = "microseconds") -> str:
    """ISO 8601 in UTC with ``Z``, to the microsecond or as :meth:`datetime.isoformat` is told."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=timespec) + "Z"


def time_from(text: str) -> datetime:
    """The inverse of :func:`time_text`."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def blob_to_json(blob: Blob) -> dict[str, Any]:
    """A blob as a JSON object, absent digests left out."""
    full = {
        "key": blob.key,
        "size": blob.size,
        "sha256": blob.sha256,
        "md5": blob.md5,
        "blake2b_256": blob.blake2b_256,
    }
    return {name: value for name, value in full.items() if value is not None}


def blob_from_json(data: Mapping[str, Any]) -> Blob:
    """The inverse of :func:`blob_to_json`."""
    return Blob(
        str(data["key"]), int(data["size"]), str(data["sha256"]), data.get("md5"), data.get("blake2b_256")
    )


def origin_to_json(origin: Origin) -> dict[str, Any]:
    """An origin as a JSON object."""
    return {
        "upstream": origin.upstream,
        "url": origin.url,
        "fetched_at": time_text(origin.fetched_at),
        "sha256": origin.sha256,
    }


def origin_from_json(data: Mapping[str, Any]) -> Origin:
    """The inverse of :func:`origin_to_json`."""
    return Origin(data["upstream"], data["url"], time_from(data["fetched_at"]), data.get("sha256"))


def _file_body(entry: FileRecord) -> dict[str, Any]:
    return {
        "filename": entry.filename,
        "version": entry.version,
        "kind": entry.kind,
        "blob": blob_to_json(entry.blob),
        "sidecars": {name: blob_to_json(blob) for name, blob in entry.sidecars.items()},
        "uploaded_at": time_text(entry.uploaded_at),
        "uploader": entry.uploader,
        "requires_python": entry.requires_python,
        "summary": entry.summary,
        "yanked": entry.yanked,
        "origin": origin_to_json(entry.origin) if entry.origin else None,
        "deleted": entry.deleted,
    }


def _project_body(entry: ProjectRecord) -> dict[str, Any]:
    return {
        "status": entry.status.value,
        "status_reason": entry.status_reason,
        "mixed": entry.mixed,
    }


def _stamp(data: Mapping[str, Any]) -> Stamp:
    return Stamp(Action(data["action"]), data["actor"], time_from(data["at"]))


def _file(data: Mapping[str, Any]) -> FileRecord:
    return FileRecord(
        project=Project(data["ecosystem"], data["project"]),
        identity=data["identity"],
        serial=int(data["serial"]),
        stamp=_stamp(data),
        display_name=data["display_name"],
        filename=data["filename"],
        version=data["version"],
        kind=data["kind"],
        blob=blob_from_json(data["blob"]),
        sidecars={name: blob_from_json(blob) for name, blob in data["sidecars"].items()},
        uploaded_at=time_from(data["uploaded_at"]),
        uploader=data["uploader"],
        requires_python=data["requires_python"],
        summary=data["summary"],
        yanked=data["yanked"],
        origin=origin_from_json(data["origin"]) if data["origin"] else None,
        deleted=bool(data["deleted"]),
        facts=data["facts"],
    )


def _project(data: Mapping[str, Any]) -> ProjectRecord:
    return ProjectRecord(
        project=Project(data["ecosystem"], data["project"]),
        serial=int(data["serial"]),
        stamp=_stamp(data),
        display_name=data["display_name"],
        status=Status(data["status"]),
        status_reason=data["status_reason"],
        mixed=bool(data["mixed"]),
        facts=data["facts"],
    )
