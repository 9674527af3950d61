"""Packages at the root of the server, and what never is one."""

from __future__ import annotations

import pytest

from tests.builders import a_wheel
from tests.http.pypi.site import JSON

WHEEL = a_wheel("foo", "1.0")


@pytest.fixture(scope="module")
def full(shared):
    shared.publish(WHEEL, a_wheel("api", "1.0"), a_wheel("simple", "1.0"), a_wheel("a.b", "1.0"))
    return shared


@pytest.mark.parametrize("base", ["", "/pypi", "/legacy"])
@pytest.mark.parametrize("accept", [JSON, "text/html"])
def test_the_same_page_stands_at_each_alias(full, base, accept):
    one = full.ask("GET", f"{base}/foo/", user="ann", headers={"Accept": accept})
    other = full.ask("GET", "/simple/foo/", user="ann", headers={"Accept": accept})
    assert one.status_int == 200
    assert one.body == other.body
    assert one.headers["ETag"] == other.headers["ETag"]


def test_another_spelling_leads_to_the_normal_one(full):
    answer = full.ask("GET", "/FOO/", user="ann")
    assert answer.status_int == 301
    assert answer.headers["Location"].endswith("/foo/")


@pytest.mark.parametrize(
    "name",
    ["api", "simple", "pypi", "admin", "static", "rss", "cargo", "npm", "me", "health", "search", "account", "a.b",
     "favicon.ico", "robots.txt", ".well-known", "@scope", "new", "auth", "project", "grids", "metrics", "API", "Simple"],
)  # fmt: skip
def test_a_reserved_word_or_a_name_with_a_dot_is_no_package_at_the_root(full, name):
    for path in (f"/{name}/", f"/{name}/json"):
        answer = full.ask("GET", path, user="boss")
        assert WHEEL.filename not in answer.text
        assert f'"name":"{name.lower()}"' not in answer.text.replace(" ", "")
        assert answer.status_int != 500


def test_but_everything_is_one_below_simple(full):
    for name in ("api", "simple", "a-b"):
        assert full.page(name)["name"] == name


@pytest.mark.parametrize("path", ["/nothing/", "/nothing", "/nothing/json"])
def test_an_unknown_name_at_the_root(full, path):
    answer = full.ask("GET", path, user="ann")
    assert answer.status_int in {301, 404}
    assert "://" not in answer.headers.get("Location", "").replace("http://localhost", "")
