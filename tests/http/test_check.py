"""Check: it finds what is wrong, mends what it announced, and hurts nothing that is needed."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime, timedelta

import pytest

from pypicloud_like.core import keys
from pypicloud_like.core.model import PYPI, Project
from pypicloud_like.registry.check import check
from pypicloud_like.registry.rebuild import rebuild
from pypicloud_like.registry.repair import carry_out, plan
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


def mend(services, **how):
    """Check and repair; the findings, and how many steps were done."""
    findings = check(services, **how)
    return findings, sum(not done.skipped for done in carry_out(services, plan(findings)))


def put(services, key, content=b""):
    services.storage.put(key, io.BytesIO(content), size=len(content), sha256=EMPTY)


@pytest.mark.promise(73)
def test_what_is_right_is_left_alone(filled, services):
    before = blobs(services)
    findings, _ = mend(services, verify=True)
    assert (findings.clean, findings.files, kinds(findings)) == (True, 2, [])
    assert blobs(services) == before


@pytest.mark.promise(4, 73)
def test_bytes_nothing_refers_to_go_once_they_are_old(filled, services, clock):
    before = blobs(services)
    put(services, keys.blob(FOO, DIGEST, "foo-9.0.tar.gz"))
    put(services, keys.blob(Project(PYPI, "unheard-of"), DIGEST, "unheard_of-1.0.tar.gz"))
    assert kinds(check(services, orphan_age=timedelta(days=9))) == []
    assert kinds(check(services)) == ["orphan", "orphan"]
    assert len(blobs(services)) == len(before) + 2, "without repair nothing is changed"
    assert mend(services)[1] == 2
    assert check(services).clean
    assert blobs(services) == before


@pytest.mark.promise(73)
def test_a_lost_index_makes_no_orphans(filled, services, tmp_path, clock):
    before = blobs(services)
    services.close()
    for path in tmp_path.glob("index.sqlite*"):
        path.unlink()
    again = make_services(tmp_path, {}, clock)
    try:
        findings, done = mend(again)
        assert set(kinds(findings)) == {"unindexed"}
        assert done == 0
        assert blobs(again) == before
        rebuild(again)
        assert check(again, verify=True).clean
        assert (
            Client(again).ask("GET", "/api/package/foo/foo-1.0-py3-none-any.whl", user="boss").status_int
            == 200
        )
    finally:
        again.close()


@pytest.mark.promise(4, 73)
def test_where_a_record_cannot_be_read_nothing_of_its_project_is_removed(filled, services, tmp_path):
    orphan = keys.blob(FOO, DIGEST, "foo-9.0.tar.gz")
    put(services, orphan)
    put(services, f"{keys.records_of(FOO)}odd/000000000001.json")
    findings, _ = mend(services)
    assert orphan in blobs(services)
    assert "orphan" not in kinds(findings)


@pytest.mark.promise(29, 73)
def test_missing_and_changed_bytes_are_told_and_kept(filled, services):
    one, two = services.cache.files(FOO)
    services.storage.path(one.blob.key).unlink()
    path = services.storage.path(two.blob.key)
    path.chmod(0o600)
    path.write_bytes(b"x" * two.blob.size)
    assert kinds(mend(services)[0]) == ["missing"]
    findings, done = mend(services, verify=True)
    assert kinds(findings) == ["digest", "missing"]
    assert done == 0
    assert len(services.cache.files(FOO)) == 2


@pytest.mark.promise(73)
def test_a_record_that_is_gone_is_written_again(filled, services):
    record = next(key for key in records_of_foo(services) if b'"version": "2.0"' in read(services, key))
    kept = read(services, record)
    services.storage.delete(record)
    findings, done = mend(services)
    assert (kinds(findings), done) == (["unrecorded"], 1)
    assert read(services, record) == kept


def test_a_file_deleted_while_it_is_looked_at_is_not_missing(filled, services, monkeypatch):
    def all_files(ecosystem):
        yield from list(type(services.cache).all_files(services.cache, ecosystem))[:1]
        filled.ask("DELETE", "/api/package/foo/foo-2.0-py3-none-any.whl", user="boss")
        yield from files if ecosystem == PYPI else ()

    files = [file for file in services.cache.files(FOO) if file.version == "2.0"]
    services.storage.stat = lambda _key: None
    monkeypatch.setattr(services.cache, "all_files", all_files)
    assert "missing" not in kinds(check(services))


@pytest.mark.promise(4)
def test_an_upload_that_goes_on_is_not_unrecorded(filled, services, clock):
    entry = services.cache.snapshot(FOO, None).files
    record = max(entry.values(), key=lambda one: one.serial)
    services.storage.delete(keys.record(FOO, record.identity, record.serial))
    due = {identity: (serial, True) for identity, (serial, _) in services.cache.serials(FOO).items()}
    cache = services.cache
    original = type(cache).serials
    try:
        type(cache).serials = lambda self, project: due
        clock.now = record.stamp.at + timedelta(seconds=1)
        assert kinds(check(services)) == []
        clock.now = record.stamp.at + timedelta(hours=1)
        assert kinds(check(services)) == ["unrecorded"]
    finally:
        type(cache).serials = original


@pytest.mark.promise(72)
def test_a_record_that_says_something_else(filled, services):
    record = next(key for key in records_of_foo(services) if b'"version": "2.0"' in read(services, key))
    path = services.storage.path(record)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes().replace(b'"version": "2.0"', b'"version": "2.1"'))
    assert check(services).clean, "nothing is read"
    assert kinds(check(services, verify=True)) == ["record"]
    path.write_bytes(b"{")
    findings, done = mend(services, verify=True)
    assert kinds(findings) == ["unreadable"]
    assert done == 0
    assert path.read_bytes() == b"{"


@pytest.mark.promise(42)
def test_strangers_are_told_of_and_left_alone(filled, services):
    strangers = ["v1/files/README.txt", "v1/files/pypi/foo/notes.txt", "v1/records/pypi/foo/x.json", "v1/x/y"]
    for key in strangers:
        put(services, key)
    findings, done = mend(services)
    assert sorted(finding.key for finding in findings.found) == sorted(strangers)
    assert set(kinds(findings)) == {"foreign"}
    assert done == 0
    assert all(services.storage.stat(key) for key in strangers)


@pytest.mark.promise(73)
def test_only_what_was_announced_is_done(filled, services, clock):
    """Between plan and repair everything changes; what is new is left for the next time."""
    announced, later = keys.blob(FOO, DIGEST, "foo-8.0.tar.gz"), keys.blob(FOO, DIGEST, "foo-9.0.tar.gz")
    put(services, announced)
    clock.now = datetime.now(UTC) + timedelta(days=3)
    steps = plan(check(services))
    assert [str(step) for step in steps] == [f"remove {announced}"]
    put(services, later)
    record = records_of_foo(services)[0]
    services.storage.delete(record)
    assert [done.skipped for done in carry_out(services, steps)] == [""]
    assert services.storage.stat(announced) is None
    assert services.storage.stat(later) is not None
    assert services.storage.stat(record) is None


@pytest.mark.promise(73)
def test_what_is_needed_again_is_not_removed(filled, services):
    """Bytes that were an orphan when the plan was made, and are a file's when it is carried out."""
    (victim, *_) = [file for file in services.cache.files(FOO) if file.version == "2.0"]
    there = services.cache.snapshot(FOO, None)
    key = keys.record(FOO, victim.identity, victim.serial)
    kept = read(services, key)
    services.storage.delete(key)
    services.cache.forget([(FOO, victim.identity, victim.serial)])
    findings = check(services)
    assert [finding.key for finding in findings.found] == [victim.blob.key] + [
        blob.key for blob in victim.sidecars.values()
    ] or {finding.kind for finding in findings.found} == {"orphan"}
    steps = plan(findings)
    assert steps
    put_back = there.files[victim.identity]
    services.storage.put(key, io.BytesIO(kept), size=len(kept), sha256=hashlib.sha256(kept).hexdigest())
    services.cache.reconcile([put_back])
    assert {done.skipped for done in carry_out(services, steps)} == {"has changed meanwhile"}
    assert check(services, verify=True).clean


def test_a_name_too_long_to_stand_in_a_folder(app, users, services, clock):
    name = "a" * 220
    app.upload(*a_wheel(name, "1.0"))
    clock.now = datetime.now(UTC) + timedelta(days=2)
    project = Project(PYPI, name)
    orphan = keys.blob(project, DIGEST, "x.tar.gz")
    put(services, orphan)
    findings, done = mend(services)
    assert (kinds(findings), done) == (["orphan"], 1)
    assert check(services, verify=True).clean
