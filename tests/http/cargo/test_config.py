"""``config.json``: where things are, and who has to log in."""

from __future__ import annotations

import pytest

from pypicloud_like.core.errors import ConfigurationError
from pypicloud_like.core.model import Project, Right
from pypicloud_like.settings.load import load
from tests.http.cargo.site import detail
from tests.http.conftest import basic

CONFIG = "/cargo/index/config.json"
DEMO = Project("cargo", "demo")
GRANT = "/admin/package/cargo:demo/{}/{}/{}"


class TestOpen:
    @pytest.fixture
    def ini(self):
        return {"pypi.default_read": "everyone"}

    def test_what_it_says(self, site):
        answer = site.ask("GET", CONFIG)
        assert answer.status_int == 200
        assert answer.content_type == "application/json"
        assert answer.json == {"dl": "http://localhost:80/api/v1/crates", "api": "http://localhost:80"}

    def test_one_restricted_crate_makes_everybody_send_a_token(self, site, users):
        users.grant(DEMO, "user", "bob", Right.READ, actor=None)
        answer = site.ask("GET", CONFIG)
        detail(answer, 401)
        assert answer.headers["WWW-Authenticate"].startswith('Cargo login_url="http://localhost:80/me"')
        assert 'Basic realm="pypi"' in answer.headers["WWW-Authenticate"]
        answer = site.ask("GET", CONFIG, user="ann")
        assert answer.json["auth-required"] is True
        assert answer.headers["Cache-Control"].startswith("private")
        users.revoke(DEMO, "user", "bob", Right.READ, actor=None)
        assert "auth-required" not in site.ask("GET", CONFIG).json

    def test_a_restricted_python_project_does_not(self, site, users):
        users.grant(Project("pypi", "demo"), "user", "bob", Right.READ, actor=None)
        assert "auth-required" not in site.ask("GET", CONFIG).json

    def test_a_grant_that_leaves_a_crate_open_does_not(self, site, users):
        users.grant(DEMO, "group", "everyone", Right.READ, actor=None)
        assert "auth-required" not in site.ask("GET", CONFIG).json


class TestClosed:
    def test_logging_in(self, site):
        detail(site.ask("GET", CONFIG), 401)
        detail(site.ask("GET", CONFIG, headers=basic("ann", "wrong")), 401)
        token = site.token("ann", "read")
        assert site.ask("GET", CONFIG, headers=token).json["auth-required"] is True

    def test_a_token_that_is_none(self, site):
        for sent in ("nonsense", "pcl_nonsense", "Bearer pcl_" + "x" * 49):
            detail(site.ask("GET", CONFIG, headers={"Authorization": sent}), 401)


class TestAlways:
    @pytest.fixture
    def ini(self):
        return {"pypi.default_read": "everyone", "cargo.auth_required": "always"}

    def test_whatever_the_rights(self, site):
        detail(site.ask("GET", CONFIG), 401)
        assert site.ask("GET", CONFIG, user="ann").json["auth-required"] is True


class TestNever:
    @pytest.fixture
    def ini(self):
        return {"pypi.default_read": "everyone", "cargo.auth_required": "never"}

    def test_no_crate_can_be_restricted(self, site):
        def change(method, *where):
            return site.ask(method, GRANT.format(*where), user="boss").status_int

        assert change("PUT", "user", "bob", "write") == 409
        assert change("PUT", "group", "everyone", "read") == 200
        assert change("PUT", "user", "bob", "write") == 200
        assert change("DELETE", "group", "everyone", "read") == 409
        assert change("DELETE", "user", "bob", "write") == 200
        assert change("DELETE", "group", "everyone", "read") == 200
        assert "auth-required" not in site.ask("GET", CONFIG).json

    def test_a_python_project_can(self, site):
        path = "/admin/package/demo/user/bob/read"
        assert site.ask("PUT", path, user="boss").status_int == 200


@pytest.mark.parametrize(
    "lines",
    [
        {},
        {
            "pypi.default_read": "everyone",
            "package.cargo/demo.group.authenticated": "r",
            "pypi.auth": "config",
        },
    ],
)
def test_never_needs_what_everyone_reads(tmp_path, lines):
    given = {"server.data": str(tmp_path), "cargo.auth_required": "never", **lines}
    with pytest.raises(ConfigurationError, match=r"cargo\.auth_required"):
        load(given, {}, here=tmp_path)


class TestPublicUrl:
    @pytest.fixture
    def ini(self):
        return {"pypi.default_read": "everyone", "server.public_url": "https://pkgs.example.org"}

    @pytest.mark.parametrize("mounted", ["", "/all"])
    def test_is_what_clients_are_told_whatever_the_host(self, site, mounted):
        answer = site.raw("GET", CONFIG, headers={"Host": "127.0.0.1:1"}, environ={"SCRIPT_NAME": mounted})
        assert answer.json == {
            "dl": f"https://pkgs.example.org{mounted}/api/v1/crates",
            "api": f"https://pkgs.example.org{mounted}",
        }


@pytest.mark.promise(142)
def test_a_host_that_is_not_ours_is_told_nothing(site):
    answer = site.ask("GET", CONFIG, headers={"Host": "evil.example.org"})
    assert "evil" not in str(answer.headers)
    assert answer.status_int == 401
