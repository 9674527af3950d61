"""The Django Packages API v4: shapes, pages, lookups, refusals."""

from __future__ import annotations

import json
import re

import pytest

PACKAGE = [
    "category", "grids", "id", "title", "slug", "last_updated", "last_fetched", "repo_url", "pypi_version",
    "created", "modified", "repo_forks", "repo_description", "pypi_url", "documentation_url", "repo_watchers",
    "commits_over_52", "participants",
]  # fmt: skip
FOUND = [
    "description", "title", "created", "modified", "weight", "item_type", "title_no_prefix", "slug",
    "slug_no_prefix", "clean_title", "category", "absolute_url", "repo_watchers", "repo_forks",
    "pypi_downloads", "usage", "participants", "last_committed", "last_released",
]  # fmt: skip
ADDRESSES = ["", "packages/", "grids/", "categories/", "search/"]
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?\Z")


def test_the_root_names_the_lists(site):
    told = site.read()
    assert list(told.items()) == [
        (name, f"http://localhost:80/api/v4/{name}/")
        for name in ("packages", "search", "grids", "categories")
    ]


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/api/v4", "/api/v4/"),
        ("/api/v4/packages", "/api/v4/packages/"),
        ("/api/v4/packages/foo", "/api/v4/packages/foo/"),
        ("/api/v4/search?q=p1&x=%C3%A9", "/api/v4/search/?q=p1&x=%C3%A9"),
    ],
)
def test_the_last_slash(site, path, location):
    for method in ("GET", "HEAD"):
        answer = site.ask(method, path)
        assert (answer.status_int, answer.headers["Location"]) == (301, location)
    assert site.ask("POST", path).status_int == 405


@pytest.mark.parametrize(
    "path",
    [
        "nothing/",
        "search/1/",
        "packages/a.b/",
        "packages.json",
        "categories/app/",
        "packages/foo/x/",
        "%C2%B2/",
    ],
)
def test_what_is_no_address(site, path):
    site.wheel()
    assert site.read(path, status=404) == {"detail": "Not found."}


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("packages/none/", "Package"),
        ("packages/FOO/", "Package"),
        ("packages/999/", "Package"),
        (f"packages/{'9' * 30}/", "Package"),
        ("grids/none/", "Grid"),
        ("grids/1/", "Grid"),
        ("categories/999/", "Category"),
        (f"categories/{'9' * 30}/", "Category"),
    ],
)
def test_what_is_not_there(site, path, kind):
    site.wheel()
    assert site.read(path, status=404) == {"detail": f"No {kind} matches the given query."}


