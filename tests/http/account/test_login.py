"""Logging in and out on the login page, as a script and as a browser."""

import html
import re
from urllib.parse import unquote

import pytest

from pypicloud_like.core.model import Scope
from tests.http.account.sending import COOKIE, HTML, as_form, as_json, cookie_of, in_every_shape, log_in, who
from tests.http.conftest import PASSWORD, basic

ANN = {"username": "ann", "password": PASSWORD}


def in_browser(app, *, headers=None, **fields):
    sent = as_form(**fields)
    return app.ask(
        "POST", "/acct/login", body=sent["body"], headers={**sent["headers"], **HTML, **(headers or {})}
    )


def form_about(app, goal):
    return app.ask("GET", f"/acct/login?{as_form(next=goal)['body'].decode()}", headers=HTML)


def test_the_form_is_for_whoever_is_not_logged_in(app, users):
    for path in ("/acct/login", "/acct/login/"):
        page = app.ask("GET", path, headers=HTML)
        assert page.status_int == 200
        assert page.headers["Content-Type"] == "text/html; charset=utf-8"
        assert {"username", "password", "next"} <= set(page.forms[1].fields)
        assert page.forms[1].action == "/acct/login"
        assert page.forms[1].method.lower() == "post"
    session = log_in(app, "ann")
    answer = app.ask("GET", "/acct/login", headers=session.cookie)
    assert (answer.status_int, answer.headers["Location"]) == (302, "http://localhost:80/")


def test_a_script_gets_a_session_and_where_to_go(app, users):
    for answer in in_every_shape(app, "POST", "/acct/login", ANN):
        assert answer.status_int == 200
        assert answer.json == {"next": "http://localhost:80/"}
        assert who(app, {"Cookie": f"{COOKIE}={cookie_of(answer)}"}) == "ann"
        app.reset()


def test_a_browser_is_sent_on(app, users):
    answer = in_browser(app, **ANN, next="/simple/?x=1")
    assert (answer.status_int, answer.headers["Location"]) == (303, "http://localhost:80/simple/?x=1")
    assert "no-store" in answer.headers["Cache-Control"]
    assert who(app, {"Cookie": f"{COOKIE}={cookie_of(answer)}"}) == "ann"
    app.reset()
    assert in_browser(app, **ANN).headers["Location"] == "http://localhost:80/"


def test_a_mounted_server_keeps_its_visitors(app, users):
    mounted = {"SCRIPT_NAME": "/pkg", "PATH_INFO": "/acct/login"}
    page = app.ask("GET", "/acct/login", environ=mounted, headers=HTML)
    assert page.forms[1].action == "/pkg/acct/login"
    sent = as_form(**ANN, next="/simple/")
    answer = app.ask(
        "POST", "/acct/login", environ=mounted, body=sent["body"], headers={**sent["headers"], **HTML}
    )
    assert answer.headers["Location"].endswith("/pkg/simple/")
    assert "; Path=/pkg;" in answer.headers["Set-Cookie"] + ";"


@pytest.mark.promise(131)
def test_the_name_is_one_in_every_spelling(app, users):
    answer = app.ask("POST", "/acct/login", **as_form(username="ANN", password=PASSWORD))
    assert who(app, {"Cookie": f"{COOKIE}={cookie_of(answer)}"}) == "ann"


@pytest.mark.promise(111)
def test_wrong_and_unknown_and_waiting_are_refused_alike(app, users):
    users.add_user("newcomer", PASSWORD, pending=True, actor=None)
    told = set()
    for name, password in (
        ("ann", "wrong"),
        ("nobody", PASSWORD),
        ("newcomer", PASSWORD),
        ("__token__", "x"),
        ("", ""),
    ):
        answer = app.ask("POST", "/acct/login", **as_form(username=name, password=password))
        page = in_browser(app, username=name, password=password)
        assert (answer.status_int, page.status_int) == (403, 403)
        assert "Set-Cookie" not in answer.headers
        assert "Set-Cookie" not in page.headers
        assert "WWW-Authenticate" not in page.headers  # a browser would ask in a window of its own
        told.add((answer.text, page.text))
    assert len(told) == 1


def test_a_failed_form_says_so_and_keeps_the_goal(app, users):
    page = in_browser(app, username="ann", password="wrong", next="/simple/")
    assert "User name or password is wrong" in page.text
    assert page.forms[1]["next"].value == "/simple/"
    assert page.forms[1]["password"].value == ""
    assert "wrong<" not in page.text.replace("is wrong<", "")


def test_a_failed_form_leads_to_registering_as_the_form_does(app, users):
    assert "/acct/register" not in in_browser(app, username="carl", password="wrong").text
    users.set_registration(True, actor=None)
    assert "/acct/register" in in_browser(app, username="carl", password="wrong").text


