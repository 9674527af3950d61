"""Scopes: by administrators of the server, and by their own."""

from __future__ import annotations

import pytest

from tests.http.web.test_control_people import done


@pytest.fixture
def ini():
    return {
        "pypi.default_read": "authenticated",
        "pypi.default_write": "authenticated",
        "pypi.allow_create_groups": "devs",
    }


@pytest.fixture
def acme(services):
    """A scope that ``ann`` administers, and ``bob`` is a member of."""
    services.scopes.add("acme", creator="ann", description="Of our shop")
    services.scopes.invite("acme", "bob", inviter="ann")
    services.scopes.accept("acme", "bob")
    return services.scopes


def admins(scopes) -> set[str]:
    """Who administers ``acme``."""
    return {each.user for each in scopes.members("acme") if each.admin}


class TestTheServersAdministrators:
    def test_all_are_listed_and_found(self, boss, acme, site, services):
        services.scopes.add("other", creator="bob")
        site.module("@acme/foo", "1.0.0")
        page = boss.read("/admin/scopes")
        assert '<td class="number">2</td><td class="number">1</td>' in page
        assert 'href="/admin/scopes/other"' in page
        only = boss.read("/admin/scopes?q=@ac")
        assert 'href="/admin/scopes/acme"' in only
        assert 'href="/admin/scopes/other"' not in only
        assert "none of that name" in boss.read("/admin/scopes?q=zz%00z")

    def test_one_is_made(self, boss, services):
        answer = boss.post("/admin/scopes", do="add", scope="@acme", description="Of our shop")
        assert answer.headers["Location"] == "/admin/scopes/acme?done=scope-added"
        assert services.scopes.scope("acme").description == "Of our shop"
        assert "Of our shop" in boss.read("/admin/scopes/acme")

    @pytest.mark.parametrize(
        ("name", "status"), [("acme", 409), ("a", 400), ("A B", 400), ("", 400), ("<script>", 400)]
    )
    def test_one_that_cannot_be_made(self, boss, acme, name, status):
        answer = boss.post("/admin/scopes", do="add", scope=name)
        assert answer.status_int == status
        assert 'role="alert"' in answer.text
        assert "<script>" not in answer.text
        assert acme.some()[1] == 1

    def test_members_and_invitations(self, boss, acme):
        here = "/admin/scopes/acme"
        done(boss.post(here, do="admin", user="bob", admin="true"), "member-admin")
        assert admins(acme) == {"ann", "bob"}
        done(boss.post(here, do="admin", user="ann", admin="false"), "member-plain")
        assert boss.post(here, do="admin", user="bob", admin="false").status_int == 409
        done(boss.post(here, do="remove-member", user="ann"), "member-removed")
        done(boss.post(here, do="invite", user="ann"), "invited")
        assert "invitation of ann" in boss.read(here)
        assert boss.post(here, do="invite", user="ann").status_int == 409
        assert boss.post(here, do="invite", user="nope").status_int == 404
        done(boss.post(here, do="remove-invite", user="ann"), "invite-removed")
        assert not acme.invites("acme")

    def test_it_is_changed(self, boss, acme):
        fields = {"description": "Shop and till", "ci_only": "true"}
        done(boss.post("/admin/scopes/acme", do="change", **fields), "scope-changed")
        scope = acme.scope("acme")
        assert (scope.description, scope.ci_only, scope.verify_actor) == ("Shop and till", True, False)

    def test_it_goes_when_it_is_empty_and_that_is_confirmed(self, boss, acme, site, services):
        here = "/admin/scopes/acme"
        assert boss.post(here, do="remove", confirm="acme").status_int == 400
        services.scopes.add("full", creator="ann")
        site.module("@full/foo", "1.0.0")
        answer = boss.post("/admin/scopes/full", do="remove", confirm="@full")
        assert answer.status_int == 409
        assert "has packages" in answer.text
        answer = boss.post(here, do="remove", confirm="@acme")
        assert answer.headers["Location"] == "/admin/scopes?done=scope-removed"
        assert acme.scope("acme") is None
        assert boss.get(here).status_int == 404


class TestItsOwn:
    def test_they_see_their_scopes(self, ann, bob, boss, acme):
        assert "Of our shop" in ann.read("/account/scopes")
        assert "You are in none" in boss.read("/account/scopes")
        assert 'href="/account/scopes"' in bob.read("/account")
        page = bob.read("/account/scopes/acme")
        assert ">ann<" in page
        assert 'value="invite"' not in page

    def test_their_administrators_change_them(self, ann, acme):
        here = "/account/scopes/acme"
        assert 'value="invite"' in ann.read(here)
        done(ann.post(here, do="invite", user="boss"), "invited")
        assert "invitation of boss" in ann.read(here)
        done(ann.post(here, do="admin", user="bob", admin="true"), "member-admin")
        done(ann.post(here, do="change", description="Our till"), "scope-changed")
        done(ann.post(here, do="remove-member", user="bob"), "member-removed")
        assert {each.user for each in acme.members("acme")} == {"ann"}

    @pytest.mark.parametrize(
        "fields",
        [
            {"do": "invite", "user": "boss"},
            {"do": "admin", "user": "bob", "admin": "true"},
            {"do": "remove-member", "user": "ann"},
            {"do": "change", "description": "Mine"},
            {"do": "remove", "confirm": "@acme"},
            {"do": "remove-invite", "user": "boss"},
        ],
    )
    def test_members_do_not(self, bob, acme, fields):
        before = (acme.scope("acme"), acme.members("acme"), acme.invites("acme"))
        assert bob.post("/account/scopes/acme", **fields).status_int == 403
        assert (acme.scope("acme"), acme.members("acme"), acme.invites("acme")) == before

    def test_members_leave_but_the_last_administrator(self, ann, bob, acme):
        answer = bob.post("/account/scopes/acme", do="leave")
        assert answer.headers["Location"] == "/account/scopes?done=scope-left"
        assert {each.user for each in acme.members("acme")} == {"ann"}
        assert ann.post("/account/scopes/acme", do="leave").status_int == 409

    def test_a_scope_of_others_is_as_one_that_is_not_there(self, boss, services, bob):
        services.scopes.add("acme", creator="ann")
        for path in ("/account/scopes/acme", "/account/scopes/nope"):
            assert bob.get(path).status_int == 404
            assert bob.post(path, do="leave").status_int == 404
        assert boss.get("/account/scopes/acme").status_int == 404

    def test_who_may_publish_new_names_makes_one(self, ann, services, users):
        answer = ann.post("/account/scopes", do="add", scope="acme")
        assert answer.status_int == 403
        assert services.scopes.scope("acme") is None
        users.add_group("devs", actor=None)
        users.add_member("devs", "ann", actor=None)
        answer = ann.post("/account/scopes", do="add", scope="acme")
        assert answer.headers["Location"] == "/account/scopes/acme?done=scope-added"
        assert services.scopes.member("acme", "ann").admin
