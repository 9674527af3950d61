"""Registering with a token that an administrator gave."""

from datetime import timedelta

import pytest

from tests.http.account.sending import (
    COOKIE,
    as_form,
    as_json,
    cookie_of,
    in_every_shape,
    is_refused,
    what,
    who,
)
from tests.http.conftest import PASSWORD, basic


@pytest.fixture
def token(app, users):
    return app.ask("GET", "/admin/token/carl", user="boss").json["token"]


def accept(app, token, password=PASSWORD, **rest):
    return app.ask("PUT", "/acct/tokenRegister", **as_json(token=token, password=password), **rest)


def test_the_invited_is_approved_and_logged_in_at_once(app, users, token, services):
    answer = accept(app, token)
    assert answer.status_int == 200
    assert answer.json == {"next": "http://localhost:80/"}
    assert who(app, {"Cookie": f"{COOKIE}={cookie_of(answer)}"}) == "carl"
    assert who(app, basic("carl")) == "carl"
    assert not users.pending_users()
    event = next(event for event in services.state.audit_events() if event.action == "user.add")
    assert (event.subject, what(event)) == ("carl", {"admin": False, "pending": False})
    assert token.rpartition(":")[2] not in repr(services.state.audit_events())


def test_in_every_shape_on_both_addresses(app, users, token):
    for answer in in_every_shape(app, "PUT", "/acct/tokenRegister", {"token": token, "password": PASSWORD}):
        assert answer.status_int == 200
        users.remove_user("carl", actor=None)
        app.reset()


def test_registration_need_not_be_open(app, users, token):
    assert not users.registration()
    assert accept(app, token).status_int == 200


def test_it_works_once(app, users, token):
    accept(app, token)
    answer = accept(app, token, "other")
    assert is_refused(answer, 400, "exists")
    assert "Set-Cookie" not in answer.headers
    assert who(app, basic("carl", "other")) is None


@pytest.mark.promise(127)
def test_it_does_not_bring_back_whoever_was_removed(app, users, token, clock):
    assert accept(app, token).status_int == 200
    clock.now += timedelta(hours=1)
    app.reset()
    assert app.ask("DELETE", "/admin/user/carl", user="boss").status_int == 200
    answer = accept(app, token)
    assert is_refused(answer, 400, "not valid any more")
    assert who(app, basic("carl")) is None
    clock.now += timedelta(minutes=1)
    again = app.ask("GET", "/admin/token/carl", user="boss").json["token"]
    assert accept(app, again).status_int == 200


def test_the_removal_of_somebody_else_is_nothing_to_it(app, users, token, clock):
    clock.now += timedelta(hours=1)
    users.add_user("carla", PASSWORD, actor=None)
    users.remove_user("carla", actor=None)
    assert accept(app, token).status_int == 200


def test_it_ends_with_its_time(app, users, token, clock, services):
    lifetime = timedelta(seconds=services.settings.access.token_expire)
    clock.now += lifetime + timedelta(seconds=1)
    assert is_refused(accept(app, token), 400, "expired")
    clock.now -= timedelta(minutes=1)
    assert accept(app, token).status_int == 200


def test_what_was_changed_or_made_up_is_not_taken(app, users, token):
    name, issued, signature = token.split(":")
    last = "0" if signature[-1] != "0" else "1"
    for forged in (
        f"boss:{issued}:{signature}",
        f"Carl:{issued}:{signature}",
        f"{name}:{int(issued) + 1}:{signature}",
        f"{name}:{issued}:{signature[:-1]}{last}",
        f"{name}:{issued}:",
        f"{name}:{issued}:\u00e4",
        f"{name}:{signature}",
        "carl",
        "::",
        "",
        "x" * 9_000,
        "\0:1:2",
        "\ud800:1:2",
    ):
        answer = accept(app, forged)
        assert is_refused(answer, 400), forged[:40]
        assert "Set-Cookie" not in answer.headers
    for fields in ({}, {"token": token}, {"password": "x"}, {"token": 7, "password": "x"}):
        answer = app.ask("PUT", "/acct/tokenRegister", **as_json(**fields))
        assert is_refused(answer, 400)
    assert users.account("carl") is None


def test_a_password_that_does_not_fit_does_not_use_it_up(app, users, token):
    assert is_refused(accept(app, token, ""), 400, "password")
    assert accept(app, token).status_int == 200


def test_a_forged_host_makes_no_user(app, users, token):
    answer = accept(app, token, environ={"HTTP_HOST": "evil.example"})
    assert answer.status_int == 400
    assert users.account("carl") is None


class TestWithAKeyOfOnesOwn:
    @pytest.fixture
    def ini(self):
        return {"auth.signing_key": "q8Zr!vP2mLx7#tKd", "auth.token_expire": "1h"}

    def test_settings_say_how_long_it_works(self, app, users, token, clock):
        clock.now += timedelta(minutes=59)
        assert accept(app, token).status_int == 200
        users.remove_user("carl", actor=None)
        clock.now += timedelta(minutes=2)
        assert is_refused(accept(app, token), 400, "expired")

    def test_a_token_of_pypicloud_with_the_same_key_is_taken(self, app, users, clock):
        import hashlib
        import hmac

        start = f"dora:{int(clock.now.timestamp())}"
        signature = hmac.new(b"q8Zr!vP2mLx7#tKd", start.encode(), hashlib.sha256).hexdigest()
        sent = as_form(token=f"{start}:{signature}", password=PASSWORD)
        assert app.ask("PUT", "/acct/tokenRegister", **sent).status_int == 200
