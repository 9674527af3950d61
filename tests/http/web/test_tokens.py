"""The page of one's own tokens."""

from __future__ import annotations

import html
import re

import pytest

from pypicloud_like.core.model import Project, Scope
from tests.http.conftest import basic


def secret_of(answer) -> str:
    return re.search(r"<code>(pcl_\w+)</code>", answer.text)[1]


def test_who_is_not_logged_in_is_sent_to_the_login_and_back(app):
    answer = app.ask("GET", "/me")
    assert answer.status_int == 302
    assert answer.headers["Location"].endswith("/acct/login?next=/me")
    assert app.ask("POST", "/me").status_int == 401


def test_a_token_is_made_used_and_revoked(ann, app, services):
    answer = ann.post(
        "/me", label="laptop <1>", kind="publish", projects="foo, cargo:Bar jsr:@acme/*", days="30"
    )
    assert answer.status_int == 200
    assert answer.headers["Cache-Control"] == "private, no-store"
    secret = secret_of(answer)
    (token,) = services.state.tokens("ann")
    projects = {Project("pypi", "foo"), Project("cargo", "bar"), Project("jsr", "@acme/*")}
    assert token.scope == Scope(frozenset({"read", "write", "create"}), frozenset(projects))
    assert (token.expires_at - token.created_at).days in {29, 30}
    page = ann.get("/me").text
    assert secret not in page
    assert html.escape("laptop <1>") in page
    headers = {"Authorization": f"Bearer {secret}"}
    assert app.ask("GET", "/simple/", headers=headers).status_int == 200
    assert "revoked" in ann.post("/me", revoke=token.id).text
    assert app.ask("GET", "/simple/", headers=headers).status_int == 401
    assert ann.post("/me", revoke=token.id).status_int == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"label": ""},
        {"label": "x" * 101},
        {"kind": "everything"},
        {"projects": "no/such:thing"},
        {"projects": " ".join(f"p{n}" for n in range(51))},
        {"projects": "jsr:@acme/de*"},
        {"days": "0"},
        {"days": "-1"},
        {"days": "1e3"},
        {"days": "9999999999"},
    ],
)
def test_what_is_wrong_is_told_on_the_page(ann, services, wrong):
    answer = ann.post("/me", **({"label": "x", "kind": "read"} | wrong))
    assert answer.status_int == 400
    assert 'role="alert"' in answer.text
    assert services.state.tokens("ann") == []


@pytest.mark.promise(123)
def test_another_user_s_token_is_not_there(ann, services):
    _, token = services.state.add_token("bob", "his", Scope(frozenset({"read"})), expires_at=None)
    assert ann.post("/me", revoke=token.id).status_int == 404
    assert "his" not in ann.get("/me").text


def test_a_form_of_another_page_makes_none(ann, services):
    assert ann.post("/me", csrf=False, label="x", kind="all").status_int == 403
    assert services.state.tokens("ann") == []


@pytest.mark.promise(128)
def test_a_token_makes_no_tokens(app, services, users):
    scope = Scope(frozenset({"read", "write", "account", "admin"}))
    secret, _ = services.state.add_token("boss", "x", scope, expires_at=None)
    for headers in ({"Authorization": f"Bearer {secret}"}, basic("__token__", secret)):
        for method in ("GET", "POST"):
            assert app.ask(method, "/me", headers=headers).status_int == 403


@pytest.mark.parametrize(
    "days", ["000000001" + "9" * 20, "0" * 8 + "1" + "9" * 5000, "36501", "0", "٣", "1.5"]
)
def test_days_that_no_token_lives(ann, services, days):
    answer = ann.post("/me", label="x", kind="read", days=days)
    assert answer.status_int == 400
    assert "days: must be a number" in answer.text
    assert not services.state.tokens("ann")
