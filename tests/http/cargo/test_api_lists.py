"""Lists of the crates.io HTTP API: parameters, orders, pages, labels, counts and feeds."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pypicloud_like.core.model import Project
from tests.http.cargo.api import download, get, made, names


@pytest.fixture
def ini() -> dict[str, str]:
    return {"pypi.default_read": "everyone", "pypi.default_write": "authenticated"}


class TestLists:
    """Twenty-five crates."""

    @pytest.fixture
    def many(self, site, clock):
        for number in range(25):
            labels = {"keywords": ["even" if number % 2 == 0 else "odd", f"k{number % 5}"]}
            made(site, f"crate-{chr(97 + number)}", description=f"number {number}", **labels)
            clock.now += timedelta(minutes=1)
        return site

    @pytest.mark.parametrize(
        "sort",
        ["alpha", "alphabetical", "relevance", "downloads", "recent-downloads", "recent-updates", "new", "x"],
    )
    def test_going_on_finds_each_once(self, many, sort):
        found, query = [], f"?sort={sort}&per_page=7"
        while query:
            told = get(many, f"crates{query}")
            assert told["meta"]["total"] == 25
            found += names(told)
            query = told["meta"]["next_page"]
        assert len(found) == len(set(found)) == 25

    def test_orders(self, many, clock):
        download(many, "crate-f", times=3)
        clock.now += timedelta(days=100)
        download(many, "crate-c", times=2)
        made(many, "crate-d", "0.2.0")
        assert names(get(many, "crates?sort=downloads"))[:2] == ["crate-f", "crate-c"]
        assert names(get(many, "crates?sort=recent-downloads"))[0] == "crate-c"
        assert names(get(many, "crates?sort=recent-updates"))[:2] == ["crate-d", "crate-y"]
        assert names(get(many, "crates?sort=new"))[:2] == ["crate-y", "crate-x"]
        assert names(get(many, "crates"))[:2] == ["crate-a", "crate-b"]

    def test_search(self, many):
        told = get(many, "crates?q=crate_b")
        assert names(told) == ["crate-b"]
        assert told["crates"][0]["exact_match"]
        assert names(get(many, "crates?q=number%2011")) == ["crate-l"]
        assert get(many, "crates?q=crate")["meta"]["total"] == 25
        for nothing in ("q=zzz", "q=%C3%A9%20%2B%25"):
            assert get(many, f"crates?{nothing}")["meta"]["total"] == 0
        assert get(many, "crates?q=")["meta"]["total"] == 25

    def test_by_label(self, many):
        assert get(many, "crates?keyword=even")["meta"]["total"] == 13
        assert get(many, "crates?keywords=even")["meta"]["total"] == 13
        assert names(get(many, "crates?all_keywords=even%20k1")) == ["crate-g", "crate-q"]
        assert names(get(many, "crates?letter=c&q=crate-d")) == ["crate-d"]
        assert get(many, "crates?letter=z")["meta"]["total"] == 0
        assert names(get(many, "crates?ids[]=crate-a&ids[]=crate_c&ids[]=none")) == ["crate-a", "crate-c"]
        assert get(many, "crates?team_id=1")["meta"]["total"] == 0

    def test_keywords(self, many):
        told = get(many, "keywords?sort=crates&per_page=3")
        assert [(each["id"], each["crates_cnt"]) for each in told["keywords"]] == [
            ("even", 13),
            ("odd", 12),
            ("k0", 5),
        ]
        assert told["meta"]["total"] == 7
        assert [each["id"] for each in get(many, "keywords")["keywords"]][:2] == ["even", "k0"]
        assert get(many, "keywords/EVEN")["keyword"]["crates_cnt"] == 13
        get(many, "keywords/none", status=404)

    def test_summary(self, many):
        told = get(many, "summary")
        assert told["num_crates"] == 25
        assert len(told["new_crates"]) == 10
        assert told["new_crates"][0]["id"] == "crate-y"
        assert told["popular_keywords"][0]["id"] == "even"

    @pytest.mark.parametrize(
        "query", ["per_page=0", "per_page=101", "page=0", "page=x", "seek=abc", "page=-1"]
    )
    def test_pages_that_cannot_be(self, many, query):
        get(many, f"crates?{query}", status=400)
        get(many, f"keywords?{query}", status=400)

    def test_the_last_page(self, many):
        told = get(many, "crates?page=3&per_page=10")
        assert len(told["crates"]) == 5
        assert told["meta"]["next_page"] is None
        assert told["meta"]["prev_page"] == "?per_page=10&page=2"
        assert get(many, "crates?page=9")["crates"] == []
        assert get(many, "crates?per_page=100")["meta"]["next_page"] is None


def test_categories(site):
    made(site, "one", categories=["science::math", "parsing"])
    made(site, "two", categories=["science"])
    top = get(site, "categories")
    assert [(each["slug"], each["crates_cnt"]) for each in top["categories"]] == [
        ("parsing", 1),
        ("science", 2),
    ]
    assert top["meta"] == {"total": 2}
    told = get(site, "categories/Science")["category"]
    assert [each["slug"] for each in told["subcategories"]] == ["science::math"]
    assert told["parent_categories"] == []
    below = get(site, "categories/science::math")["category"]
    assert (below["category"], [each["slug"] for each in below["parent_categories"]]) == ("math", ["science"])
    assert [each["slug"] for each in get(site, "category_slugs")["category_slugs"]] == [
        "parsing",
        "science",
        "science::math",
    ]
    assert names(get(site, "crates?category=science")) == ["one", "two"]
    assert names(get(site, "crates?category=science::math")) == ["one"]
    assert [each["slug"] for each in get(site, "summary")["popular_categories"]] == [
        "parsing",
        "science",
        "science::math",
    ]
    get(site, "categories/none", status=404)


def test_yanked_crates(site):
    made(site)
    made(site, "gone")
    assert site.ask("DELETE", "/api/v1/crates/gone/0.1.0/yank", user="ann").status_int == 200
    assert names(get(site, "crates")) == ["demo", "gone"]
    assert names(get(site, "crates?include_yanked=no")) == ["demo"]
    crate = get(site, "crates/gone")["crate"]
    assert (crate["yanked"], crate["max_version"], crate["default_version"]) == (True, "0.0.0", "0.1.0")


def test_following(site):
    made(site)
    made(site, "other")
    where = "/api/v1/crates/demo/follow"
    assert get(site, "crates/demo/following", "bob") == {"following": False}
    assert site.ask("PUT", where, user="bob").json == {"ok": True}
    assert get(site, "crates/demo/following", "bob") == {"following": True}
    assert names(get(site, "crates?following=1", "bob")) == ["demo"]
    assert [each["crate"] for each in get(site, "me/updates", "bob")["versions"]] == ["demo"]
    assert get(site, "me/updates?per_page=1", "bob")["meta"] == {"more": False}
    assert site.ask("DELETE", where, user="bob").json == {"ok": True}
    assert get(site, "crates?following=1", "bob")["meta"]["total"] == 0
    get(site, "crates?following=1", status=401)
    get(site, "crates/demo/following", status=401)


def test_lists_are_nobody_else_s(site):
    for path in ("crates", "keywords", "summary", "categories"):
        headers = site.ask("GET", f"/api/v1/{path}").headers
        assert headers["Cache-Control"].startswith("private")
        assert headers["Vary"] == "Authorization, Cookie"


def test_feeds(site):
    made(site)
    made(site, "other")
    made(site, version="0.2.0")
    for path, titles in (
        ("crates.xml", ["other 0.1.0", "demo 0.1.0"]),
        ("updates.xml", ["demo 0.2.0", "other 0.1.0", "demo 0.1.0"]),
        ("crates/demo.xml", ["demo 0.2.0", "demo 0.1.0"]),
    ):
        text = site.ask("GET", f"/cargo/rss/{path}").text
        assert [part.split("</title>")[0] for part in text.split("<item>\n<title>")[1:]] == titles
    assert site.ask("GET", "/cargo/rss/crates/none.xml").status_int == 404


def test_a_deleted_crate_is_gone_from_lists_at_once(site):
    made(site)
    assert names(get(site, "crates")) == ["demo"]
    from pypicloud_like.registry import curate

    project = Project("cargo", "demo")
    curate.delete(site.services, site.services.cache.files(project), actor=None)
    assert names(get(site, "crates")) == []
    get(site, "crates/demo", status=404)
