"""Uploading by the browser, and what maintainers do with a project."""

from __future__ import annotations

import pytest

from pypicloud_like.core.model import PYPI, Project, Right, Status
from pypicloud_like.registry import curate
from tests.builders import a_crate, a_wheel, an_sdist
from tests.http.web.conftest import EVERY_USER_MAINTAINS

FOO = Project(PYPI, "foo")
BAZ = Project("cargo", "baz")
WHEEL = a_wheel("foo", "1.0")


@pytest.fixture
def ini():
    return EVERY_USER_MAINTAINS


class TestUpload:
    def test_a_wheel_an_sdist_and_a_crate_at_once(self, ann, services):
        sdist, crate = an_sdist("foo", "1.0"), a_crate("baz", "0.1.0", package={"description": "Bazzes"})
        answer = ann.send("/upload", *((each.filename, each.content) for each in (WHEEL, sdist, crate)))
        assert answer.status_int == 200, answer
        assert answer.text.count("is published") == 3
        assert 'href="/project/foo/1.0/"' in answer.text
        assert 'href="/crates/baz/0.1.0"' in answer.text
        assert len(services.cache.files(FOO)) == 2
        assert services.cache.files(BAZ)[0].uploader == "ann"
        assert services.state.owners(BAZ) == ["ann"]

    def test_the_same_bytes_again(self, ann):
        ann.send("/upload", (WHEEL.filename, WHEEL.content))
        assert "was here already" in ann.send("/upload", (WHEEL.filename, WHEEL.content)).text

    def test_one_that_is_refused_does_not_keep_the_others(self, ann, services):
        files = (("foo-2.0-py3-none-any.whl", b"no zip"), (WHEEL.filename, WHEEL.content))
        answer = ann.send("/upload", *files)
        assert answer.status_int == 400
        assert "was refused" in answer.text
        assert "is published" in answer.text
        assert [file.version for file in services.cache.files(FOO)] == ["1.0"]

    @pytest.mark.parametrize(
        ("filename", "said"),
        [
            ("notes.txt", "no wheel, sdist or crate"),
            ("<script>.whl", "no wheel, sdist or crate"),
            ("../foo-1.0-py3-none-any.whl", "refused"),
            ("bar-1.0-py3-none-any.whl", "refused"),
            ("baz-0.1.0.crate", "refused"),
        ],
    )
    def test_what_is_not_what_it_says(self, ann, services, filename, said):
        answer = ann.send("/upload", (filename, WHEEL.content))
        assert answer.status_int == 400
        assert said in answer.text
        assert "<script>" not in answer.text
        assert not services.cache.files(FOO)

    def test_nothing_chosen(self, ann):
        assert "Choose a file" in ann.send("/upload", ("", b"")).text

    def test_who_may_not_write(self, site, ann, bob, users, services):
        site.wheel("foo", "1.0")
        users.grant(FOO, "group", "authenticated", Right.READ, actor=None)
        newer = a_wheel("foo", "1.1")
        answer = bob.send("/upload", (newer.filename, newer.content))
        assert answer.status_int == 403
        assert len(services.cache.files(FOO)) == 1

    @pytest.mark.parametrize("csrf", ["", "x", "0" * 64, "ä"])
    def test_a_form_of_another_session(self, ann, services, csrf):
        answer = ann.send("/upload", (WHEEL.filename, WHEEL.content), csrf=csrf)
        assert answer.status_int == 403
        assert not services.cache.files(FOO)

    def test_nobody(self, app, services):
        assert app.ask("GET", "/upload").status_int == 302
        answer = app.upload(WHEEL.filename, WHEEL.content, user=None, path="/upload")
        assert answer.status_int == 401
        assert not services.cache.files(FOO)


@pytest.fixture
def foo(site):
    site.wheel("foo", "1.0")
    site.wheel("foo", "1.1")
    site.publish(an_sdist("foo", "1.1"))
    return site


PAGE = "/manage/pypi/foo"


