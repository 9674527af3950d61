"""Rebuild: with the index gone, everything comes back byte for byte; with it there, nothing is hurt."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from pypicloud_like import assembly
from pypicloud_like.assembly import opened
from pypicloud_like.core import keys, records
from pypicloud_like.core.model import PYPI, Project
from pypicloud_like.registry import rebuild as module
from pypicloud_like.registry.rebuild import GAP, is_lost, rebuild
from tests.builders import a_wheel, an_sdist
from tests.http.conftest import Client, make_services

JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}
PAGES = (
    "/simple/",
    "/simple/foo/",
    "/simple/bar/",
    "/simple/gone/",
    "/packages/",
    "/pypi/foo/json",
    "/pypi/foo/1.0/json",
    "/pypi/bar/json",
    "/rss/updates.xml",
    "/rss/packages.xml",
    "/rss/project/foo/releases.xml",
    "/api/package/?verbose=true",
    "/api/package/foo/",
    "/api/project/bar/status",
)


@pytest.fixture
def history(app, users):
    """Uploads, a yank, an un-yank, a delete, a status: something of everything."""
    for filename, body in (
        a_wheel("foo", "1.0", requires_python=">=3.8", description="About foo"),
        an_sdist("foo", "1.0"),
        a_wheel("foo", "1.1"),
        a_wheel("foo", "2.0rc1"),
        a_wheel("bar", "0.1"),
        a_wheel("gone", "1.0"),
    ):
        assert app.upload(filename, body).status_int == 200
    yank = {"Content-Type": "application/json"}
    app.ask("POST", "/api/package/foo/1.1/yank", user="boss", body=b'{"reason": "broken"}', headers=yank)
    app.ask("POST", "/api/package/foo/1.0/yank", user="boss", body=b"{}", headers=yank)
    app.ask("DELETE", "/api/package/foo/1.0/yank", user="boss")
    app.ask("DELETE", "/api/package/gone/gone-1.0-py3-none-any.whl", user="boss")
    status = {"status": "archived", "reason": "see foo"}
    app.ask("PUT", "/api/project/bar/status", user="boss", body=json.dumps(status).encode(), headers=yank)


def shown(app):
    """Every page as HTML and JSON: status, entity tag, serial, bytes."""
    answers = {}
    for path in PAGES:
        for headers in ({}, JSON):
            answer = app.ask("GET", path, user="boss", headers=headers)
            tag, serial = answer.headers.get("ETag"), answer.headers.get("X-PyPI-Last-Serial")
            answers[path, bool(headers)] = (answer.status_int, tag, serial, answer.body)
    return answers


def reopened(services, tmp_path, clock):
    """The same storage and people with a new, empty index."""
    services.close()
    for path in tmp_path.glob("index.sqlite*"):
        path.unlink()
    return make_services(tmp_path, {}, clock)


@pytest.mark.promise(69)
@pytest.mark.parametrize("batches", [1, 2])
def test_an_index_that_was_filled_half_way_is_lost_still(
    app, services, history, tmp_path, clock, monkeypatch, batches
):
    before = shown(app)
    journal = services.cache.journal(limit=1000)
    again = reopened(services, tmp_path, clock)
    inner, done = again.cache.reconcile, []

    def killed(entries):
        if len(done) == batches:
            raise SystemExit
        done.append(inner(entries))
        return done[-1]

    monkeypatch.setattr(module, "BATCH", 2)
    with monkeypatch.context() as patch:
        patch.setattr(again.cache, "reconcile", killed)
        with pytest.raises(SystemExit):
            rebuild(again)
    try:
        assert again.cache.serial() > 0
        assert is_lost(again)
        assert rebuild(again).problems == []
        assert shown(Client(again)) == before
        assert again.cache.journal(limit=1000) == journal
        assert not is_lost(again)
        assert rebuild(again).changed == 0
    finally:
        again.close()


@pytest.mark.promise(69, 70)
def test_whoever_starts_while_another_fills_the_index_waits_for_it(
    app, services, history, tmp_path, clock, monkeypatch
):
    before = shown(app)
    again = reopened(services, tmp_path, clock)
    waits = []

    def wait(seconds):
        """Meanwhile the other one does it."""
        waits.append(seconds)
        if len(waits) == 2:
            held.__exit__(None, None, None)
            rebuild(again)

    held = again.state.lock("rebuild")
    assert held.__enter__()
    monkeypatch.setattr(assembly, "build", lambda _settings: again)
    monkeypatch.setattr(assembly, "time", SimpleNamespace(sleep=wait))  # other threads sleep as ever
    try:
        assert opened(again.settings) is again
        assert len(waits) == 2
        assert shown(Client(again)) == before
    finally:
        again.close()


@pytest.mark.promise(71)
def test_without_the_index_everything_comes_back_byte_for_byte(app, services, history, tmp_path, clock):
    before = shown(app)
    journal = services.cache.journal(limit=1000)
    again = reopened(services, tmp_path, clock)
    try:
        assert is_lost(again)
        report = rebuild(again)
        assert report.problems == []
        assert shown(Client(again)) == before
        assert again.cache.journal(limit=1000) == journal
        assert not is_lost(again)
    finally:
        again.close()


def test_burnt_names_stay_burnt_and_serials_go_on_well_past(services, history, tmp_path, clock):
    highest = services.cache.serial()
    again = reopened(services, tmp_path, clock)
    try:
        rebuild(again)
        app = Client(again)
        _, other = a_wheel("gone", "1.0", description="not what it was")
        refused = app.upload("gone-1.0-py3-none-any.whl", other)
        assert refused.status_int == 409
        assert "File already exists" in refused.text
        assert app.upload(*a_wheel("new", "1.0")).status_int == 200
        assert again.cache.serial() > highest + GAP // 2
    finally:
        again.close()


def test_a_rebuild_of_a_sound_index_changes_nothing(app, services, history):
    before = shown(app)
    report = rebuild(services)
    assert (report.changed, report.removed, report.doubtful, report.problems) == (0, 0, 0, [])
    assert report.projects == 3
    assert shown(app) == before


def test_a_record_that_another_server_wrote_is_taken_over(app, services, history, tmp_path, clock):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    other = make_services(elsewhere, {"storage.dir": str(tmp_path / "storage")}, clock)
    try:
        rebuild(other)
        other.access.add_user("boss", "correct horse battery", admin=True, actor=None)
        assert Client(other).upload(*a_wheel("late", "1.0")).status_int == 200
    finally:
        other.close()
    assert app.ask("GET", "/simple/late/", user="boss").status_int == 404
    assert rebuild(services).changed == 1
    assert app.ask("GET", "/simple/late/", user="boss").status_int == 200


def test_a_file_whose_record_is_gone_from_storage_goes_from_the_index(app, services, history):
    bar = Project(PYPI, "bar")
    for stat in list(services.storage.list(keys.records_of(bar))):
        services.storage.delete(stat.key)
    assert rebuild(services).removed == 2
    assert app.ask("GET", "/simple/bar/", user="boss").status_int == 404
    assert app.ask("GET", "/simple/foo/", user="boss").status_int == 200


def test_a_storage_that_suddenly_is_empty_is_not_believed(app, services, history):
    for number in range(12):
        app.upload(*a_wheel("many", f"{number}.0"))
    before = shown(app)
    for stat in list(services.storage.list(keys.RECORDS)):
        services.storage.delete(stat.key)
    report = rebuild(services)
    assert report.removed == 0
    assert report.doubtful >= 12
    assert report.problems
    assert shown(app) == before
    assert rebuild(services, confirmed=True).removed == report.doubtful
    assert app.ask("GET", "/simple/foo/", user="boss").status_int == 404


@pytest.mark.promise(42, 72)
def test_foreign_and_broken_things_among_the_records_are_told_and_passed_over(
    app, services, history, tmp_path
):
    folder = tmp_path / "storage" / "v1" / "records" / "pypi" / "foo"
    (folder / "stray.txt").write_text("what is this")
    broken = folder / "9.9.sdist"
    broken.mkdir()
    (broken / "000000000099.json").write_text("{")
    moved = folder / "8.8.sdist"
    moved.mkdir()
    record = next((folder / "1.0.sdist").iterdir()).read_bytes()
    (moved / "000000000098.json").write_bytes(record)
    before = shown(app)
    report = rebuild(services)
    assert len(report.problems) == 3
    assert shown(app) == before


def test_what_a_crash_left_unrecorded_is_recorded_at_the_next_rebuild(app, services, history, monkeypatch):
    from pypicloud_like.core.errors import Unavailable

    put = services.storage.put

    def refuse_records(key, *args, **kwargs):
        if key.startswith(keys.RECORDS):
            raise Unavailable("storage")
        put(key, *args, **kwargs)

    monkeypatch.setattr(services.storage, "put", refuse_records)
    filename, body = a_wheel("unlucky", "1.0")
    assert app.upload(filename, body).status_int == 503
    monkeypatch.undo()
    unlucky = Project(PYPI, "unlucky")
    assert not list(services.storage.list(keys.records_of(unlucky)))
    assert app.upload(filename, body).status_int == 200  # sending it again is safe, and records it
    (stat,) = services.storage.list(keys.records_of(unlucky))
    with services.storage.open(stat.key) as source:
        assert records.from_bytes(source.read()).serial == services.cache.serial()
    assert rebuild(services).problems == []


@pytest.mark.promise(70)
def test_over_http_for_administrators_and_one_at_a_time(app, services, history):
    assert app.ask("GET", "/admin/rebuild", user="boss").json["removed"] == 0
    assert app.ask("POST", "/admin/rebuild/", user="boss").status_int == 200
    with services.state.lock("rebuild"):
        refused = app.ask("GET", "/admin/rebuild", user="boss")
        assert refused.status_int == 409
        assert "already running" in refused.json["message"]
    foreign = {"Origin": "https://evil.example"}
    assert app.ask("GET", "/admin/rebuild", user="boss", headers=foreign).status_int == 403
    assert (
        app.ask("GET", "/admin/rebuild", user="boss", headers={"Sec-Fetch-Site": "cross-site"}).status_int
        == 403
    )
