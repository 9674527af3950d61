"""Members and invites over HTTP: who asks whom, and what membership is worth."""

from __future__ import annotations

import uuid

import pytest

from tests.http.jsr.site import refused
from tests.http.jsr.test_scopes import SUDO


@pytest.fixture
def ini() -> dict[str, str]:
    return {"pypi.default_read": "authenticated", "pypi.default_write": "authenticated"}


@pytest.fixture
def acme(site):
    """A scope of ``ann`` with a package."""
    site.done("POST", "scopes", {"scope": "acme"})
    site.taken("@acme/demo", user="ann")
    return site


def user_id(site, name: str) -> str:
    return site.done("GET", "user", user=name)["id"]


def test_an_invite_and_a_yes(acme):
    refused(acme.new("@acme/demo", "1.1.0", user="bob"), 403, "actorNotAuthorized")
    invite = acme.done("POST", "scopes/acme/members", {"githubLogin": "bob"})
    assert invite.keys() == {
        "scope", "targetUser", "inviter", "requestingUser", "createdAt", "updatedAt",
    }  # fmt: skip
    assert invite["targetUser"]["name"] == "bob"
    assert invite["inviter"] == invite["requestingUser"]
    assert invite["inviter"]["name"] == "ann"
    assert acme.done("GET", "scopes/acme/invites") == acme.done("GET", "user/invites", user="bob") == [invite]
    assert acme.done("GET", "user", user="bob")["inviteCount"] == 1
    refused(acme.new("@acme/demo", "1.1.0", user="bob"), 403, "actorNotAuthorized")
    member = acme.done("POST", "user/invites/acme", user="bob")
    assert (member["user"]["name"], member["isAdmin"]) == ("bob", False)
    assert acme.done("GET", "user/invites", user="bob") == []
    acme.taken("@acme/demo", "1.1.0", user="bob")
    refused(acme.api("POST", "user/invites/acme", user="bob"), 404, "scopeInviteNotFound")


def test_by_id_and_by_the_other_name(acme):
    acme.done("POST", "scopes/acme/members", {"id": user_id(acme, "bob")})
    acme.done("DELETE", "user/invites/acme", user="bob")
    acme.done("POST", "scopes/acme/members", {"gitlabUsername": "BOB"})


def test_who_cannot_be_invited(acme):
    where = "scopes/acme/members"
    for said, code in (
        ({"githubLogin": "nobody"}, "userNotFound"),
        ({"githubLogin": "x\0y"}, "userNotFound"),
        ({"githubLogin": ""}, "userNotFound"),
        ({"id": str(uuid.uuid4())}, "userNotFound"),
    ):
        refused(acme.api("POST", where, said), 404, code)
    for said in ({"githubLogin": 1}, {"id": "x"}, {}, {"id": "x", "githubLogin": "bob"}, []):
        refused(acme.api("POST", where, said), 400, "malformedRequest")
    refused(acme.api("POST", where, {"githubLogin": "ann"}), 400, "alreadyScopeMember")
    acme.done("POST", where, {"githubLogin": "bob"})
    refused(acme.api("POST", where, {"githubLogin": "bob"}), 400, "alreadyInvited")


def test_an_invite_can_be_taken_back_from_both_sides(acme):
    bob = user_id(acme, "bob")
    for undo in (
        lambda: acme.api("DELETE", f"scopes/acme/invites/{bob}"),
        lambda: acme.api("DELETE", "user/invites/acme", user="bob"),
    ):
        acme.done("POST", "scopes/acme/members", {"githubLogin": "bob"})
        assert undo().status_int == 204
        refused(undo(), 404, "scopeInviteNotFound")


def test_members_may_do_less_than_admins(acme):
    bob = acme.join("acme", "bob")
    acme.done("POST", "scopes/acme/packages", {"package": "more"}, user="bob")
    acme.done("PATCH", "scopes/acme/packages/more", {"description": "Words"}, user="bob")
    for method, path, said in (
        ("POST", "scopes/acme/members", {"githubLogin": "boss"}),
        ("GET", "scopes/acme/invites", None),
        ("PATCH", f"scopes/acme/members/{bob}", {"isAdmin": True}),
        ("PATCH", "scopes/acme/packages/more", {"isArchived": True}),
        ("PATCH", "scopes/acme/packages/demo/versions/1.0.0", {"yanked": True}),
        ("DELETE", "scopes/acme/packages/more", None),
        ("DELETE", f"scopes/acme/members/{user_id(acme, 'ann')}", None),
    ):
        refused(acme.api(method, path, said, user="bob"), 403, "actorNotScopeAdmin")
    acme.done("DELETE", f"scopes/acme/members/{bob}", user="bob")
    refused(acme.new("@acme/demo", "1.1.0", user="bob"), 403, "actorNotAuthorized")
    refused(acme.api("DELETE", f"scopes/acme/members/{bob}"), 404, "scopeMemberNotFound")