class TestReleases:
    def test_yank_and_undo(self, foo, ann, services):
        answer = ann.post(PAGE, do="yank", version="1.0", reason="loses\n<b>data")
        assert "1.0 is yanked" in answer.text
        assert "loses &lt;b&gt;data" in answer.text
        assert {file.version: file.yanked for file in services.cache.files(FOO)} == {
            "1.0": "loses <b>data",
            "1.1": None,
        }
        assert "offered again" in ann.post(PAGE, do="unyank", version="1.0").text
        assert all(file.yanked is None for file in services.cache.files(FOO))

    def test_a_crate_keeps_its_number(self, site, ann, services):
        site.crate("baz", "0.1.0")
        before = site.ask("GET", "/api/v1/crates/baz/0.1.0", user="ann").json["version"]["id"]
        assert "is yanked" in ann.post("/manage/cargo/baz", do="yank", version="0.1.0").text
        after = site.ask("GET", "/api/v1/crates/baz/0.1.0", user="ann").json["version"]
        assert (after["id"], after["yanked"]) == (before, True)

    def test_a_package_of_jsr(self, site, ann):
        site.module("@acme/qux", "1.0.0")
        answer = ann.post("/manage/jsr/@acme/qux", do="yank", version="1.0.0")
        assert "is yanked" in answer.text
        assert "Members of the scope: ann" in answer.text

    def test_deleting_asks_first_and_names_who_depends_on_it(self, foo, ann, services):
        foo.wheel("bar", "1.0", Requires_Dist="foo")
        page = ann.post(PAGE, do="delete", version="1.1")
        assert "foo-1.1-py3-none-any.whl" in page.text
        assert "foo-1.1.tar.gz" in page.text
        assert 'href="/project/bar/"' in page.text
        assert len(services.cache.files(FOO)) == 3
        assert "1.1 is deleted" in ann.post(PAGE, do="delete", version="1.1", sure="yes").text
        assert [file.version for file in services.cache.files(FOO)] == ["1.0"]

    def test_one_file_alone(self, foo, ann, services):
        ann.post(PAGE, do="delete", version="1.1", filename="foo-1.1.tar.gz", sure="yes")
        assert len(services.cache.files(FOO)) == 2

    def test_the_last_release(self, foo, ann, services):
        ann.post(PAGE, do="delete", version="1.1", sure="yes")
        answer = ann.post(PAGE, do="delete", version="1.0", sure="yes")
        assert (answer.status_int, answer.headers["Location"]) == (303, "/account")
        assert not services.cache.files(FOO)

    @pytest.mark.parametrize(
        ("fields", "status"),
        [
            ({"do": "yank", "version": "9"}, 404),
            ({"do": "yank"}, 400),
            ({"do": "yank", "version": "1.0", "reason": "\0"}, 400),
            ({"do": "yank", "version": "1.0", "reason": "x" * 2000}, 400),
            ({"do": "delete", "version": "1.0", "filename": "foo-1.1.tar.gz", "sure": "yes"}, 404),
            ({"do": "dance"}, 400),
            ({}, 400),
        ],
    )
    def test_what_cannot_be_done(self, foo, ann, services, fields, status):
        assert ann.post(PAGE, **fields).status_int == status
        assert all(file.yanked is None for file in services.cache.files(FOO))
        assert len(services.cache.files(FOO)) == 3


class TestStanding:
    def test_archived_and_back(self, foo, ann, services):
        assert "is archived" in ann.post(PAGE, do="status", status="archived", reason="done").text
        assert services.cache.record(FOO).status_reason == "done"
        ann.post(PAGE, do="status", status="active")
        assert services.cache.record(FOO).status is Status.ACTIVE

    def test_quarantine_is_for_administrators(self, foo, ann, boss, services):
        assert "quarantined" not in ann.read(PAGE)
        assert ann.post(PAGE, do="status", status="quarantined").status_int == 403
        assert boss.post(PAGE, do="status", status="quarantined").status_int == 200
        assert ann.post(PAGE, do="status", status="active").status_int == 403
        assert services.cache.record(FOO).status is Status.QUARANTINED

    def test_a_word_that_is_none(self, foo, ann):
        assert ann.post(PAGE, do="status", status="great").status_int == 400

    def test_owners_come_and_go(self, foo, ann, services):
        assert "bob owns the project now" in ann.post(PAGE, do="own", user=" bob ").text
        assert "already" in ann.post(PAGE, do="own", user="bob").text
        assert services.state.owners(FOO) == ["ann", "bob"]
        assert "no longer" in ann.post(PAGE, do="disown", user="bob").text
        assert ann.post(PAGE, do="disown", user="ann").status_int == 409
        assert ann.post(PAGE, do="own", user="<b>").status_int == 404
        assert services.state.owners(FOO) == ["ann"]


class TestRights:
    def test_who_maintains_nothing_here(self, foo, bob, users, services):
        users.grant(FOO, "group", "authenticated", Right.READ, actor=None)
        assert bob.get(PAGE).status_int == 403
        assert "/manage/" not in bob.read("/project/foo/")
        for do in ("yank", "delete", "status", "own", "disown", "unyank"):
            fields = {"version": "1.0", "sure": "yes", "status": "archived", "user": "bob"}
            assert bob.post(PAGE, do=do, **fields).status_int == 403
        assert len(services.cache.files(FOO)) == 3
        assert services.state.owners(FOO) == ["ann"]

    def test_who_may_not_even_read(self, foo, bob, users):
        users.grant(FOO, "user", "ann", Right.READ, actor=None)
        assert bob.get(PAGE).status_int == 404
        assert bob.post(PAGE, do="yank", version="1.0").status_int == 404

    def test_forms_of_others(self, foo, ann, services):
        assert ann.post(PAGE, csrf=False, do="yank", version="1.0").status_int == 403
        assert all(file.yanked is None for file in services.cache.files(FOO))

    def test_what_is_not_there(self, foo, ann):
        for path in ("/manage/pypi/nope", "/manage/nope/foo", "/manage/jsr/foo", "/manage/pypi/@a/b"):
            assert ann.get(path).status_int == 404, path

    def test_grants_are_shown(self, foo, ann, users, services):
        users.grant(FOO, "group", "everyone", Right.READ, actor=None)
        page = ann.read(PAGE)
        assert "group everyone: read" in page
        assert "Administrators change them" in page

    def test_a_link_cannot_rebuild(self, foo, boss, services):
        assert boss.get("/admin/rebuild").status_int == 403

    def test_yanked_by_curl_is_seen(self, foo, ann, services):
        curate.yank(services, services.cache.files(FOO), reason="", actor="ann")
        assert ann.read(PAGE).count('value="unyank"') == 2
