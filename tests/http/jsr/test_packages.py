"""Packages and versions over the management API."""

from __future__ import annotations

import pytest

from pypicloud_like.core.model import Project, Right
from tests.http.jsr.site import DEMO, refused
from tests.http.jsr.test_scopes import SUDO
from tests.support.jsr import MOD

HERE = "scopes/acme/packages/demo"


@pytest.fixture
def ini() -> dict[str, str]:
    return {"pypi.default_read": "everyone", "pypi.default_write": "authenticated"}


@pytest.fixture
def demo(site):
    """Three versions of a package of ``ann``."""
    site.taken(version="1.0.0", user="ann")
    site.taken(
        version="1.1.0", files={"mod.ts": 'import "npm:ms@^2"; import "jsr:@std/fs@^1/walk";'}, user="ann"
    )
    site.taken(version="2.0.0-rc.1", user="ann")
    return site


def test_a_package(demo):
    told = demo.done("GET", HERE, user=None)
    assert told.keys() == {
        "scope", "name", "description", "runtimeCompat", "githubRepository", "createdAt", "updatedAt",
        "versionCount", "dependencyCount", "dependentCount", "score", "latestVersion", "whenFeatured",
        "isArchived", "readmeSource",
    }  # fmt: skip
    assert (told["scope"], told["name"]) == ("acme", "demo")
    assert (told["versionCount"], told["latestVersion"], told["score"]) == (3, "1.1.0", None)
    assert told["createdAt"] < told["updatedAt"]


def test_the_versions_have_the_highest_first(demo):
    told = demo.done("GET", f"{HERE}/versions", user=None)
    assert [each["version"] for each in told] == ["2.0.0-rc.1", "1.1.0", "1.0.0"]
    assert [each["newerVersionsCount"] for each in told] == [0, 1, 2]
    assert [each["usesNpm"] for each in told] == [False, True, False]
    assert {each["user"]["name"] for each in told} == {"ann"}
    assert all(each["name"] == each["package"] == "demo" for each in told)


def test_a_version(demo):
    told = demo.done("GET", f"{HERE}/versions/1.0.0", user=None)
    assert told.keys() == {
        "scope", "name", "package", "version", "yanked", "usesNpm", "newerVersionsCount",
        "lifetimeDownloadCount", "rekorLogId", "license", "readmePath", "createdAt", "updatedAt",
    }  # fmt: skip
    assert (told["license"], told["newerVersionsCount"], told["lifetimeDownloadCount"]) == ("MIT", 2, 0)
    demo.get(f"/{DEMO}/1.0.0_meta.json")
    demo.services.downloads.flush()
    assert demo.done("GET", f"{HERE}/versions/1.0.0", user=None)["lifetimeDownloadCount"] == 1
    refused(demo.api("GET", f"{HERE}/versions/9.9.9"), 404, "packageVersionNotFound")
    refused(demo.api("GET", f"{HERE}/versions/v1"), 400, "malformedRequest")


def test_the_latest_version(demo):
    assert demo.done("GET", f"{HERE}/versions/latest", user=None)["version"] == "1.1.0"
    demo.done("PATCH", f"{HERE}/versions/1.1.0", {"yanked": True})
    assert demo.done("GET", f"{HERE}/versions/latest", user=None)["version"] == "1.0.0"
    demo.done("PATCH", f"{HERE}/versions/1.0.0", {"yanked": True})
    refused(demo.api("GET", f"{HERE}/versions/latest"), 404, "packageVersionNotFound")


def test_dependencies(demo):
    assert demo.done("GET", f"{HERE}/versions/1.0.0/dependencies", user=None) == []
    told = demo.done("GET", f"{HERE}/versions/1.1.0/dependencies", user=None)
    assert told == [
        {"kind": "jsr", "name": "@std/fs", "constraint": "^1", "path": "walk", "fallbackUrl": None},
        {"kind": "npm", "name": "ms", "constraint": "^2", "path": "", "fallbackUrl": None},
    ]


