"""Newcomers register themselves, and wait for an administrator."""

import pytest

from tests.http.account.sending import as_form, as_json, in_every_shape, is_refused, what, who
from tests.http.conftest import PASSWORD, basic


def register(app, name="carl", **fields):
    return app.ask("PUT", f"/api/user/{name}", **as_json(**(fields or {"password": PASSWORD})))


class TestClosed:
    """As it is until an administrator opens it."""

    def test_nobody_gets_in(self, app, users):
        assert is_refused(register(app), 403, "not open")
        assert is_refused(app.ask("PUT", "/api/user/carl/", **as_form(password="x")), 403)
        assert app.ask("PUT", "/acct/login", **as_form(username="carl", password="x")).status_int == 403
        assert not users.pending_users()

    def test_nobody_gets_in_where_there_is_no_administrator_either(self, app, services):
        assert is_refused(register(app), 403)
        assert not services.access.accounts()
        assert not services.access.pending_users()


@pytest.fixture
def opened(users):
    users.set_registration(True, actor=None)
    return users


def test_a_newcomer_waits_and_is_let_in(app, opened, services):
    answer = register(app)
    assert (answer.status_int, answer.body) == (200, b"")
    assert "Set-Cookie" not in answer.headers
    assert opened.pending_users() == ("carl",)
    assert who(app, basic("carl")) is None
    assert app.ask("POST", "/acct/login", **as_form(username="carl", password=PASSWORD)).status_int == 403
    app.ask("POST", "/admin/user/carl/approve", user="boss")
    assert who(app, basic("carl")) == "carl"
    assert app.ask("GET", "/admin/user/carl", user="boss").json == {
        "username": "carl",
        "admin": False,
        "groups": [],
    }
    event = next(event for event in services.state.audit_events() if event.action == "user.add")
    assert (event.actor, event.subject, what(event)) == ("carl", "carl", {"admin": False, "pending": True})


def test_in_every_shape_on_both_addresses(app, opened):
    for answer in in_every_shape(app, "PUT", "/api/user/carl", {"password": PASSWORD}):
        assert answer.status_int == 200
        assert opened.pending_users() == ("carl",)
        opened.remove_user("carl", actor=None)
    for answer in in_every_shape(app, "PUT", "/acct/login", {"username": "Carl", "password": PASSWORD}):
        assert answer.status_int == 200
        assert opened.pending_users() == ("carl",)
        opened.remove_user("carl", actor=None)


def test_a_name_that_is_taken_or_waits_already(app, opened):
    register(app)
    for name in ("carl", "CARL", "ann", "boss"):
        assert is_refused(register(app, name, password="other"), 400, "exists")
    app.ask("POST", "/admin/user/carl/approve", user="boss")
    assert who(app, basic("carl")) == "carl"
    assert who(app, basic("carl", "other")) is None


@pytest.mark.parametrize("path", ["/api/user/{}", "/api/user/{}/"])
def test_a_name_nobody_may_have(app, opened, path):
    for name in (
        "everyone",
        "AUTHENTICATED",
        "anonymous",
        "__token__",
        "member",
        "a b",
        "@x",
        "x" * 101,
    ):
        answer = app.ask("PUT", path.format(name), **as_form(password=PASSWORD))
        assert is_refused(answer, 400)
    for taken in ("password", "scopes", "tokens", "invites"):
        answer = app.ask("PUT", path.format(taken), **as_form(password=PASSWORD))
        assert answer.status_int in {400, 405}
        assert app.ask("GET", "/", headers=basic(taken)).status_int == 200
        assert who(app, basic(taken)) is None
    assert not opened.pending_users()


def test_a_password_that_is_missing_or_does_not_fit(app, opened):
    assert is_refused(app.ask("PUT", "/api/user/carl"), 400, "Missing argument 'password'")
    for password in ("", "x" * 4097, 7, None, ["x"]):
        assert is_refused(register(app, password=password), 400, "password")
    answer = app.ask("PUT", "/acct/login", **as_form(password="x"))
    assert answer.status_int == 400
    assert "username" in answer.text
    assert not opened.pending_users()


def test_nobody_registers_as_administrator(app, opened):
    assert register(app, password=PASSWORD, admin=True, pending=False).status_int == 200
    assert opened.pending_users() == ("carl",)
    app.ask("POST", "/admin/user/carl/approve", user="boss")
    assert app.ask("GET", "/admin/user", user="carl").status_int == 403


def test_whoever_is_refused_may_come_again(app, opened):
    register(app)
    app.ask("DELETE", "/admin/user/carl", user="boss")
    assert register(app).status_int == 200
    assert opened.pending_users() == ("carl",)


def test_closing_it_closes_it_at_once(app, opened):
    app.ask("POST", "/admin/register", user="boss", **as_form(allow="off"))
    assert is_refused(register(app), 403)
