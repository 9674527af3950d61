"""pypicloud's API of packages: lists, one package, and what may not be fetched."""

from __future__ import annotations

import pytest

from pypicloud_like.core.model import PYPI, Project, Right
from tests.builders import a_wheel, an_sdist
from tests.http.pypi.site import refused


@pytest.fixture(scope="module")
def full(shared):
    shared.publish(
        a_wheel("foo", "1.9", metadata={"Summary": "Foo"}, requires_python=">=3.8"),
        an_sdist("foo", "1.10"),
        a_wheel("foo", "2.0rc1", metadata={"Summary": "Newer"}),
        a_wheel("bar", "1.0"),
    )
    return shared


def test_all_packages(full):
    assert full.ask("GET", "/api/package/", user="ann").json == {"packages": ["bar", "foo"]}


@pytest.mark.parametrize("flag", ["true", "1", "True"])
def test_all_packages_with_what_is_known_of_them(full, flag):
    bar, foo = full.ask("GET", f"/api/package/?verbose={flag}", user="ann").json["packages"]
    assert (bar["name"], foo["name"]) == ("bar", "foo")
    assert (foo["stable"], foo["unstable"], foo["summary"]) == ("1.10", "2.0rc1", "Newer")
    assert foo["last_modified"] == 1767323045


@pytest.mark.parametrize("query", ["verbose=maybe", "verbose=%FF"])
def test_a_flag_that_is_none(full, query):
    refused(full.ask("GET", f"/api/package/?{query}", user="ann"), 400)


def test_the_files_of_a_package_newest_version_first(full):
    answer = full.ask("GET", "/api/package/foo/", user="ann").json
    assert [file["version"] for file in answer["packages"]] == ["2.0rc1", "1.10", "1.9"]
    assert answer["write"] is False
    assert full.ask("GET", "/api/package/foo/", user="boss").json["write"] is True
    last = answer["packages"][-1]
    assert last["metadata"]["requires_python"] == ">=3.8"
    assert last["metadata"]["uploader"] == "boss"
    built = a_wheel("foo", "1.9", metadata={"Summary": "Foo"}, requires_python=">=3.8")
    assert last["url"].endswith(f"#sha256={built.sha256}")
    assert full.ask("GET", last["url"].partition("#")[0], user="ann").body == built.content


def test_an_unknown_package_has_no_files(full):
    assert full.ask("GET", "/api/package/nothing/", user="ann").json == {"packages": [], "write": False}


def test_fetching_from_elsewhere_is_not_possible_without_an_upstream(full):
    with full.unchanged():
        for query in ("requirements=flask", "requirements=%21%21", ""):
            answer = full.ask("POST", f"/api/fetch?{query}", user="boss")
            refused(answer, answer.status_int)
            assert answer.status_int in {400, 403}


def test_grants_decide_on_writing(site):
    site.services.access.grant(Project(PYPI, "foo"), "user", "ann", Right.WRITE, actor=None)
    site.publish(a_wheel("foo", "1.0"), user="ann", path="/api/package/foo/foo-1.0-py3-none-any.whl")
    assert site.indexed("foo")
    assert site.ask("GET", "/api/package/foo/", user="ann").status_int in {200, 404}