def test_dependents(demo):
    needs = {"mod.ts": f'import "jsr:{DEMO}@^1";'}
    for version in ("1.0.0", "1.1.0", "1.2.0"):
        demo.taken("@acme/app", version, needs, user="ann")
    demo.taken("@acme/app", "2.0.0", user="ann")
    told = demo.done("GET", f"{HERE}/dependents", user=None)
    assert told == {
        "items": [
            {
                "scope": "acme",
                "package": "app",
                "versions": ["1.2.0", "1.1.0", "1.0.0"],
                "totalVersions": 3,
            }
        ],
        "total": 1,
    }
    assert demo.done("GET", f"{HERE}/dependents?versions_per_package_limit=2")["items"][0]["versions"] == [
        "1.2.0",
        "1.1.0",
    ]
    assert demo.done("GET", HERE)["dependentCount"] == 1
    demo.services.access.grant(Project("jsr", "@acme/app"), "user", "boss", Right.READ, actor=None)
    assert demo.done("GET", f"{HERE}/dependents", user="bob") == {"items": [], "total": 0}
    assert demo.done("GET", HERE, user="bob")["dependentCount"] == 0


@pytest.mark.promise(25)
def test_yank_changes_what_is_offered_and_no_bytes(demo):
    before = demo.manifest("1.1.0"), demo.get(f"/{DEMO}/1.1.0/mod.ts").body
    told = demo.done("PATCH", f"{HERE}/versions/1.1.0", {"yanked": True})
    assert told["yanked"]
    assert demo.meta()["latest"] == "1.0.0"
    assert demo.meta()["versions"]["1.1.0"] == {"yanked": True}
    assert (demo.manifest("1.1.0"), demo.get(f"/{DEMO}/1.1.0/mod.ts").body) == before
    assert not demo.done("PATCH", f"{HERE}/versions/1.1.0", {"yanked": False})["yanked"]
    assert demo.meta()["versions"]["1.1.0"] == {}
    for said in ({}, {"yanked": 1}, []):
        refused(demo.api("PATCH", f"{HERE}/versions/1.1.0", said), 400, "malformedRequest")
    refused(
        demo.api("PATCH", f"{HERE}/versions/1.1.0", {"yanked": True}, user="bob"), 403, "actorNotScopeMember"
    )


def test_making_a_package(site):
    site.done("POST", "scopes", {"scope": "acme"})
    told = site.done("POST", "scopes/acme/packages", {"package": "demo"})
    assert (told["name"], told["versionCount"], told["latestVersion"]) == ("demo", 0, None)
    assert site.done("GET", HERE, user=None) == told
    assert site.done("GET", "scopes/acme/packages", user=None) == {"items": [told], "total": 1}
    assert site.done("GET", f"{HERE}/versions", user=None) == []
    refused(site.get(f"/{DEMO}/meta.json"), 404, "packageNotFound")
    for name in ("demo", "de-mo"):
        refused(site.api("POST", "scopes/acme/packages", {"package": name}), 409, "packageAlreadyExists")
    refused(site.new("@acme/de-mo", user="ann"), 409, "packageAlreadyExists")
    for said in ({}, {"package": "A"}, {"package": 1}, {"package": "a" * 59}):
        refused(site.api("POST", "scopes/acme/packages", said), 400, "malformedRequest")
    refused(site.api("POST", "scopes/none/packages", {"package": "demo"}), 404, "scopeNotFound")
    refused(
        site.api("POST", "scopes/acme/packages", {"package": "x1"}, user="bob"), 403, "actorNotScopeMember"
    )
    site.taken(user="ann")
    assert site.done("GET", HERE)["createdAt"] == told["createdAt"]


