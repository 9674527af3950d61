"""Where nobody is trusted, or the library is not there, that is what jobs are told."""

from __future__ import annotations

import sys

import pytest

from tests.http.trust.site import TOKENS
from tests.support.issuer import REPOSITORY


@pytest.fixture
def lacking(monkeypatch):
    """As if the extra had not been installed."""
    monkeypatch.setitem(sys.modules, "jwt", None)
    monkeypatch.delitem(sys.modules, "pypicloud_like.trust.signatures", raising=False)


def test_without_the_library_everybody_is_told_how_to_get_it(jobs, demo, lacking):
    answer = jobs.app.ask("GET", "/_/oidc/audience")
    assert answer.status_int == 403
    assert "pip install 'pypicloud-like[oidc]'" in answer.json["message"]
    answer = jobs.mint()
    assert answer.status_int == 422
    assert answer.json["errors"][0]["code"] == "not-enabled"
    assert "pip install 'pypicloud-like[oidc]'" in answer.json["errors"][0]["description"]
    answer = jobs.exchange()
    assert answer.status_int == 403
    assert "pip install 'pypicloud-like[oidc]'" in answer.json["errors"][0]["detail"]


class TestWithoutIssuers:
    @pytest.fixture
    def ini(self):
        return {"pypi.allow_create_groups": "authenticated", "pypi.default_write": "authenticated"}

    def test_publishers(self, jobs):
        said = {"issuer": "ci", "claims": {"repository": REPOSITORY}}
        answer = jobs.publishers("POST", "/fresh", said)
        assert (answer.status_int, answer.json["error"]) == (422, "not-enabled")
        assert jobs.publishers("GET", "").json == {"issuers": [], "publishers": []}

    def test_jobs(self, jobs):
        assert jobs.refused() == "not-enabled"
        assert jobs.app.ask("POST", TOKENS, body=b"x").status_int == 403
        assert jobs.app.ask("GET", "/_/oidc/audience").status_int == 403
