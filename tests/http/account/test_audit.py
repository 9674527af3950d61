"""What the audit and the log say of how somebody came here, beside their name."""

from __future__ import annotations

import json
import logging

import pytest

from pypicloud_like.core.model import PYPI, Project, Scope
from tests.builders import a_wheel
from tests.http.account.sending import as_form, log_in
from tests.http.conftest import PASSWORD, basic

FOO = Project(PYPI, "foo")


def latest(services, action):
    return next(event for event in services.state.audit_events() if event.action == action)


@pytest.mark.promise(157)
def test_a_change_by_password(app, users, services):
    answer = app.ask("POST", "/admin/user/ann/admin", user="boss", **as_form(admin="true"))
    event = latest(services, "user.admin")
    assert event.actor == "boss"
    assert event.detail["by"] == {
        "way": "password",
        "address": "127.0.0.1",
        "request": answer.headers["X-Request-Id"],
    }


@pytest.mark.promise(157)
def test_a_change_by_token_names_the_token(app, users, services, caplog):
    secret, token = services.state.add_token(
        "boss", "ci", Scope(frozenset({"read", "write", "create", "owners"}), None), expires_at=None
    )
    kind, body = app.encode_multipart([(":action", "file_upload")], [("content", *a_wheel("foo", "1.0"))])
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": kind}
    with caplog.at_level(logging.INFO, logger="pypicloud_like"):
        assert app.ask("POST", "/legacy/", body=body, headers=headers).status_int == 200
    event = latest(services, "owner.add")
    assert (event.subject, event.actor) == ("foo", "boss")
    assert (event.detail["by"]["way"], event.detail["by"]["token"]) == ("token", token.id)
    (line,) = [record for record in caplog.records if getattr(record, "fields", {}).get("event") == "request"]
    assert (line.fields["way"], line.fields["token"]) == ("token", token.id)
    assert secret not in json.dumps([line.fields, line.getMessage(), dict(event.detail)])


@pytest.mark.promise(157)
def test_logins_and_sessions(app, users, services):
    session = log_in(app, "ann")
    assert latest(services, "session.open").detail["by"].keys() == {"address", "request"}
    app.ask("POST", "/acct/logout", headers=session.headers)
    told = latest(services, "session.close").detail["by"]
    assert told["address"] == "127.0.0.1"
    assert session.secret not in json.dumps(told)


@pytest.mark.promise(157)
def test_a_failed_login(app, users, services):
    app.ask("GET", "/me", headers=basic("ann", PASSWORD + "x"))
    assert latest(services, "login.failed").detail["by"]["address"] == "127.0.0.1"


def test_commands_have_nothing_to_say(app, users, services):
    app.ask("GET", "/simple/", user="boss")
    services.state.add_owner(FOO, "ann", actor=None)
    assert "by" not in latest(services, "owner.add").detail


def test_the_page_shows_it(app, users):
    app.ask("POST", "/admin/user/ann/admin", user="boss", **as_form(admin="true"))
    page = app.ask("GET", "/admin/audit", user="boss").text
    assert "way password, address 127.0.0.1, request " in page