def test_removing_a_package(demo):
    refused(demo.api("DELETE", HERE), 400, "packageNotEmpty")
    demo.done("POST", "scopes/acme/packages", {"package": "empty"})
    demo.done("DELETE", "scopes/acme/packages/empty")
    refused(demo.api("GET", "scopes/acme/packages/empty", user="bob"), 404, "packageNotFound")
    demo.done("POST", "scopes/acme/packages", {"package": "empty"})
    demo.done("GET", HERE)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"description": " two\nlines "}, {"description": "two lines"}),
        ({"runtimeCompat": {"deno": True, "node": None}}, {"runtimeCompat": {"deno": True}}),
        ({"readmeSource": "jsdoc"}, {"readmeSource": "jsdoc"}),
        ({"githubRepository": None}, {"githubRepository": None}),
    ],
)
def test_what_is_said_of_a_package(demo, said, told):
    answer = demo.done("PATCH", HERE, said)
    assert told.items() <= answer.items()
    assert demo.done("GET", HERE, user=None) == answer


def test_its_repository(demo):
    told = demo.done("PATCH", HERE, {"githubRepository": {"owner": "o", "name": "r"}})["githubRepository"]
    assert told.keys() == {"id", "owner", "name", "createdAt", "updatedAt"}
    assert demo.done("PATCH", HERE, {"githubRepository": None})["githubRepository"] is None


@pytest.mark.parametrize(
    "said",
    [
        {},
        [],
        {"description": "a", "readmeSource": "readme"},
        {"description": 1},
        {"description": "x" * 251},
        {"description": "\x00"},
        {"runtimeCompat": {"java": True}},
        {"runtimeCompat": {"deno": 1}},
        {"runtimeCompat": []},
        {"githubRepository": {}},
        {"githubRepository": {"owner": "a/b", "name": "c"}},
        {"githubRepository": {"owner": "a", "name": "c?d"}},
        {"githubRepository": {"owner": "..", "name": "c"}},
        {"githubRepository": {"owner": "a\nb", "name": "c"}},
        {"githubRepository": {"owner": "a", "name": "<b>"}},
        {"githubRepository": 1},
        {"isArchived": 1},
        {"readmeSource": "other"},
    ],
)
def test_what_cannot_be_said(demo, said):
    refused(demo.api("PATCH", HERE, said), 400, "malformedRequest")


def test_an_archived_package_changes_no_more(demo):
    before = demo.manifest("1.0.0")
    assert demo.done("PATCH", HERE, {"isArchived": True})["isArchived"]
    refused(demo.new(version="3.0.0", user="ann"), 400, "packageArchived")
    refused(demo.api("PATCH", HERE, {"description": "New"}), 400, "packageArchived")
    refused(demo.api("PATCH", f"{HERE}/versions/1.0.0", {"yanked": True}), 400, "packageArchived")
    assert demo.manifest("1.0.0") == before
    assert demo.done("GET", "scopes/acme/packages")["total"] == 1
    assert demo.done("GET", "scopes/acme/packages", user="bob")["total"] == 0
    assert demo.done("GET", "packages", user="bob")["total"] == 0
    demo.done("PATCH", HERE, {"isArchived": False})
    demo.taken(version="3.0.0", user="ann")


def test_staff_features_and_deletes(demo):
    refused(demo.api("PATCH", HERE, {"isFeatured": True}), 403, "actorNotAuthorized")
    assert demo.done("PATCH", HERE, {"isFeatured": True}, user="boss", headers=SUDO)["whenFeatured"]
    assert demo.done("GET", "stats")["featured"] == [{"scope": "acme", "name": "demo", "description": ""}]
    assert not demo.done("PATCH", HERE, {"isFeatured": False}, user="boss", headers=SUDO)["whenFeatured"]
    refused(demo.api("DELETE", f"{HERE}/versions/1.0.0"), 403, "actorNotAuthorized")
    demo.taken("@acme/app", "1.0.0", {"mod.ts": f'import "jsr:{DEMO}@^1";'}, user="ann")
    where = f"{HERE}/versions/1.0.0"
    refused(demo.api("DELETE", where, user="boss", headers=SUDO), 400, "deleteVersionHasDependents")
    demo.done("DELETE", "scopes/acme/packages/app/versions/1.0.0", user="boss", headers=SUDO)
    demo.done("DELETE", where, user="boss", headers=SUDO)
    refused(demo.new(version="1.0.0", user="ann"), 400, "duplicateVersionPublish")


