"""Jobs publish crates, as the action of crates.io asks for it."""

from __future__ import annotations

import json

import pytest

from tests.builders import a_crate
from tests.http.cargo.site import announced, framed
from tests.http.conftest import basic
from tests.http.trust.site import TOKENS


def publish(jobs, secret: str | None, name: str, version: str, *, user: str | None = None):
    body = framed(json.dumps(announced(name, version)).encode(), a_crate(name, version).content)
    headers = {"Authorization": secret} if secret else {}
    return jobs.app.ask("PUT", "/api/v1/crates/new", user=user, body=body, headers=headers)


@pytest.fixture
def crate(jobs):
    """A crate of ann's that jobs may publish."""
    assert publish(jobs, None, "demo", "1.0.0", user="ann").status_int == 200
    jobs.add("cargo:demo")
    return "demo"


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_job_publishes_and_gives_its_token_back(jobs, crate, method):
    answer = jobs.exchange(method=method)
    assert (answer.status_int, set(answer.json)) == (200, {"token"})
    assert answer.headers["Cache-Control"] == "no-store"
    secret = answer.json["token"]
    assert publish(jobs, secret, "demo", "2.0.0").status_int == 200
    bearer = {"Authorization": f"Bearer {secret}"}
    for _ in range(2):  # the second time it has ended already, which a job cannot know
        answer = jobs.app.ask("DELETE", TOKENS, headers=bearer)
        assert (answer.status_int, answer.body) == (204, b"")
    assert publish(jobs, secret, "demo", "3.0.0").status_int == 401


def test_a_workspace_with_one_token(jobs, crate):
    assert publish(jobs, None, "demo-derive", "1.0.0", user="ann").status_int == 200
    jobs.add("cargo:demo-derive")
    jobs.add("cargo:demo_new")
    secret = jobs.exchange().json["token"]
    for name in ("demo", "demo-derive", "demo_new"):
        assert publish(jobs, secret, name, "2.0.0").status_int == 200
    assert publish(jobs, secret, "demo-other", "2.0.0").status_int == 403


@pytest.mark.promise(175)
def test_python_and_crates_are_apart(jobs, crate):
    assert jobs.refused() == "invalid-publisher"
    jobs.add("demo")
    secret = jobs.minted()
    assert publish(jobs, secret, "demo", "2.0.0").status_int == 403


@pytest.mark.promise(175)
def test_the_token_cannot_yank_nor_change_owners(jobs, crate):
    headers = {"Authorization": jobs.exchange().json["token"]}
    body = b'{"users": ["bob"]}'
    assert jobs.app.ask("DELETE", "/api/v1/crates/demo/1.0.0/yank", headers=headers).status_int == 403
    assert jobs.app.ask("PUT", "/api/v1/crates/demo/owners", headers=headers, body=body).status_int == 403


def test_refusals_in_the_dialect(jobs, crate):
    token = jobs.issuer.token()
    assert jobs.exchange(token).status_int == 200
    for answer in (
        jobs.exchange(token),
        jobs.exchange("a.b.c"),
        jobs.exchange(repository="evil/demo"),
        jobs.app.ask("POST", TOKENS, body=b"x"),
        jobs.app.ask("POST", TOKENS, body=b"{}"),
        jobs.app.ask("POST", TOKENS, body=b'{"jwt": 1}'),
    ):
        assert answer.status_int == 400
        assert answer.json["errors"][0]["detail"]


def test_what_is_given_back_must_be_a_token_of_a_job(jobs, crate):
    from pypicloud_like.core.model import Scope

    secret, _ = jobs.services.state.add_token("ann", "mine", Scope(frozenset({"read"})), expires_at=None)
    for headers, status in (
        ({}, 401),
        (basic("ann"), 401),
        ({"Authorization": secret}, 401),
        ({"Authorization": "Bearer pcl_x"}, 401),
        ({"Authorization": f"Bearer {secret}"}, 403),
    ):
        assert jobs.app.ask("DELETE", TOKENS, headers=headers).status_int == status
    assert len(jobs.services.state.tokens("ann")) == 1
