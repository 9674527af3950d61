"""Yanking, as cargo does it."""

from __future__ import annotations

import pytest

from pypicloud_like.core.model import Project, Right
from pypicloud_like.ecosystems.cargo.metadata import version_id
from pypicloud_like.registry import curate
from tests.http.cargo.site import detail

DEMO = Project("cargo", "demo")


def yank(site, version="0.1.0", *, name="demo", user="boss", **rest):
    return site.ask("DELETE", f"/api/v1/crates/{name}/{version}/yank", user=user, **rest)


def unyank(site, version="0.1.0", *, name="demo", user="boss", **rest):
    return site.ask("PUT", f"/api/v1/crates/{name}/{version}/unyank", user=user, **rest)


def test_there_and_back(site):
    site.taken()
    before = site.index().body
    for _ in range(2):
        assert yank(site).json == {"ok": True}
        assert site.line()["yanked"] is True
    for _ in range(2):
        assert unyank(site, headers={"Content-Type": "application/json"}).json == {"ok": True}
        assert site.index().body == before
    assert [change.action for change in site.services.cache.journal()] == ["upload", "yank", "unyank"]


def test_once_more_keeps_the_message(site):
    site.taken()
    curate.yank(site.services, site.services.cache.files(DEMO), reason="broken", actor=None)
    yank(site)
    assert site.services.cache.files(DEMO)[0].yanked == "broken"


def test_the_number_of_a_version_stays(site):
    site.taken("other")
    site.taken()
    (file,) = site.services.cache.described(DEMO)
    number = version_id(file)
    assert number == file.serial
    for change in (yank, unyank, yank):
        change(site)
        (file,) = site.services.cache.described(DEMO)
        assert file.serial > number
        assert version_id(file) == number


@pytest.mark.parametrize("spelling", ["1.0.0+b.1", "1.0.0%2Bb.1"])
def test_build_metadata_comes_as_it_is(site, spelling):
    site.taken(version="1.0.0+b.1")
    assert yank(site, spelling).status_int == 200
    assert site.line(version="1.0.0+b.1")["yanked"] is True
    detail(yank(site, "1.0.0"), 404)


def test_the_name_in_any_spelling(site):
    site.taken("Foo_Bar")
    assert yank(site, name="foo-bar").status_int == 200
    assert site.line("Foo_Bar")["yanked"] is True


@pytest.mark.parametrize(
    "where", [("demo", "0.2.0"), ("demo", "latest"), ("other", "0.1.0"), ("1x", "0.1.0")]
)
def test_what_is_not_there(site, where):
    site.taken()
    name, version = where
    with site.unchanged():
        detail(yank(site, version, name=name), 404)
        detail(unyank(site, version, name=name), 404)


def test_only_by_whom_may(site, users):
    site.taken()
    for right in Right:
        users.grant(DEMO, "user", "bob", right, actor=None)
    detail(yank(site, user=None), 401)
    detail(yank(site, user="ann"), 403)
    detail(yank(site, user=None, headers=site.token("bob", "write", "read")), 403, "yank")
    elsewhere = frozenset({Project("cargo", "other")})
    detail(yank(site, user=None, headers=site.token("bob", "yank", projects=elsewhere)), 403)
    assert yank(site, user=None, headers=site.token("bob", "yank")).status_int == 200


class TestWhereEverybodyWritesByDefault:
    @pytest.fixture
    def ini(self):
        return {"pypi.default_write": "authenticated", "pypi.default_read": "everyone"}

    def test_a_refusal_does_not_tell_that_there_is_a_crate(self, site, users):
        site.taken("private", user="ann")
        users.grant(Project("cargo", "private"), "user", "ann", Right.READ, actor=None)
        site.taken("readable", user="ann")
        users.grant(Project("cargo", "readable"), "group", "everyone", Right.READ, actor=None)
        patch = {"method": "PATCH", "body": b'{"version": {"yanked": true}}', "headers": site.sent("bob")}
        for name, status in (("private", 404), ("unknown", 404), ("readable", 403)):
            answers = [
                yank(site, name=name, user="bob"),
                unyank(site, name=name, user="bob"),
                site.client.request(f"/api/v1/crates/{name}/0.1.0", expect_errors=True, **patch),
            ]
            for answer in answers:
                sentence = detail(answer, status)
                assert status == 403 or sentence == f"cargo:{name} not found"
        assert yank(site, name="private", user="ann").status_int == 200
