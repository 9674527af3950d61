"""The administrator's users: list, add, remove, approve, promote."""

import pytest

from tests.http.account.sending import as_form, as_json, in_every_shape, is_refused, what
from tests.http.conftest import PASSWORD, basic


def events(services, action):
    return [event for event in services.state.audit_events() if event.action == action]


def test_the_list_has_approved_users_by_name(app, users):
    users.add_user("newcomer", PASSWORD, pending=True, actor=None)
    for path in ("/admin/user", "/admin/user/"):
        answer = app.ask("GET", path, user="boss")
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.json == [
            {"username": "ann", "admin": False},
            {"username": "bob", "admin": False},
            {"username": "boss", "admin": True},
        ]


def test_one_user_with_groups(app, users):
    for group in ("writers", "devs"):
        users.add_group(group, actor=None)
        users.add_member(group, "ann", actor=None)
    expected = {"username": "ann", "admin": False, "groups": ["devs", "writers"]}
    for path in ("/admin/user/ann", "/admin/user/ann/", "/admin/user/ANN"):
        assert app.ask("GET", path, user="boss").json == expected


def test_an_unknown_user_is_null(app, users):
    for path in ("/admin/user/nobody", "/admin/user/nobody/"):
        answer = app.ask("GET", path, user="boss")
        assert answer.status_int == 200
        assert answer.json is None


def test_an_added_user_may_log_in_at_once(app, users, services):
    answers = [
        app.ask("PUT", "/admin/user/carl", user="boss", **as_form(password="s3cret word")),
        app.ask("PUT", "/admin/user/dora/", user="boss", **as_json(password="s3cret word")),
        app.ask("PUT", "/admin/user/emil?password=s3cret+word", user="boss"),
    ]
    assert [(answer.status_int, answer.body) for answer in answers] == [(200, b"")] * 3
    for name in ("carl", "dora", "emil"):
        assert app.ask("GET", "/simple/", headers=basic(name, "s3cret word")).status_int == 200
        assert (
            app.ask("POST", "/acct/login", **as_form(username=name, password="s3cret word")).status_int == 200
        )
    added = events(services, "user.add")[:3]
    assert [(event.subject, event.actor) for event in reversed(added)] == [
        ("carl", "boss"),
        ("dora", "boss"),
        ("emil", "boss"),
    ]


def test_a_name_that_is_taken_is_a_conflict(app, users):
    users.add_user("newcomer", PASSWORD, pending=True, actor=None)
    for name in ("ann", "ANN", "newcomer"):
        answer = app.ask("PUT", f"/admin/user/{name}", user="boss", **as_form(password="other"))
        assert is_refused(answer, 409, "exists")
    assert app.ask("GET", "/admin/user", headers=basic("boss")).status_int == 200
    assert users.identify("ann", PASSWORD)


BAD_NAMES = [
    "everyone",
    "authenticated",
    "Everyone",
    "__token__",
    "anonymous",
    "password",
    "tokens",
    "x" * 101,
    "a b",
    "%3Cb%3E",
    "a:b",
    ".",
    ".hidden",
    "@scope",
    "dot.",
    "%0D%0Aa",
    "%00",
    "%7F",
    "%E2%80%AEa",
]


def test_a_name_nobody_may_have(app, users, services):
    before = services.access.accounts()
    for name in BAD_NAMES:
        answer = app.ask("PUT", f"/admin/user/{name}", user="boss", **as_form(password="word"))
        assert is_refused(answer, 400), name
    assert services.access.accounts() == before


def test_a_password_must_be_there_and_fit(app, users):
    assert is_refused(app.ask("PUT", "/admin/user/carl", user="boss"), 400, "Missing argument 'password'")
    put = {"method": "PUT", "path": "/admin/user/carl", "user": "boss"}
    assert is_refused(app.ask(**put, **as_form(password="")), 400, "password")
    assert is_refused(app.ask(**put, **as_form(password="x" * 4097)), 400, "password")
    assert is_refused(app.ask(**put, **as_json(password="\ud800")), 400, "password")
    for value in (None, 7, True, ["x"], {"a": "b"}):
        assert is_refused(app.ask(**put, **as_json(password=value)), 400, "password")
    assert app.ask("GET", "/admin/user/carl", user="boss").json is None


def test_removing_takes_everything_with_it(app, users, services):
    users.add_group("devs", actor=None)
    users.add_member("devs", "ann", actor=None)
    for project in ("foo", "bar"):
        app.ask("PUT", f"/admin/package/{project}/user/ann/read", user="boss")
    answer = app.ask("DELETE", "/admin/user/ann", user="boss")
    assert (answer.status_int, answer.body) == (200, b"")
    assert app.ask("GET", "/admin/user/ann", user="boss").json is None
    assert app.ask("GET", "/admin/group/devs", user="boss").json["members"] == []
    assert app.ask("GET", "/admin/package/foo", user="boss").json == {"user": [], "group": []}
    assert app.ask("GET", "/api/user/password", headers=basic("ann")).status_int == 405
    answer = app.ask(
        "POST", "/api/user/password", user="ann", **as_form(old_password=PASSWORD, new_password="x")
    )
    assert answer.status_int == 401
    assert [(event.subject, event.actor) for event in events(services, "user.remove")] == [("ann", "boss")]


def test_removing_somebody_unknown_is_fine(app, users, services):
    for path in ("/admin/user/nobody", "/admin/user/nobody/"):
        assert app.ask("DELETE", path, user="boss").status_int == 200
    assert not events(services, "user.remove")


