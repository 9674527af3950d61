"""Users and rights from the .ini file: they can be looked at, and changed there only."""

import gzip
import json

import pytest

from pypicloud_like.access.passwords import Passwords
from tests.builders import a_wheel
from tests.http.account.sending import COOKIE, as_form, as_json, cookie_of, is_refused, log_in, who
from tests.http.conftest import PASSWORD

HASHED = Passwords.cheap().hash(PASSWORD)


@pytest.fixture
def ini():
    return {
        "pypi.auth": "config",
        "user.boss": HASHED,
        "user.ann": HASHED,
        "user.bob": HASHED,
        "auth.admins": "boss",
        "group.devs": "ann",
        "package.foo.group.devs": "rw",
        "package.foo.user.bob": "r",
    }


def test_everything_can_be_looked_at(app):
    expected = {
        "/admin/user": [
            {"username": "ann", "admin": False},
            {"username": "bob", "admin": False},
            {"username": "boss", "admin": True},
        ],
        "/admin/user/ann": {"username": "ann", "admin": False, "groups": ["devs"]},
        "/admin/user/nobody": None,
        "/admin/user/bob/permissions": [{"package": "foo", "permissions": ["read"]}],
        "/admin/group": ["devs"],
        "/admin/group/devs": {
            "members": ["ann"],
            "packages": [{"package": "foo", "permissions": ["read", "write"]}],
        },
        "/admin/package/Foo": {
            "user": [{"username": "bob", "permissions": ["read"]}],
            "group": [{"group": "devs", "permissions": ["read", "write"]}],
        },
    }
    for path, data in expected.items():
        for address in (path, f"{path}/"):
            answer = app.ask("GET", address, user="boss")
            assert answer.status_int == 200
            assert answer.json == data


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/admin/pending_users"),
        ("GET", "/admin/token/carl"),
        ("POST", "/admin/register"),
        ("PUT", "/admin/user/carl"),
        ("DELETE", "/admin/user/ann"),
        ("POST", "/admin/user/ann/approve"),
        ("POST", "/admin/user/ann/admin"),
        ("PUT", "/admin/user/bob/group/devs"),
        ("DELETE", "/admin/user/ann/group/devs"),
        ("PUT", "/admin/group/ops"),
        ("DELETE", "/admin/group/devs"),
        ("PUT", "/admin/package/foo/user/bob/write"),
        ("DELETE", "/admin/package/foo/group/devs/read"),
        ("POST", "/api/user/password"),
    ],
)
def test_nothing_can_be_changed(app, services, method, path):
    before = (services.access.accounts(), services.access.groups(), services.access.grants())
    everything = as_json(password="p", allow=True, admin=True, old_password=PASSWORD, new_password="p")
    rest = everything if method in {"PUT", "POST"} else {}
    assert is_refused(app.ask(method, path, user="boss", **rest), 409, "'config'")
    assert is_refused(app.ask(method, path, **rest), 401)
    if path.startswith("/admin"):
        assert is_refused(app.ask(method, path, user="ann", **rest), 403)
    assert (services.access.accounts(), services.access.groups(), services.access.grants()) == before


def test_nobody_can_register(app):
    assert is_refused(app.ask("PUT", "/api/user/carl", **as_form(password="p")), 409, "'config'")
    answer = app.ask("PUT", "/acct/login", **as_form(username="carl", password="p"))
    assert answer.status_int == 409
    assert "'config'" in answer.text
    answer = app.ask("PUT", "/acct/tokenRegister", **as_form(token="carl:1:x", password="p"))
    assert is_refused(answer, 409, "'config'")


def test_the_access_lists_can_be_taken_to_another_server(app):
    answer = app.ask("GET", "/admin/acl.json.gz", user="boss")
    assert answer.status_int == 200
    dump = json.loads(gzip.decompress(answer.body))
    assert {"username": "boss", "admin": True, "password": HASHED} in dump["users"]
    assert dump["groups"] == {"devs": ["ann"]}
    assert dump["packages"] == {
        "users": {"foo": {"bob": ["read"]}},
        "groups": {"foo": {"devs": ["read", "write"]}},
    }


def test_logins_sessions_uploads_and_health_work_as_ever(app):
    assert app.upload(*a_wheel("foo", "1.0"), user="ann").status_int == 200
    assert app.upload(*a_wheel("foo", "1.1"), user="bob").status_int == 403
    session = log_in(app, "bob")
    assert who(app, session.cookie) == "bob"
    assert app.ask("GET", "/simple/foo/", headers=session.cookie).status_int == 200
    answer = app.ask("POST", "/acct/login", **as_form(username="BOSS", password=PASSWORD))
    assert who(app, {"Cookie": f"{COOKIE}={cookie_of(answer)}"}) == "boss"
    assert app.ask("GET", "/health").json == {"access": "", "cache": "", "storage": ""}
