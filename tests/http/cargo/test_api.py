"""The crates.io HTTP API over what is published here: shapes, parameters, paging, counts and rights."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pypicloud_like.core.model import Project, Right
from tests.builders import cargo_toml
from tests.http.cargo.site import dependency

CRATE = {
    "id", "name", "updated_at", "versions", "keywords", "categories", "badges", "created_at", "downloads",
    "recent_downloads", "default_version", "num_versions", "yanked", "max_version", "newest_version",
    "max_stable_version", "description", "homepage", "documentation", "repository", "links", "exact_match",
    "trustpub_only",
}  # fmt: skip
VERSION = {
    "id", "crate", "num", "dl_path", "readme_path", "updated_at", "created_at", "downloads", "features",
    "yanked", "yank_message", "lib_links", "license", "links", "crate_size", "published_by", "audit_actions",
    "checksum", "rust_version", "has_lib", "bin_names", "edition", "description", "homepage", "documentation",
    "repository", "trustpub_data", "linecounts",
}  # fmt: skip


@pytest.fixture
def ini() -> dict[str, str]:
    return {"pypi.default_read": "everyone", "pypi.default_write": "authenticated"}


def made(site, name="demo", version="0.1.0", *, user="ann", deps=(), **package):
    """Publish a crate whose manifest and announcement agree; the answer."""
    rest = "".join(
        f'[dependencies.{each["name"]}]\nversion = "{each["version_req"]}"\nregistry-index = '
        f'"sparse+http://localhost:80/cargo/index/"\n'
        for each in deps
    )
    said = {"deps": list(deps), **package}
    crate = site.new(name, version, user=user, said=said, package=package, rest=rest)
    assert crate.status_int == 200, crate
    return crate.json


def get(site, path, user=None, status=200):
    answer = site.ask("GET", f"/api/v1/{path}", user=user)
    assert answer.status_int == status, answer
    assert answer.headers["Content-Type"].startswith("application/json")
    if status >= 400:
        assert answer.json["errors"][0]["detail"]
    return answer.json


def names(told) -> list[str]:
    return [crate["id"] for crate in told["crates"]]


def download(site, name, version="0.1.0", times=1):
    for _ in range(times):
        assert site.ask("GET", f"/api/v1/crates/{name}/{version}/download").status_int == 200
    site.services.downloads.flush()


def test_a_crate(site):
    answer = made(site, "Demo", keywords=["async", "Net"], categories=["parsing", "science::math"])
    assert answer["crate"]["name"] == "Demo"
    made(site, "Demo", "0.2.0-rc.1")
    made(site, "Demo", "0.1.1", keywords=["async", "Net"], categories=["parsing", "science::math"])
    told = get(site, "crates/demo")
    crate = told["crate"]
    assert crate.keys() == CRATE
    assert (crate["id"], crate["name"], crate["num_versions"]) == ("Demo", "Demo", 3)
    assert (crate["max_version"], crate["max_stable_version"]) == ("0.2.0-rc.1", "0.1.1")
    assert (crate["newest_version"], crate["default_version"]) == ("0.1.1", "0.1.1")
    assert crate["versions"] == [version["id"] for version in told["versions"]]
    assert [version["num"] for version in told["versions"]] == ["0.1.1", "0.2.0-rc.1", "0.1.0"]
    assert crate["links"]["versions"] is None
    assert [each["id"] for each in told["keywords"]] == ["async", "net"]
    assert [(each["slug"], each["category"]) for each in told["categories"]] == [
        ("parsing", "parsing"),
        ("science::math", "math"),
    ]
    assert all(each["crates_cnt"] == 1 for each in (*told["keywords"], *told["categories"]))
    assert get(site, "crates/none", status=404)


@pytest.mark.parametrize(
    ("query", "filled"),
    [
        ("", {"versions", "keywords", "categories"}),
        ("?include=", set()),
        ("?include=versions", {"versions"}),
        ("?include=keywords,categories", {"keywords", "categories"}),
        ("?include=default_version,downloads,badges", set()),
        ("?include=full", {"versions", "keywords", "categories"}),
    ],
)
def test_what_is_included(site, query, filled):
    made(site)
    told = get(site, f"crates/demo{query}")
    assert told.keys() == {"crate", "versions", "keywords", "categories"}
    assert {key for key, value in told.items() if value is not None} == filled | {"crate"}


def test_nothing_else_can_be_included(site):
    made(site)
    get(site, "crates/demo?include=bogus", status=400)


def test_a_version(site):
    manifest = {"license": "MIT", "links": "z", "rust-version": "1.70", "edition": "2021"}
    said = {"license": "MIT", "links": "z", "rust_version": "1.70"}
    crate = cargo_toml("demo", "1.0.0+build", package=manifest)
    assert site.new("demo", "1.0.0+build", manifest=crate, said=said, user="ann").status_int == 200
    for spelled in ("1.0.0+build", "1.0.0%2Bbuild"):
        version = get(site, f"crates/demo/{spelled}")["version"]
        assert version.keys() == VERSION
        assert (version["num"], version["crate"]) == ("1.0.0+build", "demo")
    assert version["dl_path"] == "/api/v1/crates/demo/1.0.0%2Bbuild/download"
    assert (version["license"], version["lib_links"], version["rust_version"]) == ("MIT", "z", "1.70")
    assert (version["edition"], version["has_lib"]) == ("2021", True)
    assert version["published_by"]["login"] == "ann"
    assert version["checksum"] == site.line("demo", "1.0.0+build")["cksum"]
    get(site, "crates/demo/9.9.9", status=404)
    get(site, "crates/demo/x", status=404)


def test_versions(site):
    for version in ("1.0.0", "2.0.0", "1.5.0", "0.3.1", "2.1.0-beta"):
        made(site, version=version)
    every = get(site, "crates/demo/versions")
    assert [each["num"] for each in every["versions"]] == ["2.1.0-beta", "2.0.0", "1.5.0", "1.0.0", "0.3.1"]
    assert every["meta"]["total"] == 5
    by_date = get(site, "crates/demo/versions?sort=date")["versions"]
    assert [each["num"] for each in by_date] == ["2.1.0-beta", "0.3.1", "1.5.0", "2.0.0", "1.0.0"]
    some = get(site, "crates/demo/versions?nums[]=1.0.0&nums[]=1.5.0")["versions"]
    assert [each["num"] for each in some] == ["1.5.0", "1.0.0"]
    tracks = get(site, "crates/demo/versions?include=release_tracks")["meta"]["release_tracks"]
    assert tracks == {"2": {"highest": "2.0.0"}, "1": {"highest": "1.5.0"}, "0.3": {"highest": "0.3.1"}}


def test_pages_of_versions(site):
    for minor in range(5):
        made(site, version=f"1.{minor}.0")
    found, query = [], "?per_page=2"
    while query:
        told = get(site, f"crates/demo/versions{query}")
        found += [each["num"] for each in told["versions"]]
        query = told["meta"]["next_page"]
    assert found == [f"1.{minor}.0" for minor in (4, 3, 2, 1, 0)]
    for wrong in ("page=2&per_page=1", "per_page=0", "per_page=101", "seek=9.9.9&per_page=1", "page=1"):
        get(site, f"crates/demo/versions?{wrong}", status=400)


def test_dependencies_both_ways(site):
    made(site, "base", "1.2.0")
    made(site, "app", deps=[dependency("base", "^1")])
    (told,) = get(site, "crates/app/0.1.0/dependencies")["dependencies"]
    version = get(site, "crates/app/0.1.0")["version"]
    assert told["crate_id"] == "base"
    assert (told["req"], told["kind"], told["version_id"]) == ("^1", "normal", version["id"])
    back = get(site, "crates/base/reverse_dependencies")
    assert [each["crate_id"] for each in back["dependencies"]] == ["base"]
    assert [each["crate"] for each in back["versions"]] == ["app"]
    assert back["versions"][0]["id"] == back["dependencies"][0]["version_id"]
    assert back["meta"]["total"] == 1
    made(site, "app", "0.2.0")
    assert get(site, "crates/base/reverse_dependencies")["dependencies"] == []
    get(site, "crates/none/reverse_dependencies", status=404)


def test_authors_are_none_as_everywhere_today(site):
    made(site)
    assert get(site, "crates/demo/0.1.0/authors") == {"users": [], "meta": {"names": []}}


def test_the_readme(site):
    site.taken(said={"readme": "# Hello\n"})
    answer = site.ask("GET", "/api/v1/crates/demo/0.1.0/readme")
    assert (answer.status_int, answer.text) == (200, "# Hello\n")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    made(site, version="0.2.0")
    get(site, "crates/demo/0.2.0/readme", status=404)


def test_downloads_by_day(site, clock):
    made(site)
    made(site, version="0.2.0")
    download(site, "demo", times=2)
    clock.now += timedelta(days=1)
    download(site, "demo")
    download(site, "demo", "0.2.0")
    one = get(site, "crates/demo/0.1.0")["version"]["id"]
    days = get(site, "crates/demo/0.1.0/downloads")["version_downloads"]
    assert days == [
        {"version": one, "downloads": 2, "date": "2026-01-02"},
        {"version": one, "downloads": 1, "date": "2026-01-03"},
    ]
    before = get(site, "crates/demo/0.1.0/downloads?before_date=2026-01-02")["version_downloads"]
    assert [day["downloads"] for day in before] == [2]
    told = get(site, "crates/demo/downloads?include=versions")
    assert sum(day["downloads"] for day in told["version_downloads"]) == 4
    assert [version["num"] for version in told["versions"]] == ["0.2.0", "0.1.0"]
    assert told["meta"] == {"extra_downloads": []}
    assert "versions" not in get(site, "crates/demo/downloads")
    crate = get(site, "crates/demo")["crate"]
    assert (crate["downloads"], crate["recent_downloads"]) == (4, 4)
    clock.now += timedelta(days=89)
    crate = get(site, "crates/demo")["crate"]
    assert (crate["downloads"], crate["recent_downloads"]) == (4, 2)
    for wrong in ("yesterday", "2026-1-2", "2026-02-30", "", "0000-00-00", "2026-W01-1"):
        get(site, f"crates/demo/0.1.0/downloads?before_date={wrong}", status=400)


def test_of_many_versions_the_lower_ones_are_added_up(site):
    for minor in range(7):
        made(site, version=f"1.{minor}.0")
        download(site, "demo", f"1.{minor}.0")
    told = get(site, "crates/demo/downloads")
    assert len(told["version_downloads"]) == 5
    assert told["meta"]["extra_downloads"] == [{"date": "2026-01-02", "downloads": 2}]


def test_versions_by_number(site):
    made(site)
    made(site, "other")
    ids = [get(site, f"crates/{name}/0.1.0")["version"]["id"] for name in ("demo", "other")]
    told = get(site, f"versions?ids[]={ids[0]}&ids[]={ids[1]}&ids[]=999")["versions"]
    assert [each["crate"] for each in told] == ["demo", "other"]
    assert get(site, f"versions/{ids[1]}")["version"]["crate"] == "other"
    assert get(site, "versions")["versions"] == []
    get(site, "versions/999", status=404)
    get(site, f"versions/{'9' * 40}", status=404)
    get(site, "versions?ids[]=x", status=400)


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


def test_yanking_with_a_message(site):
    made(site)
    where = "/api/v1/crates/demo/0.1.0"

    def patch(said, user="ann"):
        return site.ask("PATCH", where, headers=site.sent(user), body=site.json(said))

    told = patch({"version": {"yanked": True, "yank_message": "broken"}}).json["version"]
    assert (told["yanked"], told["yank_message"]) == (True, "broken")
    assert site.line()["yanked"]
    assert patch({"version": {"yank_message": "worse"}}).json["version"]["yank_message"] == "worse"
    told = patch({"version": {"yanked": False}}).json["version"]
    assert (told["yanked"], told["yank_message"]) == (False, None)
    for wrong in (
        {},
        [],
        {"version": {}},
        {"version": {"yanked": 1}},
        {"version": {"yanked": False, "yank_message": "x"}},
        {"version": {"yank_message": "x"}},
        {"version": {"yanked": True, "yank_message": "a\nb"}},
    ):
        assert patch(wrong).status_int == 400
    assert patch({"version": {"yanked": True}}, None).status_int == 401


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


def test_users(site):
    made(site)
    ann = get(site, "users/ann", "bob")["user"]
    assert ann["login"] == "ann"
    assert get(site, f"users/{ann['id']}", "bob")["user"] == ann
    assert names(get(site, f"crates?user_id={ann['id']}")) == ["demo"]
    assert get(site, "crates?user_id=99999")["meta"]["total"] == 0
    download(site, "demo", times=2)
    assert get(site, f"users/{ann['id']}/stats", "bob") == {"total_downloads": 2}
    for path in ("owners", "owner_user"):
        (owner,) = get(site, f"crates/demo/{path}")["users"]
        assert owner == ann | {"kind": "user"}
    assert get(site, "crates/demo/owner_team") == {"teams": []}
    get(site, "users/nobody", "bob", status=404)
    assert get(site, "users/ann")["user"] == ann
    get(site, "teams/x", "bob", status=404)


@pytest.mark.promise(122)
def test_a_private_crate_is_nowhere(site):
    made(site, "base", keywords=["shared"], categories=["parsing"])
    made(site, "secret", keywords=["shared", "hidden"], categories=["parsing", "science"],
         deps=[dependency("base", "^0.1")])  # fmt: skip
    project = Project("cargo", "secret")
    site.services.access.grant(project, "user", "ann", Right.READ, actor=None)
    number = get(site, "crates/secret/0.1.0", "ann")["version"]["id"]
    for user, seen in (("ann", 1), ("bob", 0), (None, 0)):
        assert get(site, "crates", user)["meta"]["total"] == 1 + seen
        assert get(site, "crates?q=secret", user)["meta"]["total"] == seen
        assert get(site, "crates?ids[]=secret", user)["meta"]["total"] == seen
        assert get(site, "crates/base/reverse_dependencies", user)["meta"]["total"] == seen
        assert get(site, "keywords/shared", user)["keyword"]["crates_cnt"] == 1 + seen
        assert get(site, "keywords", user)["meta"]["total"] == 1 + seen
        assert get(site, "categories/parsing", user)["category"]["crates_cnt"] == 1 + seen
        assert len(get(site, "category_slugs", user)["category_slugs"]) == 1 + seen
        assert len(get(site, f"versions?ids[]={number}", user)["versions"]) == seen
        assert get(site, "summary", user)["num_crates"] == 1 + seen
        for path in ("/cargo/rss/crates.xml", "/cargo/rss/updates.xml"):
            assert ("secret" in site.ask("GET", path, user=user).text) == bool(seen)
    for path in ("crates/secret", "crates/secret/0.1.0", "crates/secret/versions", "crates/secret/downloads"):
        get(site, path, "bob", status=404)


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


class TestTokens:
    def make(self, site, user="ann", status=200, **asked):
        body = site.json({"api_token": {"name": "ci", **asked}})
        answer = site.ask("PUT", "/api/v1/me/tokens", headers=site.sent(user), body=body)
        assert answer.status_int == status, answer
        return answer.json.get("api_token")

    def headers(self, token):
        return {"Authorization": token["token"]}

    def test_oneself(self, site):
        made(site)
        told = get(site, "me", "ann")
        assert told["user"]["login"] == "ann"
        assert [crate["name"] for crate in told["owned_crates"]] == ["demo"]
        assert get(site, "me", "bob")["owned_crates"] == []
        get(site, "me", status=401)

    def test_made_listed_and_revoked(self, site):
        token = self.make(site, expired_at="2030-01-01T00:00:00Z")
        assert token["expired_at"].startswith("2030-01-01")
        assert site.new(user=None, headers=self.headers(token)).status_int == 200
        listed = get(site, "me/tokens", "ann")["api_tokens"]
        assert [each["id"] for each in listed] == [token["id"]]
        assert "token" not in listed[0]
        assert get(site, f"me/tokens/{token['id']}", "ann")["api_token"]["name"] == "ci"
        get(site, f"me/tokens/{token['id']}", "bob", status=404)
        path = f"/api/v1/me/tokens/{token['id']}"
        assert site.ask("DELETE", path, user="bob").status_int == 404
        assert site.ask("DELETE", path, user="ann").json == {}
        assert site.new(version="0.2.0", user=None, headers=self.headers(token)).status_int == 401

    def test_it_ends_itself(self, site):
        token = self.make(site)
        assert site.ask("DELETE", "/api/v1/tokens/current", headers=self.headers(token)).status_int == 204
        assert site.ask("GET", "/api/v1/me", headers=self.headers(token)).status_int == 401
        assert site.ask("DELETE", "/api/v1/tokens/current", user="ann").status_int == 400

    @pytest.mark.promise(128)
    def test_a_token_makes_none(self, site):
        headers = site.token("ann", "read", "write", "account")
        body = site.json({"api_token": {"name": "x"}})
        answer = site.ask("PUT", "/api/v1/me/tokens", headers=headers, body=body)
        assert answer.status_int == 403

    @pytest.mark.parametrize(
        ("scopes", "new", "update", "yank", "owners"),
        [
            (["publish-new"], 200, 403, 403, 403),
            (["publish-update"], 403, 200, 403, 403),
            (["yank"], 403, 403, 200, 403),
            (["change-owners"], 403, 403, 403, 200),
            (None, 200, 200, 200, 200),
        ],
    )
    def test_what_it_is_for(self, site, scopes, new, update, yank, owners):
        made(site)
        headers = self.headers(self.make(site, endpoint_scopes=scopes))
        assert site.new("fresh", user=None, headers=headers).status_int == new
        assert site.new("demo", "0.2.0", user=None, headers=headers).status_int == update
        path = "/api/v1/crates/demo"
        assert site.ask("DELETE", f"{path}/0.1.0/yank", headers=headers).status_int == yank
        body = site.json({"users": ["bob"]})
        answer = site.ask(
            "PUT", f"{path}/owners", headers=headers | {"Content-Type": "application/json"}, body=body
        )
        assert answer.status_int == owners

    @pytest.mark.parametrize(
        ("scopes", "fits"),
        [(["demo"], True), (["demo-*"], False), (["de*"], True), (["*"], True), (["other", "d*"], True)],
    )
    def test_which_crates_it_is_for(self, site, scopes, fits):
        token = self.make(site, crate_scopes=scopes)
        assert token["crate_scopes"] == (
            None if "*" in scopes else sorted(s.replace("-", "_") for s in scopes)
        )
        answer = site.new(user=None, headers=self.headers(token))
        assert answer.status_int == (200 if fits else 403)

    @pytest.mark.parametrize(
        "asked",
        [
            {"name": ""},
            {"name": None},
            {"endpoint_scopes": ["everything"]},
            {"endpoint_scopes": "yank"},
            {"crate_scopes": ["a b"]},
            {"crate_scopes": [1]},
            {"crate_scopes": ["x"] * 51},
            {"expired_at": "soon"},
            {"expired_at": "2001-01-01T00:00:00Z"},
            {"expired_at": "9999-12-31T23:59:59-14:00"},
        ],
    )
    def test_what_cannot_be(self, site, asked):
        self.make(site, status=400, **asked)


def test_labels_without_end_are_left_out(site):
    deep = "::".join(["a"] * 20_000)
    made(site, categories=["parsing", deep], keywords=["net", "k" * 5000])
    assert [each["slug"] for each in get(site, "category_slugs")["category_slugs"]] == ["parsing"]
    assert [each["id"] for each in get(site, "keywords")["keywords"]] == ["net"]
    told = get(site, "crates/demo")
    assert [each["id"] for each in told["categories"]] == ["parsing"]
    get(site, f"categories/{deep[:3000]}", status=404)