def test_who_was_removed_and_added_again_has_none_of_the_old_rights(app, users):
    users.add_group("devs", actor=None)
    users.add_member("devs", "ann", actor=None)
    app.ask("PUT", "/admin/package/foo/user/ann/read", user="boss")
    app.ask("DELETE", "/admin/user/ann", user="boss")
    app.ask("PUT", "/admin/user/ann", user="boss", **as_form(password="new"))
    assert app.ask("GET", "/admin/user/ann", user="boss").json["groups"] == []
    assert app.ask("GET", "/admin/user/ann/permissions", user="boss").json == []


@pytest.mark.parametrize(
    ("words", "admin"),
    [
        (("true", "True", "1", "yes", "on", "ON"), True),
        (("false", "FALSE", "0", "no", "off", "Off"), False),
    ],
)
def test_the_admin_flag_in_every_spelling(app, users, words, admin):
    for word in words:
        users.set_admin("ann", not admin, actor=None)
        answer = app.ask("POST", "/admin/user/ann/admin", user="boss", **as_form(admin=word))
        assert (answer.status_int, answer.body) == (200, b"")
        assert users.account("ann").admin is admin


def test_the_admin_flag_in_every_shape(app, users):
    for answer in in_every_shape(app, "POST", "/admin/user/ann/admin", {"admin": "yes"}, user="boss"):
        assert answer.status_int == 200
        assert users.account("ann").admin
        users.set_admin("ann", False, actor=None)


def test_the_admin_flag_as_json(app, users):
    for value, admin in ((True, True), (False, False), (1, True), (0, False), ("yes", True), ("no", False)):
        answer = app.ask("POST", "/admin/user/ann/admin", user="boss", **as_json(admin=value))
        assert answer.status_int == 200
        assert app.ask("GET", "/admin/user/ann", user="boss").json["admin"] is admin


def test_no_flag_or_nonsense_changes_nothing(app, users):
    post = {"method": "POST", "path": "/admin/user/ann/admin", "user": "boss"}
    assert is_refused(app.ask(**post), 400, "Missing argument 'admin'")
    assert is_refused(app.ask(**post, **as_json(admin=None)), 400, "Missing argument 'admin'")
    for value in ("maybe", "2", "truth", "y e s"):
        assert is_refused(app.ask(**post, **as_form(admin=value)), 400, "admin")
    for value in (2, 1.5, [True], {"x": 1}):
        assert is_refused(app.ask(**post, **as_json(admin=value)), 400, "admin")
    assert app.ask("GET", "/admin/user/ann", user="boss").json["admin"] is False


def test_rights_of_an_administrator_begin_and_end_at_once(app, users, services):
    assert app.ask("GET", "/admin/user", user="ann").status_int == 403
    app.ask("POST", "/admin/user/ann/admin", user="boss", **as_form(admin="true"))
    assert app.ask("GET", "/admin/user", user="ann").status_int == 200
    app.ask("POST", "/admin/user/ann/admin", user="boss", **as_form(admin="false"))
    assert app.ask("GET", "/admin/user", user="ann").status_int == 403
    seen = [(event.actor, event.subject, what(event)) for event in events(services, "user.admin")]
    assert seen == [("boss", "ann", {"admin": False}), ("boss", "ann", {"admin": True})]


def test_nobody_unknown_is_approved_or_promoted(app, users):
    answer = app.ask("POST", "/admin/user/nobody/approve", user="boss")
    assert is_refused(answer, 404, "nobody")
    answer = app.ask("POST", "/admin/user/nobody/admin", user="boss", **as_form(admin="true"))
    assert is_refused(answer, 404, "nobody")


def test_a_user_who_waits_is_approved_or_refused(app, users, services):
    for name in ("carl", "dora"):
        users.add_user(name, PASSWORD, pending=True, actor=None)
    for path in ("/admin/pending_users", "/admin/pending_users/"):
        assert app.ask("GET", path, user="boss").json == ["carl", "dora"]
    assert app.ask("GET", "/admin/user/carl", user="boss").json is None
    assert app.ask("POST", "/admin/user/carl/approve/", user="boss").status_int == 200
    assert app.ask("DELETE", "/admin/user/dora", user="boss").status_int == 200
    assert app.ask("GET", "/admin/pending_users", user="boss").json == []
    assert users.identify("carl", PASSWORD)
    assert users.identify("dora", PASSWORD) is None
    assert [(event.actor, event.subject) for event in events(services, "user.approve")] == [("boss", "carl")]


def test_no_audit_row_holds_a_password_or_a_hash(app, users, services):
    app.ask("PUT", "/admin/user/carl", user="boss", **as_form(password="s3cret word"))
    app.ask("POST", "/acct/login", **as_form(username="carl", password="s3cret word"))
    app.ask("POST", "/acct/login", **as_form(username="s3cret word", password="carl"))
    change = as_form(old_password="s3cret word", new_password="n3xt word")
    change["headers"].update(basic("carl", "s3cret word"))
    assert app.ask("POST", "/api/user/password", **change).status_int == 200
    app.ask("DELETE", "/admin/user/carl", user="boss")
    rows = services.state.audit_events(limit=1000)
    assert {"user.add", "user.password", "user.remove"} <= {event.action for event in rows}
    written = repr(rows)
    for secret in ("s3cret", "n3xt", PASSWORD, "$argon2"):
        assert secret not in written
