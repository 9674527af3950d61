"""Owners of crates, as ``cargo owner`` deals with them."""

from __future__ import annotations

import pytest

from pypicloud_like.core.model import Project, Right
from tests.http.cargo.site import detail

DEMO = Project("cargo", "demo")
PATH = "/api/v1/crates/demo/owners"


@pytest.fixture
def ini():
    return {"pypi.default_read": "everyone", "pypi.allow_create_groups": "authenticated"}


def logins(site, path=PATH, **rest):
    answer = site.ask("GET", path, **rest)
    assert answer.status_int == 200, answer
    return [each["login"] for each in answer.json["users"]]


def change(site, method, *names, user="ann", key="users", **rest):
    return site.client.request(
        PATH,
        method=method,
        body=site.json({key: list(names)}),
        headers=site.sent(user, rest.pop("headers", {})),
        expect_errors=True,
    )


def test_the_first_publisher_owns_it(site):
    site.taken(user="ann")
    (owner,) = site.ask("GET", PATH).json["users"]
    assert owner["login"] == "ann"
    assert 0 <= owner["id"] < 2**32
    assert owner["kind"] == "user"
    site.taken(version="0.2.0", user="ann")
    detail(site.new(version="0.3.0", user="bob"), 403)


def test_added_and_removed(site):
    site.taken(user="ann")
    answer = change(site, "PUT", "bob")
    assert answer.json["ok"] is True
    assert "bob" in answer.json["msg"]
    assert logins(site) == ["ann", "bob"]
    assert "already" in change(site, "PUT", "Bob").json["msg"]
    site.taken(version="0.2.0", user="bob")
    answer = change(site, "DELETE", "ann", user="bob")
    assert answer.json["ok"] is True
    assert "ann" in answer.json["msg"]
    assert logins(site) == ["bob"]
    detail(site.new(version="0.3.0", user="ann"), 403)


def test_crates_io_s_word_for_users(site):
    site.taken(user="ann")
    assert change(site, "PUT", "bob", key="owners").status_int == 200
    assert change(site, "DELETE", "bob", key="owners").status_int == 200
    assert logins(site) == ["ann"]


def test_the_last_owner_stays(site):
    site.taken(user="ann")
    detail(change(site, "DELETE", "ann"), 409, "only owner")
    assert logins(site) == ["ann"]


def test_who_writes_by_a_grant_is_an_owner_too(site, users):
    site.taken(user="ann")
    users.add_group("devs", actor=None)
    users.add_member("devs", "bob", actor=None)
    users.grant(DEMO, "group", "devs", Right.WRITE, actor=None)
    assert logins(site, user="ann") == ["ann", "bob"]
    detail(change(site, "DELETE", "bob"), 409, "grant")
    assert change(site, "PUT", "bob", user="bob").status_int == 200


def test_all_or_none(site, users):
    """Of a request that is refused nothing has happened."""
    site.taken(user="ann")
    detail(change(site, "PUT", "bob", "nobody"), 404, "nobody")
    assert logins(site) == ["ann"]
    change(site, "PUT", "bob", "boss")
    detail(change(site, "DELETE", "bob", "nobody"), 404, "nobody")
    detail(change(site, "DELETE", "ann", "bob", "boss"), 409, "all the owners")
    assert logins(site) == ["ann", "bob", "boss"]
    msg = change(site, "DELETE", "ann", "boss").json["msg"]
    assert msg == "ann, boss removed from the owners of crate demo"
    assert logins(site) == ["bob"]


def test_strangers(site):
    site.taken(user="ann")
    detail(change(site, "PUT", "nobody"), 404, "nobody")
    detail(change(site, "DELETE", "bob"), 404, "bob")
    detail(change(site, "PUT", "github:org:team"), 400, "teams")
    assert logins(site) == ["ann"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b'{"users": []}',
        b'{"users": "bob"}',
        b'{"users": [1]}',
        b"{",
        b'{"users": ["a","b","c","d","e","f","g","h","i","j","k"]}',
    ],
)
def test_bodies_that_say_nothing(site, body):
    site.taken(user="ann")
    for method in ("PUT", "DELETE"):
        answer = site.client.request(
            PATH, method=method, body=body, headers=site.sent("ann"), expect_errors=True
        )
        detail(answer, 400)


def test_only_for_owners(site):
    site.taken(user="ann")
    for method in ("PUT", "DELETE"):
        detail(change(site, method, "bob", user=None), 401)
        detail(change(site, method, "bob", user="bob"), 403)
        detail(
            change(site, method, "bob", user=None, headers=site.token("ann", "write", "yank")), 403, "owners"
        )
    assert change(site, "PUT", "bob", user=None, headers=site.token("ann", "owners")).status_int == 200
    assert change(site, "DELETE", "ann", user="boss").status_int == 200


class TestEverybodyWrites:
    @pytest.fixture
    def ini(self):
        return {"pypi.default_read": "everyone", "pypi.default_write": "authenticated"}

    def test_who_writes_by_default_owns_nothing(self, site):
        site.taken(user="ann")
        site.taken(version="0.2.0", user="bob")
        assert logins(site) == ["ann"]
        detail(change(site, "PUT", "bob", user="bob"), 403)


def test_a_crate_that_is_not_there(site):
    detail(site.ask("GET", "/api/v1/crates/other/owners"), 404)
    detail(site.ask("GET", "/api/v1/crates/1x/owners"), 404)


def test_any_spelling(site):
    site.taken("Foo_Bar", user="ann")
    assert logins(site, "/api/v1/crates/foo-bar/owners") == ["ann"]
