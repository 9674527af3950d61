"""Pages for administrators about people: users, groups, and rights with their reasons."""

from __future__ import annotations

import re

import pytest

from pypicloud_like.core.model import PYPI, Project, Right, Scope
from tests.http.conftest import PASSWORD, basic

FOO = Project(PYPI, "foo")
NEW = "another battery staple"


@pytest.fixture
def ini():
    return {"pypi.default_read": "authenticated", "pypi.default_write": "authenticated"}


def done(answer, key: str) -> None:
    """It was done, and the page that comes next says so."""
    assert answer.status_int == 303, answer
    assert answer.headers["Location"].endswith(f"done={key}")


class TestRegistration:
    def test_it_is_switched_on_and_off(self, boss, users):
        assert "<strong>may not</strong> register" in boss.read("/admin/users")
        done(boss.post("/admin/users", do="registration", allow="true"), "registration-on")
        assert users.registration()
        assert "Newcomers may register now." in boss.read("/admin/users?done=registration-on")
        done(boss.post("/admin/users", do="registration", allow="false"), "registration-off")
        assert not users.registration()

    def test_who_waits_is_approved_or_refused(self, boss, users, app):
        users.set_registration(True, actor=None)
        for name in ("carla", "dimitri"):
            users.add_user(name, PASSWORD, pending=True, actor=None)
        assert "<strong>2</strong> users wait" in boss.read("/admin")
        page = boss.read("/admin/users")
        assert 'aria-label="Approve carla"' in page
        done(boss.post("/admin/users", do="approve", user="carla"), "approved")
        done(boss.post("/admin/users", do="refuse", user="dimitri"), "refused")
        assert not users.pending_users()
        assert app.ask("GET", "/api/v4/", headers=basic("carla")).status_int == 200
        assert users.account("dimitri") is None

    def test_a_page_left_open_does_not_remove_who_was_approved(self, boss, users):
        users.set_registration(True, actor=None)
        users.add_user("carla", PASSWORD, pending=True, actor=None)
        users.approve_user("carla", actor=None)
        answer = boss.post("/admin/users", do="refuse", user="carla")
        assert answer.status_int == 404
        assert users.account("carla") is not None


class TestUsers:
    def test_they_are_found_by_a_part_of_the_name(self, boss):
        page = boss.read("/admin/users?q=An")
        assert 'href="/admin/users/ann"' in page
        assert 'href="/admin/users/bob"' not in page
        assert "Nobody is called so" in boss.read("/admin/users?q=zzz")

    def test_many_have_pages(self, boss, users):
        for number in range(60):
            users.add_user(f"user-{number:02}", PASSWORD, actor=None)
        assert "Page 1 of 2" in boss.read("/admin/users")
        assert 'href="/admin/users/user-59"' in boss.read("/admin/users?page=2")

    def test_one_is_added(self, boss, users):
        done(boss.post("/admin/users", do="add", user="carla", password=NEW, admin="true"), "user-added")
        account = users.account("carla")
        assert account is not None
        assert account.admin

    @pytest.mark.parametrize(
        ("fields", "status"),
        [
            ({"user": "ann", "password": NEW}, 409),
            ({"user": "", "password": NEW}, 400),
            ({"user": "a/b", "password": NEW}, 400),
            ({"user": "<script>", "password": NEW}, 400),
            ({"user": "a\nb", "password": NEW}, 400),
            ({"user": "carla"}, 400),
            ({"user": "everyone", "password": NEW}, 400),
        ],
    )
    def test_one_that_cannot_be_added(self, boss, users, fields, status):
        before = len(users.accounts())
        answer = boss.post("/admin/users", do="add", **fields)
        assert answer.status_int == status
        assert 'role="alert"' in answer.text
        assert "<script>" not in answer.text
        assert len(users.accounts()) == before

    def test_an_invitation_is_shown_once_and_works(self, boss, app, users):
        answer = boss.post("/admin/users", do="invite", user="carla")
        assert answer.status_int == 200
        token = re.search(r"token=([^<\s]+)", answer.text)
        assert token is not None
        assert token[1] not in boss.read("/admin/users")
        sent = {"token": token[1].replace("&#x3D;", "="), "password": NEW, "again": NEW}
        assert app.post("/acct/invited", sent, expect_errors=True).status_int < 400
        assert users.account("carla") is not None


