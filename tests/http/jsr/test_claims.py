"""Whoever makes a scope owns what is called so: nobody gets at other people's names by making one."""

from __future__ import annotations

import pytest

from pypicloud_like.core.model import Project, Right, Status
from pypicloud_like.registry import curate
from tests.http.jsr.site import refused

SECRET = Project("jsr", "@corp/secret")


@pytest.fixture
def ini() -> dict[str, str]:
    return {"pypi.default_read": "authenticated", "pypi.default_write": "authenticated"}


def grant(users, project: Project, user: str) -> None:
    for right in Right:
        users.grant(project, "user", user, right, actor="boss")


@pytest.fixture
def orphaned(site, users):
    """A private package in a scope that has gone, as where the state was lost and the storage was not."""
    site.taken(str(SECRET.name), user="ann")
    grant(users, SECRET, "ann")
    site.services.scopes.remove("corp", actor=None)
    return site


def test_a_scope_with_packages_is_an_administrator_s_to_make(orphaned):
    refused(orphaned.api("POST", "scopes", {"scope": "corp"}, user="bob"), 400, "scopeNameReserved")
    refused(orphaned.get("/@corp/secret/meta.json", user="bob"), 404, "packageNotFound")
    orphaned.done("POST", "scopes", {"scope": "corp"}, user="boss")
    orphaned.join("corp", "ann", by="boss")


def test_publishing_beside_a_package_does_not_make_its_scope(orphaned):
    orphaned.taken("@corp/other", user="bob")
    refused(orphaned.api("GET", "user/member/corp", user="bob"), 404, "scopeMemberNotFound")
    refused(orphaned.get("/@corp/secret/meta.json", user="bob"), 404, "packageNotFound")


def test_nor_where_its_versions_are_deleted(orphaned):
    curate.delete(orphaned.services, [orphaned.record(name="@corp/secret")], actor="boss")
    refused(orphaned.api("POST", "scopes", {"scope": "corp"}, user="bob"), 400, "scopeNameReserved")


def test_a_name_that_is_granted_keeps_its_scope(site, users):
    grant(users, SECRET, "ann")
    refused(site.api("POST", "scopes", {"scope": "corp"}, user="bob"), 400, "scopeNameReserved")
    site.taken("@corp/secret", user="ann")
    refused(site.api("GET", "user/member/corp", user="ann"), 404, "scopeMemberNotFound")


def test_an_administrator_publishes_and_makes_the_scope(orphaned):
    orphaned.taken("@corp/other", user="boss")
    assert orphaned.done("GET", "user/member/corp", user="boss")["isAdmin"]


def test_a_quarantined_package_keeps_its_scope(site):
    site.taken("@corp/secret", user="ann")
    curate.set_status(site.services, SECRET, Status.QUARANTINED, reason="", actor="boss")
    refused(site.api("DELETE", "scopes/corp", user="ann"), 400, "scopeNotEmpty")


class TestOnlyAdministratorsPublish:
    @pytest.fixture
    def ini(self) -> dict[str, str]:
        return {"pypi.default_read": "everyone", "pypi.default_write": "admin"}

    def test_one_name_is_not_all(self, site, users):
        grant(users, Project("jsr", "@corp/tool"), "bob")
        site.taken("@corp/tool", user="bob")
        site.taken("@corp/tool", "1.1.0", user="bob")
        refused(site.new("@corp/other", user="bob"), 403, "actorNotAuthorized")


class TestNothingIsRead:
    @pytest.fixture
    def ini(self) -> dict[str, str]:
        return {"pypi.default_read": "admin", "pypi.default_write": "authenticated"}

    def test_scopes_of_others(self, site):
        site.done("POST", "scopes", {"scope": "secret", "description": "Nobody may know"})
        user = site.done("GET", "user")["id"]
        refused(site.api("GET", "scopes/secret", user="bob"), 404, "scopeNotFound")
        assert site.done("GET", f"users/{user}/scopes", user="bob") == []
        assert [each["scope"] for each in site.done("GET", f"users/{user}/scopes")] == ["secret"]
