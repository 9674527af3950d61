"""Names of scopes and packages, and versions."""

from __future__ import annotations

import pytest

from pypicloud_like.core.errors import NotFound
from pypicloud_like.core.model import Project
from pypicloud_like.ecosystems.jsr import names, versions
from pypicloud_like.ecosystems.jsr.errors import Malformed
from pypicloud_like.settings.projects import parse_project


@pytest.mark.parametrize("name", ["ab", "a-b", "a1", "a" * 20, "a-b-c-1"])
def test_a_scope(name):
    assert names.check_scope(name) == name


@pytest.mark.parametrize(
    "name", ["", "a", "a" * 21, "A", "Ab", "a_b", "-a", "a-", "a--b", "1a", "a.b", "ab\n", "äb", "@ab", "a/b"]
)
def test_no_scope(name):
    with pytest.raises(Malformed) as caught:
        names.check_scope(name)
    assert caught.value.error_code == "malformedRequest"


def test_a_package_may_be_longer():
    assert names.check_package("a" * 58) == "a" * 58
    for name in ("a" * 59, "a", "A-b"):
        with pytest.raises(Malformed):
            names.check_package(name)


def test_a_package_is_a_project_as_access_lists_spell_it():
    package = names.checked("acme", "hello-world")
    assert str(package) == "@acme/hello-world"
    assert package.project == Project("jsr", "@acme/hello-world") == parse_project("jsr:@acme/hello-world")
    assert names.package_of(package.project) == package
    assert names.name_of("@acme/hello-world") == package


@pytest.mark.parametrize("text", ["acme/hello", "@acme", "@acme/", "@/x", "@a/b/c", "@a/b@1", ""])
def test_no_package(text):
    assert names.name_of(text) is None


def test_names_of_other_registries_may_begin_with_a_digit():
    assert names.requested("0x", "1st").project.name == "@0x/1st"
    with pytest.raises(NotFound):
        names.requested("..", "x")
    with pytest.raises(NotFound):
        names.requested("Acme", "x")


def test_hyphens_tell_nothing_apart():
    assert names.without_hyphens("a-b-c") == names.without_hyphens("ab-c")


@pytest.mark.parametrize("text", ["1.2.3", "0.0.0", "1.2.3-rc.1", "1.2.3+build.5", "1.2.3-a-b+c-d"])
def test_a_version(text):
    assert str(versions.check_version(text)) == text


@pytest.mark.parametrize(
    "text", ["v1.2.3", "1.2", "01.2.3", "1.2.3-01", "1.2.3 ", "", "1.2.3-" + "a" * 150, "1.2.3\n", "latest"]
)
def test_no_version(text):
    assert versions.version_of(text) is None
    with pytest.raises(Malformed):
        versions.check_version(text)


def test_order_and_latest():
    some = ["1.10.0", "1.9.0", "2.0.0-rc.1", "2.0.0-rc.11", "2.0.0-rc.2"]
    assert versions.newest_first(some) == ["2.0.0-rc.11", "2.0.0-rc.2", "2.0.0-rc.1", "1.10.0", "1.9.0"]
    assert versions.latest_stable(some) == "1.10.0"
    assert versions.latest_stable(some[2:]) is None
