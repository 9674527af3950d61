"""Tokens by the crates.io HTTP API: made, listed, ended, and what they are for."""

from __future__ import annotations

import pytest

from tests.http.cargo.api import get, made


@pytest.fixture
def ini() -> dict[str, str]:
    return {"pypi.default_read": "everyone", "pypi.default_write": "authenticated"}


class TestTokens:
    def make(self, site, user="ann", status=200, **asked):
        body = site.json({"api_token": {"name": "ci", **asked}})
        answer = site.ask("PUT", "/api/v1/me/tokens", headers=site.sent(user), body=body)
        assert answer.status_int == status, answer
        return answer.json.get("api_token")

    def headers(self, token):
        return {"Authorization": token["token"]}

    def test_oneself(self, site):
        made(site)
        told = get(site, "me", "ann")
        assert told["user"]["login"] == "ann"
        assert [crate["name"] for crate in told["owned_crates"]] == ["demo"]
        assert get(site, "me", "bob")["owned_crates"] == []
        get(site, "me", status=401)

    def test_made_listed_and_revoked(self, site):
        token = self.make(site, expired_at="2030-01-01T00:00:00Z")
        assert token["expired_at"].startswith("2030-01-01")
        assert site.new(user=None, headers=self.headers(token)).status_int == 200
        listed = get(site, "me/tokens", "ann")["api_tokens"]
        assert [each["id"] for each in listed] == [token["id"]]
        assert "token" not in listed[0]
        assert get(site, f"me/tokens/{token['id']}", "ann")["api_token"]["name"] == "ci"
        get(site, f"me/tokens/{token['id']}", "bob", status=404)
        path = f"/api/v1/me/tokens/{token['id']}"
        assert site.ask("DELETE", path, user="bob").status_int == 404
        assert site.ask("DELETE", path, user="ann").json == {}
        assert site.new(version="0.2.0", user=None, headers=self.headers(token)).status_int == 401

    def test_it_ends_itself(self, site):
        token = self.make(site)
        assert site.ask("DELETE", "/api/v1/tokens/current", headers=self.headers(token)).status_int == 204
        assert site.ask("GET", "/api/v1/me", headers=self.headers(token)).status_int == 401
        assert site.ask("DELETE", "/api/v1/tokens/current", user="ann").status_int == 400

    @pytest.mark.promise(128)
    def test_a_token_makes_none(self, site):
        headers = site.token("ann", "read", "write", "account")
        body = site.json({"api_token": {"name": "x"}})
        answer = site.ask("PUT", "/api/v1/me/tokens", headers=headers, body=body)
        assert answer.status_int == 403

    @pytest.mark.parametrize(
        ("scopes", "new", "update", "yank", "owners"),
        [
            (["publish-new"], 200, 403, 403, 403),
            (["publish-update"], 403, 200, 403, 403),
            (["yank"], 403, 403, 200, 403),
            (["change-owners"], 403, 403, 403, 200),
            (None, 200, 200, 200, 200),
        ],
    )
    def test_what_it_is_for(self, site, scopes, new, update, yank, owners):
        made(site)
        headers = self.headers(self.make(site, endpoint_scopes=scopes))
        assert site.new("fresh", user=None, headers=headers).status_int == new
        assert site.new("demo", "0.2.0", user=None, headers=headers).status_int == update
        path = "/api/v1/crates/demo"
        assert site.ask("DELETE", f"{path}/0.1.0/yank", headers=headers).status_int == yank
        body = site.json({"users": ["bob"]})
        answer = site.ask(
            "PUT", f"{path}/owners", headers=headers | {"Content-Type": "application/json"}, body=body
        )
        assert answer.status_int == owners

    @pytest.mark.parametrize(
        ("scopes", "fits"),
        [(["demo"], True), (["demo-*"], False), (["de*"], True), (["*"], True), (["other", "d*"], True)],
    )
    def test_which_crates_it_is_for(self, site, scopes, fits):
        token = self.make(site, crate_scopes=scopes)
        assert token["crate_scopes"] == (
            None if "*" in scopes else sorted(s.replace("-", "_") for s in scopes)
        )
        answer = site.new(user=None, headers=self.headers(token))
        assert answer.status_int == (200 if fits else 403)

    @pytest.mark.parametrize(
        "asked",
        [
            {"name": ""},
            {"name": None},
            {"endpoint_scopes": ["everything"]},
            {"endpoint_scopes": "yank"},
            {"crate_scopes": ["a b"]},
            {"crate_scopes": [1]},
            {"crate_scopes": ["x"] * 51},
            {"expired_at": "soon"},
            {"expired_at": "2001-01-01T00:00:00Z"},
            {"expired_at": "9999-12-31T23:59:59-14:00"},
        ],
    )
    def test_what_cannot_be(self, site, asked):
        self.make(site, status=400, **asked)
