"""Pages for administrators where users and rights come from the settings: everything is shown, nothing changed."""

from __future__ import annotations

import pytest

from pypicloud_like.access.passwords import Passwords
from tests.http.conftest import PASSWORD
from tests.http.web.conftest import Browser

HASHED = Passwords.cheap().hash(PASSWORD)


@pytest.fixture
def ini():
    return {
        "pypi.auth": "config",
        "user.boss": HASHED,
        "user.ann": HASHED,
        "auth.admins": "boss",
        "group.devs": "ann",
        "package.foo.group.devs": "rw",
    }


@pytest.fixture
def users(services):
    return services.access


@pytest.fixture
def boss(app, services):
    return Browser(app, services, "boss")


PAGES = ("", "/users", "/users/ann", "/groups", "/groups/devs", "/rights", "/rights?project=foo")


@pytest.mark.parametrize("path", PAGES)
def test_it_is_said_where_they_come_from(boss, path):
    page = boss.read(f"/admin{path}")
    assert "pypi.auth = config" in page


def test_who_may_and_why(boss):
    page = boss.read("/admin/rights?project=foo")
    assert "read is granted to the group devs" in page
    assert 'value="grant"' not in page


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/users", {"do": "add", "user": "carla", "password": "x" * 20}),
        ("/users", {"do": "registration", "allow": "true"}),
        ("/users", {"do": "invite", "user": "carla"}),
        ("/users/ann", {"do": "admin", "admin": "true"}),
        ("/users/ann", {"do": "remove", "confirm": "ann"}),
        ("/groups", {"do": "add", "group": "ops"}),
        ("/groups/devs", {"do": "leave", "user": "ann"}),
        ("/rights?project=foo", {"do": "grant", "kind": "user", "name": "ann", "right": "read"}),
    ],
)
def test_nothing_is_changed(boss, services, path, fields):
    def now():
        access = services.access
        return access.accounts(), access.groups(), access.grants()

    before = now()
    answer = boss.post(f"/admin{path}", **fields)
    assert 400 <= answer.status_int < 500, answer
    assert 'role="alert"' in answer.text
    assert now() == before
