"""Basic credentials: what is malformed is never taken for nobody, and passwords are taken as they are."""

import base64

import pytest

from tests.builders import a_wheel
from tests.http.account.sending import COOKIE, as_form, as_json, cookie_of, who
from tests.http.conftest import PASSWORD, basic


def encoded(data):
    return base64.b64encode(data).decode()


MALFORMED = (
    "",
    " ",
    "Basic",
    "Basic ",
    "Basic !!!!",
    "Basic YW5u",
    "Basic " + encoded(b"no colon"),
    "Basic " + encoded(b"ann:\xff\xfe"),
    "Basic " + encoded("ann:pässword".encode("latin-1")),
    "Basic " + encoded(f"ann:{PASSWORD}".encode())[:-3],
    "Basic " + encoded(f"ann:{PASSWORD}".encode()) + ",Basic " + encoded(b"x:y"),
    "Basic " + encoded(f"ann:{PASSWORD}".encode()) + " x",
    "Basic " + "A" * 100_000,
    "Bearer",
    "Bearer ",
    "Bearer x",
    "Bearer \xe4",
    "Token pcl_" + "0" * 49,
    "Digest username=ann",
    "Negotiate " + encoded(b"x"),
    "AWS4-HMAC-SHA256 x",
    encoded(f"ann:{PASSWORD}".encode()),
    "pcl_" + "0" * 49,
    "\x7f",
    "\xff" * 50,
)


class TestMalformed:
    @pytest.fixture
    def ini(self):
        return {"pypi.default_read": "everyone", "pypi.default_write": "everyone", "auth.failures": "1000"}

    @pytest.mark.promise(116)
    def test_it_is_nobody_who_may_write(self, app, users):
        kind, body = app.encode_multipart([("name", "foo")], [("content", *a_wheel("foo", "1.0"))])
        for header in MALFORMED:
            for method, path in (("POST", "/simple/"), ("GET", "/simple/"), ("GET", "/admin/user")):
                headers = {"Authorization": header, "Content-Type": kind}
                rest = {"body": body} if method == "POST" else {}
                answer = app.ask(method, path, headers=headers, **rest)
                assert answer.status_int in {400, 401}, (header[:60], path, answer.status)
                if answer.status_int == 401:
                    assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")
        assert app.ask("GET", "/api/package/").json == {"packages": []}

    def test_a_wrong_password_reads_what_anybody_reads_and_uploads_nothing(self, app, users):
        app.upload(*a_wheel("foo", "1.0"))
        assert app.ask("GET", "/simple/foo/", headers=basic("ann", "wrong")).status_int == 200
        kind, body = app.encode_multipart([("name", "foo")], [("content", *a_wheel("foo", "1.1"))])
        headers = {**basic("ann", "wrong"), "Content-Type": kind}
        assert app.ask("POST", "/simple/", body=body, headers=headers).status_int == 401


class TestRealm:
    @pytest.fixture
    def ini(self):
        return {"pypi.realm": 'team "blue"'}

    def test_whoever_is_asked_to_log_in_is_told_where(self, app, users):
        for method, path in (("GET", "/simple/x/"), ("GET", "/admin/user"), ("POST", "/api/user/password")):
            answer = app.ask(method, path)
            assert answer.status_int == 401
            assert answer.headers["WWW-Authenticate"] == 'Basic realm="team \'blue\'", charset="UTF-8"'


PASSWORDS = (
    "pässwörd – 密码 🔑",
    "with:colons:in:it",
    " spaces around ",
    "nul\0inside",
    "a" * 71 + "b" * 30,
    "x" * 4096,
    "e\u0301",
)


@pytest.mark.promise(112)
def test_any_text_is_a_password_through_basic_and_form_alike(app, users):
    for number, password in enumerate(PASSWORDS):
        name = f"user{number}"
        added = app.ask("PUT", f"/admin/user/{name}", user="boss", **as_json(password=password))
        assert added.status_int == 200
        assert who(app, basic(name, password)) == name
        for sent in (as_form, as_json):
            answer = app.ask("POST", "/acct/login", **sent(username=name, password=password))
            assert who(app, {"Cookie": f"{COOKIE}={cookie_of(answer)}"}) == name
            app.reset()


@pytest.mark.promise(112)
def test_nothing_of_a_long_password_is_cut_off(app, users):
    app.ask("PUT", "/admin/user/carl", user="boss", **as_json(password="x" * 72 + "right"))
    assert who(app, basic("carl", "x" * 72 + "right")) == "carl"
    assert who(app, basic("carl", "x" * 72 + "wrong")) is None
    assert who(app, basic("carl", "x" * 72)) is None


def test_a_password_above_every_measure_is_wrong(app, users):
    assert who(app, basic("ann", "x" * 4097)) is None
    assert app.ask("POST", "/acct/login", **as_form(username="ann", password="x" * 5000)).status_int == 403
    assert app.ask("POST", "/acct/login", **as_form(username="ann", password="x" * 100_000)).status_int == 400


@pytest.mark.promise(110)
def test_a_password_of_pypicloud_is_renewed_at_login(app, users, services):
    from passlib.hash import sha512_crypt

    old = sha512_crypt.using(rounds=1000).hash("old word")
    users.load({"users": [{"username": "carl", "admin": False, "password": old}]}, actor=None)
    assert who(app, basic("carl", "old word")) == "carl"
    dumped = {user["username"]: user["password"] for user in users.dump()["users"]}
    assert dumped["carl"].startswith("$argon2id$")
    assert who(app, basic("carl", "old word")) == "carl"


@pytest.mark.promise(133)
def test_a_user_who_waits_for_approval_is_nobody_however_they_come(app, users, services):
    from pypicloud_like.core.model import Scope

    users.add_user("newcomer", PASSWORD, pending=True, actor=None)
    secret, _ = services.state.add_token("newcomer", "x", Scope(frozenset({"read"})), expires_at=None)
    session = services.state.open_session("newcomer")
    assert app.ask("GET", "/simple/x/", user="newcomer").status_int == 401
    assert app.ask("GET", "/simple/x/", headers={"Authorization": f"Bearer {secret}"}).status_int == 401
    assert app.ask("GET", "/simple/x/", headers={"Cookie": f"{COOKIE}={session}"}).status_int == 401


@pytest.mark.promise(143)
def test_headers_of_proxies_name_nobody(app, users):
    for header in (
        "Remote-User",
        "X-Remote-User",
        "X-Forwarded-User",
        "X-Authenticated-User",
        "X-WebAuth-User",
    ):
        assert app.ask("GET", "/admin/user", headers={header: "boss"}).status_int == 401
        assert who(app, {header: "boss"}) is None
