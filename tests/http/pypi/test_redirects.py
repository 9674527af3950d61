"""Addresses that lack their last slash or spell a name in another way lead to the right one."""

from __future__ import annotations

import pytest

from tests.builders import a_wheel
from tests.http.pypi.site import JSON


@pytest.fixture(scope="module")
def full(shared):
    shared.publish(a_wheel("foo-bar", "1.0"))
    return shared


def test_the_list_without_its_slash_ends_in_the_list(full):
    answer = full.ask("GET", "/simple", user="ann", headers={"Accept": JSON})
    assert answer.status_int in {301, 308}
    followed = full.ask("GET", answer.headers["Location"], user="ann", headers={"Accept": JSON})
    assert followed.status_int == 200
    assert followed.headers["Content-Type"] == JSON


@pytest.mark.parametrize("base", ["/simple", "/pypi", "/legacy", ""])
def test_a_project_without_its_slash_leads_to_the_page(full, base):
    answer = full.ask("GET", f"{base}/foo-bar?x=1", user="ann")
    assert answer.status_int == 301
    assert answer.headers["Location"] == f"{base}/foo-bar/?x=1"


@pytest.mark.promise(105)
@pytest.mark.parametrize("base", ["/simple", "/pypi", "/legacy"])
@pytest.mark.parametrize("name", ["Foo_Bar", "foo--bar", "FOO.bar", "foo-Bar", "foo._-bar"])
def test_another_spelling_leads_to_the_normal_one(full, base, name):
    answer = full.ask("GET", f"{base}/{name}/?format=x%2By&a", user="ann")
    assert answer.status_int == 301
    assert answer.headers["Location"] == f"{base}/foo-bar/?format=x%2By&a"


@pytest.mark.promise(105)
def test_the_prefix_stays(full):
    for path in ("/simple/Foo_Bar/", "/simple/foo-bar"):
        answer = full.ask("GET", path, user="ann", environ={"SCRIPT_NAME": "/idx"})
        assert answer.headers["Location"].partition("localhost")[2].partition("/")[
            2
        ] == "idx/simple/foo-bar/" or (answer.headers["Location"] == "/idx/simple/foo-bar/")


@pytest.mark.promise(105)
def test_another_spelling_needs_the_same_permission(full):
    answer = full.ask("GET", "/simple/Foo_Bar/")
    assert answer.status_int == 401
    assert "Location" not in answer.headers


def test_another_spelling_shows_nothing_of_a_private_name_to_the_unentitled(site):
    site.publish(a_wheel("foo-bar", "1.0"))
    site.services.access.add_group("few", actor=None)
    from pypicloud_like.core.model import PYPI, Project, Right

    site.services.access.grant(Project(PYPI, "foo-bar"), "group", "few", Right.READ, actor=None)
    private = site.ask("GET", "/simple/Foo_Bar/", user="ann")
    unknown = site.ask("GET", "/simple/foo-bar/", user="ann")
    assert private.status_int == unknown.status_int == 404


@pytest.mark.parametrize(
    "path",
    ["//evil.example/simple", "//evil.example", "///evil.example/x/", "/\\evil.example", "/%5Cevil.example"],
)
def test_no_redirect_leads_to_another_host(full, path):
    answer = full.ask("GET", path, user="ann")
    location = answer.headers.get("Location", "/")
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))


@pytest.mark.promise(142)
@pytest.mark.parametrize(
    "path",
    ["/simple", "/simple/foo-bar", "/simple/Foo_Bar/", "/pypi/FOO-bar/json", "/pypi/foo-bar/latest/json"],
)
def test_a_forged_host_is_not_where_a_redirect_leads(full, path):
    answer = full.ask("GET", path, user="ann", headers={"Host": "evil.example"})
    assert answer.status_int in {301, 307, 400}
    assert answer.headers.get("Location", "/x").startswith("/")


@pytest.mark.promise(89)
def test_a_redirect_never_carries_credentials(full):
    answer = full.ask("GET", "/simple/Foo_Bar/", user="ann")
    assert "ann" not in answer.headers["Location"]
    assert "Set-Cookie" not in answer.headers


def test_a_file_is_found_under_another_spelling_of_its_project(full):
    address = full.page("foo-bar")["files"][0]["url"].replace("/foo-bar/", "/Foo_Bar/")
    assert full.ask("GET", address, user="ann").status_int == 200
