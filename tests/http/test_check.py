"""Check: it finds what is wrong, mends what it announced, and hurts nothing that is needed."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest

from pypicloud_like.core import keys
from pypicloud_like.core.model import PYPI, Project
from pypicloud_like.registry.check import check
from pypicloud_like.registry.rebuild import rebuild
from tests.builders import a_wheel
from tests.http.conftest import Client, make_services

FOO = Project(PYPI, "foo")
DIGEST = "0" * 64
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.fixture
def filled(app, users, clock):
    """Two files, one of them overwritten, and a deleted one; all of it happened long ago."""
    for version in ("1.0", "1.1", "2.0"):
        app.upload(*a_wheel("foo", version))
    app.ask("DELETE", "/api/package/foo/foo-1.1-py3-none-any.whl", user="boss")
    clock.now = datetime.now(UTC) + timedelta(days=2)
    return app


def blobs(services):
    return {stat.key for stat in services.storage.list(keys.FILES)}


def records_of_foo(services):
    return [stat.key for stat in services.storage.list(keys.records_of(FOO))]


def read(services, key):
    with services.storage.open(key) as source:
        return source.read()


def kinds(findings):
    return sorted(finding.kind for finding in findings.found)


def put(services, key, content=b""):
    services.storage.put(key, io.BytesIO(content), size=len(content), sha256=EMPTY)


@pytest.mark.promise(73)
def test_what_is_right_is_left_alone(filled, services):
    before = blobs(services)
    findings = check(services, verify=True, repair=True)
    assert (findings.clean, findings.files, kinds(findings)) == (True, 2, [])
    assert blobs(services) == before


@pytest.mark.promise(4, 73)
def test_bytes_nothing_refers_to_go_once_they_are_old(filled, services, clock):
    before = blobs(services)
    put(services, keys.blob(FOO, DIGEST, "foo-9.0.tar.gz"))
    put(services, keys.blob(Project(PYPI, "unheard-of"), DIGEST, "unheard_of-1.0.tar.gz"))
    assert kinds(check(services, repair=True, orphan_age=timedelta(days=9))) == []
    assert kinds(check(services)) == ["orphan", "orphan"]
    assert len(blobs(services)) == len(before) + 2, "without repair nothing is changed"
    findings = check(services, repair=True)
    assert (findings.repaired, findings.clean) == (2, True)
    assert blobs(services) == before


@pytest.mark.promise(73)
def test_a_lost_index_makes_no_orphans(filled, services, tmp_path, clock):
    before = blobs(services)
    services.close()
    for path in tmp_path.glob("index.sqlite*"):
        path.unlink()
    again = make_services(tmp_path, {}, clock)
    try:
        findings = check(again, repair=True)
        assert "orphan" not in kinds(findings)
        assert blobs(again) == before
        rebuild(again)
        assert check(again, verify=True).clean
        assert (
            Client(again).ask("GET", "/api/package/foo/foo-1.0-py3-none-any.whl", user="boss").status_int
            == 200
        )
    finally:
        again.close()


def test_where_a_record_cannot_be_read_nothing_of_its_project_is_removed(filled, services, tmp_path):
    orphan = keys.blob(FOO, DIGEST, "foo-9.0.tar.gz")
    put(services, orphan)
    put(services, f"{keys.records_of(FOO)}odd/000000000001.json")
    findings = check(services, repair=True)
    assert orphan in blobs(services)
    assert "orphan" not in kinds(findings)


@pytest.mark.promise(29, 73)
def test_missing_and_changed_bytes_are_told_and_kept(filled, services):
    one, two = services.cache.files(FOO)
    services.storage.path(one.blob.key).unlink()
    path = services.storage.path(two.blob.key)
    path.chmod(0o600)
    path.write_bytes(b"x" * two.blob.size)
    assert kinds(check(services, repair=True)) == ["missing"]
    findings = check(services, verify=True, repair=True)
    assert kinds(findings) == ["digest", "missing"]
    assert not findings.clean
    assert len(services.cache.files(FOO)) == 2


@pytest.mark.promise(73)
def test_a_record_that_is_gone_is_written_again(filled, services):
    record = next(key for key in records_of_foo(services) if b'"version": "2.0"' in read(services, key))
    kept = read(services, record)
    services.storage.delete(record)
    findings = check(services, repair=True)
    assert (kinds(findings), findings.repaired) == (["unrecorded"], 1)
    assert read(services, record) == kept