def test_the_last_admin_stays(acme):
    ann = user_id(acme, "ann")
    refused(acme.api("DELETE", f"scopes/acme/members/{ann}"), 400, "scopeMustHaveAdmin")
    refused(acme.api("PATCH", f"scopes/acme/members/{ann}", {"isAdmin": False}), 400, "scopeMustHaveAdmin")
    bob = acme.join("acme", "bob")
    assert acme.done("PATCH", f"scopes/acme/members/{bob}", {"isAdmin": True})["isAdmin"]
    assert not acme.done("PATCH", f"scopes/acme/members/{ann}", {"isAdmin": False}, user="bob")["isAdmin"]
    refused(acme.api("DELETE", f"scopes/acme/members/{bob}", user="bob"), 400, "scopeMustHaveAdmin")
    acme.done("DELETE", f"scopes/acme/members/{ann}")
    assert acme.done("GET", "user/scopes") == []


def test_who_is_no_member_cannot_be_changed(acme):
    for who in (user_id(acme, "bob"), str(uuid.uuid4())):
        refused(
            acme.api("PATCH", f"scopes/acme/members/{who}", {"isAdmin": True}), 404, "scopeMemberNotFound"
        )
        refused(acme.api("DELETE", f"scopes/acme/members/{who}"), 404, "scopeMemberNotFound")
    refused(acme.api("PATCH", "scopes/acme/members/x", {"isAdmin": True}), 400, "malformedRequest")
    ann = user_id(acme, "ann")
    for said in ({}, {"isAdmin": 1}, {"isAdmin": None}):
        refused(acme.api("PATCH", f"scopes/acme/members/{ann}", said), 400, "malformedRequest")


def test_staff_say_that_they_mean_it(acme):
    said = {"githubLogin": "bob"}
    refused(acme.api("POST", "scopes/acme/members", said, user="boss"), 403, "actorNotScopeMember")
    acme.done("POST", "scopes/acme/members", said, user="boss", headers=SUDO)
    refused(
        acme.api("POST", "scopes/acme/members", said, user="bob", headers=SUDO), 403, "actorNotScopeMember"
    )


def test_members_read_and_write_what_others_may_not(acme, services):
    from pypicloud_like.core.model import Project, Right

    acme.join("acme", "bob")
    services.access.grant(Project("jsr", "@acme/demo"), "user", "ann", Right.READ, actor=None)
    assert acme.get("/@acme/demo/meta.json", user="bob").status_int == 200
    acme.taken("@acme/demo", "1.1.0", user="bob")
    acme.done("DELETE", f"scopes/acme/members/{user_id(acme, 'bob')}", user="bob")
    refused(acme.get("/@acme/demo/meta.json", user="bob"), 404, "packageNotFound")
    assert acme.done("GET", "packages", user="bob") == {"items": [], "total": 0}


def test_a_token_does_what_it_was_made_for(acme):
    reading = acme.token("ann", "read")
    refused(
        acme.api("POST", "scopes/acme/members", {"githubLogin": "bob"}, user=None, headers=reading),
        403,
        "missingPermission",
    )
    elsewhere = acme.token("ann", "read", "owners", projects=["@other/*"])
    refused(acme.api("GET", "scopes/acme", user=None, headers=elsewhere), 404, "scopeNotFound")
    here = acme.token("ann", "read", "owners", projects=["@acme/*"])
    acme.done("POST", "scopes/acme/members", {"githubLogin": "bob"}, user=None, headers=here)


def test_a_user_who_is_gone_is_no_member(acme, services):
    acme.join("acme", "bob")
    services.access.remove_user("bob", actor=None)
    assert [member["user"]["name"] for member in acme.done("GET", "scopes/acme/members")] == ["ann"]
