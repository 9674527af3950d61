"""Publishing by cargo's web API."""

from __future__ import annotations

import pytest

from pypicloud_like.core.model import PYPI, Action, Project, Status
from pypicloud_like.ecosystems.cargo.metadata import CRATES_IO
from pypicloud_like.registry import curate
from tests.builders import a_crate
from tests.http.cargo.site import announced, dependency, detail, framed

DEMO = Project("cargo", "demo")
OWN = "sparse+http://localhost:80/cargo/index/"


def test_a_crate_is_in_the_index_at_once(site):
    told = site.taken()
    assert told["warnings"] == {"invalid_categories": [], "invalid_badges": [], "other": []}
    assert (told["crate"]["id"], told["crate"]["max_version"]) == ("demo", "0.1.0")
    line = site.line()
    assert line["cksum"] == a_crate().sha256
    assert line["pubtime"] == "2026-01-02T03:04:05Z"
    (key,) = site.stored()
    assert site.stored_bytes(key) == a_crate().content
    assert len(site.records()) == 1


def test_what_the_manifest_says_is_kept(site):
    package = {
        "keywords": ["one"],
        "categories": ["science"],
        "homepage": "https://example.org",
        "authors": ["Ann"],
    }
    package |= {"rust-version": "1.70", "readme": "README.md", "links": "z"}
    site.taken(package=package, files={"src/main.rs": b""}, said={"readme": "# Größe", "links": "z"})
    (file,) = site.services.cache.described(DEMO)
    facts = file.facts
    assert (facts["keywords"], facts["categories"], facts["authors"]) == (["one"], ["science"], ["Ann"])
    assert (facts["homepage"], facts["license"], facts["edition"]) == ("https://example.org", "MIT", "2021")
    assert (facts["has_lib"], facts["bin_names"], facts["readme_file"]) == (True, ["demo"], "README.md")
    assert (file.summary, file.uploader, file.kind) == ("A demo", "boss", "crate")
    assert site.stored_bytes(file.sidecars["readme"].key) == "# Größe".encode()
    assert site.line()["rust_version"] == "1.70"
    assert site.line()["links"] == "z"


def test_dependencies(site):
    rest = f"""
[dependencies.alias]
version = "0.2"
package = "demo-other"
registry-index = "{OWN}"
optional = true
[dependencies.serde]
version = "1"
[dependencies.third]
version = "1"
registry-index = "sparse+https://third.example.org/"
[dev-dependencies.helper]
version = "1"
registry-index = "{OWN}"
"""
    deps = [
        dependency("demo-other", "^0.2", explicit_name_in_toml="alias", optional=True),
        dependency("serde", registry=CRATES_IO),
        dependency("third", registry="sparse+https://third.example.org/"),
        dependency("helper", kind="dev", registry=OWN),
    ]
    site.taken(rest=rest, said={"deps": deps})
    found = {each["name"]: each for each in site.line()["deps"]}
    assert (found["alias"]["package"], found["alias"]["registry"]) == ("demo-other", None)
    assert (found["serde"]["registry"], found["serde"]["package"]) == (CRATES_IO, None)
    assert found["third"]["registry"] == "sparse+https://third.example.org/"
    assert (found["helper"]["kind"], found["helper"]["registry"]) == ("dev", None)


def test_features_of_the_new_syntax_are_apart(site):
    features = {"default": ["std"], "std": [], "weak": ["alias?/x"]}
    rest = f'[features]\ndefault = ["std"]\nstd = []\nweak = ["alias?/x"]\n[dependencies.alias]\nversion = "1"\nregistry-index = "{OWN}"\noptional = true\n'
    site.taken(rest=rest, said={"features": features, "deps": [dependency("alias", optional=True)]})
    line = site.line()
    assert line["features"] == {"default": ["std"], "std": []}
    assert line["features2"] == {"weak": ["alias?/x"]}
    assert line["v"] == 2


@pytest.mark.parametrize("kind", [None, "application/octet-stream", "application/x-www-form-urlencoded"])
def test_whatever_the_content_type(site, kind):
    answer = site.new(headers={"Content-Type": kind} if kind else {})
    assert answer.status_int == 200, answer


def test_advice_comes_as_warnings(site):
    package = {"description": None, "license": None, "keywords": ["no keyword"], "categories": ["No Slug"]}
    warnings = site.taken(package=package)["warnings"]
    assert warnings["invalid_categories"] == ["No Slug"]
    told = "\n".join(warnings["other"])
    for word in ("description", "license", "no keyword"):
        assert word in told


class TestStrict:
    @pytest.fixture
    def ini(self):
        return {"cargo.strict_metadata": "true"}

    @pytest.mark.parametrize("package", [{"description": None}, {"categories": ["No Slug"]}])
    def test_or_as_refusals(self, site, package):
        with site.unchanged():
            detail(site.new(package=package), 400)
        assert site.taken()["warnings"]["other"] == []


