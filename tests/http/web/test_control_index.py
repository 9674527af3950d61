"""Rebuilding and checking the index from its page, with their progress."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from pypicloud_like.core import keys
from pypicloud_like.core.model import PYPI, Project
from pypicloud_like.registry import jobs
from tests.http.web.test_control_people import done

FOO = Project(PYPI, "foo")


def ended(services, name: str) -> jobs.Job:
    """The work, once it has come to its end."""
    for _ in range(300):
        job = jobs.look(services, name)
        if job is not None and job.ended_at is not None:
            return job
        time.sleep(0.05)
    raise AssertionError(f"the {name} goes on and on")


def going_on(services, clock, *, seen_ago: float = 1.0, **more) -> None:
    """As if another process were rebuilding."""
    now = clock()
    seen = now - timedelta(seconds=seen_ago)
    said = {"actor": "ann", "began_at": (now - timedelta(minutes=5)).isoformat(), "seen_at": seen.isoformat()}
    said |= {"ended_at": None, "stage": "records", "done": 250, "total": 1000, "numbers": {}, "problems": []}
    services.state.put_notice(jobs.REBUILD, said | {"failure": ""} | more)


class TestRebuild:
    def test_it_is_begun_and_tells_what_came_of_it(self, boss, site, services):
        site.wheel("foo", "1.0", user="boss")
        assert "There has been none yet" in boss.read("/admin/index")
        done(boss.post("/admin/index", do="rebuild"), "rebuild-began")
        job = ended(services, jobs.REBUILD)
        assert job.failure == ""
        assert job.actor == "boss"
        assert job.numbers["records"] == 1
        page = boss.read("/admin/index")
        assert '<span class="badge good">done</span>' in page
        assert "<dt>records</dt><dd>1</dd>" in page
        [event] = services.state.audit_events(limit=1)
        assert (event.action, event.actor) == ("rebuild", "boss")

    def test_what_is_found_is_named(self, boss, site, services):
        site.wheel("foo", "1.0", user="boss")
        [record] = [stat.key for stat in services.storage.list(keys.RECORDS)]
        services.storage.delete(record)
        boss.post("/admin/index", do="rebuild")
        ended(services, jobs.REBUILD)
        assert "kept without record" in boss.read("/admin/index")

    def test_one_that_goes_on_is_watched_by_all_processes(self, boss, services, clock):
        going_on(services, clock)
        page = boss.read("/admin/index")
        assert '<progress aria-label="Rebuild" value="250" max="1000">' in page
        assert 'data-watch="/admin/index/progress"' in page
        assert 'http-equiv="refresh"' in page
        assert 'value="rebuild"' not in page
        assert "being rebuilt" in boss.read("/admin")
        told = boss.get("/admin/index/progress")
        assert told.json == {
            "rebuild": {"running": True, "done": 250, "total": 1000, "said": "250 of about 1,000 records"}
        }
        assert told.headers["Cache-Control"] == "private, no-store"

    def test_none_is_begun_twice(self, boss, services, clock):
        going_on(services, clock)
        answer = boss.post("/admin/index", do="rebuild")
        assert answer.status_int == 409
        assert "already running" in answer.text

    def test_one_that_was_broken_off_is_told_and_begun_again(self, boss, services, clock):
        going_on(services, clock, seen_ago=120)
        page = boss.read("/admin/index")
        assert '<span class="badge warn">broken off</span>' in page
        assert "It was broken off at 250 records" in page
        assert boss.get("/admin/index/progress").json["rebuild"]["running"] is False
        done(boss.post("/admin/index", do="rebuild"), "rebuild-began")
        assert ended(services, jobs.REBUILD).failure == ""

    def test_what_a_record_is_called_harms_nobody(self, boss, services, clock):
        going_on(
            services,
            clock,
            ended_at=clock().isoformat(),
            problems=["<script>alert(1)</script>"],
            failure="<b>",
        )
        page = boss.read("/admin/index")
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page


class TestCheck:
    def test_it_finds_what_is_wrong_and_mends_it_if_asked(self, boss, site, services):
        site.wheel("foo", "1.0", user="boss")
        [record] = [stat.key for stat in services.storage.list(keys.RECORDS)]
        services.storage.delete(record)
        done(boss.post("/admin/index", do="check", verify="true"), "check-began")
        job = ended(services, jobs.CHECK)
        assert (job.numbers["files"], job.numbers["findings"], job.numbers["mended"]) == (1, 1, 0)
        assert "its record is missing" in boss.read("/admin/index")
        done(boss.post("/admin/index", do="check", repair="true"), "check-began")
        deadline = time.monotonic() + 15
        while ended(services, jobs.CHECK).numbers["mended"] != 1:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert [stat.key for stat in services.storage.list(keys.RECORDS)] == [record]

    @pytest.mark.parametrize(
        "fields", [{}, {"do": ""}, {"do": "burn"}, {"do": "rebuild", "confirmed": "maybe"}]
    )
    def test_what_cannot_be_done(self, boss, services, fields):
        answer = boss.post("/admin/index", **fields)
        assert answer.status_int == 400
        assert 'role="alert"' in answer.text
        assert jobs.look(services, jobs.REBUILD) is None
