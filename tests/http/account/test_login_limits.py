"""Guessing passwords is slow: ten failures, of one user or from one address, and others have to wait."""

import pytest

from pypicloud_like.core.model import Scope
from tests.http.account.sending import HTML, as_form, log_in, who
from tests.http.conftest import PASSWORD, basic

LIMIT, WINDOW = 10, 300
ELSEWHERE = {"REMOTE_ADDR": "192.0.2.7"}


def by_form(app, user, password=PASSWORD, *, at="127.0.0.1", html=False):
    sent = as_form(username=user, password=password)
    headers = {**sent["headers"], **(HTML if html else {})}
    return app.ask("POST", "/acct/login", body=sent["body"], headers=headers, environ={"REMOTE_ADDR": at})


def by_basic(app, user, password=PASSWORD, *, at="127.0.0.1"):
    return app.ask("GET", "/simple/nosuch/", headers=basic(user, password), environ={"REMOTE_ADDR": at})


def fail(app, times, user="ann", *, at=lambda n: f"192.0.2.{n}", ask=by_form):
    return [ask(app, user, "wrong", at=at(number)).status_int for number in range(times)]


@pytest.mark.promise(113)
def test_a_user_whose_password_was_guessed_ten_times_waits(app, users, clock):
    assert fail(app, LIMIT) == [403] * LIMIT
    blocked = by_form(app, "ann", "wrong")
    assert blocked.status_int == 429
    assert 0 < int(blocked.headers["Retry-After"]) <= WINDOW
    clock.now += clock.now.resolution * 1_000_000 * (WINDOW + 1)
    assert by_form(app, "ann").status_int == 200


@pytest.mark.promise(113)
def test_the_right_password_is_not_told_from_a_wrong_one(app, users):
    fail(app, LIMIT)
    for spelling in ("ann", "ANN"):
        for ask in (by_form, by_basic):
            right, wrong = ask(app, spelling), ask(app, spelling, "wrong")
            assert right.status_int == wrong.status_int == 429
            assert right.text == wrong.text
            assert "Set-Cookie" not in right.headers


@pytest.mark.promise(113, 133)
def test_form_and_basic_count_together(app, users):
    assert fail(app, 5) == [403] * 5
    assert fail(app, 5, ask=by_basic, at=lambda n: f"198.51.100.{n}") == [401] * 5
    assert by_form(app, "ann").status_int == by_basic(app, "ann").status_int == 429


def test_a_browser_sees_the_form_and_when_to_come_back(app, users):
    fail(app, LIMIT)
    page = by_form(app, "ann", html=True)
    assert page.status_int == 429
    assert "Too many attempts" in page.text
    assert int(page.headers["Retry-After"]) > 0


@pytest.mark.promise(113)
def test_nobody_else_is_locked_out(app, users):
    fail(app, LIMIT)
    assert by_form(app, "bob").status_int == 200
    assert by_basic(app, "bob").status_int == 404


def test_unknown_names_are_limited_alike(app, users):
    assert fail(app, LIMIT, "nobody") == [403] * LIMIT
    assert by_form(app, "nobody").status_int == 429


@pytest.mark.promise(113)
def test_an_address_that_guesses_at_many_users_waits(app, users):
    statuses = [by_form(app, f"user{number}", "wrong", at="192.0.2.7").status_int for number in range(LIMIT)]
    assert statuses == [403] * LIMIT
    assert by_form(app, "ann", at="192.0.2.7").status_int == 429
    assert by_basic(app, "ann", at="192.0.2.7").status_int == 429
    assert by_form(app, "ann", at="192.0.2.8").status_int == 200


def test_an_address_is_what_the_peer_has_not_what_a_header_says(app, users):
    for number in range(LIMIT):
        sent = as_form(username=f"user{number}", password="wrong")
        forged = {"X-Forwarded-For": f"203.0.113.{number}", "Forwarded": f"for=203.0.113.{number}"}
        app.ask(
            "POST", "/acct/login", body=sent["body"], headers={**sent["headers"], **forged}, environ=ELSEWHERE
        )
    assert by_form(app, "ann", at="192.0.2.7").status_int == 429


def test_guessing_the_old_password_is_limited_too(app, users):
    session = log_in(app, "ann")
    change = as_form(old_password="wrong", new_password="next")
    change["headers"].update(session.headers)
    statuses = [app.ask("POST", "/api/user/password", **change).status_int for _ in range(LIMIT + 1)]
    assert statuses == [403] * LIMIT + [429]


def test_tokens_and_sessions_that_exist_go_on(app, users, services):
    session = log_in(app, "ann")
    secret, _ = services.state.add_token("ann", "ci", Scope(frozenset({"read"})), expires_at=None)
    fail(app, LIMIT, at=lambda _: "127.0.0.1")
    assert who(app, session.cookie) == "ann"
    assert app.ask("GET", "/simple/nosuch/", headers=basic("__token__", secret)).status_int == 404


class TestOtherLimits:
    @pytest.fixture
    def ini(self):
        return {"auth.failures": "2", "auth.failure_window": "60"}

    def test_settings_say_how_many_and_how_long(self, app, users, clock):
        assert fail(app, 3) == [403, 403, 429]
        clock.now += clock.now.resolution * 1_000_000 * 61
        assert by_form(app, "ann").status_int == 200
