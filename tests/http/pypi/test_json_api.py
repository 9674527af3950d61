"""The JSON API: a project, a release, and the words that stand for one."""

from __future__ import annotations

import re

import pytest

from tests.builders import a_wheel, an_sdist

LOOPBACK = "http://localhost:80"
INFO_KEYS = {
    "author", "author_email", "bugtrack_url", "classifiers", "description", "description_content_type", "docs_url",
    "download_url", "downloads", "dynamic", "home_page", "keywords", "license", "license_expression", "license_files",
    "maintainer", "maintainer_email", "name", "package_url", "platform", "project_url", "project_urls",
    "provides_extra", "release_url", "requires_dist", "requires_python", "summary", "version", "yanked",
    "yanked_reason",
}  # fmt: skip
FILE_KEYS = {
    "comment_text", "core-metadata", "digests", "downloads", "filename", "has_sig", "md5_digest", "packagetype",
    "python_version", "requires_python", "size", "upload_time", "upload_time_iso_8601", "url", "yanked",
    "yanked_reason",
}  # fmt: skip


def get(site, path, user="ann", **rest):
    return site.ask("GET", path, user=user, **rest)


def project(site, name="foo"):
    answer = get(site, f"/pypi/{name}/json")
    assert answer.status_int == 200
    assert answer.headers["Content-Type"] == "application/json"
    return answer.json


def yank(site, version, name="foo"):
    assert site.ask("POST", f"/api/package/{name}/{version}/yank", user="boss").status_int == 200


@pytest.fixture(scope="module")
def full(shared):
    shared.publish(
        a_wheel(
            "Foo.Bar",
            "1.0",
            requires_python=">=3.8",
            metadata={
                "Summary": "A <summary>",
                "Author": "Ann",
                "Classifier": ["Private :: Do Not Upload", "No :: Such"],
                "Project-URL": ["Home, https://example.org/"],
                "Requires-Dist": ["bar>1"],
                "Keywords": "a,b",
            },
        ),
        an_sdist("Foo.Bar", "1.0", requires_python=">=3.8"),
        a_wheel("Foo.Bar", "0.9"),
    )
    return shared


def test_a_project_has_all_keys_of_today(full):
    answer = project(full, "foo-bar")
    assert {"info", "last_serial", "releases", "urls", "vulnerabilities", "ownership"} == answer.keys()
    assert answer["info"].keys() == INFO_KEYS
    assert answer["urls"] == answer["releases"]["1.0"]
    assert answer["releases"].keys() == {"0.9", "1.0"}
    assert answer["last_serial"] == full.page("foo-bar")["meta"]["_last-serial"]
    assert int(get(full, "/pypi/foo-bar/json").headers["X-PyPI-Last-Serial"]) == answer["last_serial"]
    assert answer["ownership"]["roles"] == [{"role": "Owner", "user": "boss"}]


def test_what_the_project_says_of_itself(full):
    info = project(full, "foo-bar")["info"]
    assert info["name"] == "Foo.Bar"
    assert info["summary"] == "A <summary>"
    assert info["classifiers"] == ["Private :: Do Not Upload", "No :: Such"]
    assert info["project_urls"] == {"Home": "https://example.org/"}
    assert info["requires_dist"] == ["bar>1"]
    assert info["requires_python"] == ">=3.8"
    assert info["keywords"] == "a,b"
    assert info["maintainer"] is None


