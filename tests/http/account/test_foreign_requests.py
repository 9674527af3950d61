"""Changes that a page of another site makes a browser send are refused, whatever the browser adds."""

import pytest

from pypicloud_like.core.model import Scope
from tests.builders import a_wheel
from tests.http.account.sending import as_form, as_json, is_refused, log_in, who
from tests.http.conftest import PASSWORD, basic

FOREIGN = (
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": "https://localhost"},
    {"Origin": "http://localhost:8080"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://["},
    {"Origin": "http://localhost:x"},
    {"Origin": "localhost"},
    {"Referer": "http://evil.example/localhost"},
    {"Referer": "http://localhost@evil.example/"},
    {"Referer": "http://[::1"},
    {"Origin": "http://evil.example", "Referer": "http://localhost/"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "nonsense"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
)
OWN = (
    {},
    {"Origin": "http://localhost"},
    {"Origin": "http://localhost:80"},
    {"Origin": "HTTP://LOCALHOST"},
    {"Referer": "http://localhost/some/page?x=1"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"},
    {"Sec-Fetch-Site": "none"},
)


def put_group(app, headers, name="devs"):
    return app.ask("PUT", f"/admin/group/{name}", headers=headers)


@pytest.mark.promise(139)
def test_a_change_by_cookie_needs_the_token_of_that_session(app, users):
    session, other = log_in(app, "boss"), log_in(app, "boss")
    wrong = (None, "", "x", "0" * 64, other.csrf, session.csrf[:-1], session.csrf.upper(), "\xe4")
    for csrf in wrong:
        headers = {**session.cookie, **({} if csrf is None else {"X-CSRF-Token": csrf})}
        assert is_refused(put_group(app, headers), 403), csrf
    assert put_group(app, session.headers).status_int == 200
    assert users.groups() == {"devs": frozenset()}


def test_the_token_may_come_as_a_field_of_a_plain_form(app, users):
    session = log_in(app, "boss")
    sent = as_form(allow="true", csrf_token=session.csrf)
    sent["headers"].update(session.cookie)
    assert app.ask("POST", "/admin/register", **sent).status_int == 200
    assert users.registration()
    for sent in (
        as_form(allow="false"),
        as_form(allow="false", csrf_token="x"),
        as_json(allow=False, csrf_token=session.csrf),
    ):
        sent["headers"].update(session.cookie)
        assert is_refused(app.ask("POST", "/admin/register", **sent), 403)
    assert is_refused(
        app.ask("POST", f"/admin/register?allow=false&csrf_token={session.csrf}", headers=session.cookie), 403
    )
    assert users.registration()


@pytest.mark.promise(139)
def test_every_changing_request_by_cookie_needs_the_token(app, users):
    app.upload(*a_wheel("foo", "1.0"))
    session = log_in(app, "boss")
    kind, upload = app.encode_multipart([("name", "foo")], [("content", *a_wheel("foo", "1.1"))])
    multipart = {"Content-Type": kind}
    wheel = "/api/package/foo/foo-1.0-py3-none-any.whl"
    for method, path, rest in (
        ("POST", "/", {"body": upload, "headers": multipart}),
        ("POST", "/simple/", {"body": upload, "headers": multipart}),
        ("POST", "/api/package/foo/foo-1.1-py3-none-any.whl", {"body": upload, "headers": multipart}),
        ("DELETE", wheel, {}),
        ("POST", "/api/package/foo/1.0/yank", {}),
        ("PUT", "/api/project/foo/status", as_json(status="archived")),
        ("POST", "/api/user/password", as_form(old_password=PASSWORD, new_password="x")),
        ("POST", "/admin/rebuild", {}),
        ("DELETE", "/admin/user/ann", {}),
        ("POST", "/admin/user/ann/admin", as_form(admin="true")),
        ("PUT", "/admin/package/foo/user/ann/write", {}),
    ):
        headers = {**rest.get("headers", {}), **session.cookie}
        assert app.ask(method, path, **{**rest, "headers": headers}).status_int == 403, path
    assert [
        file["version"] for file in app.ask("GET", "/api/package/foo/", user="boss").json["packages"]
    ] == ["1.0"]
    assert app.ask("DELETE", wheel, headers=session.headers).status_int == 200


@pytest.mark.promise(139, 141)
def test_pages_of_other_sites_change_nothing_by_cookie_or_remembered_password(app, users, services):
    session = log_in(app, "boss")
    secret, _ = services.state.add_token("boss", "admin", Scope(frozenset({"admin"})), expires_at=None)
    for credentials in (session.headers, basic("boss"), basic("__token__", secret)):
        for extra in FOREIGN:
            assert is_refused(put_group(app, {**credentials, **extra}), 403), extra
    assert users.groups() == {}


def test_pages_of_our_own_may(app, users, services):
    session = log_in(app, "boss")
    secret, _ = services.state.add_token("boss", "admin", Scope(frozenset({"admin"})), expires_at=None)
    for number, extra in enumerate(OWN):
        for kind, credentials in (
            ("s", session.headers),
            ("b", basic("boss")),
            ("t", basic("__token__", secret)),
        ):
            assert put_group(app, {**credentials, **extra}, f"{kind}{number}").status_int == 200, extra


def test_a_bearer_token_is_no_browsers_doing(app, users, services):
    secret, _ = services.state.add_token("boss", "admin", Scope(frozenset({"admin"})), expires_at=None)
    headers = {"Authorization": f"Bearer {secret}", "Origin": "https://elsewhere.example"}
    assert put_group(app, headers).status_int == 200


def test_pages_of_other_sites_log_nobody_in_or_out_and_register_nobody(app, users, services):
    users.set_registration(True, actor=None)
    session = log_in(app, "boss")
    login = as_form(username="ann", password=PASSWORD)
    token = app.ask("GET", "/admin/token/dora", user="boss").json["token"]
    for extra in FOREIGN:
        for method, path, sent in (
            ("POST", "/acct/login", login),
            ("PUT", "/acct/login", as_form(username="carl", password="x")),
            ("PUT", "/api/user/carl", as_form(password="x")),
            ("PUT", "/acct/tokenRegister", as_form(token=token, password="x")),
            ("GET", "/acct/logout", {"headers": session.cookie}),
            ("POST", "/acct/logout", {"headers": session.cookie}),
            ("GET", "/admin/rebuild", {"headers": basic("boss")}),
        ):
            answer = app.ask(method, path, **{**sent, "headers": {**sent.get("headers", {}), **extra}})
            assert answer.status_int == 403, (path, extra)
            assert "Set-Cookie" not in answer.headers
    assert who(app, session.cookie) == "boss"
    assert not users.pending_users()
    assert users.account("dora") is None


def test_uploads_of_other_sites_are_refused_even_where_everybody_may(app, users):
    app.ask("PUT", "/admin/package/foo/group/everyone/write", user="boss")
    kind, body = app.encode_multipart([("name", "foo")], [("content", *a_wheel("foo", "1.0"))])
    headers = {"Content-Type": kind, "Origin": "http://evil.example"}
    assert app.ask("POST", "/simple/", body=body, headers=headers).status_int == 403
    assert app.ask("POST", "/simple/", body=body, headers={"Content-Type": kind}).status_int == 200


@pytest.mark.promise(139)
def test_reading_is_no_change(app, users):
    session = log_in(app, "boss")
    for extra in FOREIGN:
        assert app.ask("GET", "/admin/group", headers={**session.cookie, **extra}).status_int == 200


class TestBehindItsPublicAddress:
    @pytest.fixture
    def ini(self):
        return {"server.public_url": "https://pypi.example.org/index"}

    def test_the_public_address_is_our_origin_whatever_the_host_says(self, app, users):
        for origin, status in (
            ("https://pypi.example.org", 200),
            ("https://pypi.example.org:443", 200),
            ("http://pypi.example.org", 403),
            ("http://localhost", 403),
            ("https://evil.example", 403),
        ):
            answer = put_group(
                app, {**basic("boss"), "Origin": origin}, f"g{status}{origin[-4:].strip(':/')}"
            )
            assert answer.status_int in {status, 409 if status == 200 else status}, origin