def test_a_failed_form_of_somebody_logged_in_is_the_same_page(app, users):
    session = log_in(app, "ann")
    page = in_browser(app, username="bob", password="wrong", headers=session.cookie)
    assert page.status_int == 403
    assert "User name or password is wrong" in page.text
    assert who(app, session.cookie) == "ann"


def test_missing_or_strange_fields_are_a_bad_request(app, users):
    for fields in ({}, {"username": "ann"}, {"password": "x"}, {"username": ["ann"], "password": PASSWORD}):
        answer = app.ask("POST", "/acct/login", **as_json(**fields))
        assert answer.status_int == 400
    answer = app.ask("POST", "/acct/login", **as_json(**ANN, next={"a": 1}))
    assert answer.status_int == 200
    assert in_browser(app).status_int == 400
    assert (
        app.ask("POST", "/acct/login", body=b"{", headers={"Content-Type": "application/json"}).status_int
        == 400
    )


def test_a_token_opens_no_session(app, users, services):
    secret, _ = services.state.add_token(
        "ann", "all", Scope(frozenset({"read", "account", "admin"})), expires_at=None
    )
    for name in ("ann", "__token__"):
        answer = app.ask("POST", "/acct/login", **as_form(username=name, password=secret))
        assert answer.status_int == 403
        assert "Set-Cookie" not in answer.headers


HOSTILE = (
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    '/"><script>alert(1)</script>',
    "/</title><script>alert(1)</script>",
    "javascript:alert(1)",
    "/{{7*7}}",
    "/&lt;b&gt;",
)


@pytest.mark.promise(134)
def test_nothing_typed_becomes_markup(app, users):
    for text in HOSTILE:
        pages = [
            form_about(app, text),
            in_browser(app, username=text, password=text, next=text),
            in_browser(app, username="ann", password="wrong", next=text),
        ]
        for page in pages:
            assert "<script>" not in page.text
            assert "<img" not in page.text
            assert "javascript:" not in page.text
            assert "49" not in re.sub(r"\?v=\w+", "", page.text)
            value = re.search(r'name="next" value="([^"]*)"', page.text)[1]
            assert html.unescape(value) in {"", text}


LOCAL = (
    "/",
    "/simple/",
    "/simple/?a=b&c=%2F%2Fx",
    "/pypi/foo/json#x",
    "/a b".replace(" ", "%20"),
    "/x/..",
    "/ü",
)
FOREIGN = (
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "https:evil.example",
    "https://evil.example/",
    "http:/evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "@evil.example",
    ".evil.example",
    "?next=/x",
    "/\t/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/\n/evil.example",
    "/x\r\nSet-Cookie: a=b",
    "/x\0",
    "/%2Fevil.example",
    "/%2f%2fevil.example",
    "/%5Cevil.example",
    "/%09/evil.example",
    "/%0d%0aSet-Cookie:a=b",
    "/x%00",
    "//[",
    "/[//",
    "http://[",
    "/\u2028x",
    "",
)


@pytest.mark.promise(144)
def test_only_a_path_of_this_server_is_gone_on_to(app, users):
    for goal in FOREIGN:
        page = form_about(app, goal)
        assert page.status_int == 200, goal
        assert page.forms[1]["next"].value in {"", "/[//"}, goal
        answer = in_browser(app, **ANN, next=goal)
        assert answer.status_int == 303, goal
        assert answer.headers["Location"] in {"http://localhost:80/", "http://localhost:80/[//"}, goal
        assert len(answer.headers.getall("Set-Cookie")) == 1, goal
        app.reset()


def test_a_path_of_this_server_is_kept_as_it_was(app, users):
    for goal in LOCAL:
        assert form_about(app, goal).forms[1]["next"].value == goal
        answer = in_browser(app, **ANN, next=goal)
        assert answer.status_int == 303, goal
        location = answer.headers["Location"]
        assert location.isascii()
        assert unquote(location.removeprefix("http://localhost:80")) == unquote(goal)
        app.reset()


@pytest.mark.promise(117)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_logging_out_ends_the_session(app, users, method):
    for path in ("/acct/logout", "/acct/logout/"):
        session = log_in(app, "ann")
        answer = app.ask(method, path, headers=session.headers)
        assert (answer.status_int, answer.headers["Location"]) == (302, "http://localhost:80/")
        assert answer.headers["Set-Cookie"].startswith(f"{COOKIE}=;")
        assert "Max-Age=0" in answer.headers["Set-Cookie"]
        assert who(app, session.cookie) is None
    assert app.ask(method, "/acct/logout").status_int == 302


def test_basic_credentials_are_greeted_too(app, users):
    assert who(app, basic("ann")) == "ann"
    assert who(app, {}) is None