@pytest.mark.promise(25)
def test_the_same_version_again(site):
    site.taken()
    with site.unchanged():
        detail(site.new(), 409, "crate version `0.1.0` is already uploaded")
        detail(site.new(files={"x": b""}), 409, "already uploaded")


def test_a_version_that_differs_by_build_metadata_only(site):
    site.taken(version="1.0.7")
    with site.unchanged():
        detail(site.new(version="1.0.7+x"), 409, "already uploaded")
    site.taken(version="1.0.8+x")
    with site.unchanged():
        detail(site.new(version="1.0.8"), 409)
        detail(site.new(version="1.0.8+y"), 409)
    assert [line["vers"] for line in site.lines()] == ["1.0.7", "1.0.8+x"]


@pytest.mark.promise(25)
def test_a_yanked_version_stays_taken(site):
    site.taken()
    site.ask("DELETE", "/api/v1/crates/demo/0.1.0/yank", user="boss")
    detail(site.new(files={"x": b""}), 409)


@pytest.mark.parametrize("other", ["foo-bar", "Foo_Bar", "foo_Bar"])
def test_one_crate_has_one_spelling(site, other):
    site.taken("foo_bar")
    with site.unchanged():
        detail(site.new(other, "0.2.0"), 400, "previously named `foo_bar`")
    site.taken("foo_bar", "0.2.0")


def test_a_crate_is_not_a_python_project_of_that_name(site):
    site.taken()
    assert not site.services.cache.exists(Project(PYPI, "demo"))
    assert site.ask("GET", "/simple/demo/", user="boss").status_int == 404


@pytest.mark.parametrize(
    ("name", "words"),
    [("std", "reserved"), ("1x", "invalid crate name"), ("a" * 65, "64"), ("a.b", "invalid")],
)
def test_names_that_nobody_has(site, name, words):
    with site.unchanged():
        detail(site.new(name), 400, words)


@pytest.mark.parametrize("version", ["1.0", "v1.0.0", "1.0.0-" + "a" * 150])
def test_versions_that_are_none(site, version):
    with site.unchanged():
        detail(site.new(version=version), 400)


@pytest.mark.promise(9)
def test_what_is_said_must_be_what_the_manifest_says(site):
    crate = a_crate().content
    with site.unchanged():
        detail(site.send(announced("other"), crate), 400)
        detail(site.send(announced(version="0.2.0"), crate), 400)
        detail(site.send(announced(deps=[dependency()]), crate), 400, "other")
        detail(site.send(announced(features={"x": []}), crate), 400, "features")
        detail(site.new(manifest=a_manifest("other", "0.1.0")), 400, "does not match manifest name")
        detail(site.new(manifest=a_manifest("demo", "0.2.0")), 400, "does not match manifest version")
        detail(site.new(rest='[dependencies]\nevil = "1"\n'), 400, "evil")


def test_a_dependency_that_is_ours_to_one_and_another_s_to_the_other(site):
    rest = '[dependencies]\nother = "1"\n'
    with site.unchanged():
        detail(site.new(rest=rest, said={"deps": [dependency()]}), 400, "crates.io-index", "this registry")


class TestAliases:
    @pytest.fixture
    def ini(self):
        return {"cargo.index_aliases": "sparse+https://old.example.org/index/"}

    def test_other_addresses_of_this_index(self, site):
        rest = (
            '[dependencies.other]\nversion = "1"\nregistry-index = "sparse+https://old.example.org/index/"\n'
        )
        site.taken(rest=rest, said={"deps": [dependency()]})
        assert site.line()["deps"][0]["registry"] is None


def test_an_archived_crate_takes_nothing_more(site):
    site.taken()
    curate.set_status(site.services, DEMO, Status.ARCHIVED, reason="", actor=None)
    with site.unchanged():
        detail(site.new(version="0.2.0"), 403, "archived")


def test_the_journal_tells_of_it(site):
    site.taken()
    (change,) = site.services.cache.journal()
    assert (change.project, change.action, change.actor, change.version) == (
        DEMO,
        Action.UPLOAD,
        "boss",
        "0.1.0",
    )


def a_manifest(name, version):
    return f'[package]\nname = "{name}"\nversion = "{version}"\n'


def test_no_metadata_at_all(site):
    with site.unchanged():
        detail(site.put(b""), 400, "invalid metadata length")
        detail(site.put(framed(b"[]", b"")), 400)


@pytest.mark.promise(101)
def test_packed_bodies_are_not_read(site):
    with site.unchanged():
        detail(site.new(headers={"Content-Encoding": "gzip"}), 415)
