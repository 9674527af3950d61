"""Who may read what: the same answer at every address of a project, and nothing that leaks."""

from __future__ import annotations

import json

import pytest

from pypicloud_like.core.model import PYPI, Project, Right
from tests.builders import a_wheel
from tests.http.conftest import basic
from tests.http.pypi.site import JSON

WHEEL = a_wheel("foo", "1.0")
ADDRESSES = [
    "/simple/{}/",
    "/pypi/{}/",
    "/legacy/{}/",
    "/{}/",
    "/+simple/{}/",
    "/legacy/+simple/{}/",
    "/pypi/{}/json",
    "/simple/{}/json",
    "/{}/json",
    "/pypi/{}/1.0/json",
    "/pypi/{}/latest/json",
    "/api/package/{}/" + WHEEL.filename,
    "/api/package/{}/" + WHEEL.filename + ".metadata",
    "/rss/project/{}/releases.xml",
    "/api/project/{}/status",
    "/integrity/{}/1.0/" + WHEEL.filename + "/provenance",
]


@pytest.fixture(scope="module")
def full(shared):
    shared.publish(WHEEL, a_wheel("secret", "1.0"))
    shared.services.access.grant(Project(PYPI, "secret"), "user", "bob", Right.READ, actor=None)
    return shared


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_anonymous_are_asked_to_log_in(full, address, method):
    answers = [full.ask(method, address.format(name)) for name in ("foo", "secret", "nothing")]
    for answer in answers:
        assert answer.status_int == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic ")
        assert answer.body == answers[0].body
    assert "Location" not in answers[0].headers


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_private_project_looks_like_none_to_the_unentitled(full, address):
    private = full.ask("GET", address.format("secret"), user="ann")
    nothing = full.ask("GET", address.format("nothing"), user="ann")
    assert private.status_int == nothing.status_int == 404
    assert private.text.replace("secret", "") == nothing.text.replace("nothing", "")
    assert private.status.replace("secret", "") == nothing.status.replace("nothing", "")


def test_the_list_of_files_of_a_private_project_too(full):
    private = full.ask("GET", "/api/package/secret/", user="ann")
    assert private.status_int == 404 or private.json["packages"] == []
    assert "secret-1.0" not in private.text


@pytest.mark.parametrize(
    "path",
    [
        "/simple/",
        "/packages/",
        "/rss/updates.xml",
        "/rss/packages.xml",
        "/api/package/",
        "/api/package/?verbose=true",
    ],
)
def test_no_list_names_it_to_them(full, path):
    assert "secret" not in full.ask("GET", path, user="ann").text
    assert "secret" in full.ask("GET", path, user="bob").text
    anonymous = full.ask("GET", path).text
    assert "secret" not in anonymous
    assert "foo" not in anonymous


def test_a_reader_reads(full):
    for name in ("foo", "secret"):
        for address in ADDRESSES[:11]:
            assert full.ask("GET", address.format(name), user="bob").status_int in {200, 307}


def test_a_wrong_password_is_asked_for_again(full):
    for address in ADDRESSES:
        answer = full.ask(
            "GET",
            address.format("foo"),
            headers=basic("ghost", "wrong"),
            environ={"REMOTE_ADDR": "127.0.0.9"},
        )
        assert answer.status_int in {401, 429}


@pytest.mark.promise(120)
def test_credentials_never_stand_in_an_answer(full):
    header = basic("ann")["Authorization"].split()[1]
    for address in ADDRESSES:
        answer = full.ask("GET", address.format("Foo"), user="ann")
        shown = answer.body.decode("latin-1") + str(dict(answer.headers))
        assert header not in shown
        assert "correct horse" not in shown


def test_rights_taken_away_hold_for_the_next_request(site):
    foo = Project(PYPI, "foo")
    site.publish(WHEEL)
    site.services.access.grant(foo, "user", "bob", Right.READ, actor=None)
    tag = site.ask("GET", "/simple/foo/", user="bob").headers["ETag"]
    site.services.access.grant(foo, "user", "ann", Right.READ, actor=None)
    site.services.access.revoke(foo, "user", "bob", Right.READ, actor=None)
    answer = site.ask("GET", "/simple/foo/", user="bob", headers={"If-None-Match": tag})
    assert answer.status_int == 404


class TestOpenToAll:
    @pytest.fixture
    def ini(self):
        return {"pypi.default_read": "everyone"}

    def test_anybody_reads_and_an_unknown_name_is_not_found(self, site):
        site.publish(WHEEL)
        assert site.page("foo", user=None)["name"] == "foo"
        assert site.ask("GET", "/simple/nothing/").status_int == 404
        assert (
            site.ask("GET", f"/api/package/foo/{WHEEL.filename}")
            .headers["Cache-Control"]
            .startswith("public")
        )

    def test_a_wrong_password_does_not_hinder_reading(self, site):
        site.publish(WHEEL)
        assert site.ask("GET", "/simple/foo/", headers=basic("ann", "wrong")).status_int == 200

    def test_a_wrong_token_does(self, site):
        site.publish(WHEEL)
        for headers in (basic("__token__", "nonsense"), {"Authorization": "Bearer nonsense"}):
            assert site.ask("GET", "/simple/foo/", headers=headers).status_int == 401

    def test_a_private_project_stays_private(self, site):
        site.publish(WHEEL)
        site.services.access.grant(Project(PYPI, "foo"), "user", "bob", Right.READ, actor=None)
        assert site.ask("GET", "/simple/foo/").status_int == 401
        answer = site.ask("GET", "/simple/foo/", user="bob", headers={"Accept": JSON})
        assert json.loads(answer.body)["name"] == "foo"
        assert "private" in answer.headers["Cache-Control"]
        file = site.ask("GET", f"/api/package/foo/{WHEEL.filename}", user="bob")
        assert file.headers["Cache-Control"].startswith("private")
