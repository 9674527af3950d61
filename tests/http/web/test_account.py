"""One's own pages: registering, invitations, the password, what one owns and follows."""

from __future__ import annotations

import pytest

from pypicloud_like.access.invitations import invitation
from pypicloud_like.core.model import Scope
from tests.http.conftest import PASSWORD, basic

NEW = "another battery staple"


@pytest.fixture
def ini():
    return {"pypi.default_read": "authenticated", "pypi.default_write": "authenticated"}


class TestOverview:
    def test_it_has_what_one_owns_and_follows(self, site, ann, bob):
        site.wheel("foo", "1.0")
        assert 'href="/project/foo/"' in ann.read("/account")
        assert 'href="/project/foo/"' not in bob.read("/account")
        answer = bob.post("/account/follow", ecosystem="pypi", name="Foo", follow="yes")
        assert (answer.status_int, answer.headers["Location"]) == (303, "/project/foo/")
        assert 'href="/project/foo/"' in bob.read("/account")
        assert "Unfollow" in bob.read("/project/foo/")
        bob.post("/account/follow", ecosystem="pypi", name="foo", follow="no")
        assert 'href="/project/foo/"' not in bob.read("/account")

    @pytest.mark.parametrize(
        ("fields", "status"),
        [
            ({"ecosystem": "pypi", "name": "nope", "follow": "yes"}, 404),
            ({"ecosystem": "nope", "name": "foo", "follow": "yes"}, 400),
            ({"ecosystem": "pypi", "name": "-", "follow": "yes"}, 404),
            ({"ecosystem": "pypi", "name": "foo", "follow": "maybe"}, 400),
            ({}, 400),
        ],
    )
    def test_what_cannot_be_followed(self, site, bob, fields, status):
        site.wheel("foo", "1.0")
        assert bob.post("/account/follow", **fields).status_int == status

    def test_invites_are_answered(self, services, ann, bob):
        services.scopes.add("acme", creator="ann")
        services.scopes.invite("acme", "bob", inviter="ann")
        assert "invites you to the scope <strong>@acme" in bob.read("/account")
        assert "member of @acme" in bob.post("/account/invites", scope="acme", answer="accept").text
        assert services.scopes.member("acme", "bob")
        assert "jsr:@acme/*" in bob.read("/account")
        assert bob.post("/account/invites", scope="acme", answer="accept").status_int == 404

    def test_an_invite_is_declined(self, services, bob):
        services.scopes.add("acme", creator="ann")
        services.scopes.invite("acme", "bob", inviter="ann")
        assert "declined" in bob.post("/account/invites", scope="acme", answer="decline").text
        assert not services.scopes.member("acme", "bob")
        assert not services.scopes.invites_of("bob")

    def test_a_token_sees_none_of_it(self, app, services, users):
        secret, _ = services.state.add_token("ann", "x", Scope(frozenset({"read"})), expires_at=None)
        for path in ("/account", "/me", "/upload"):
            assert app.ask("GET", path, headers=basic("__token__", secret)).status_int == 403


class TestPassword:
    def test_it_is_changed_and_other_sessions_end(self, browse):
        here, elsewhere = browse("ann"), browse("ann")
        answer = here.post("/account/password", old=PASSWORD, new=NEW, again=NEW)
        assert (answer.status_int, answer.headers["Location"]) == (303, "/account?said=password")
        assert "Set-Cookie" in answer.headers
        assert elsewhere.get("/account").status_int == 302

    @pytest.mark.parametrize(
        ("fields", "status", "said"),
        [
            ({"old": "wrong", "new": NEW, "again": NEW}, 403, "old password is wrong"),
            ({"old": PASSWORD, "new": NEW, "again": "other"}, 400, "twice alike"),
            ({"old": PASSWORD, "new": "", "again": ""}, 400, "password"),
        ],
    )
    def test_refusals_change_nothing(self, ann, app, fields, status, said):
        answer = ann.post("/account/password", **fields)
        assert answer.status_int == status
        assert said in answer.text
        assert app.ask("GET", "/account", headers=basic("ann")).status_int == 200

    def test_it_needs_the_token_of_the_form(self, ann):
        answer = ann.post("/account/password", csrf=False, old=PASSWORD, new=NEW, again=NEW)
        assert answer.status_int == 403


class TestRegistering:
    def test_closed(self, app, users):
        page = app.ask("GET", "/acct/register").text
        assert "closed" in page
        assert "/acct/register" not in app.ask("GET", "/acct/login").text
        fields = {"username": "carl", "password": NEW, "again": NEW}
        assert app.post("/acct/register", fields, expect_errors=True).status_int == 403

    def test_open_one_waits_for_approval(self, app, users):
        users.set_registration(True, actor=None)
        assert "/acct/register" in app.ask("GET", "/acct/login").text
        fields = {"username": "carl", "password": NEW, "again": NEW}
        page = app.post("/acct/register", fields)
        assert "An administrator has to approve it" in page.text
        assert list(users.pending_users()) == ["carl"]
        assert app.post("/acct/register", fields, expect_errors=True).status_int == 400

    def test_not_twice_alike(self, app, users):
        users.set_registration(True, actor=None)
        fields = {"username": "carl<b>", "password": NEW, "again": "x"}
        answer = app.post("/acct/register", fields, expect_errors=True)
        assert answer.status_int == 400
        assert 'value="carl&lt;b&gt;"' in answer.text
        assert not users.pending_users()

    def test_from_another_site(self, app, users):
        users.set_registration(True, actor=None)
        fields = {"username": "carl", "password": NEW, "again": NEW}
        headers = {"Origin": "https://evil.example"}
        assert app.post("/acct/register", fields, headers=headers, expect_errors=True).status_int == 403
        assert not users.pending_users()

    def test_an_invitation(self, app, services, users):
        token = invitation(services.secret, "carl", services.clock())
        fields = {"token": token, "password": NEW, "again": NEW}
        answer = app.post("/acct/invited", fields)
        assert (answer.status_int, answer.headers["Location"]) == (303, "/")
        assert users.account("carl")
        assert "carl" in app.ask("GET", "/").text

    @pytest.mark.parametrize("token", ["", "carl:1:x", "<script>", "x" * 5000])
    def test_an_invitation_that_is_none(self, app, users, token):
        fields = {"token": token, "password": NEW, "again": NEW}
        answer = app.post("/acct/invited", fields, expect_errors=True)
        assert answer.status_int == 400
        assert "<script>" not in answer.text
        assert "Set-Cookie" not in answer.headers
