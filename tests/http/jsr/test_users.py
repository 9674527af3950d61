"""Users, their tokens, and device authorization."""

from __future__ import annotations

import base64
import hashlib
import re
import uuid
from datetime import timedelta

import pytest

from pypicloud_like.http.security import CSRF_HEADER, SESSION_COOKIE, csrf_token
from tests.http.jsr.site import DEMO, refused, version_path
from tests.support.jsr import a_package

VERIFIER = "0bd0a8c2-56ee-4a3f-9e53-d8cb3ad0a1c0"
CHALLENGE = base64.b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode()


@pytest.fixture
def ini() -> dict[str, str]:
    return {"pypi.default_read": "authenticated", "pypi.default_write": "authenticated"}


def permission(body: bytes, version: str = "1.0.0", **more: str) -> dict[str, str]:
    return {
        "permission": "package/publish",
        "scope": "acme",
        "package": "demo",
        "version": version,
        "tarballHash": f"sha256-{hashlib.sha256(body).hexdigest()}",
        **more,
    }


def begin(site, permissions=None):
    said = {"challenge": CHALLENGE}
    if permissions is not None:
        said["permissions"] = permissions
    return site.done("POST", "authorizations", said, user=None)


def exchange(site, asked, verifier: str = VERIFIER):
    said = {"exchangeToken": asked["exchangeToken"], "verifier": verifier}
    return site.api("POST", "authorizations/exchange", said, user=None)


def approve(site, asked, user: str = "ann") -> None:
    site.done("POST", f"authorizations/approve/{asked['code']}", user=user)


def bearer(answer) -> dict[str, str]:
    return {"Authorization": f"Bearer {answer.json['token']}"}


def test_oneself(site):
    told = site.done("GET", "user")
    assert told.keys() == {
        "id", "name", "avatarUrl", "githubId", "gitlabId", "createdAt", "updatedAt", "email", "isBlocked",
        "isStaff", "scopeUsage", "scopeLimit", "inviteCount", "newerTicketMessagesCount",
    }  # fmt: skip
    assert (told["name"], told["isStaff"], told["scopeUsage"]) == ("ann", False, 0)
    assert site.done("GET", "user", user="boss")["isStaff"]
    site.done("POST", "scopes", {"scope": "acme"})
    assert site.done("GET", "user")["scopeUsage"] == 1


def test_others(site):
    mine = site.done("GET", "user")
    told = site.done("GET", f"users/{mine['id']}", user="bob")
    assert "email" not in told
    assert told.items() <= mine.items()
    site.done("POST", "scopes", {"scope": "acme"})
    assert [each["scope"] for each in site.done("GET", f"users/{mine['id']}/scopes", user="bob")] == ["acme"]
    refused(site.api("GET", f"users/{uuid.uuid4()}"), 404, "userNotFound")
    refused(site.api("GET", "users/1"), 400, "malformedRequest")
    refused(site.api("GET", f"users/{mine['id']}", user=None), 401, "missingAuthentication")


def test_tokens(site):
    made = site.done("POST", "user/tokens", {"description": "ci", "expiresAt": "2030-01-01T00:00:00Z"})
    token = made["token"]
    assert token.keys() == {
        "id", "description", "userId", "type", "expiresAt", "permissions", "createdAt", "updatedAt",
    }  # fmt: skip
    headers = {"Authorization": f"Bearer {made['secret']}"}
    assert site.done("GET", "user", user=None, headers=headers)["name"] == "ann"
    assert site.done("GET", "user/tokens") == [token]
    refused(
        site.api("POST", "user/tokens", {"description": "x"}, user=None, headers=headers),
        403,
        "credentialNotInteractive",
    )
    site.done("DELETE", f"user/tokens/{token['id']}")
    refused(site.api("DELETE", f"user/tokens/{token['id']}"), 404, "tokenNotFound")
    refused(site.api("GET", "user", user=None, headers=headers), 401, "invalidBearerToken")


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"description": ""},
        {"description": "x" * 300},
        {"description": "a\nb"},
        {"description": "x", "expiresAt": "tomorrow"},
        {"description": "x", "expiresAt": "2001-01-01T00:00:00Z"},
        {"description": "x", "expiresAt": "9999-12-31T23:59:59-23:59"},
        {"description": "x", "expiresAt": "0001-01-01T00:00:00+23:59"},
        {"description": "x", "permissions": []},
        {"description": "x", "permissions": [{"permission": "other", "scope": "acme"}]},
        {"description": "x", "permissions": [{"permission": "package/publish"}]},
        {
            "description": "x",
            "permissions": [{"permission": "package/publish", "scope": "acme", "version": "1.0.0"}],
        },
        {"description": "x", "permissions": "all"},
    ],
)
def test_tokens_that_cannot_be(site, said):
    refused(site.api("POST", "user/tokens", said), 400, "malformedRequest")


def test_a_token_for_one_package(site):
    said = {"description": "x", "permissions": [{"permission": "package/publish", "scope": "acme"}]}
    headers = {"Authorization": f"Bearer {site.done('POST', 'user/tokens', said)['secret']}"}
    refused(site.api("GET", "user", user=None, headers=headers), 403, "missingPermission")
    assert site.post(a_package(), user=None, headers=headers).json["status"] == "success"
    answer = site.post(a_package("@other/demo"), name="@other/demo", user=None, headers=headers)
    refused(answer, 403, "missingPermission")
    refused(
        site.api("PATCH", "scopes/acme", {"description": ""}, user=None, headers=headers),
        403,
        "missingPermission",
    )


