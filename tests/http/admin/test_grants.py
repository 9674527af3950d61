"""Explicit grants on projects, over the administration API."""

import pytest

from tests.builders import a_wheel
from tests.http.account.sending import is_refused, what


def granted(app, project):
    return app.ask("GET", f"/admin/package/{project}", user="boss").json


def test_grants_of_users_and_groups(app, users, services):
    users.add_group("devs", actor=None)
    for path in (
        "foo/user/ann/read",
        "foo/user/ann/write/",
        "foo/group/devs/read/",
        "foo/group/everyone/read",
    ):
        answer = app.ask("PUT", f"/admin/package/{path}", user="boss")
        assert (answer.status_int, answer.body) == (200, b"")
    assert (
        granted(app, "foo")
        == granted(app, "foo/")
        == {
            "user": [{"username": "ann", "permissions": ["read", "write"]}],
            "group": [
                {"group": "devs", "permissions": ["read"]},
                {"group": "everyone", "permissions": ["read"]},
            ],
        }
    )
    for path in (
        "/admin/user/ann/permissions",
        "/admin/user/ann/permissions/",
        "/admin/user/ANN/permissions",
    ):
        assert app.ask("GET", path, user="boss").json == [
            {"package": "foo", "permissions": ["read", "write"]}
        ]
    for path in ("foo/user/ann/read/", "foo/group/everyone/read"):
        assert app.ask("DELETE", f"/admin/package/{path}", user="boss").status_int == 200
    assert granted(app, "foo") == {
        "user": [{"username": "ann", "permissions": ["write"]}],
        "group": [{"group": "devs", "permissions": ["read"]}],
    }
    rows = [
        (event.action, event.actor, event.subject, what(event))
        for event in reversed(services.state.audit_events())
        if event.action in {"grant", "revoke"}
    ]
    assert rows[1] == ("grant", "boss", "foo", {"right": "write", "user": "ann"})
    assert rows[-2] == ("revoke", "boss", "foo", {"right": "read", "user": "ann"})
    assert len(rows) == 6


def test_nothing_granted_is_empty(app, users):
    assert granted(app, "nosuch") == {"user": [], "group": []}
    for name in ("ann", "nobody"):
        assert app.ask("GET", f"/admin/user/{name}/permissions", user="boss").json == []


@pytest.mark.promise(106)
def test_every_spelling_of_a_project_is_one(app, users):
    app.ask("PUT", "/admin/package/Foo_Bar/user/ann/read", user="boss")
    for spelling in ("foo-bar", "FOO.BAR", "foo__bar"):
        assert granted(app, spelling)["user"] == [{"username": "ann", "permissions": ["read"]}]
    assert app.ask("DELETE", "/admin/package/foo.bar/user/ANN/read", user="boss").status_int == 200
    assert granted(app, "Foo_Bar") == {"user": [], "group": []}


def test_projects_of_other_ecosystems_have_grants_of_their_own(app, users):
    app.ask("PUT", "/admin/package/cargo:foo/user/ann/read", user="boss")
    app.ask("PUT", "/admin/package/jsr:@scope/foo/user/ann/write/", user="boss")
    assert granted(app, "foo") == {"user": [], "group": []}
    assert granted(app, "cargo:foo")["user"] == [{"username": "ann", "permissions": ["read"]}]
    assert granted(app, "jsr:@scope/foo/")["user"] == [{"username": "ann", "permissions": ["write"]}]


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_another_right_or_kind_is_not_found(app, users, method):
    for tail in ("user/ann/admin", "user/ann/READ", "user/ann", "team/ann/read", "user/ann/read/x"):
        assert is_refused(app.ask(method, f"/admin/package/foo/{tail}", user="boss"), 404)


def test_who_is_not_there_is_granted_nothing(app, users):
    assert is_refused(app.ask("PUT", "/admin/package/foo/user/nobody/read", user="boss"), 404, "nobody")
    assert is_refused(app.ask("PUT", "/admin/package/foo/group/nosuch/read", user="boss"), 404, "nosuch")
    for kind in ("user/nobody", "group/nosuch", "user/ann"):
        assert app.ask("DELETE", f"/admin/package/foo/{kind}/read", user="boss").status_int == 200
    assert granted(app, "foo") == {"user": [], "group": []}


def test_what_is_no_project_is_refused(app, users):
    for project in ("a b", "-", "%3Cscript%3E", "%2E%2E", "nosuch:foo", "%0D%0A", "%00"):
        assert is_refused(app.ask("PUT", f"/admin/package/{project}/user/ann/read", user="boss"), 400)
        assert is_refused(app.ask("GET", f"/admin/package/{project}", user="boss"), 400)


def test_a_name_can_be_claimed_before_there_is_a_file(app, users):
    app.ask("PUT", "/admin/package/foo/user/ann/write", user="boss")
    assert app.upload(*a_wheel("foo", "1.0"), user="bob").status_int == 403
    assert app.upload(*a_wheel("foo", "1.0"), user="ann").status_int == 200


def test_grants_replace_what_holds_by_default_and_hold_at_once(app, users):
    app.upload(*a_wheel("foo", "1.0"))
    assert app.ask("GET", "/simple/foo/", user="bob").status_int == 200
    app.ask("PUT", "/admin/package/foo/user/ann/read", user="boss")
    assert app.ask("GET", "/simple/foo/", user="bob").status_int == 404
    assert app.ask("GET", "/simple/foo/", user="ann").status_int == 200
    app.ask("DELETE", "/admin/package/foo/user/ann/read", user="boss")
    assert app.ask("GET", "/simple/foo/", user="bob").status_int == 200


def test_writing_alone_does_not_let_read(app, users):
    app.ask("PUT", "/admin/package/foo/user/ann/write", user="boss")
    app.upload(*a_wheel("foo", "1.0"), user="boss")
    assert app.upload(*a_wheel("foo", "1.1"), user="ann").status_int == 200
    assert app.ask("GET", "/simple/foo/", user="ann").status_int == 404
    assert app.ask("GET", "/api/package/foo/foo-1.1-py3-none-any.whl", user="ann").status_int == 404
