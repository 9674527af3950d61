"""Scopes over HTTP: making them, their settings and limits, and removing them."""

from __future__ import annotations

import pytest

from tests.http.conftest import basic
from tests.http.jsr.site import refused

SUDO = {"X-JSR-Sudo": "true"}


@pytest.fixture
def ini() -> dict[str, str]:
    return {"pypi.default_read": "everyone", "pypi.default_write": "authenticated"}


def test_a_new_scope_is_its_maker_s(site):
    made = site.done("POST", "scopes", {"scope": "acme", "description": "Our things"})
    assert made.keys() == {"scope", "description", "createdAt", "updatedAt"}
    assert (made["scope"], made["description"]) == ("acme", "Our things")
    (member,) = site.done("GET", "scopes/acme/members")
    assert member.keys() == {"scope", "user", "isAdmin", "createdAt", "updatedAt"}
    assert (member["user"]["name"], member["isAdmin"]) == ("ann", True)
    assert [scope["scope"] for scope in site.done("GET", "user/scopes")] == ["acme"]
    assert site.done("GET", "user/scopes", user="bob") == []
    assert site.done("GET", "user/member/acme")["isAdmin"]
    refused(site.api("GET", "user/member/acme", user="bob"), 404, "scopeMemberNotFound")


@pytest.mark.parametrize("name", ["a", "a" * 21, "A", "Acme", "a_b", "-a", "a-", "a--b", "1a", "", "@acme"])
def test_what_no_scope_is_called(site, name):
    refused(site.api("POST", "scopes", {"scope": name}), 400, "malformedRequest")
    if name:
        refused(site.api("GET", f"scopes/{name}"), 400, "malformedRequest")


@pytest.mark.parametrize("name", ["ab", "a-b", "a1", "a" * 20])
def test_what_a_scope_may_be_called(site, name):
    assert site.done("POST", "scopes", {"scope": name})["scope"] == name


def test_names_may_not_differ_by_hyphens_alone(site):
    site.done("POST", "scopes", {"scope": "ab"})
    for taken in ("ab", "a-b"):
        refused(site.api("POST", "scopes", {"scope": taken}, user="bob"), 409, "scopeAlreadyExists")


@pytest.mark.parametrize(
    "said",
    [
        [],
        "x",
        {},
        {"scope": 1},
        {"scope": None},
        {"scope": "acme", "description": "abc"},
        {"scope": "acme", "description": "a" * 201},
        {"scope": "acme", "description": "a\nb c d"},
        {"scope": "acme", "description": 5},
    ],
)
def test_a_body_that_is_none(site, said):
    refused(site.api("POST", "scopes", said), 400, "malformedRequest")
    answer = site.client.request(
        "/api/scopes", method="POST", body=b"{", headers=basic("ann"), expect_errors=True
    )
    refused(answer, 400, "malformedRequest")


def test_limits_are_for_admins_to_see(site):
    site.done("POST", "scopes", {"scope": "acme"})
    site.taken("@acme/demo", user="ann")
    told = site.done("GET", "scopes/acme")
    assert told["creator"]["name"] == "ann"
    assert told["ghActionsVerifyActor"] is True
    assert told["requirePublishingFromCI"] is False
    assert told["quotas"] == {
        "packageUsage": 1,
        "packageLimit": 1000,
        "newPackagePerWeekUsage": 1,
        "newPackagePerWeekLimit": 1000,
        "publishAttemptsPerWeekUsage": 1,
        "publishAttemptsPerWeekLimit": 10000,
    }
    site.join("acme", "bob")
    for user in ("bob", "boss", None):
        assert site.done("GET", "scopes/acme", user=user).keys() == {
            "scope", "description", "createdAt", "updatedAt"
        }  # fmt: skip
    assert "quotas" in site.done("GET", "scopes/acme", user="boss", headers=SUDO)
    assert "quotas" in site.done("GET", "scopes/acme", user="boss", headers={"Cookie": "sudo=1"})
    assert "quotas" not in site.done("GET", "scopes/acme", user="bob", headers=SUDO)


@pytest.mark.parametrize("said", [{}, {"description": "", "ghActionsVerifyActor": True}, {"other": 1}, []])
def test_one_change_at_a_time(site, said):
    site.done("POST", "scopes", {"scope": "acme"})
    refused(site.api("PATCH", "scopes/acme", said), 400, "malformedRequest")