class TestUser:
    def test_everything_about_one(self, boss, users, services):
        users.add_group("devs", actor=None)
        users.add_member("devs", "ann", actor=None)
        users.grant(FOO, "user", "ann", Right.READ, actor=None)
        services.state.add_owner(Project("cargo", "bar"), "ann", actor=None)
        services.state.add_token("ann", "laptop", Scope(frozenset({"read"})), expires_at=None)
        page = boss.read("/admin/users/ann")
        assert 'href="/admin/groups/devs"' in page
        assert 'href="/admin/rights?project=foo"' in page
        assert 'href="/admin/rights?project=cargo%3Abar"' in page
        assert "laptop" in page

    def test_groups(self, boss, users):
        users.add_group("devs", actor=None)
        done(boss.post("/admin/users/ann", do="join", group="devs"), "joined")
        assert users.groups()["devs"] == {"ann"}
        done(boss.post("/admin/users/ann", do="leave", group="devs"), "left")
        assert users.groups()["devs"] == set()
        assert boss.post("/admin/users/ann", do="join", group="nope").status_int == 404

    def test_administering(self, boss, users):
        done(boss.post("/admin/users/ann", do="admin", admin="true"), "admin")
        assert users.account("ann").admin
        done(boss.post("/admin/users/ann", do="admin", admin="false"), "no-admin")
        assert not users.account("ann").admin

    def test_the_last_administrator_stays_one(self, boss, users):
        for fields in ({"do": "admin", "admin": "false"}, {"do": "remove", "confirm": "boss"}):
            answer = boss.post("/admin/users/boss", **fields)
            assert answer.status_int == 409
            assert 'role="alert"' in answer.text
        assert users.account("boss").admin

    def test_another_password_ends_all_sessions(self, boss, ann, app):
        done(boss.post("/admin/users/ann", do="password", password=NEW), "password")
        assert ann.get("/account").status_int == 302
        assert app.ask("GET", "/api/v4/", headers=basic("ann")).status_int == 401
        assert app.ask("GET", "/api/v4/", headers=basic("ann", NEW)).status_int == 200

    def test_sessions_and_tokens_end(self, boss, ann, services):
        services.state.add_token("ann", "laptop", Scope(frozenset({"read"})), expires_at=None)
        [token] = services.state.tokens("ann")
        done(boss.post("/admin/users/ann", do="revoke-token", token=token.id), "token-revoked")
        assert not services.state.tokens("ann")
        assert boss.post("/admin/users/ann", do="revoke-token", token=token.id).status_int == 404
        assert ann.get("/account").status_int == 200
        done(boss.post("/admin/users/ann", do="sessions"), "sessions")
        assert ann.get("/account").status_int == 302

    def test_one_is_removed_when_that_is_confirmed(self, boss, users):
        for wrong in ({}, {"confirm": "bob"}):
            answer = boss.post("/admin/users/ann", do="remove", **wrong)
            assert answer.status_int == 400
            assert "write ann into the field" in answer.text
        done(boss.post("/admin/users/ann", do="remove", confirm="ann"), "user-removed")
        assert users.account("ann") is None

    def test_one_that_is_not_there(self, boss):
        assert boss.get("/admin/users/nope").status_int == 404
        assert boss.post("/admin/users/nope", do="sessions").status_int == 404


