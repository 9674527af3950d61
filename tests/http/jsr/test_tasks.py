"""Publishing tasks as they are asked for, in order and out of it."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from pypicloud_like.core.errors import Unavailable
from pypicloud_like.core.model import Project
from tests.http.jsr.site import DEMO, JsrSite, refused
from tests.support.jsr import MOD, a_package


@pytest.fixture
def ini() -> dict[str, str]:
    return {"pypi.default_read": "authenticated"}


@pytest.mark.parametrize("address", ["/api/publish_status/", "/api/publishing_tasks/"])
def test_anybody_may_ask_how_it_went(site, address):
    task = site.taken()
    answer = site.get(address + task["id"])
    assert answer.status_int == 200
    assert answer.json == task
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_failed_task(site):
    told = site.post(a_package(version="1.0.1")).json
    assert told["error"]["code"] == "configFileVersionMismatch"
    assert site.get(f"/api/publish_status/{told['id']}").json == told


@pytest.mark.parametrize("address", ["/api/publish_status/", "/api/publishing_tasks/"])
def test_no_task(site, address):
    refused(site.get(address + str(uuid.uuid4())), 404, "publishNotFound")
    refused(site.get(address + "x"), 400, "malformedRequest")
    refused(site.get(address + "%00"), 400, "malformedRequest")


def test_a_version_that_is_being_published(site, services):
    task, _ = services.tasks.begin(Project("jsr", DEMO), "1.0.0", user="boss")
    with site.unchanged():
        answer = site.new()
        refused(answer, 400, "duplicateVersionPublish")
    assert (answer.json["task"]["id"], answer.json["task"]["status"]) == (task.id, "pending")
    assert site.new(version="1.0.1").json["status"] == "success"


@pytest.mark.promise(3)
def test_what_a_crash_left_behind_stops_nobody_for_long(site, services, clock):
    task, _ = services.tasks.begin(Project("jsr", DEMO), "1.0.0", user="boss")
    clock.now += timedelta(seconds=61)
    site.taken()
    left = site.get(f"/api/publish_status/{task.id}").json
    assert (left["status"], left["error"]["code"]) == ("failure", "stale")


def test_one_that_was_only_slow_and_is_overtaken_does_no_harm(site, services, clock, monkeypatch):
    put = type(services.storage).put
    overtaken = []

    def slow(*args, **kwargs):
        put(*args, **kwargs)
        if not overtaken:
            overtaken.append(True)
            clock.now += timedelta(seconds=61)
            overtaken.append(JsrSite(services, clock).taken())

    monkeypatch.setattr(type(services.storage), "put", slow)
    answer = site.new(files={"mod.ts": "export const x = 1"})
    refused(answer, 400, "duplicateVersionPublish")
    assert answer.json["task"] == overtaken[1]
    assert site.get(f"/{DEMO}/1.0.0/mod.ts", user="boss").body == MOD
    assert len(site.stored()) == 2


@pytest.mark.promise(10)
def test_storage_that_fails(site, services, monkeypatch):
    def full(*_args, **_kwargs):
        raise Unavailable("storage")

    with monkeypatch.context() as patch:
        patch.setattr(type(services.storage), "put", full)
        answer = site.new()
        refused(answer, 503, "unavailable")
    (task,) = services.tasks.newest(Project("jsr", DEMO), limit=5)
    assert task.error is not None
    assert task.error[0] == "internalServerError"
    site.taken()


@pytest.mark.promise(17)
def test_of_several_at_once_one_wins(site):
    gate = Barrier(8)

    def send(number: int):
        own = JsrSite(site.services, site.clock)
        gate.wait()
        return own.new(files={"mod.ts": f"export const x = {number}"})

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))
    assert sorted(answer.status_int for answer in answers) == [200] + [400] * 7
    for answer in answers:
        if answer.status_int == 400:
            assert answer.json["code"] == "duplicateVersionPublish"
            assert answer.json["task"]["packageVersion"] == "1.0.0"
    assert len(site.stored()) == 2
    assert len(site.records()) == 1


@pytest.mark.promise(19)
def test_different_versions_do_not_disturb_one_another(site):
    gate = Barrier(8)

    def send(number: int):
        own = JsrSite(site.services, site.clock)
        gate.wait()
        return own.new(version=f"1.{number}.0").json["status"]

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(send, range(8))) == {"success"}
    assert len(site.meta()["versions"]) == 8