def test_from_asking_to_publishing(site):
    body = a_package()
    asked = begin(site, [permission(body)])
    assert asked.keys() == {"verificationUrl", "code", "exchangeToken", "pollInterval", "expiresAt"}
    assert re.fullmatch("[A-HJ-NP-Z]{4}-[A-HJ-NP-Z]{4}", asked["code"])
    assert len(asked["exchangeToken"]) == 40
    assert asked["verificationUrl"] == "http://localhost:80/auth"
    refused(exchange(site, asked), 400, "authorizationPending")
    told = site.done("GET", f"authorizations/details/{asked['code']}", user=None)
    assert told == {
        "code": asked["code"],
        "permissions": [permission(body)],
        "expiresAt": asked["expiresAt"],
    }
    approve(site, asked)
    done = exchange(site, asked)
    assert done.json["user"]["name"] == "ann"
    assert done.headers["Cache-Control"] == "no-store"
    refused(exchange(site, asked), 404, "authorizationNotFound")
    headers = bearer(done)
    assert site.api("GET", "scopes/acme/packages/demo", user=None, headers=headers).status_int == 200
    with site.unchanged():
        other = site.post(a_package(license="ISC"), user=None, headers=headers)
        refused(other, 403, "missingPermission")
        refused(
            site.post(a_package(version="2.0.0"), version="2.0.0", user=None, headers=headers),
            403,
            "missingPermission",
        )
    assert site.post(body, user=None, headers=headers).json["status"] == "success"


def test_its_token_ends_within_an_hour_and_does_nothing_else(site, clock):
    asked = begin(site, [permission(a_package())])
    approve(site, asked)
    headers = bearer(exchange(site, asked))
    refused(site.api("GET", "user", user=None, headers=headers), 403, "missingPermission")
    refused(
        site.api("POST", "user/tokens", {"description": "x"}, user=None, headers=headers),
        403,
        "missingPermission",
    )
    clock.now += timedelta(minutes=61)
    answer = site.api("GET", "scopes/acme/packages/demo", user=None, headers=headers)
    refused(answer, 401, "invalidBearerToken")


def test_one_that_wants_everything(site):
    asked = begin(site)
    assert site.done("GET", f"authorizations/details/{asked['code']}")["permissions"] is None
    approve(site, asked)
    assert site.done("GET", "user", user=None, headers=bearer(exchange(site, asked)))["name"] == "ann"


def test_who_asks_without_end_is_told_to_wait(site, clock):
    for _ in range(300):
        begin(site)
    answer = site.api("POST", "authorizations", {"challenge": CHALLENGE}, user=None)
    refused(answer, 429, "tooManyAttempts")
    assert 0 < int(answer.headers["Retry-After"]) <= 600
    clock.now += timedelta(minutes=11)
    begin(site)


def test_denied(site):
    asked = begin(site)
    site.done("POST", f"authorizations/deny/{asked['code']}")
    for path in ("approve", "deny"):
        refused(site.api("POST", f"authorizations/{path}/{asked['code']}"), 404, "authorizationNotFound")
    refused(exchange(site, asked), 400, "authorizationDenied")
    refused(exchange(site, asked), 404, "authorizationNotFound")


def test_somebody_else_s_verifier_burns_it(site):
    asked = begin(site)
    approve(site, asked)
    refused(exchange(site, asked, "wrong"), 400, "authorizationInvalidVerifier")
    refused(exchange(site, asked), 404, "authorizationNotFound")


def test_expired(site, clock):
    asked = begin(site)
    clock.now += timedelta(minutes=11)
    refused(site.api("GET", f"authorizations/details/{asked['code']}"), 404, "authorizationNotFound")
    refused(site.api("POST", f"authorizations/approve/{asked['code']}"), 404, "authorizationNotFound")
    refused(exchange(site, asked), 400, "authorizationExpired")
    refused(exchange(site, asked), 404, "authorizationNotFound")


@pytest.mark.parametrize(
    "said", [{}, {"challenge": 1}, {"challenge": "short"}, {"challenge": CHALLENGE.rstrip("=")}, []]
)
def test_asking_for_nothing(site, said):
    refused(site.api("POST", "authorizations", said, user=None), 400, "malformedRequest")
    refused(site.api("POST", "authorizations/exchange", said, user=None), 400, "malformedRequest")


def test_only_a_person_approves(site):
    asked = begin(site)
    where = f"authorizations/approve/{asked['code']}"
    refused(site.api("POST", where, user=None), 401, "missingAuthentication")
    every = site.token("ann", "read", "write", "create", "owners", "account")
    refused(site.api("POST", where, user=None, headers=every), 403, "credentialNotInteractive")
    cookie = site.services.state.open_session("ann")
    headers = {"Cookie": f"{SESSION_COOKIE}={cookie}"}
    refused(site.api("POST", where, user=None, headers=headers), 403, "actorNotAuthorized")
    headers[CSRF_HEADER] = csrf_token(cookie)
    refused(
        site.api("POST", where, user=None, headers=headers | {"Origin": "http://evil.example"}),
        403,
        "actorNotAuthorized",
    )
    site.done("POST", where, user=None, headers=headers)
    assert exchange(site, asked).status_int == 200


def test_a_version_is_asked_for_by_its_token_too(site):
    site.taken(user="ann")
    asked = begin(site, [permission(a_package())])
    approve(site, asked)
    headers = bearer(exchange(site, asked))
    assert site.ask("GET", version_path(DEMO, "1.0.0"), headers=headers).status_int == 200
