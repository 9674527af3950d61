"""What becomes of an upload, given what is there: every case of ``publish.decide``."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pypicloud_like.core.errors import AlreadyExists, Forbidden
from pypicloud_like.core.model import (
    Action,
    Blob,
    FileRecord,
    Project,
    ProjectRecord,
    Snapshot,
    Stamp,
    Status,
)
from pypicloud_like.registry.publish import Terms, decide

NOW = datetime(2026, 1, 1, tzinfo=UTC)
STAMP = Stamp(Action.UPLOAD, "ann", NOW)
FOO = Project("pypi", "foo")


def a_file(*, sha256: str = "a" * 64, filename: str = "foo-1.0.tar.gz", deleted: bool = False) -> FileRecord:
    return FileRecord(
        project=FOO,
        identity="1.0.sdist",
        filename=filename,
        version="1.0",
        kind="sdist",
        blob=Blob(f"key-{sha256[:2]}", 3, sha256),
        uploaded_at=NOW,
        stamp=STAMP,
        display_name="foo",
        deleted=deleted,
    )


def there(*files: FileRecord, status: Status | None = None) -> Snapshot:
    record = ProjectRecord(project=FOO, stamp=STAMP, status=status) if status else None
    return Snapshot(record, {file.identity: file for file in files}, exists=True)


NEW = a_file()
OTHER = a_file(sha256="b" * 64)


def test_a_new_identity_is_taken_as_it_is():
    assert decide(there(), NEW, Terms()) is NEW


def test_the_same_bytes_change_nothing_even_where_overwriting_is_allowed():
    assert decide(there(NEW), NEW, Terms(overwrite=True)) is None


@pytest.mark.promise(16)
def test_other_bytes_are_refused():
    with pytest.raises(AlreadyExists, match=r"File already exists.*other content"):
        decide(there(OTHER), NEW, Terms())


def test_the_same_identity_under_another_name_is_refused_and_names_it():
    zipped = replace(NEW, filename="foo-1.0.zip")
    with pytest.raises(AlreadyExists, match=r"foo-1\.0\.zip"):
        decide(there(zipped), NEW, Terms())


def test_other_bytes_overwrite_where_that_is_allowed():
    decided = decide(there(OTHER), NEW, Terms(overwrite=True))
    assert decided is not None
    assert decided.stamp.action is Action.OVERWRITE
    assert decided.blob == NEW.blob


def test_the_name_of_a_deleted_file_is_burnt_for_other_bytes():
    with pytest.raises(AlreadyExists, match="deleted"):
        decide(there(replace(OTHER, deleted=True)), NEW, Terms(overwrite=True))


def test_a_deleted_file_comes_back_with_its_own_bytes():
    assert decide(there(replace(NEW, deleted=True)), NEW, Terms()) is NEW


def test_a_burnt_name_is_free_where_the_setting_allows_it():
    assert decide(there(replace(OTHER, deleted=True)), NEW, Terms(revive=True)) is NEW


@pytest.mark.parametrize("status", [Status.ARCHIVED, Status.QUARANTINED])
def test_a_closed_project_takes_nothing(status):
    with pytest.raises(Forbidden, match=str(status)):
        decide(there(status=status), NEW, Terms(overwrite=True))


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.DEPRECATED])
def test_an_open_project_takes_files(status):
    assert decide(there(status=status), NEW, Terms()) is NEW
