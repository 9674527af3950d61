"""Changing one's own password."""

import pytest

from pypicloud_like.core.model import Scope
from tests.http.account.sending import as_form, as_json, in_every_shape, is_refused, log_in, who
from tests.http.conftest import PASSWORD, basic

CHANGE = {"old_password": PASSWORD, "new_password": "next word"}


def test_the_new_password_counts_at_once_and_the_old_one_no_more(app, users, services):
    assert who(app, basic("ann")) == "ann"  # remembered as right
    answer = app.ask("POST", "/api/user/password", user="ann", **as_form(**CHANGE))
    assert (answer.status_int, answer.body) == (200, b"")
    event = services.state.audit_events()[0]
    assert who(app, basic("ann")) is None
    assert who(app, basic("ann", "next word")) == "ann"
    assert (event.action, event.actor, event.subject) == ("user.password", "ann", "ann")


def test_in_every_shape_and_with_a_last_slash(app, users):
    for answer in in_every_shape(app, "POST", "/api/user/password", CHANGE, user="ann"):
        assert answer.status_int == 200
        users.set_password("ann", PASSWORD, actor=None)


def test_the_old_one_must_be_right(app, users):
    change = as_form(old_password="wrong", new_password="next word")
    assert is_refused(app.ask("POST", "/api/user/password", user="ann", **change), 403, "old password")
    assert who(app, basic("ann")) == "ann"


def test_the_new_one_must_fit(app, users):
    post = {"method": "POST", "path": "/api/user/password", "user": "ann"}
    for fields in ({}, {"old_password": PASSWORD}, {"new_password": "x"}):
        assert is_refused(app.ask(**post, **as_form(**fields)), 400, "Missing argument")
    for new in ("", "x" * 4097, 7, True, None, ["x"]):
        assert is_refused(app.ask(**post, **as_json(old_password=PASSWORD, new_password=new)), 400)
    assert is_refused(app.ask(**post, **as_json(old_password=7, new_password="x")), 400)
    assert who(app, basic("ann")) == "ann"


def test_it_is_for_users_with_their_own_password(app, users, services):
    assert is_refused(app.ask("POST", "/api/user/password", **as_form(**CHANGE)), 401)
    wrong = as_form(**CHANGE)
    wrong["headers"].update(basic("ann", "wrong"))
    assert is_refused(app.ask("POST", "/api/user/password", **wrong), 401)


@pytest.mark.promise(128)
@pytest.mark.parametrize("actions", [{"read", "write", "admin"}, set()])
def test_a_token_changes_no_password_unless_it_says_so(app, users, services, actions):
    secret, _ = services.state.add_token("boss", "x", Scope(frozenset(actions)), expires_at=None)
    change = as_form(**CHANGE)
    change["headers"]["Authorization"] = f"Bearer {secret}"
    assert is_refused(app.ask("POST", "/api/user/password", **change), 403, "account")
    with_it, _ = services.state.add_token("boss", "x", Scope(frozenset({"account"})), expires_at=None)
    change["headers"]["Authorization"] = f"Bearer {with_it}"
    assert app.ask("POST", "/api/user/password", **change).status_int == 200


def test_a_token_is_not_the_old_password(app, users, services):
    secret, _ = services.state.add_token("ann", "x", Scope(frozenset({"account"})), expires_at=None)
    change = as_form(old_password=secret, new_password="next word")
    assert is_refused(app.ask("POST", "/api/user/password", user="ann", **change), 403)


def test_by_session(app, users):
    session = log_in(app, "ann")
    change = as_json(**CHANGE)
    change["headers"].update(session.headers)
    assert app.ask("POST", "/api/user/password", **change).status_int == 200
    assert who(app, basic("ann", "next word")) == "ann"