@pytest.mark.parametrize("path", [*ADDRESSES, "packages/foo/", "packages/none/"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE"])
def test_it_is_for_reading(site, path, method):
    answer = site.ask(method, f"/api/v4/{path}")
    assert answer.status_int == 405
    assert answer.json == {"detail": f'Method "{method}" not allowed.'}
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("path", [*ADDRESSES, "packages/foo/"])
def test_every_answer(site, path):
    site.wheel()
    answer = site.ask("GET", f"/api/v4/{path}")
    assert answer.headers["Content-Type"] == "application/json"
    assert "Accept" in answer.headers["Vary"]
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    head = site.ask("HEAD", f"/api/v4/{path}")
    assert (head.status_int, head.headers["Content-Type"], head.body) == (200, "application/json", b"")
    options = site.ask("OPTIONS", f"/api/v4/{path}")
    assert (options.status_int, options.headers["Allow"]) == (204, "GET, HEAD, OPTIONS")
    for accept in ("*/*", "application/json", "text/html", "text/html,application/xhtml+xml;q=0.9"):
        assert site.ask("GET", f"/api/v4/{path}", headers={"Accept": accept}).body == answer.body
    refused = site.read(path, status=406, Accept="application/xml")
    assert refused == {"detail": "Could not satisfy the request Accept header."}
    joint = "&" if "?" in path else "?"
    assert site.ask("GET", f"/api/v4/{path}{joint}format=json").status_int == 200
    assert site.read(f"{path}{joint}format=xml", status=404) == {"detail": "Not found."}


def test_an_empty_catalogue(site):
    nothing = {"count": 0, "next": None, "previous": None, "results": []}
    assert site.read("packages/") == site.read("grids/") == nothing
    assert site.read("search/?q=x") == []


def test_a_package_with_nothing_said_of_it(site):
    site.wheel()
    told = site.read("packages/foo/")
    assert list(told) == PACKAGE
    assert (told["title"], told["slug"], told["pypi_version"]) == ("foo", "foo", "1.0")
    assert (told["repo_url"], told["documentation_url"]) == ("", None)
    assert (told["repo_forks"], told["repo_watchers"], told["commits_over_52"]) == (0, 0, [])
    assert (told["grids"], told["participants"]) == ([], ["ann"])
    assert told["pypi_url"] == "http://localhost:80/project/foo/"
    for name in ("created", "modified", "last_updated", "last_fetched"):
        assert TIME.match(told[name])
    assert told["last_updated"].startswith("2026-01-02T03:04:05")
    assert site.read(f"packages/{told['id']}/") == site.read(f"packages/000{told['id']}/") == told


def test_what_metadata_says(site):
    site.wheel(
        Summary="Ünïcode 日本",
        Project_URL="Source Code, https://example.org/src",
        Home_page="https://github.com/a/b",
    )
    site.wheel("bar", Project_URL="Docs, https://example.org/docs", Home_page="https://github.com/a/b")
    site.wheel("evil", Project_URL="Source, javascript:alert(1)", Home_page="https://example.org/")
    foo, bar, evil = (site.read(f"packages/{name}/") for name in ("foo", "bar", "evil"))
    assert (foo["repo_url"], foo["repo_description"]) == ("https://example.org/src", "Ünïcode 日本")
    assert (bar["repo_url"], bar["documentation_url"]) == (
        "https://github.com/a/b",
        "https://example.org/docs",
    )
    assert evil["repo_url"] == ""
    assert "Ünïcode 日本".encode() in site.ask("GET", "/api/v4/packages/foo/").body


def test_categories(site):
    site.wheel()
    told = site.read("categories/")["results"]
    assert [(each["title"], each["title_plural"], each["slug"]) for each in told] == [
        ("JSR package", "JSR packages", "jsr-package"),
        ("Crate", "Crates", "crate"),
        ("Python package", "Python packages", "python-package"),
    ]
    assert list(told[0]) == [
        "id", "title", "slug", "description", "title_plural", "show_pypi", "created", "modified",
    ]  # fmt: skip
    address = site.read("packages/foo/")["category"]
    assert site.read(address.removeprefix("http://localhost:80/api/v4/"))["title"] == "Python package"


@pytest.fixture(scope="module")
def many(shared):
    """Forty-five packages."""
    for number in range(45):
        shared.wheel(f"p{number:02}")
    return shared


class TestPages:
    def test_the_first(self, many):
        told = many.read("packages/")
        assert list(told) == ["count", "next", "previous", "results"]
        assert (told["count"], len(told["results"])) == (45, 20)
        assert told["next"] == "http://localhost:80/api/v4/packages/?limit=20&offset=20"
        assert told["previous"] is None

    def test_going_on_finds_each_once_the_newest_first(self, many):
        ids, path = [], "packages/?limit=7"
        while path:
            told = many.read(path)
            ids += [each["id"] for each in told["results"]]
            path = told["next"] and told["next"].removeprefix("http://localhost:80/api/v4/")
        assert ids == sorted(ids, reverse=True)
        assert len(set(ids)) == 45

    def test_beyond_the_end(self, many):
        told = many.read("packages/?offset=1000&limit=2&foo=bar")
        assert (told["count"], told["results"], told["next"]) == (45, [], None)
        assert told["previous"].endswith("?foo=bar&limit=2&offset=998")

    def test_a_search_has_no_pages(self, many):
        for query in ("q=p", "q=p&limit=3&offset=30"):
            told = many.read(f"search/?{query}")
            assert len(told) == 20
            assert told == sorted(told, key=lambda each: (-each["weight"], each["title"]))


def test_links_have_the_public_address(site):
    for number in range(3):
        site.wheel(f"p{number}")
    answer = site.ask("GET", "/api/v4/packages/?limit=1", headers={"Host": "127.0.0.1:8443"})
    assert json.loads(answer.body)["next"] == "http://127.0.0.1:8443/api/v4/packages/?limit=1&offset=1"


def test_what_a_search_shows(site):
    site.wheel(Summary="Things")
    (told,) = site.read("search/?q=foo")
    assert list(told) == FOUND
    assert (told["item_type"], told["category"], told["participants"]) == ("package", "Python package", "ann")
    assert told["absolute_url"] == "/packages/p/foo/"
    assert told["weight"] == 20 + 20 + 20  # described, released and changed of late
    for nothing in ("", "?q=", "?q=%20", "?q=%0A"):
        assert site.read(f"search/{nothing}") == []


class TestPrefix:
    @pytest.fixture
    def ini(self) -> dict[str, str]:
        return {"pypi.default_read": "everyone", "pypi.default_write": "authenticated",
                "catalogue.search_prefix": "django"}  # fmt: skip

    def test_it_is_left_out(self, site):
        site.wheel("django-rest-framework")
        (told,) = site.read("search/?q=rest%20framework")
        assert (told["title_no_prefix"], told["slug_no_prefix"]) == ("rest-framework", "rest-framework")
        assert told["clean_title"] == "restframework"


class TestClosed:
    @pytest.fixture
    def ini(self) -> dict[str, str]:
        return {"pypi.default_read": "authenticated", "pypi.default_write": "authenticated"}

    @pytest.mark.parametrize("path", [*ADDRESSES, "packages/foo/", "packages/none/"])
    def test_nothing_without_a_login(self, site, path):
        site.wheel()
        answer = site.ask("GET", f"/api/v4/{path}")
        assert answer.status_int == 401
        assert answer.json == {"detail": "Authentication credentials were not provided."}
        assert answer.headers["WWW-Authenticate"].startswith("Basic")
        assert site.ask("GET", f"/api/v4/{path}", user="ann").status_int in {200, 404}
