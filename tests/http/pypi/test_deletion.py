"""Deleting a file: it is gone from every answer at once, and its record stays."""

from __future__ import annotations

import pytest

from pypicloud_like.core.model import PYPI, Project, Right
from tests.builders import a_wheel, an_sdist

WHEEL, SDIST = a_wheel("foo", "1.0"), an_sdist("foo", "1.0")
PATH = f"/api/package/foo/{WHEEL.filename}"


@pytest.mark.promise(14)
def test_it_is_gone_everywhere(site):
    site.publish(WHEEL, SDIST)
    pages = [
        "/simple/foo/",
        "/pypi/foo/json",
        "/pypi/foo/1.0/json",
        "/packages/",
        "/api/package/foo/",
        "/+simple/foo/",
    ]
    for path in pages:
        assert WHEEL.filename in site.ask("GET", path, user="ann").text
    assert site.ask("DELETE", PATH, user="boss").status_int == 200
    for path in pages:
        answer = site.ask("GET", path, user="ann")
        assert answer.status_int == 200
        assert WHEEL.filename not in answer.text
        assert SDIST.filename in answer.text
    for path in (PATH, PATH + ".metadata"):
        for method in ("GET", "HEAD"):
            assert site.ask(method, path, user="ann").status_int == 404
    assert {site.stored_bytes(key) for key in site.stored()} == {SDIST.content}
    assert site.indexed("foo") == {SDIST.filename: SDIST.sha256}
    assert len(site.records()) == 3


def test_a_file_that_is_not_there(site):
    site.publish(WHEEL)
    with site.unchanged():
        for path in ("/api/package/foo/other.whl", "/api/package/nothing/x.whl", PATH + ".metadata"):
            answer = site.ask("DELETE", path, user="boss")
            assert answer.status_int in {400, 404}
            assert answer.json["message"]


def test_twice(site):
    site.publish(WHEEL)
    site.ask("DELETE", PATH, user="boss")
    with site.unchanged():
        assert site.ask("DELETE", PATH, user="boss").status_int in {400, 404}


@pytest.mark.parametrize(("user", "status"), [(None, 401), ("ann", 403)])
def test_by_those_who_may_not(site, user, status):
    site.publish(WHEEL)
    with site.unchanged():
        assert site.ask("DELETE", PATH, user=user).status_int == status
    assert site.ask("GET", PATH, user="ann").body == WHEEL.content


def test_by_an_owner(site):
    site.publish(WHEEL)
    site.services.access.grant(Project(PYPI, "foo"), "user", "ann", Right.WRITE, actor=None)
    assert site.ask("DELETE", PATH, user="ann").status_int == 200


class TestNobodyDeletes:
    @pytest.fixture
    def ini(self):
        return {"pypi.allow_delete": "false"}

    def test_a_setting_forbids_it_to_all(self, site):
        site.publish(WHEEL)
        with site.unchanged():
            assert site.ask("DELETE", PATH, user="boss").status_int == 403
