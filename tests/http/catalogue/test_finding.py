"""What a search of the catalogue finds a package by, and who gets an answer at all."""

from __future__ import annotations

import pytest

from pypicloud_like.core.model import PYPI, Project, Right


def test_keywords_are_found(site):
    site.wheel("one", Keywords="asyncio,Message Queue")
    site.crate("two", keywords=["no-std"])
    site.wheel("three", Summary="Neither")
    assert site.search("ASYNC") == ["one"]
    assert site.search("message%20queue") == ["one"]
    assert site.search("no-std") == ["two"]
    # no word is made of the end of one and the beginning of the next
    assert site.search("asyncio%20message") == site.search("asyncio%09message") == []


def test_keywords_are_those_of_the_newest_version(site):
    site.wheel("one", "1.0", Keywords="first")
    assert site.search("first") == ["one"]
    site.wheel("one", "2.0", Keywords="second")
    assert site.search("first") == []
    assert site.search("second") == ["one"]


def test_keywords_of_a_private_package_find_nothing(site):
    site.wheel("hidden", Keywords="unicorn")
    site.services.access.grant(Project(PYPI, "hidden"), "user", "ann", Right.READ, actor=None)
    assert (site.search("unicorn", "ann"), site.search("unicorn", "bob")) == (["hidden"], [])


def test_no_more_keywords_are_kept_than_anybody_looks_for(site):
    site.wheel("one", Keywords=",".join(["first", "x" * 5000, *(f"word{number}" for number in range(2000))]))
    assert site.search("first") == site.search("word1") == ["one"]
    assert site.search("word1999") == []


@pytest.mark.parametrize(
    ("label", "address"),
    [
        ("Homepage", "https://github.com/a/b"),
        ("Home Page", "https://gitlab.com/a/b"),
        ("homepage", "https://example.org/a/b"),
    ],
)
def test_a_home_page_among_the_project_urls(site, label, address):
    site.wheel(Project_URL=f"{label}, {address}")
    known = "example.org" not in address
    assert site.read("packages/foo/")["repo_url"] == (address if known else "")


@pytest.mark.parametrize(
    "accept",
    [
        "application/json; charset=utf-8",
        "application/json; indent=2",
        'application/json;v="a, b";q=0.5, */*;q=0',
        "text/html;level=1",
    ],
)
def test_parameters_of_media_types_are_wishes(site, accept):
    assert site.ask("GET", "/api/v4/packages/", headers={"Accept": accept}).json["count"] == 0


@pytest.mark.parametrize(
    "accept", ["application/json;q=0", "application/json;v=1;q=0, image/png", "text/plain"]
)
def test_whoever_takes_no_json_gets_none(site, accept):
    site.read("packages/", status=406, Accept=accept)


def test_no_format_is_the_usual_one(site):
    assert site.read("packages/?format=")["count"] == 0


def test_marks_above_letters_are_left_out_of_what_is_cleaned(site):
    grid = site.curate("POST", "grids", {"title": "Crème Brûlée", "slug": "x"}, status=201)
    (found,) = site.read("search/?q=creme%20bru")
    assert (found["title"], found["clean_title"]) == (grid["title"], "cremebrulee")


@pytest.mark.parametrize(
    "path", ["", "packages/", "packages/foo/", "grids/", "categories/1/", "search/?q=foo"]
)
def test_whoever_asks_again_is_told_that_nothing_has_changed(site, path):
    site.wheel()
    first = site.ask("GET", f"/api/v4/{path}")
    told = {"If-None-Match": first.headers["ETag"]}
    again = site.ask("GET", f"/api/v4/{path}", headers=told)
    assert (again.status_int, again.body, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert again.headers["Vary"] == first.headers["Vary"]
    site.services.access.grant(Project(PYPI, "foo"), "user", "ann", Right.READ, actor=None)
    asked_by_others = site.ask("GET", f"/api/v4/{path}", user="bob", headers=told).status_int
    assert asked_by_others == {"packages/foo/": 404, "packages/": 200, "search/?q=foo": 200}.get(path, 304)


def test_saying_again_that_one_uses_it_changes_nothing(site):
    site.wheel()
    site.read("packages/foo/")
    for method in ("PUT", "DELETE"):
        assert site.ask(method, "/account/uses/foo", user="ann").status_int == 200
        moved, events = site.services.state.moved(), site.services.state.audit_events(limit=50)
        assert site.ask(method, "/account/uses/foo", user="ann").status_int == 200
        assert site.services.state.moved() == moved
        assert site.services.state.audit_events(limit=50) == events


def test_addresses_of_a_server_that_is_mounted_somewhere(site):
    site.wheel()
    site.curate("POST", "grids", {"title": "foo grid"}, status=201)
    mounted = {"SCRIPT_NAME": "/pkg"}
    found = site.ask("GET", "/api/v4/search/?q=foo", environ=mounted).json
    assert [each["absolute_url"] for each in found] == ["/pkg/packages/p/foo/", "/pkg/grids/g/foo-grid/"]
    told = site.ask("GET", "/api/v4/packages/foo/", environ=mounted).json
    assert told["pypi_url"] == "http://localhost:80/pkg/project/foo/"
    assert told["category"].startswith("http://localhost:80/pkg/api/v4/")
