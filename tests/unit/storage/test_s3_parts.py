"""Objects that are sent to a bucket in parts, and what is left of them when that fails."""

from __future__ import annotations

import pytest

from pypicloud_like.core.errors import NoSpace, Unavailable
from pypicloud_like.storage import s3
from tests.unit.storage.scripted_s3 import problem
from tests.unit.storage.sources import MIB, put

pytestmark = pytest.mark.usefixtures("no_pauses")
CONTENT = bytes(MIB) + b"x" * MIB + b"rest"


@pytest.fixture
def storage(bucket_storage):
    return bucket_storage


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(s3, "_PART", MIB)


def test_all_parts_arrive(script, storage):
    put(storage, "v1/a", CONTENT)
    assert script.seen() == ["POST", "PUT", "PUT", "PUT", "POST", "HEAD"]
    assert script.objects["/bucket/v1/a"] == CONTENT


@pytest.mark.promise(48)
def test_a_failed_upload_is_aborted(script, storage):
    script.answers.extend([None, None, problem(403, "AccessDenied")])
    with pytest.raises(Unavailable):
        put(storage, "v1/a", CONTENT)
    assert script.seen() == ["POST", "PUT", "PUT", "DELETE"]
    assert script.parts == {}
    assert script.objects == {}


@pytest.mark.promise(48)
def test_a_failed_abort_does_not_hide_the_cause(script, storage, caplog):
    script.answers.extend([None, None, problem(507, "XMinioStorageFull"), problem(403, "AccessDenied")])
    with pytest.raises(NoSpace):
        put(storage, "v1/a", CONTENT)
    assert "was not aborted" in caplog.text
    assert "XMinioStorageFull" in caplog.text


@pytest.mark.promise(47)
def test_a_lost_answer_to_the_last_request(script, storage):
    script.lose = 4
    put(storage, "v1/a", CONTENT)
    assert script.seen() == ["POST", "PUT", "PUT", "PUT", "POST", "POST", "HEAD"]


@pytest.mark.promise(49)
def test_altered_parts(script, storage):
    script.alter = lambda body: body[:-1]
    with pytest.raises(Unavailable):
        put(storage, "v1/a", CONTENT)
