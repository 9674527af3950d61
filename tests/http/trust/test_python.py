"""A job exchanges its identity token for one that publishes one Python project, as PyPI's clients do it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from pypicloud_like.core.model import PYPI, Project, Right
from tests.builders import a_crate, a_wheel
from tests.http.cargo.site import announced, framed
from tests.support.issuer import AUDIENCE


def test_the_audience(jobs):
    answer = jobs.app.ask("GET", "/_/oidc/audience")
    assert (answer.status_int, answer.json) == (200, {"audience": AUDIENCE})


@pytest.mark.parametrize("path", ["/_/oidc/mint-token", "/_/oidc/github/mint-token", "/_/oidc/mint-token/"])
def test_a_job_publishes(jobs, demo, clock, path):
    answer = jobs.mint(path=path)
    assert answer.status_int == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert set(answer.json) == {"success", "token", "expires"}
    assert answer.json["success"] is True
    assert answer.json["expires"] == int((clock.now + timedelta(minutes=15)).timestamp())
    assert jobs.upload(answer.json["token"], "demo", "2.0").status_int == 200
    (file,) = [file for file in jobs.services.cache.files(demo) if file.version == "2.0"]
    assert file.uploader == "ann"


def test_the_body_needs_no_type(jobs, demo):
    body = json.dumps({"token": jobs.issuer.token()}).encode()
    for kind in ("application/x-www-form-urlencoded", "", "text/plain"):
        answer = jobs.app.ask("POST", "/_/oidc/mint-token", body=body, headers={"Content-Type": kind})
        assert answer.status_int == 200 or answer.json["errors"][0]["code"] == "invalid-reuse-token"


@pytest.mark.parametrize(
    "body", [b"", b"x", b"[]", b"{}", b'{"token": 1}', b'{"token": null}', b"[" * 10_000, b'"a.b.c"']
)
def test_a_body_that_is_none(jobs, demo, body):
    answer = jobs.app.ask("POST", "/_/oidc/mint-token", body=body)
    assert answer.status_int == 422
    assert answer.json["errors"][0]["code"] == "invalid-payload"


def test_a_body_that_is_too_large(jobs, demo):
    answer = jobs.app.ask("POST", "/_/oidc/mint-token", body=b" " * 70_000)
    assert answer.status_int == 413
    assert answer.json["errors"][0]["code"] == "too_large"


@pytest.mark.promise(123, 175)
def test_the_token_is_for_that_project_only(jobs, demo, users):
    assert jobs.app.upload(*a_wheel("other", "1.0"), user="ann").status_int == 200
    secret = jobs.minted()
    assert jobs.upload(secret, "other", "2.0").status_int == 403
    assert jobs.upload(secret, "brand-new", "1.0").status_int == 403
    crate = framed(json.dumps(announced("demo", "1.0.0")).encode(), a_crate("demo", "1.0.0").content)
    headers = {"Authorization": secret}
    assert jobs.app.ask("PUT", "/api/v1/crates/new", body=crate, headers=headers).status_int == 403
    assert (
        jobs.app.ask("GET", "/simple/other/", headers={"Authorization": f"Bearer {secret}"}).status_int == 404
    )


@pytest.mark.promise(175)
def test_the_token_is_for_uploads_only(jobs, demo):
    headers = {"Authorization": f"Bearer {jobs.minted()}"}
    ask = jobs.app.ask
    assert ask("GET", "/simple/demo/", headers=headers).status_int == 200
    wheel = a_wheel("demo", "1.0")[0]
    for method, path in (
        ("DELETE", f"/api/package/demo/{wheel}"),
        ("POST", "/api/package/demo/1.0/yank"),
        ("PUT", "/api/project/demo/status"),
        ("GET", "/api/publishers"),
        ("GET", "/api/publishers/demo"),
        ("POST", "/api/publishers/demo"),
        ("GET", "/api/v1/me/tokens"),
        ("PUT", "/api/v1/me/tokens"),
        ("GET", "/admin/user"),
    ):
        assert ask(method, path, headers=headers).status_int == 403, path


@pytest.mark.promise(175)
def test_the_token_ends_after_a_quarter_of_an_hour(jobs, demo, clock):
    secret = jobs.minted()
    clock.now += timedelta(minutes=14, seconds=59)
    assert jobs.upload(secret, "demo", "2.0").status_int == 200
    clock.now += timedelta(seconds=2)
    assert jobs.upload(secret, "demo", "3.0").status_int == 401


@pytest.mark.promise(174)
def test_an_identity_token_is_used_once(jobs, demo):
    token = jobs.issuer.token()
    assert jobs.mint(token).status_int == 200
    assert jobs.refused(token) == "invalid-reuse-token"
    again = jobs.issuer.token(jti="the same", sha="0" * 40)
    assert jobs.mint(again).status_int == 200
    assert jobs.refused(jobs.issuer.token(jti="the same", sha="1" * 40)) == "invalid-reuse-token"
    (refusal, _) = jobs.audited("publisher.refuse")
    assert refusal.subject == "demo"
    assert refusal.detail["why"] == "it was used before"


@pytest.mark.promise(174)
def test_one_without_an_id_is_used_once(jobs, demo):
    token = jobs.issuer.token(jti=None)
    assert jobs.mint(token).status_int == 200
    assert jobs.refused(token) == "invalid-reuse-token"
    assert jobs.refused(token + "=") in {"invalid-reuse-token", "invalid-token"}


@pytest.mark.promise(174)
def test_it_is_remembered_as_long_as_it_could_be_used(jobs, demo, clock):
    token = jobs.issuer.token()
    assert jobs.mint(token).status_int == 200
    clock.now += timedelta(seconds=329)  # the end is 300 seconds away, and clocks may differ by 30
    assert jobs.refused(token) == "invalid-reuse-token"
    clock.now += timedelta(seconds=2)
    assert jobs.refused(token) == "invalid-token"


@pytest.mark.promise(173)
def test_refused_by_time(jobs, demo):
    now = int(jobs.issuer.now())
    for claims in (
        {"exp": now - 31},
        {"exp": None},
        {"exp": "soon"},
        {"exp": True},
        {"exp": float("inf")},
        {"exp": float("nan")},
        {"exp": 1e300},
        {"exp": now + 25 * 3600},
        {"iat": None},
        {"iat": now + 35},
        {"iat": [now]},
        {"nbf": now + 35},
        {"nbf": "now"},
        {"iat": -(10**30)},
    ):
        assert jobs.refused(**claims) == "invalid-token", claims
    assert jobs.mint(exp=now - 25, nbf=now + 25, iat=now - 100).status_int == 200


@pytest.mark.promise(173)
@pytest.mark.parametrize(
    "aud", ["pypi", "", None, 1, [], [AUDIENCE, "other"], ["other"], {}, AUDIENCE.upper(), f"{AUDIENCE}/"]
)
def test_refused_by_audience(jobs, demo, aud):
    assert jobs.refused(aud=aud) == "invalid-token"


def test_a_list_of_one_audience(jobs, demo):
    assert jobs.mint(aud=[AUDIENCE]).status_int == 200


@pytest.mark.promise(173)
@pytest.mark.parametrize("iss", ["https://example.org", "", None, 1, ["x"]])
def test_refused_by_issuer(jobs, demo, iss):
    assert jobs.refused(iss=iss) == "invalid-token"


@pytest.mark.promise(173)
def test_the_issuer_is_compared_to_the_letter(jobs, demo):
    assert jobs.refused(iss=jobs.issuer.url + "/") == "invalid-token"


@pytest.mark.parametrize("jti", ["", 1, [], "x" * 501])
def test_refused_by_id(jobs, demo, jti):
    assert jobs.refused(jti=jti) == "invalid-token"


class TestClaims:
    @pytest.mark.promise(173)
    def test_jobs_that_are_others(self, jobs, demo):
        for claims in ({"repository": "evil/demo"}, {"repository": "acme/demo2"}, {"repository": None}):
            assert jobs.refused(**claims) == "invalid-publisher", claims
        assert jobs.audited("publisher.refuse") == []

    @pytest.mark.promise(173)
    def test_everything_that_is_demanded_counts(self, jobs, demo):
        jobs.services.publishers.remove(demo, jobs.services.publishers.of_project(demo)[0].id, actor=None)
        jobs.add("demo", claims={"ref": "refs/tags/v*", "environment": "release"}, workflow="release.yml")
        fitting = {
            "ref": "refs/tags/v1.0",
            "environment": "release",
            "job_workflow_ref": "acme/demo/.github/workflows/release.yml@refs/tags/v1.0",
        }
        for name, value in (
            ("ref", "refs/heads/v1"),
            ("environment", None),
            ("environment", "Release"),
            ("environment", ["release"]),
            ("job_workflow_ref", "acme/demo/.github/workflows/test.yml@refs/tags/v1.0"),
            ("job_workflow_ref", "evil/demo/.github/workflows/release.yml@refs/tags/v1.0"),
        ):
            assert jobs.refused(**(fitting | {name: value})) == "invalid-publisher"
        reasons = [event.detail["why"] for event in jobs.audited("publisher.refuse")]
        assert reasons[0] == "the claim 'ref' does not fit"
        assert len(reasons) == 6
        assert jobs.mint(**fitting).status_int == 200

    @pytest.mark.promise(173)
    def test_a_repository_that_somebody_else_took_over(self, jobs, demo):
        assert jobs.mint().status_int == 200
        assert jobs.publishers("GET", "/demo").json["publishers"][0]["pinned"] == {
            "repository_id": "11",
            "repository_owner_id": "22",
        }
        assert jobs.refused(repository_id="99") == "invalid-publisher"
        assert jobs.refused(repository_owner_id=None) == "invalid-publisher"
        assert jobs.mint().status_int == 200

    @pytest.mark.promise(177)
    def test_the_answer_does_not_tell_why(self, jobs, demo):
        unknown = jobs.mint(repository="nobody/nothing").json
        publisher = jobs.publishers("GET", "/demo").json["publishers"][0]["id"]
        jobs.publishers("DELETE", f"/demo/{publisher}")
        jobs.add("demo", claims={"ref": "never"})
        assert jobs.mint().json == unknown


class TestRights:
    @pytest.mark.promise(126, 175)
    def test_whoever_made_it_must_still_be_allowed(self, jobs, demo, users):
        secret = jobs.minted()
        jobs.services.state.add_owner(demo, "bob", actor=None)
        jobs.services.state.remove_owner(demo, "ann", actor=None)
        assert jobs.upload(secret, "demo", "2.0").status_int == 403
        assert jobs.refused() == "invalid-publisher"
        assert jobs.audited("publisher.refuse")[-1].detail["why"] == "ann may not publish it"

    @pytest.mark.promise(175)
    def test_a_user_who_is_gone(self, jobs, demo, users):
        secret = jobs.minted()
        users.remove_user("ann", actor=None)
        assert jobs.upload(secret, "demo", "2.0").status_int == 401
        assert jobs.refused() == "invalid-publisher"
        assert jobs.services.publishers.every() == []

    @pytest.mark.promise(175)
    def test_a_publisher_that_is_removed_takes_its_tokens_along(self, jobs, demo):
        secret = jobs.minted()
        publisher = jobs.publishers("GET", "/demo").json["publishers"][0]["id"]
        assert jobs.publishers("DELETE", f"/demo/{publisher}").status_int == 204
        assert jobs.upload(secret, "demo", "2.0").status_int == 401
        assert jobs.refused() == "invalid-publisher"

    def test_a_token_that_is_given_back(self, jobs, demo):
        secret = jobs.minted()
        for _ in range(2):
            answer = jobs.app.ask("POST", "/_/oidc/burn-token", body=json.dumps({"token": secret}).encode())
            assert answer.status_int == 202
        assert jobs.upload(secret, "demo", "2.0").status_int == 401

    def test_a_token_that_a_person_made_is_not_given_back(self, jobs, demo):
        from pypicloud_like.core.model import Scope

        secret, _ = jobs.services.state.add_token(
            "ann", "mine", Scope(frozenset({"read", "write"})), expires_at=None
        )
        body = json.dumps({"token": secret}).encode()
        assert jobs.app.ask("POST", "/_/oidc/burn-token", body=body).status_int == 202
        assert jobs.upload(secret, "demo", "2.0").status_int == 200

    def test_several_projects_of_one_repository(self, jobs, demo):
        assert jobs.app.upload(*a_wheel("second", "1.0"), user="ann").status_int == 200
        assert jobs.app.upload(*a_wheel("bobs", "1.0"), user="bob").status_int == 200
        jobs.add("second")
        jobs.add("bobs", user="bob")
        secret = jobs.minted()
        assert jobs.upload(secret, "demo", "2.0").status_int == 200
        assert jobs.upload(secret, "second", "2.0").status_int == 200
        assert jobs.upload(secret, "bobs", "2.0").status_int == 403

    def test_whoever_trusts_a_repository_later_is_not_in_its_way(self, jobs, demo, clock):
        clock.now += timedelta(minutes=1)
        for name in ("one", "two"):
            jobs.add(name, user="bob")
        assert jobs.upload(jobs.minted(), "demo", "2.0").status_int == 200

    @pytest.mark.promise(157)
    def test_what_was_done_is_audited(self, jobs, demo):
        jobs.mint(sha="abc")
        (event,) = jobs.audited("publisher.use")
        assert (event.subject, event.actor) == ("demo", "ann")
        assert event.detail["job"]["repository"] == "acme/demo"
        assert event.detail["job"]["sha"] == "abc"
        assert event.detail["scope"]["projects"] == ["demo"]
        (token,) = jobs.services.state.tokens("ann")
        assert token.id == event.detail["token"]
        assert token.label == "ci: acme/demo"


class TestPending:
    @pytest.mark.promise(176)
    def test_a_new_name(self, jobs):
        made = jobs.add("fresh")
        assert made["pending"] is True
        secret = jobs.minted()
        assert jobs.upload(secret, "fresh", "1.0").status_int == 200
        assert jobs.upload(secret, "fresh", "1.1").status_int == 200
        assert jobs.services.state.owners(Project(PYPI, "fresh")) == ["ann"]
        assert jobs.upload(jobs.minted(), "fresh", "2.0").status_int == 200
        assert jobs.publishers("GET", "/fresh").json["publishers"][0]["pending"] is False

    @pytest.mark.promise(176)
    def test_somebody_else_was_first(self, jobs, users):
        jobs.add("fresh")
        assert jobs.app.upload(*a_wheel("fresh", "1.0"), user="bob").status_int == 200
        assert jobs.refused() == "invalid-pending-publisher"
        users.grant(Project(PYPI, "fresh"), "user", "ann", Right.WRITE, actor=None)
        assert jobs.refused() == "invalid-pending-publisher"

    @pytest.mark.promise(176)
    def test_who_may_not_create_any_more(self, jobs, users):
        jobs.add("fresh", user="boss")
        users.add_user("chief", "correct horse battery", admin=True, actor=None)
        secret = jobs.minted()
        users.remove_user("boss", actor=None)
        assert jobs.upload(secret, "fresh", "1.0").status_int == 401
        assert jobs.refused() == "invalid-publisher"

    @pytest.mark.promise(176)
    def test_it_does_not_create_other_names(self, jobs):
        jobs.add("fresh")
        assert jobs.upload(jobs.minted(), "other", "1.0").status_int == 403


class TestUnavailable:
    @pytest.mark.promise(178)
    def test_an_issuer_that_is_down(self, jobs, demo, clock):
        jobs.issuer.replace["/keys"] = (500, b"", {})
        for _ in range(3):
            answer = jobs.mint()
            assert answer.status_int == 503
            assert answer.json["errors"][0]["code"] == "unavailable"
            assert int(answer.headers["Retry-After"]) > 0
        assert jobs.issuer.requests["/keys"] == 1
        jobs.issuer.replace.clear()
        clock.now += timedelta(seconds=11)
        assert jobs.mint().status_int == 200
