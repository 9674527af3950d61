"""The administrator's groups and their members."""

import pytest

from tests.builders import a_wheel
from tests.http.account.sending import is_refused, what


def events(services):
    return [
        (event.action, event.actor, event.subject, what(event))
        for event in reversed(services.state.audit_events())
        if event.action.startswith(("group", "member"))
    ]


def test_a_group_from_birth_to_death(app, users, services):
    assert app.ask("GET", "/admin/group", user="boss").json == []
    for path in ("/admin/group/devs", "/admin/group/ops/"):
        answer = app.ask("PUT", path, user="boss")
        assert (answer.status_int, answer.body) == (200, b"")
    for path in ("/admin/group", "/admin/group/"):
        assert app.ask("GET", path, user="boss").json == ["devs", "ops"]
    for path in ("/admin/user/ann/group/devs", "/admin/user/bob/group/devs/"):
        assert app.ask("PUT", path, user="boss").status_int == 200
    app.ask("PUT", "/admin/package/foo/group/devs/read", user="boss")
    app.ask("PUT", "/admin/package/bar/group/devs/write", user="boss")
    app.ask("PUT", "/admin/package/bar/group/devs/read", user="boss")
    assert app.ask("GET", "/admin/group/devs/", user="boss").json == {
        "members": ["ann", "bob"],
        "packages": [
            {"package": "bar", "permissions": ["read", "write"]},
            {"package": "foo", "permissions": ["read"]},
        ],
    }
    assert app.ask("DELETE", "/admin/user/bob/group/devs", user="boss").status_int == 200
    assert app.ask("GET", "/admin/group/devs", user="boss").json["members"] == ["ann"]
    assert app.ask("DELETE", "/admin/group/devs/", user="boss").status_int == 200
    assert app.ask("GET", "/admin/group", user="boss").json == ["ops"]
    assert app.ask("GET", "/admin/user/ann", user="boss").json["groups"] == []
    assert app.ask("GET", "/admin/package/foo", user="boss").json == {"user": [], "group": []}
    assert events(services) == [
        ("group.add", "boss", "devs", {}),
        ("group.add", "boss", "ops", {}),
        ("member.add", "boss", "devs", {"user": "ann"}),
        ("member.add", "boss", "devs", {"user": "bob"}),
        ("member.remove", "boss", "devs", {"user": "bob"}),
        ("group.remove", "boss", "devs", {}),
    ]


def test_an_unknown_or_built_in_group_has_no_members(app, users):
    for name in ("nosuch", "everyone", "authenticated", "admin", "a b", "%E2%80%AE"):
        answer = app.ask("GET", f"/admin/group/{name}", user="boss")
        assert answer.status_int == 200
        assert answer.json == {"members": [], "packages": []}


def test_grants_of_built_in_groups_are_told(app, users):
    app.ask("PUT", "/admin/package/foo/group/everyone/read", user="boss")
    expected = {"members": [], "packages": [{"package": "foo", "permissions": ["read"]}]}
    assert app.ask("GET", "/admin/group/everyone", user="boss").json == expected


def test_groups_are_one_in_every_spelling(app, users):
    app.ask("PUT", "/admin/group/Devs", user="boss")
    app.ask("PUT", "/admin/user/Ann/group/DEVS", user="boss")
    app.ask("PUT", "/admin/package/Foo_Bar/group/Devs/read", user="boss")
    expected = {"members": ["ann"], "packages": [{"package": "foo-bar", "permissions": ["read"]}]}
    for name in ("devs", "Devs", "DEVS"):
        assert app.ask("GET", f"/admin/group/{name}", user="boss").json == expected
    assert is_refused(app.ask("PUT", "/admin/group/dEVS", user="boss"), 409, "exists")


def test_a_name_no_group_may_have(app, users):
    for name in ("everyone", "authenticated", "Everyone", "admin", "a b", "@scope", "x" * 101):
        assert is_refused(app.ask("PUT", f"/admin/group/{name}", user="boss"), 400, "group")
    assert app.ask("GET", "/admin/group", user="boss").json == []


def test_who_is_not_there_joins_nothing(app, users):
    app.ask("PUT", "/admin/group/devs", user="boss")
    assert is_refused(app.ask("PUT", "/admin/user/nobody/group/devs", user="boss"), 404, "nobody")
    assert is_refused(app.ask("PUT", "/admin/user/ann/group/nosuch", user="boss"), 404, "nosuch")
    assert is_refused(app.ask("PUT", "/admin/user/ann/group/everyone", user="boss"), 404, "everyone")


def test_what_is_gone_already_is_fine(app, users, services):
    app.ask("PUT", "/admin/group/devs", user="boss")
    for path in ("/admin/group/nosuch", "/admin/user/ann/group/devs", "/admin/user/nobody/group/nosuch/"):
        assert app.ask("DELETE", path, user="boss").status_int == 200
    for _ in range(2):
        assert app.ask("PUT", "/admin/user/ann/group/devs", user="boss").status_int == 200
    assert [event[0] for event in events(services)] == ["group.add", "member.add"]


class TestRightsThroughAGroup:
    """Whoever loses the group, or whose group loses the project, has nothing left of it."""

    @pytest.fixture(autouse=True)
    def shared(self, app, users):
        app.upload(*a_wheel("foo", "1.0"))
        app.ask("PUT", "/admin/group/devs", user="boss")
        app.ask("PUT", "/admin/user/ann/group/devs", user="boss")
        for right in ("read", "write"):
            app.ask("PUT", f"/admin/package/foo/group/devs/{right}", user="boss")
        assert self.reads(app)
        assert app.upload(*a_wheel("foo", "1.1"), user="ann").status_int == 200

    def reads(self, app):
        status = app.ask("GET", "/api/package/foo/", user="ann").status_int
        assert status in {200, 404}
        assert ("foo" in app.ask("GET", "/api/package/", user="ann").json["packages"]) is (status == 200)
        return status == 200

    @pytest.mark.promise(129)
    @pytest.mark.parametrize(
        "path",
        [
            "/admin/user/ann/group/devs",
            "/admin/group/devs",
        ],
    )
    def test_without_the_group(self, app, services, path):
        # so that the project stays restricted when its group goes, and does not fall open by default
        app.ask("PUT", "/admin/package/foo/user/bob/read", user="boss")
        app.ask("DELETE", path, user="boss")
        assert not self.reads(app)
        assert app.upload(*a_wheel("foo", "1.2"), user="ann").status_int == 403

    @pytest.mark.promise(129)
    def test_without_the_project(self, app):
        app.ask("PUT", "/admin/package/foo/user/bob/read", user="boss")
        app.ask("DELETE", "/admin/package/foo/group/devs/write", user="boss")
        assert self.reads(app)
        assert app.upload(*a_wheel("foo", "1.2"), user="ann").status_int == 403
        app.ask("DELETE", "/admin/package/foo/group/devs/read", user="boss")
        assert not self.reads(app)