def test_lists_and_searches(site):
    for name in ("@acme/http", "@acme/http-client", "@other/json", "@other/zip"):
        site.taken(name, user="ann")
    site.done("PATCH", "scopes/other/packages/zip", {"description": "Packs for HTTP"})

    def found(query: str) -> list[str]:
        items = site.done("GET", f"packages?query={query}", user=None)["items"]
        return [f"@{item['scope']}/{item['name']}" for item in items]

    assert found("") == ["@acme/http", "@acme/http-client", "@other/json", "@other/zip"]
    assert found("http") == ["@acme/http", "@acme/http-client", "@other/zip"]
    assert found("%40other") == ["@other/json", "@other/zip"]
    assert found("%40other/js") == ["@other/json"]
    assert found("nothing") == []


@pytest.mark.parametrize(
    ("query", "count", "first"),
    [
        ("", 20, "p00"),
        ("limit=0", 1, "p00"),
        ("limit=1000", 25, "p00"),
        ("page=0", 20, "p00"),
        ("limit=x&page=y", 20, "p00"),
        ("limit=10&page=3", 5, "p20"),
        ("page=-5", 20, "p00"),
        ("limit=10&page=9", 0, ""),
        ("limit=99999999999999999999", 25, "p00"),
    ],
)
def test_paging_never_fails(site, query, count, first):
    site.done("POST", "scopes", {"scope": "acme"})
    for number in range(25):
        site.done("POST", "scopes/acme/packages", {"package": f"p{number:02}"})
    for path in ("packages", "scopes/acme/packages"):
        told = site.done("GET", f"{path}?{query}")
        assert told["total"] == 25
        assert len(told["items"]) == count
        assert not first or told["items"][0]["name"] == first


def test_stats(demo):
    demo.taken("@acme/other", user="ann")
    told = demo.done("GET", "stats", user=None)
    assert [each["name"] for each in told["newest"]] == ["other", "demo"]
    assert told["updated"] == [
        {"scope": "acme", "package": "other", "version": "1.0.0", "description": ""},
        {"scope": "acme", "package": "demo", "version": "2.0.0-rc.1", "description": ""},
    ]


def test_what_is_said_survives_a_rebuild(demo, services):
    from pypicloud_like.registry.rebuild import rebuild

    demo.done("PATCH", HERE, {"description": "Words that stay"})
    demo.done("POST", "scopes/acme/packages", {"package": "empty"})
    before = demo.done("GET", HERE), demo.done("GET", "scopes/acme/packages")
    services.cache.forget([(p, identity, serial) for p in services.cache.known_projects("jsr")
                           for identity, (serial, _) in services.cache.serials(p).items()])  # fmt: skip
    assert demo.done("GET", "packages")["total"] == 0
    rebuild(services)
    assert (demo.done("GET", HERE), demo.done("GET", "scopes/acme/packages")) == before


def test_a_name_that_could_be_published_counts_as_there(demo):
    told = demo.done("GET", "scopes/acme/packages/new-one")
    assert (told["name"], told["versionCount"]) == ("new-one", 0)
    refused(demo.api("GET", "scopes/acme/packages/new-one", user="bob"), 404, "packageNotFound")
    assert demo.done("GET", "packages")["total"] == 1


def test_a_file_is_no_package(site):
    site.taken(user="ann", files={"mod.ts": MOD})
    refused(site.api("GET", f"{HERE}/nothing"), 404, "notFound")
    answer = site.ask("PUT", f"/api/{HERE}")
    assert answer.status_int == 405
    assert answer.json["code"]