class TestGroups:
    def test_one_is_made_filled_and_removed(self, boss, users):
        done(boss.post("/admin/groups", do="add", group="Devs"), "group-added")
        assert "Nobody." in boss.read("/admin/groups/devs")
        done(boss.post("/admin/groups/devs", do="join", user="ann"), "joined")
        users.grant(FOO, "group", "devs", Right.WRITE, actor=None)
        page = boss.read("/admin/groups/devs")
        assert 'href="/admin/users/ann"' in page
        assert 'href="/admin/rights?project=foo"' in page
        assert '<td class="number">1</td><td class="number">1</td>' in boss.read("/admin/groups")
        done(boss.post("/admin/groups/devs", do="leave", user="ann"), "left")
        assert boss.post("/admin/groups/devs", do="remove").status_int == 400
        done(boss.post("/admin/groups/devs", do="remove", confirm="devs"), "group-removed")
        assert users.groups() == {}
        assert users.grants() == {}

    @pytest.mark.parametrize(("name", "status"), [("everyone", 400), ("a/b", 400), ("", 400)])
    def test_one_that_cannot_be_made(self, boss, users, name, status):
        assert boss.post("/admin/groups", do="add", group=name).status_int == status
        assert users.groups() == {}

    def test_who_is_no_user(self, boss, users):
        users.add_group("devs", actor=None)
        assert boss.post("/admin/groups/devs", do="join", user="nope").status_int == 404
        assert boss.get("/admin/groups/nope").status_int == 404


class TestRights:
    def test_a_right_is_granted_and_taken_away(self, boss, bob, site, users):
        site.wheel("foo", "1.0")
        assert bob.get("/project/foo/").status_int == 200
        here = "/admin/rights?project=foo"
        done(boss.post(here, do="grant", kind="user", name="ann", right="read"), "granted")
        assert users.grants()[FOO].users == {"ann": {Right.READ}}
        assert bob.get("/project/foo/").status_int == 404
        done(boss.post(here, do="revoke", kind="user", name="ann", right="read"), "revoked")
        assert FOO not in users.grants()

    def test_it_says_who_may_and_why(self, boss, site, users):
        site.wheel("foo", "1.0", user="boss")
        page = boss.read("/admin/rights?project=foo")
        assert "foo has no grants, and pypi.default_read has the group authenticated" in page
        users.add_group("devs", actor=None)
        users.add_member("devs", "ann", actor=None)
        users.grant(FOO, "group", "devs", Right.READ, actor=None)
        page = boss.read("/admin/rights?project=foo")
        assert "read is granted to the group devs" in page
        assert "administrators may do everything" in page
        assert "there are explicit grants, and none gives read" in page
        only = boss.read("/admin/rights?project=foo&user=ann")
        assert 'href="/admin/users/ann"' in only
        assert 'href="/admin/users/bob"' not in only

    @pytest.mark.parametrize("spelled", ["foo", "cargo:foo", "jsr:@acme/foo", "Foo_Bar"])
    def test_a_project_need_not_exist(self, boss, users, spelled):
        assert "no such project here yet" in boss.read(f"/admin/rights?project={spelled}")
        path = f"/admin/rights?project={spelled}"
        done(boss.post(path, do="grant", kind="group", name="everyone", right="read"), "granted")
        assert len(users.grants()) == 1
        assert "Projects with grants" in boss.read("/admin/rights")

    @pytest.mark.parametrize(
        "fields",
        [
            {"kind": "user", "name": "ann", "right": "own"},
            {"kind": "role", "name": "ann", "right": "read"},
            {"kind": "user", "name": "", "right": "read"},
            {"kind": "user", "right": "read"},
            {},
        ],
    )
    def test_what_cannot_be_granted(self, boss, users, fields):
        assert boss.post("/admin/rights?project=foo", do="grant", **fields).status_int == 400
        assert users.grants() == {}

    @pytest.mark.parametrize("spelled", ["npm:foo", "jsr:foo", "%00", "a b", "/"])
    def test_what_is_no_project(self, boss, spelled):
        page = boss.read(f"/admin/rights?project={spelled}", status=400)
        assert 'role="alert"' in page
        assert boss.post(f"/admin/rights?project={spelled}", do="grant").status_int == 400

    def test_owners(self, boss, site, services):
        site.wheel("foo", "1.0", user="boss")
        here = "/admin/rights?project=foo"
        done(boss.post(here, do="add-owner", name="ann"), "owner-added")
        assert services.state.owners(FOO) == ["ann", "boss"]
        assert "ann owns foo" in boss.read(here)
        done(boss.post(here, do="remove-owner", name="ann"), "owner-removed")
        assert services.state.owners(FOO) == ["boss"]
        assert boss.post(here, do="add-owner", name="nope").status_int == 404
        assert boss.post(here, do="remove-owner", name="boss").status_int == 409
