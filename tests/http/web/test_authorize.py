"""The page on which somebody lets a program publish for them."""

from __future__ import annotations

import html

import pytest

from pypicloud_like.ecosystems.jsr import permissions

WANTED = [
    {"permission": "package/publish", "scope": "acme"},
    {"permission": "package/publish", "scope": "acme", "package": "demo"},
    {
        "permission": "package/publish",
        "scope": "acme",
        "package": "demo",
        "version": "1.0.0",
        "tarballHash": "sha256-" + 64 * "0",
    },
]


@pytest.fixture
def asked(services):
    """A program that waits: its secret and what it asks."""
    return services.authorizations.begin("challenge", permissions.read(WANTED))


def test_who_is_not_logged_in_comes_back_with_the_code(app, asked):
    answer = app.ask("GET", f"/auth?code={asked[1].code}")
    assert answer.status_int == 302
    assert answer.headers["Location"].endswith(f"/acct/login?next=/auth%3Fcode%3D{asked[1].code}")


def test_the_page_says_what_is_asked_for(ann, asked):
    page = html.unescape(ann.get(f"/auth?code={asked[1].code.lower()}").text)
    for said in (
        asked[1].code,
        "publish any package of @acme",
        "publish @acme/demo<",
        "publish @acme/demo@1.0.0",
    ):
        assert said in page


def test_one_that_wants_everything_says_so(ann, services):
    _, asked = services.authorizations.begin("challenge", None)
    assert "everything that you may do with packages" in ann.get(f"/auth?code={asked.code}").text


@pytest.mark.parametrize(("decision", "approved"), [("approve", True), ("deny", False), ("other", False)])
def test_a_decision(ann, services, asked, decision, approved):
    secret, waiting = asked
    answer = ann.post("/auth", code=waiting.code, decision=decision)
    assert answer.status_int == 200
    done = services.authorizations.exchange(secret)
    assert (done.user, done.approved) == ("ann", approved)
    assert ann.post("/auth", code=waiting.code, decision="approve").status_int == 404


def test_a_form_of_another_page_decides_nothing(ann, services, asked):
    assert ann.post("/auth", csrf=False, code=asked[1].code, decision="approve").status_int == 403
    assert services.authorizations.by_code(asked[1].code) is not None


@pytest.mark.parametrize("code", ["", "ABCD-EFGH", "<script>", "x" * 500])
def test_a_code_that_nobody_waits_under(ann, code):
    answer = ann.get(f"/auth?code={code}")
    assert answer.status_int == (404 if code else 200)
    assert "<script>" not in answer.text
    assert '<input id="code"' in answer.text
