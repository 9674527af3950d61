"""Jobs publish JSR packages with their identity token itself, as deno does."""

from __future__ import annotations

import hashlib
import json

import pytest

from tests.support.jsr import a_package

NAME, PATH = "@acme/demo", "/api/scopes/acme/packages/demo"


def permissions(body: bytes, version: str, *, package: str = "demo", **more) -> str:
    """The audience that deno asks for."""
    digest = hashlib.sha256(body).hexdigest()
    term = {"permission": "package/publish", "scope": "acme", "package": package, "version": version}
    return json.dumps({"permissions": [{**term, "tarballHash": f"sha256-{digest}", **more}]})


def bearing(token: str) -> dict[str, str]:
    return {"Authorization": f"githuboidc {token}"}


def publish(jobs, body: bytes, version: str, headers: dict[str, str], *, package: str = "demo"):
    path = f"/api/scopes/acme/packages/{package}/versions/{version}?config=/deno.json"
    return jobs.app.ask("POST", path, body=body, headers={"Content-Encoding": "gzip", **headers})


@pytest.fixture
def scope(jobs):
    """A scope of ann's with a package that jobs may publish."""
    body = a_package(NAME, "1.0.0")
    path = f"{PATH}/versions/1.0.0?config=/deno.json"
    answer = jobs.app.ask("POST", path, user="ann", body=body, headers={"Content-Encoding": "gzip"})
    assert answer.json["status"] == "success"
    jobs.add("jsr:@acme/demo")
    return "acme"


def said(jobs, version: str = "2.0.0", **claims):
    """A tarball, and the headers of a job that is to publish it."""
    body = a_package(NAME, version)
    claims = {"aud": permissions(body, version), **claims}
    return body, bearing(jobs.issuer.token(**claims))


def test_a_job_asks_and_publishes(jobs, scope):
    body, headers = said(jobs)
    assert jobs.app.ask("GET", PATH, headers=headers).status_int == 200
    answer = publish(jobs, body, "2.0.0", headers)
    assert (answer.status_int, answer.json["status"]) == (200, "success")
    assert answer.json["user"]["name"] == "ann"
    assert [event.detail["job"]["repository"] for event in jobs.audited("publisher.use")] == ["acme/demo"]
    assert publish(jobs, body, "2.0.0", headers).json["code"] == "duplicateVersionPublish"


def test_people_may_be_kept_out_and_jobs_may_not(jobs, scope):
    jobs.services.scopes.update("acme", actor=None, ci_only=True)
    body, headers = said(jobs)
    refused = jobs.app.ask(
        "POST",
        f"{PATH}/versions/2.0.0?config=/deno.json",
        user="ann",
        body=body,
        headers={"Content-Encoding": "gzip"},
    )
    assert (refused.status_int, refused.json["code"]) == (403, "scopeRequiresPublishingFromCI")
    assert publish(jobs, body, "2.0.0", headers).json["status"] == "success"


def test_whoever_started_it_has_to_be_a_member(jobs, scope):
    body, headers = said(jobs, actor="mallory")
    answer = publish(jobs, body, "2.0.0", headers)
    assert (answer.status_int, answer.json["code"]) == (403, "actorNotScopeMember")
    jobs.services.scopes.update("acme", actor=None, verify_actor=False)
    assert publish(jobs, body, "2.0.0", headers).json["status"] == "success"


@pytest.mark.promise(175)
def test_another_tarball_or_version(jobs, scope):
    _, headers = said(jobs)
    other = a_package(NAME, "2.0.0", {"mod.ts": "export const two: number = 2;\n"})
    answer = publish(jobs, other, "2.0.0", headers)
    assert (answer.status_int, answer.json["code"]) == (403, "missingPermission")
    third = a_package(NAME, "3.0.0")
    assert publish(jobs, third, "3.0.0", headers).json["code"] == "missingPermission"


@pytest.mark.promise(175)
def test_another_package(jobs, scope):
    body = a_package("@acme/other", "1.0.0")
    headers = bearing(jobs.issuer.token(aud=permissions(body, "1.0.0", package="other")))
    answer = publish(jobs, body, "1.0.0", headers, package="other")
    assert (answer.status_int, answer.json["code"]) == (401, "invalidOidcToken")


def test_a_repository_whose_packages_are_vouched_for_by_several_users(jobs, scope):
    """Whoever vouches for most of them does not stand in the way of the others."""
    for name in ("one", "two"):
        jobs.add(f"jsr:@bobs/{name}", user="bob")
    body, headers = said(jobs)
    answer = publish(jobs, body, "2.0.0", headers)
    assert (answer.status_int, answer.json["status"]) == (200, "success")
    assert answer.json["user"]["name"] == "ann"


def test_a_package_that_is_still_to_be(jobs, scope):
    jobs.add("jsr:@acme/other")
    body = a_package("@acme/other", "1.0.0")
    headers = bearing(jobs.issuer.token(aud=permissions(body, "1.0.0", package="other")))
    assert publish(jobs, body, "1.0.0", headers, package="other").json["status"] == "success"


def test_whoever_vouches_for_other_packages_does_not_matter(jobs, scope):
    for package in ("one", "two"):
        jobs.add(f"jsr:@other/{package}", user="bob")
    body, headers = said(jobs)
    answer = publish(jobs, body, "2.0.0", headers)
    assert (answer.json["status"], answer.json["user"]["name"]) == ("success", "ann")


@pytest.mark.parametrize(
    "aud",
    [
        "packages.example.org",
        "{}",
        "[]",
        '{"permissions": []}',
        '{"permissions": [{"permission": "package/publish", "scope": "acme"}]}',
        '{"permissions": [{"permission": "package/publish", "scope": "acme", "package": "demo"}]}',
        '{"permissions": [{"permission": "everything"}]}',
        "[" * 5000,
    ],
)
def test_audiences_that_are_no_such_list(jobs, scope, aud):
    body = a_package(NAME, "2.0.0")
    answer = publish(jobs, body, "2.0.0", bearing(jobs.issuer.token(aud=aud)))
    assert (answer.status_int, answer.json["code"]) == (401, "invalidOidcToken")


def test_refused_jobs(jobs, scope):
    now = int(jobs.issuer.now())
    for claims in ({"repository": "evil/demo"}, {"exp": now - 60}, {"iss": "https://example.org"}):
        body, headers = said(jobs, **claims)
        answer = publish(jobs, body, "2.0.0", headers)
        assert (answer.status_int, answer.json["code"]) == (401, "invalidOidcToken"), claims
    answer = publish(jobs, body, "2.0.0", bearing("x"))
    assert (answer.status_int, answer.json["code"]) == (401, "invalidOidcToken")


@pytest.mark.promise(175)
def test_a_job_does_nothing_else(jobs, scope):
    _, headers = said(jobs)
    for method, path in (
        ("GET", "/api/user/tokens"),
        ("POST", "/api/user/tokens"),
        ("PATCH", "/api/scopes/acme"),
        ("DELETE", "/api/v1/tokens/current"),
        ("GET", "/api/publishers"),
    ):
        answer = jobs.app.ask(method, path, headers=headers, body=b"{}" if method != "GET" else b"")
        assert answer.status_int in {401, 403, 404}, path
