"""The pages for people: what their headers forbid a browser, and that nothing from outside is markup."""

import re

import pytest

from tests.http.account.sending import HTML, as_form, log_in, who


def pages(app):
    """The home page and the login form, before, in and after a login that failed."""
    session = log_in(app, "ann")
    failed = as_form(username="ann", password="wrong")
    return [
        app.ask("GET", "/", headers=HTML),
        app.ask("GET", "/", headers={**HTML, **session.cookie}),
        app.ask("GET", "/acct/login", headers=HTML),
        app.ask("POST", "/acct/login", body=failed["body"], headers={**failed["headers"], **HTML}),
    ]


@pytest.mark.promise(137)
def test_a_page_may_do_next_to_nothing(app, users):
    for page in pages(app):
        policy = dict(
            part.strip().partition(" ")[::2] for part in page.headers["Content-Security-Policy"].split(";")
        )
        assert policy["default-src"] == "'none'"
        assert "unsafe" not in page.headers["Content-Security-Policy"]
        assert policy["frame-ancestors"] == "'none'"
        assert policy["base-uri"] == "'none'"
        assert policy["form-action"] == "'self'"
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert page.headers["Referrer-Policy"] in {"same-origin", "no-referrer", "strict-origin"}
        assert "no-store" in page.headers["Cache-Control"]


@pytest.mark.promise(137)
def test_a_page_has_no_script_or_style_of_its_own(app, users):
    for page in pages(app):
        assert not page.html.find_all("script", src=False)
        assert not page.html.find_all("style")
        assert not re.search(r"\son\w+=|\sstyle=", page.text)


def test_what_a_page_needs_is_there(app, users):
    page = app.ask("GET", "/")
    for link in page.html.find_all("link"):
        answer = app.ask("GET", link["href"])
        assert answer.status_int == 200
        kind = {"stylesheet": "text/css", "icon": "image/svg+xml"}[link["rel"][0]]
        assert answer.headers["Content-Type"].startswith(kind)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert app.ask("GET", "/static/nosuch.css").status_int == 404
    assert app.ask("GET", "/static/").status_int in {403, 404}
    assert app.ask("GET", "/static/../setup.cfg").status_int in {400, 404}
    assert app.ask("GET", "/static/%2e%2e/setup.cfg").status_int in {400, 404}


def test_the_logout_form_carries_the_token_of_the_session(app, users):
    session = log_in(app, "ann")
    page = app.ask("GET", "/", headers=session.cookie)
    assert page.forms[1].action == "/acct/logout"
    assert page.forms[1]["csrf_token"].value == session.csrf
    assert session.secret not in page.text


def test_the_first_page_says_how_to_point_clients_here(app, users):
    text = app.ask("GET", "/").text
    assert "http://localhost:80/simple/" in text
    assert "csrf_token" not in text


def test_unknown_addresses_are_told_in_the_readers_language(app, users):
    hostile = "/%3Cscript%3Ealert(1)%3C/script%3E/x/y/z"
    for accept in ("text/html", "application/json", "*/*", "", "text/html;q=x"):
        answer = app.ask("GET", hostile, headers={"Accept": accept})
        assert answer.status_int == 404
        assert "<script>" not in answer.text
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.promise(142)
@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "evil.example:80", "[::2]", "a b", "'\"><b>", ""]
)
def test_a_forged_host_stands_in_no_answer(app, users, host):
    there = {"environ": {"HTTP_HOST": host, "SERVER_NAME": "unknown.example"}}
    login = as_form(username="ann", password="correct horse battery")
    for method, path, rest in (
        ("GET", "/", {}),
        ("GET", "/acct/login", {"headers": HTML}),
        ("GET", "/acct/logout", {}),
        ("POST", "/acct/login", login),
        ("GET", "/admin/token/carl", {"user": "boss"}),
        ("GET", "/simple/", {"user": "ann"}),
        ("GET", "/api/package/", {"user": "ann"}),
    ):
        answer = app.ask(method, path, **rest, **there)
        assert answer.status_int in {200, 400}, path
        told = answer.text + "".join(f"{name}: {value}\n" for name, value in answer.headers.items())
        if answer.status_int == 200:
            assert "evil" not in told
            assert "unknown.example" not in told
        else:
            assert "Set-Cookie" not in answer.headers
        assert "<b>" not in told


@pytest.mark.promise(143)
@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Host": "evil.example"},
        {"X-Forwarded-Proto": "https"},
        {"X-Forwarded-Port": "8443"},
        {"X-Forwarded-Prefix": "/evil"},
        {"X-Script-Name": "/evil"},
        {"Forwarded": "host=evil.example;proto=https"},
        {"X-Original-URL": "/admin/user", "X-Rewrite-URL": "/admin/user"},
        {"X-HTTP-Method-Override": "DELETE"},
    ],
)
def test_headers_of_proxies_change_nothing(app, users, headers):
    assert app.ask("GET", "/", headers=headers).text == app.ask("GET", "/").text
    sent = as_form(username="ann", password="correct horse battery")
    answer = app.ask("POST", "/acct/login", body=sent["body"], headers={**sent["headers"], **headers})
    assert answer.json == {"next": "http://localhost:80/"}
    assert "secure" not in answer.headers["Set-Cookie"].lower()


class TestAtItsPublicAddress:
    @pytest.fixture
    def ini(self):
        return {"server.public_url": "https://pypi.example.org/index"}

    @pytest.mark.promise(142)
    def test_every_address_told_is_the_public_one(self, app, users):
        for host in ("localhost", "evil.example"):
            there = {"environ": {"HTTP_HOST": host, "SCRIPT_NAME": "/index"}}
            assert "https://pypi.example.org/index/simple/" in app.ask("GET", "/", **there).text
            token = app.ask("GET", "/admin/token/carl", user="boss", **there).json
            assert token["token_url"].startswith("https://pypi.example.org/index/acct/login#")
            login = as_form(username="ann", password="correct horse battery")
            answer = app.ask("POST", "/acct/login", **login, **there)
            assert answer.json == {"next": "https://pypi.example.org/index/"}
            app.reset()
            login["headers"].update(HTML)
            answer = app.ask("POST", "/acct/login", **login, **there)
            assert answer.headers["Location"] == "https://pypi.example.org/index/"
            app.reset()
            logout = app.ask("GET", "/acct/logout", **there)
            assert logout.headers["Location"] == "https://pypi.example.org/index/"


def test_names_with_accents_are_greeted(app, users):
    users.add_user("jürgen", "word", actor=None)
    session = log_in(app, "Jürgen", "word")
    assert who(app, session.cookie) == "jürgen"
