"""The same name again: the same bytes are fine, others never, unless somebody is allowed to."""

from __future__ import annotations

import json

import pytest

from pypicloud_like.core.model import PYPI, Project, Right
from tests.builders import Built, a_wheel, an_sdist
from tests.http.pypi.site import refused

FIRST = a_wheel("foo", "1.0")
OTHER = a_wheel("foo", "1.0", files={"foo/new.py": b"x = 2\n"})
assert FIRST.filename == OTHER.filename


def conflict(answer) -> None:
    refused(answer, 409, "File already exists")
    assert answer.status.startswith("409 File already exists")


@pytest.mark.promise(11)
def test_the_same_bytes_again_change_nothing(site):
    site.publish(FIRST)
    page = site.ask("GET", "/simple/foo/", user="ann")
    entry = site.entry("foo", FIRST.filename)
    with site.unchanged():
        answer = site.publish(FIRST)
    assert json.loads(answer.body)["filename"] == FIRST.filename
    assert site.entry("foo", FIRST.filename) == entry
    assert site.ask("GET", "/simple/foo/", user="ann").headers["ETag"] == page.headers["ETag"]


@pytest.mark.promise(11)
def test_whoever_repeats_an_upload_does_not_become_its_uploader(site):
    site.services.access.grant(Project(PYPI, "foo"), "user", "ann", Right.WRITE, actor=None)
    site.publish(FIRST)
    with site.unchanged():
        site.publish(FIRST, user="ann")
    file = site.services.cache.file(Project(PYPI, "foo"), FIRST.filename)
    assert file.uploader == "boss"
    assert site.services.state.owners(Project(PYPI, "foo")) == ["boss"]


@pytest.mark.promise(16)
def test_other_bytes_under_the_name_are_refused(site):
    site.publish(FIRST)
    for path in ("/simple/", "/legacy/", "/", f"/api/package/foo/{FIRST.filename}"):
        with site.unchanged():
            conflict(site.upload(OTHER, path=path))
    assert site.ask("GET", f"/api/package/foo/{FIRST.filename}", user="ann").body == FIRST.content


def test_uv_is_told_in_its_own_way(site):
    site.publish(FIRST)
    sent = site.client.encode_multipart(
        [(":action", "file_upload")], [("content", OTHER.filename, OTHER.content)]
    )
    accept = "application/json;q=0.9, text/plain;q=0.8, text/html;q=0.7"
    answer = site.ask(
        "POST", "/legacy/", user="boss", body=sent[1], headers={"Content-Type": sent[0], "Accept": accept}
    )
    conflict(answer)
    assert answer.headers["Content-Type"] == "application/json"
    assert "File already exists" in answer.json["code"]


@pytest.mark.promise(21)
@pytest.mark.parametrize(
    ("there", "new"),
    [
        (an_sdist("foo", "1.0"), an_sdist("foo", "1.0", extension=".zip")),
        (
            an_sdist("foo-bar", "1.0", filename="Foo_Bar-1.0.tar.gz"),
            an_sdist("foo-bar", "1.0", filename="foo-bar-1.0.tar.gz"),
        ),
        (an_sdist("foo", "1.0"), an_sdist("foo", "1.0.0")),
        (a_wheel("foo", "1.0"), a_wheel("foo", "1.0.0")),
        (a_wheel("foo", "1.0"), Built("FOO-1.0-py3-none-any.whl", a_wheel("foo", "1.0").content)),
        (a_wheel("foo", "1.0", tags="py2.py3-none-any"), a_wheel("foo", "1.0", tags="py3.py2-none-any")),
        (a_wheel("foo", "1.0", build="1"), a_wheel("foo", "1.0", build="01")),
        (an_sdist("foo", "1.0a1"), an_sdist("foo", "1.0.alpha.1")),
    ],
    ids=lambda built: built.filename,
)
def test_one_thing_under_two_names_is_one_thing(site, there, new):
    site.publish(there)
    project = json.loads(site.publish(there).body)["name"]
    with site.unchanged():
        conflict(site.upload(new))
    assert site.indexed(project) == {there.filename: there.sha256}


