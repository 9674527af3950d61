"""The crates.io HTTP API over what is published here: crates, versions, users and who may see them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pypicloud_like.core.model import Project, Right
from tests.builders import cargo_toml
from tests.http.cargo.api import CRATE, VERSION, download, get, made, names
from tests.http.cargo.site import dependency


@pytest.fixture
def ini() -> dict[str, str]:
    return {"pypi.default_read": "everyone", "pypi.default_write": "authenticated"}


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


def test_labels_without_end_are_left_out(site):
    deep = "::".join(["a"] * 20_000)
    made(site, categories=["parsing", deep], keywords=["net", "k" * 5000])
    assert [each["slug"] for each in get(site, "category_slugs")["category_slugs"]] == ["parsing"]
    assert [each["id"] for each in get(site, "keywords")["keywords"]] == ["net"]
    told = get(site, "crates/demo")
    assert [each["id"] for each in told["categories"]] == ["parsing"]
    get(site, f"categories/{deep[:3000]}", status=404)
