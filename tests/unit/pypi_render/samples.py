"""Files and records to render, made from a few words."""

import hashlib
from datetime import UTC, datetime, timedelta

from pypicloud_like.core.model import (
    PYPI,
    Action,
    Blob,
    FileRecord,
    Project,
    ProjectRecord,
    Stamp,
    Status,
)

ACME = Project(PYPI, "acme-tools")
MOMENT = datetime(2026, 11, 1, 9, 30, 0, 123456, tzinfo=UTC)


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def a_blob(text, size=None):
    return Blob(
        key=f"k/{text}",
        size=len(text) if size is None else size,
        sha256=sha256(text),
        md5=hashlib.md5(text.encode()).hexdigest(),
        blake2b_256=hashlib.blake2b(text.encode(), digest_size=32).hexdigest(),
    )


def a_file(version="1.0", *, project=ACME, sdist=False, filename=None, minutes=0, sidecars=(), **changes):
    """A wheel of the version, or an sdist, uploaded so many minutes after the moment."""
    stem = f"{project.name.replace('-', '_')}-{version}"
    filename = filename or (f"{stem}.tar.gz" if sdist else f"{stem}-py3-none-any.whl")
    at = MOMENT + timedelta(minutes=minutes)
    given = {
        "project": project,
        "identity": filename,
        "filename": filename,
        "version": version,
        "kind": "sdist" if sdist else "bdist_wheel",
        "blob": a_blob(filename),
        "uploaded_at": at,
        "stamp": Stamp(Action.UPLOAD, "alice", at),
        "display_name": "Acme.Tools",
        "sidecars": {name: a_blob(f"{filename}.{name}") for name in sidecars},
    }
    return FileRecord(**(given | changes))


def a_record(status=Status.ACTIVE, reason="", *, project=ACME, display_name=None):
    return ProjectRecord(
        project=project,
        stamp=Stamp(Action.STATUS, "alice", MOMENT),
        status=status,
        status_reason=reason,
        display_name=display_name,
    )