@pytest.mark.parametrize(
    "new",
    [
        an_sdist("foo", "1.0"),
        a_wheel("foo", "1.0", build="2"),
        a_wheel("foo", "1.0", tags="py3-none-linux_x86_64"),
        a_wheel("foo", "1.0+local.1"),
        a_wheel("foo", "1.0.post1"),
        a_wheel("foo", "1!1.0"),
    ],
    ids=lambda built: built.filename,
)
def test_what_only_looks_alike_is_another_thing(site, new):
    site.publish(FIRST, new)
    assert site.indexed("foo") == {FIRST.filename: FIRST.sha256, new.filename: new.sha256}


@pytest.mark.promise(24)
def test_a_deleted_name_is_burnt_for_other_bytes(site):
    site.publish(FIRST)
    assert site.ask("DELETE", f"/api/package/foo/{FIRST.filename}", user="boss").status_int == 200
    with site.unchanged():
        conflict(site.upload(OTHER))
    assert site.stored() == set()
    site.publish(FIRST)
    assert site.indexed("foo") == {FIRST.filename: FIRST.sha256}
    assert site.ask("GET", f"/api/package/foo/{FIRST.filename}", user="ann").body == FIRST.content
    assert site.entry("foo", FIRST.filename)["core-metadata"]


class TestReuse:
    @pytest.fixture
    def ini(self):
        return {"pypi.allow_reuse_of_deleted": "true"}

    @pytest.mark.promise(24)
    def test_a_setting_frees_deleted_names(self, site):
        site.publish(FIRST)
        site.ask("DELETE", f"/api/package/foo/{FIRST.filename}", user="boss")
        site.publish(OTHER)
        assert site.indexed("foo") == {OTHER.filename: OTHER.sha256}

    def test_but_not_names_in_use(self, site):
        site.publish(FIRST)
        with site.unchanged():
            conflict(site.upload(OTHER))


class TestOverwriting:
    @pytest.fixture
    def ini(self):
        return {"pypi.allow_overwrite_groups": "owners_club", "pypi.default_write": "authenticated"}

    @pytest.fixture
    def club(self, site):
        site.services.access.add_group("owners_club", actor=None)
        site.services.access.add_member("owners_club", "ann", actor=None)
        return site

    @pytest.mark.promise(23)
    def test_those_in_the_group_may(self, club):
        club.publish(FIRST, user="bob")
        before = club.entry("foo", FIRST.filename)
        club.publish(OTHER, user="ann")
        after = club.entry("foo", FIRST.filename)
        assert after["hashes"] == {"sha256": OTHER.sha256} != before["hashes"]
        assert after["size"] == OTHER.size
        assert club.ask("GET", after["url"], user="bob").body == OTHER.content
        fetched = club.ask("GET", after["url"] + ".metadata", user="bob")
        assert fetched.status_int == 200
        assert {club.stored_bytes(key) for key in club.stored()} == {OTHER.content, fetched.body}

    @pytest.mark.promise(23)
    def test_a_mere_uploader_may_not(self, club):
        club.publish(FIRST, user="bob")
        for user in ("bob", "boss"):
            with club.unchanged():
                answer = club.upload(OTHER, user=user)
                assert answer.status_int in {403, 409}

    @pytest.mark.promise(23)
    def test_it_is_told_in_the_journal_with_both_hashes(self, club):
        club.publish(FIRST, user="bob")
        club.publish(OTHER, user="ann")
        told = [(change.action, change.actor, change.sha256) for change in club.services.cache.journal()]
        assert told == [("upload", "bob", FIRST.sha256), ("overwrite", "ann", OTHER.sha256)]

    def test_the_same_bytes_under_another_name_do_not_change_the_name(self, club):
        club.publish(FIRST, user="ann")
        club.publish(FIRST, user="ann")
        assert list(club.indexed("foo")) == [FIRST.filename]


@pytest.mark.promise(15)
def test_a_client_does_not_set_the_upload_time(site):
    site.publish(FIRST, upload_time="1999-01-01T00:00:00Z", upload_time_iso_8601="1999-01-01T00:00:00Z")
    assert site.entry("foo", FIRST.filename)["upload-time"].startswith("2026-01-02T03:04:05")