def test_settings(site):
    site.done("POST", "scopes", {"scope": "acme"})
    assert site.done("PATCH", "scopes/acme", {"description": "New words"})["description"] == "New words"
    assert site.done("PATCH", "scopes/acme", {"description": None})["description"] == ""
    assert not site.done("PATCH", "scopes/acme", {"ghActionsVerifyActor": False})["ghActionsVerifyActor"]
    assert site.done("PATCH", "scopes/acme", {"requirePublishingFromCI": True})["requirePublishingFromCI"]
    refused(site.new("@acme/demo", user="ann"), 403, "scopeRequiresPublishingFromCI")
    refused(site.api("PATCH", "scopes/acme", {"ghActionsVerifyActor": 1}), 400, "malformedRequest")
    refused(site.api("PATCH", "scopes/nobody", {"description": ""}), 404, "scopeNotFound")
    refused(site.api("PATCH", "scopes/acme", {"description": ""}, user="bob"), 403, "actorNotScopeMember")
    site.join("acme", "bob")
    refused(site.api("PATCH", "scopes/acme", {"description": ""}, user="bob"), 403, "actorNotScopeAdmin")
    refused(site.api("PATCH", "scopes/acme", {"description": ""}, user="boss"), 403, "actorNotScopeMember")
    site.done("PATCH", "scopes/acme", {"description": ""}, user="boss", headers=SUDO)


def test_only_an_empty_scope_can_be_removed(site):
    site.done("POST", "scopes", {"scope": "acme"})
    site.done("POST", "scopes/acme/packages", {"package": "demo"})
    refused(site.api("DELETE", "scopes/acme"), 400, "scopeNotEmpty")
    site.done("DELETE", "scopes/acme/packages/demo")
    refused(site.api("DELETE", "scopes/acme", user="bob"), 403, "actorNotScopeMember")
    site.done("DELETE", "scopes/acme")
    refused(site.api("GET", "scopes/acme"), 404, "scopeNotFound")
    refused(site.api("DELETE", "scopes/acme"), 404, "scopeNotFound")


class TestLimits:
    @pytest.fixture
    def ini(self) -> dict[str, str]:
        return {
            "pypi.default_read": "everyone",
            "pypi.default_write": "authenticated",
            "jsr.scope_limit": "1",
            "jsr.package_limit": "2",
            "jsr.weekly_packages": "2",
            "jsr.weekly_attempts": "3",
            "jsr.reserved_scopes": "std deno-land",
        }

    def test_of_scopes(self, site):
        site.done("POST", "scopes", {"scope": "acme"})
        refused(site.api("POST", "scopes", {"scope": "more"}), 400, "scopeLimitReached")
        task = site.new("@more/demo", user="ann").json
        assert task["error"]["code"] == "scopeLimitReached"

    @pytest.mark.parametrize("name", ["std", "s-td", "denoland", "deno-land"])
    def test_of_names(self, site, name):
        refused(site.api("POST", "scopes", {"scope": name}), 400, "scopeNameReserved")

    def test_of_packages(self, site):
        site.done("POST", "scopes", {"scope": "acme"})
        for name in ("one", "two"):
            site.done("POST", "scopes/acme/packages", {"package": name})
        refused(site.api("POST", "scopes/acme/packages", {"package": "three"}), 400, "packageLimitExceeded")
        refused(site.new("@acme/three", user="ann"), 400, "packageLimitExceeded")
        site.taken("@acme/one", user="ann")

    def test_of_packages_in_a_week(self, site, clock):
        from datetime import timedelta

        site.done("POST", "scopes", {"scope": "acme"})
        for name in ("one", "two"):
            site.done("POST", "scopes/acme/packages", {"package": name})
        site.done("DELETE", "scopes/acme/packages/one")
        site.done("POST", "scopes/acme/packages", {"package": "one"})
        clock.now += timedelta(days=8)
        assert site.done("GET", "scopes/acme")["quotas"]["newPackagePerWeekUsage"] == 0

    def test_of_attempts(self, site):
        for version in ("1.0.0", "1.1.0", "1.2.0"):
            site.taken("@acme/demo", version, user="ann")
        answer = site.new("@acme/demo", "1.3.0", user="ann")
        refused(answer, 400, "weeklyPublishAttemptsLimitExceeded")


class TestPrivate:
    @pytest.fixture
    def ini(self) -> dict[str, str]:
        return {"pypi.default_read": "authenticated", "pypi.default_write": "boss-only"}

    def test_whoever_may_not_publish_makes_no_scope(self, site):
        refused(site.api("POST", "scopes", {"scope": "acme"}), 403, "actorNotAuthorized")
        refused(site.api("POST", "scopes", {"scope": "acme"}, user=None), 401, "missingAuthentication")

    def test_strangers_learn_nothing(self, site):
        site.done("POST", "scopes", {"scope": "acme"}, user="boss")
        for path in ("scopes/acme", "scopes/none", "scopes/acme/members", "scopes/acme/packages"):
            refused(site.api("GET", path, user=None), 401, "missingAuthentication")
        wrong = {"Authorization": "Bearer wrong"}
        refused(site.api("GET", "scopes/acme", user=None, headers=wrong), 401, "invalidBearerToken")
