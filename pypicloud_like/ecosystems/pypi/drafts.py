"""From what was found in an archive to the record that is going to be published."""

from __future__ import annotations

from collections.abc import Mapping

from pypicloud_like.core.model import PYPI, Blob, FileRecord, Project, Stamp
from pypicloud_like.ecosystems.pypi.inspect import Inspection
from pypicloud_like.ecosystems.pypi.simple import METADATA

NO_BLOB = Blob("", 0, "")
"""Stands in a draft until the bytes are stored."""


def draft_of(found: Inspection, filename: str, *, stamp: Stamp) -> FileRecord:
    """The record of a file as it was found, uploaded by the stamp's actor at its time."""
    return FileRecord(
        project=Project(PYPI, found.project),
        identity=found.identity,
        filename=filename,
        version=found.version,
        kind=found.kind,
        blob=NO_BLOB,
        uploaded_at=stamp.at,
        stamp=stamp,
        display_name=found.display_name,
        uploader=stamp.actor,
        requires_python=found.requires_python,
        summary=found.summary,
        facts=found.facts,
    )


def sidecars_of(found: Inspection) -> Mapping[str, bytes]:
    """What is stored beside the file: the metadata of a wheel as it stands inside (PEP 658)."""
    return {} if found.metadata_bytes is None else {METADATA: found.metadata_bytes}
