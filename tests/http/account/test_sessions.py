"""Sessions: the cookie, and all that makes one void."""

from datetime import timedelta

import pytest

from tests.http.account.sending import COOKIE, as_form, cookie_of, log_in, who
from tests.http.conftest import PASSWORD, basic

ANN = as_form(username="ann", password=PASSWORD)


def attributes(answer):
    line = answer.headers["Set-Cookie"]
    return {part.strip().lower() for part in line.split(";")[1:]}


@pytest.mark.promise(117)
def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(app, users, services):
    answer = app.ask("POST", "/acct/login", **ANN)
    found = attributes(answer)
    assert {"httponly", "samesite=lax", "path=/"} <= found
    assert "secure" not in found  # over plain http it would never come back
    assert not [item for item in found if item.startswith("domain")]
    assert f"max-age={services.settings.access.session_lifetime}" in found
    assert "no" in answer.headers["Cache-Control"]


class TestOverHttps:
    @pytest.fixture
    def ini(self):
        return {"server.public_url": "https://pypi.example.org"}

    def test_the_cookie_is_sent_over_https_only(self, app, users):
        assert "secure" in attributes(app.ask("POST", "/acct/login", **ANN))


class TestSecureBySetting:
    @pytest.fixture
    def ini(self):
        return {"session.secure": "true"}

    def test_the_cookie_is_sent_over_https_only(self, app, users):
        assert "secure" in attributes(app.ask("POST", "/acct/login", **ANN))


@pytest.mark.promise(117)
def test_each_login_has_an_id_of_its_own_and_the_one_before_is_void(app, users):
    first = log_in(app, "ann")
    answer = app.ask("POST", "/acct/login", **{**ANN, "headers": {**ANN["headers"], **first.cookie}})
    second = cookie_of(answer)
    assert second != first.secret
    assert who(app, first.cookie) is None
    assert who(app, {"Cookie": f"{COOKIE}={second}"}) == "ann"


@pytest.mark.promise(117)
def test_an_id_that_somebody_else_chose_is_never_taken_over(app, users):
    planted = "p" * 43
    answer = app.ask(
        "POST", "/acct/login", **{**ANN, "headers": {**ANN["headers"], "Cookie": f"{COOKIE}={planted}"}}
    )
    assert cookie_of(answer) != planted
    assert who(app, {"Cookie": f"{COOKIE}={planted}"}) is None


def test_two_browsers_are_independent(app, users):
    here, there = log_in(app, "ann"), log_in(app, "ann")
    app.ask("POST", "/acct/logout", headers=here.headers)
    assert who(app, here.cookie) is None
    assert who(app, there.cookie) == "ann"


def test_a_session_ends_with_its_time(app, users, clock, services):
    session = log_in(app, "ann")
    lifetime = timedelta(seconds=services.settings.access.session_lifetime)
    clock.now += lifetime - timedelta(minutes=1)
    assert who(app, session.cookie) == "ann"
    clock.now += timedelta(minutes=2)
    assert who(app, session.cookie) is None


@pytest.mark.promise(117)
def test_a_new_password_ends_all_sessions_of_the_user_alone(app, users):
    here, there, other = log_in(app, "ann"), log_in(app, "ann"), log_in(app, "bob")
    change = as_form(old_password=PASSWORD, new_password="next word")
    change["headers"].update(here.headers)
    assert app.ask("POST", "/api/user/password", **change).status_int == 200
    assert who(app, here.cookie) is None
    assert who(app, there.cookie) is None
    assert who(app, other.cookie) == "bob"


def test_a_removed_user_is_logged_out_also_when_the_name_comes_back(app, users):
    session = log_in(app, "ann")
    assert app.ask("DELETE", "/admin/user/ann", user="boss").status_int == 200
    assert who(app, session.cookie) is None
    assert app.ask("GET", "/simple/nosuch/", headers=session.cookie).status_int == 401
    users.add_user("ann", "other word", actor=None)
    assert who(app, session.cookie) is None


def test_rights_are_asked_for_anew_at_every_request(app, users):
    session = log_in(app, "ann")
    assert app.ask("GET", "/admin/user", headers=session.cookie).status_int == 403
    users.set_admin("ann", True, actor=None)
    assert app.ask("GET", "/admin/user", headers=session.cookie).status_int == 200
    users.set_admin("ann", False, actor=None)
    assert app.ask("GET", "/admin/user", headers=session.cookie).status_int == 403


def test_a_strange_cookie_is_nobody(app, users):
    for value in ("", "x", '"', "a" * 5000, "%00", "\xe4\xf6", "=;=", "pcl_" + "0" * 49, '"\\303\\274"'):
        answer = app.ask("GET", "/", headers={"Cookie": f"{COOKIE}={value}"})
        assert answer.status_int in {200, 400}
        assert "Log out" not in answer.text
        answer = app.ask("DELETE", "/admin/user/ann", headers={"Cookie": f"{COOKIE}={value}"})
        assert answer.status_int in {400, 401}
    assert users.account("ann")


def test_credentials_in_the_header_count_before_the_cookie(app, users):
    session = log_in(app, "ann")
    assert who(app, {**session.cookie, **basic("bob")}) == "bob"
    assert who(app, {**session.cookie, **basic("bob", "wrong")}) is None


def test_the_state_keeps_no_secret_that_opens_a_session(app, users, tmp_path):
    session = log_in(app, "ann")
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("state.sqlite*"))
    assert b"ann" in kept
    assert session.secret.encode() not in kept
    assert session.csrf.encode() not in kept


@pytest.mark.promise(157)
def test_logins_and_logouts_are_in_the_audit(app, users, services):
    session = log_in(app, "ann")
    app.ask("POST", "/acct/logout", headers=session.headers)
    rows = [event for event in services.state.audit_events() if event.action.startswith("session")]
    assert [(event.action, event.actor) for event in reversed(rows)] == [
        ("session.open", "ann"),
        ("session.close", "ann"),
    ]
    assert session.secret not in repr(services.state.audit_events())
