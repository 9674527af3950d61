"""Crates under rights that stand in the .ini file."""

from __future__ import annotations

import pytest

from pypicloud_like.access.passwords import Passwords
from tests.http.cargo.site import CargoSite, detail
from tests.http.conftest import PASSWORD, make_services


@pytest.fixture
def site(tmp_path, clock):
    """``bob`` reads and writes the crate ``demo-lib``, ``ann`` may only log in, ``boss`` administers."""
    hashed = Passwords.cheap().hash(PASSWORD)
    ini = {f"user.{name}": hashed for name in ("boss", "ann", "bob")}
    ini |= {"pypi.auth": "config", "auth.admins": "boss", "package.cargo/demo-lib.user.bob": "rw"}
    services = make_services(tmp_path / "config", ini, clock)
    yield CargoSite(services, clock)
    services.close()


def test_grants_by_crate(site):
    detail(site.new("demo-lib", user="ann"), 403)
    site.taken("demo-lib", user="bob")
    detail(site.new("other", user="bob"), 403)
    assert site.index("demo-lib", user="bob").status_int == 200
    detail(site.index("demo-lib", user="ann"), 404)
    detail(site.index("demo-lib", user=None), 401)
    assert site.index("demo-lib", user=None, headers=site.token("bob", "read")).status_int == 200


def test_owners_are_kept_beside_the_file(site):
    site.taken("demo-lib", user="bob")
    path = "/api/v1/crates/demo-lib/owners"
    answer = site.client.request(path, method="PUT", body=b'{"users": ["ann"]}', headers=site.sent("bob"))
    assert answer.json["ok"] is True
    assert [each["login"] for each in site.ask("GET", path, user="ann").json["users"]] == ["ann", "bob"]
    site.taken("demo-lib", "0.2.0", user="ann")


def test_config_json_asks_for_a_login(site):
    detail(site.ask("GET", "/cargo/index/config.json"), 401)
    assert site.ask("GET", "/cargo/index/config.json", user="ann").json["auth-required"] is True
