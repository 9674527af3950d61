"""Who may publish a crate."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pypicloud_like.core.model import Project, Right, Scope
from tests.http.cargo.site import detail

DEMO = Project("cargo", "demo")


def test_nobody_without_credentials(site):
    with site.unchanged():
        answer = site.new(user=None)
        detail(answer, 401)
        assert answer.headers["WWW-Authenticate"].startswith("Cargo login_url=")
        detail(site.new(user=None, headers={"Authorization": "pcl_" + "x" * 49}), 401)
        detail(site.put(b"not even a body", user=None), 401)


def test_who_may_not_create(site):
    with site.unchanged():
        detail(site.new(user="ann"), 403)


def test_who_may_not_write(site, users):
    site.taken()
    users.grant(DEMO, "user", "bob", Right.READ, actor=None)
    with site.unchanged():
        detail(site.new(version="0.2.0", user="ann"), 403)
        detail(site.new(version="0.2.0", user="bob"), 403)
    users.grant(DEMO, "user", "bob", Right.WRITE, actor=None)
    site.taken(version="0.2.0", user="bob")


def test_to_write_is_not_to_read(site, users):
    site.taken(said={"description": "secret"})
    users.grant(DEMO, "user", "bob", Right.WRITE, actor=None)
    assert site.taken(version="0.2.0", user="bob")["crate"] is None
    with site.unchanged():
        answer = site.client.request(
            "/api/v1/crates/demo/0.1.0",
            method="PATCH",
            body=b'{"version": {"yanked": true}}',
            headers=site.sent("bob"),
            expect_errors=True,
        )
        detail(answer, 404)
    users.grant(DEMO, "user", "bob", Right.READ, actor=None)
    assert site.taken(version="0.3.0", user="bob")["crate"]["num_versions"] == 3


def test_the_scope_of_a_token(site):
    with site.unchanged():
        for actions in (("read",), ("write",), ("read", "yank", "owners")):
            detail(site.new(user=None, headers=site.token("boss", *actions)), 403, "scope")
    site.taken(user=None, headers=site.token("boss", "create"))
    with site.unchanged():
        detail(site.new(version="0.2.0", user=None, headers=site.token("boss", "create")), 403)
        elsewhere = site.token("boss", "write", projects=frozenset({Project("pypi", "demo")}))
        detail(site.new(version="0.2.0", user=None, headers=elsewhere), 403)
    here = site.token("boss", "write", projects=frozenset({DEMO}))
    site.taken(version="0.2.0", user=None, headers=here)


def test_a_token_that_has_expired(site, services, clock):
    secret, _ = services.state.add_token(
        "boss", "short", Scope(frozenset({"create"})), expires_at=clock() + timedelta(hours=1)
    )
    clock.now += timedelta(hours=2)
    with site.unchanged():
        detail(site.new(user=None, headers={"Authorization": secret}), 401)


class TestEverybodyPublishes:
    @pytest.fixture
    def ini(self):
        return {"pypi.default_write": "authenticated", "pypi.default_read": "everyone"}

    def test_and_the_first_owns_it(self, site):
        site.taken(user="ann")
        assert site.services.state.owners(DEMO) == ["ann"]
        site.taken(version="0.2.0", user="bob")
        assert site.services.state.owners(DEMO) == ["ann"]


class TestNamesAreForWhoIsFirst:
    @pytest.fixture
    def ini(self):
        return {"pypi.allow_create_groups": "authenticated"}

    def test_and_for_nobody_else_after_that(self, site):
        site.taken(user="ann")
        with site.unchanged():
            detail(site.new(version="0.2.0", user="bob"), 403)
            detail(site.new("Demo", "0.2.0", user="bob"), 403)
