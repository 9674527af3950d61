"""Records for the tests of copying."""

import hashlib
from datetime import UTC, datetime

from pypicloud_like.core import records
from pypicloud_like.core.model import Action, Blob, FileRecord, Project, Stamp

FOO = Project("pypi", "foo")
NOW = datetime(2026, 1, 2, tzinfo=UTC)


def a_record(version, key, content, *, serial, deleted):
    action = Action.DELETE if deleted else Action.UPLOAD
    return FileRecord(
        project=FOO,
        identity=f"sdist:{version}",
        filename=f"foo-{version}.tar.gz",
        version=version,
        kind="sdist",
        blob=Blob(key, len(content), hashlib.sha256(content).hexdigest()),
        uploaded_at=NOW,
        stamp=Stamp(action, "ann", NOW),
        display_name="foo",
        serial=serial,
        deleted=deleted,
    )


def test_they_are_records():
    record = a_record("1.0", "v1/x", b"x", serial=1, deleted=False)
    assert records.from_bytes(records.to_bytes(record)) == record