def test_each_file_of_a_release(full):
    files = project(full, "foo-bar")["urls"]
    assert [file["packagetype"] for file in files] == ["bdist_wheel", "sdist"]
    assert [file["python_version"] for file in files] == ["py3", "source"]
    for file in files:
        assert file.keys() == FILE_KEYS
        assert file["digests"].keys() == {"md5", "sha256", "blake2b_256"}
        assert file["digests"]["md5"] == file["md5_digest"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", file["upload_time"])
        assert file["upload_time_iso_8601"].startswith(file["upload_time"])
        assert file["upload_time_iso_8601"].endswith("Z")
        assert file["url"].startswith(LOOPBACK)
        assert "?" not in file["url"]
        fetched = get(full, file["url"].removeprefix(LOOPBACK))
        assert len(fetched.body) == file["size"]


@pytest.mark.promise(7)
def test_the_digests_are_those_of_the_bytes(full):
    built = a_wheel("Foo.Bar", "0.9")
    (file,) = project(full, "foo-bar")["releases"]["0.9"]
    assert file["digests"] == built.digests


def test_a_release_has_no_map_of_releases(full):
    answer = get(full, "/pypi/foo-bar/0.9/json").json
    assert "releases" not in answer
    assert answer["info"]["version"] == "0.9"
    assert [file["filename"] for file in answer["urls"]] == ["foo_bar-0.9-py3-none-any.whl"]


class TestOlderShape:
    @pytest.fixture
    def ini(self):
        return {"pypi.releases_in_version_answer": "true"}

    def test_a_setting_brings_the_map_of_releases_back(self, site):
        site.publish(a_wheel("foo", "1.0"), a_wheel("foo", "2.0"))
        assert get(site, "/pypi/foo/1.0/json").json["releases"].keys() == {"1.0", "2.0"}


@pytest.mark.parametrize("version", ["1.0", "1.0.0", "1", "v1.0", "1.0.0.0", "01.0"])
def test_a_release_is_found_however_its_version_is_spelled(full, version):
    answer = get(full, f"/pypi/foo-bar/{version}/json")
    assert answer.status_int == 200
    assert answer.json["info"]["version"] == "1.0"


@pytest.mark.parametrize("version", ["1.1", "nonsense", "latest-", "Latest", "%20", "..", "1.0%2F", "<x>"])
def test_an_unknown_release_is_not_found(full, version):
    assert get(full, f"/pypi/foo-bar/{version}/json").status_int == 404


def test_two_spellings_of_one_version_are_told_apart(site):
    """An sdist of 1.0 and a wheel of 1.0.0 do not collide: they are files of different kinds."""
    site.publish(an_sdist("foo", "1.0"), a_wheel("foo", "1.0.0"))
    for _ in range(2):
        for version in ("1.0", "1.0.0"):
            assert get(site, f"/pypi/foo/{version}/json").json["info"]["version"] == version
        assert get(site, "/pypi/foo/1/json").status_int == 404


@pytest.mark.parametrize(
    "path", ["/pypi/nothing/json", "/pypi/nothing/1.0/json", "/pypi/nothing/latest/json"]
)
def test_an_unknown_project_is_not_found(full, path):
    assert get(full, path).status_int == 404


@pytest.mark.parametrize("path", ["/pypi/foo-bar/json", "/pypi/foo-bar/1.0/json"])
def test_a_last_slash_makes_no_difference(full, path):
    assert get(full, path + "/").json == get(full, path).json


@pytest.mark.parametrize("path", ["/simple/foo-bar/json", "/foo-bar/json", "/foo-bar/json/"])
def test_the_same_document_stands_beside_the_simple_page(full, path):
    answer = get(full, path)
    assert answer.status_int == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json == project(full, "foo-bar")


@pytest.mark.parametrize("path", ["/pypi/{}/json", "/pypi/{}/1.0/json"])
def test_another_spelling_of_the_name_leads_to_the_normal_one(full, path):
    answer = get(full, path.format("Foo_Bar") + "?x=1")
    assert answer.status_int == 301
    assert answer.headers["Location"] == path.format("foo-bar") + "?x=1"


# Which release speaks for the project


@pytest.mark.parametrize(
    ("versions", "yanked", "chosen"),
    [
        (["1.9", "1.10", "1.2"], [], "1.10"),
        (["1.0", "2.0rc1"], [], "1.0"),
        (["1.0", "2.0.dev1"], [], "1.0"),
        (["1.0a1", "1.0rc1", "1.0.dev9"], [], "1.0rc1"),
        (["1.0", "1.0.post1"], [], "1.0.post1"),
        (["1.0", "2.0"], ["2.0"], "1.0"),
        (["1.0rc1", "2.0"], ["2.0"], "1.0rc1"),
        (["1.0", "2.0"], ["1.0", "2.0"], "2.0"),
        (["2020.1", "1!0.1"], [], "1!0.1"),
        (["1.0", "1.0+corp.1"], [], "1.0+corp.1"),
    ],
)
def test_the_release_of_the_project(site, versions, yanked, chosen):
    for version in versions:
        site.publish(an_sdist("foo", version))
    for version in yanked:
        yank(site, version)
    answer = project(site)
    assert answer["info"]["version"] == chosen
    assert answer["info"]["yanked"] is (chosen in yanked)
    assert answer["urls"] == answer["releases"][chosen]


@pytest.mark.parametrize(
    ("versions", "yanked", "latest", "stable", "unstable"),
    [
        (["2.0", "2.1rc1"], [], "2.0", "2.0", "2.1rc1"),
        (["2.0", "2.0rc1"], [], "2.0", "2.0", "2.0"),
        (["1.0a1", "1.0.dev1"], [], "1.0a1", None, "1.0a1"),
        (["1.0", "2.0", "3.0rc1"], ["2.0", "3.0rc1"], "1.0", "1.0", "1.0"),
        (["1.0", "2.0rc1"], ["1.0"], "2.0rc1", None, "2.0rc1"),
        (["1.0"], ["1.0"], None, None, None),
        (["1.0.post1", "1.0"], [], "1.0.post1", "1.0.post1", "1.0.post1"),
        (["1.0", "1.1.dev1"], [], "1.0", "1.0", "1.1.dev1"),
        (["1.9", "1.10", "1!0.5"], [], "1!0.5", "1!0.5", "1!0.5"),
    ],
)
def test_the_words_for_the_latest_release(site, versions, yanked, latest, stable, unstable):
    for version in versions:
        site.publish(an_sdist("foo", version))
    for version in yanked:
        yank(site, version)
    for word, version in (("latest", latest), ("latest-stable", stable), ("latest-unstable", unstable)):
        answer = get(site, f"/pypi/foo/{word}/json")
        if version is None:
            assert answer.status_int == 404
            continue
        assert answer.status_int == 307
        followed = get(site, answer.headers["Location"])
        assert followed.status_int == 200
        assert followed.json["info"]["version"] == version
        assert "no-cache" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("word", ["latest", "latest-stable", "latest-unstable"])
def test_the_words_with_a_last_slash_lead_to_those_without(full, word):
    answer = get(full, f"/pypi/foo-bar/{word}/json/")
    assert answer.status_int == 301
    assert answer.headers["Location"].endswith(f"/pypi/foo-bar/{word}/json")


def test_the_words_know_every_spelling_of_the_name(full):
    answer = get(full, "/pypi/Foo_Bar/latest/json")
    assert answer.status_int == 307
    assert answer.headers["Location"].endswith("/pypi/foo-bar/1.0/json")


def test_a_project_without_files_has_no_document(site):
    built = a_wheel("foo", "1.0")
    site.publish(built)
    site.ask("DELETE", f"/api/package/foo/{built.filename}", user="boss")
    for path in ("/pypi/foo/json", "/pypi/foo/1.0/json", "/pypi/foo/latest/json"):
        assert get(site, path).status_int == 404


class TestPublicAddress:
    @pytest.fixture
    def ini(self):
        return {"server.public_url": "https://index.example/pkgs"}

    def test_addresses_begin_with_the_public_one(self, site):
        site.publish(a_wheel("foo", "1.0"))
        answer = get(
            site, "/pypi/foo/json", environ={"SCRIPT_NAME": "/pkgs"}, headers={"Host": "evil.example"}
        )
        assert b"evil.example" not in answer.body
        assert answer.json["urls"][0]["url"].startswith("https://index.example/pkgs/api/package/foo/")
        assert answer.json["info"]["project_url"].startswith("https://index.example/pkgs/")


def test_an_unknown_host_gets_no_document_with_its_own_name(full):
    answer = get(full, "/pypi/foo-bar/json", headers={"Host": "evil.example"})
    assert answer.status_int == 400


@pytest.mark.parametrize(
    "path", ["/pypi/foo-bar/json", "/pypi/foo-bar/1.0/json", "/pypi/foo-bar/latest/json", "/foo-bar/json"]
)
def test_the_documents_are_as_private_as_the_project(full, path):
    assert get(full, path, user=None).status_int == 401
