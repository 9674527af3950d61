"""What is in the catalogue: every project of every ecosystem, as it is now, for those who may read it."""

from __future__ import annotations

import gc
from datetime import timedelta

import pytest

from pypicloud_like.catalogue.view import View
from pypicloud_like.core.model import PYPI, Project, Right, Scope
from pypicloud_like.registry import curate


def delete(site, project: Project) -> None:
    curate.delete(site.services, site.services.cache.files(project), actor=None)


def test_all_three_are_there_at_once_and_gone_at_once(site):
    site.wheel(Summary="One")
    site.crate(description="Two")
    site.module("@acme/foo")
    told = site.read("packages/")["results"]
    assert [(each["title"], each["slug"]) for each in told] == [
        ("@acme/foo", "acme-foo"),
        ("foo", "foo-cargo"),
        ("foo", "foo"),
    ]
    assert [each["pypi_version"] for each in told] == ["1.0.0", "1.0.0", "1.0"]
    assert sorted(site.search("foo")) == ["@acme/foo", "foo", "foo"]
    for ecosystem, name in (("jsr", "@acme/foo"), ("cargo", "foo"), (PYPI, "foo")):
        delete(site, Project(ecosystem, name))
    assert site.titles() == site.search("foo") == []


def test_another_version_is_the_same_package(site):
    site.wheel(version="1.9")
    first = site.read("packages/foo/")
    site.wheel(version="1.10", Summary="New")
    site.wheel(version="2.0rc1")
    again = site.read("packages/foo/")
    assert again["id"] == first["id"]
    assert (again["pypi_version"], again["repo_description"]) == ("1.10", "New")
    assert again["created"] == first["created"]
    assert site.read("packages/")["count"] == 1


def test_a_pre_release_only_if_alone(site):
    site.wheel(version="2.0rc1")
    assert site.read("packages/foo/")["pypi_version"] == "2.0rc1"


def test_yanking_moves_back(site):
    for version in ("1.0", "2.0"):
        site.wheel(version=version)
    files = site.services.cache.files(Project(PYPI, "foo"))
    curate.yank(site.services, [file for file in files if file.version == "2.0"], reason="", actor=None)
    assert site.read("packages/foo/")["pypi_version"] == "1.0"
    curate.yank(site.services, files, reason="", actor=None)
    told = site.read("packages/foo/")
    assert told["pypi_version"] is None
    (found,) = site.read("search/?q=foo")
    assert found["weight"] == 20  # deprecated: its activity alone
    assert found["last_released"] is None


def test_a_package_that_comes_back_is_the_same(site):
    site.wheel()
    first = site.read("packages/foo/")["id"]
    delete(site, Project(PYPI, "foo"))
    site.read("packages/foo/", status=404)
    site.wheel(version="2.0")
    assert site.read("packages/foo/")["id"] == first


def test_a_refused_upload_leaves_nothing(site):
    answer = site.client.upload("foo-1.0-py3-none-any.whl", b"no wheel", user="ann")
    assert answer.status_int == 400
    assert site.titles() == []
    site.wheel("bar")
    assert [each["id"] for each in site.read("packages/")["results"]] == [1]


def test_names_of_digits_get_no_slug_of_digits(site):
    site.wheel("2048")
    assert site.read("packages/pypi-2048/")["title"] == "2048"


@pytest.mark.promise(122)
def test_a_private_package_is_nowhere(site):
    site.wheel("public")
    site.wheel("secret")
    grid = site.curate("POST", "grids", {"title": "Both"}, status=201)["id"]
    ids = {each["title"]: each["id"] for each in site.read("packages/")["results"]}
    for number in ids.values():
        site.curate("PUT", f"grids/{grid}/packages/{number}")
    site.services.access.grant(Project(PYPI, "secret"), "user", "ann", Right.READ, actor=None)
    for user, seen in (("ann", 2), ("boss", 2), ("bob", 1), (None, 1)):
        told = site.read("packages/", user=user)
        assert (told["count"], len(told["results"])) == (seen, seen)
        assert len(site.search("secret", user)) == seen - 1
        assert len(site.read("grids/both/", user=user)["packages"]) == seen
    for path in ("packages/secret/", f"packages/{ids['secret']}/"):
        assert site.read(path, user="bob", status=404) == site.read("packages/none/", status=404)
    for address in site.read("grids/both/", user="bob")["packages"]:
        assert site.read(address.removeprefix("http://localhost:80/api/v4/"), user="bob")


def test_a_token_sees_what_it_is_for(site):
    site.wheel("one")
    site.wheel("two")
    scope = Scope(frozenset({"read"}), frozenset({Project(PYPI, "one")}))
    secret, _ = site.services.state.add_token("ann", "x", scope, expires_at=None)
    headers = {"Authorization": f"Bearer {secret}"}
    answer = site.ask("GET", "/api/v4/packages/", headers=headers)
    assert [each["title"] for each in answer.json["results"]] == ["one"]


def test_downloads_of_a_month_are_counted(site, clock):
    site.wheel()
    for _ in range(1000):
        site.services.downloads.count(Project(PYPI, "foo"), "1.0")
    site.services.downloads.flush()
    clock.now += timedelta(minutes=2)
    (found,) = site.read("search/?q=foo")
    assert (found["pypi_downloads"], found["weight"]) == (1000, 41)
    clock.now += timedelta(days=31)
    (found,) = site.read("search/?q=foo")
    assert (found["pypi_downloads"], found["weight"]) == (0, 40)


def test_who_says_that_they_use_it_counts_once(site):
    site.wheel()
    where = "/account/uses/1"
    for user in ("ann", "ann", "bob"):
        assert site.ask("PUT", where, user=user).status_int == 200
    assert site.read("search/?q=foo")[0]["usage"] == 2
    assert site.ask("DELETE", where, user="ann").status_int == 200
    assert site.read("search/?q=foo")[0]["usage"] == 1
    assert site.ask("PUT", where).status_int == 401
    assert site.ask("PUT", "/account/uses/99", user="ann").status_int == 404
    assert site.ask("PUT", "/account/uses/x", user="ann").status_int == 404


@pytest.mark.promise(97, 136)
@pytest.mark.parametrize("address", ["http://[", "https://[::1", "http://", "https://x]y/", "http://\u2100/"])
def test_addresses_that_are_none_hide_nothing(site, address):
    site.wheel("bar")
    site.wheel("foo", Home_page=address, Project_URL=f"Source, {address}")
    assert sorted(site.titles()) == ["bar", "foo"]
    assert site.search("foo") == ["foo"]


@pytest.mark.promise(168)
def test_what_was_seen_before_a_change_is_not_kept(site):
    def kept() -> int:
        gc.collect()
        return sum(isinstance(each, View) for each in gc.get_objects())

    site.wheel()
    site.titles()
    before = kept()
    for number in range(2, 7):
        site.wheel("foo", f"{number}.0")
        site.titles()
    assert kept() == before
