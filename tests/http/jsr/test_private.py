"""Who may read and who may publish: a private package is like an unknown one."""

from __future__ import annotations

import base64

import pytest

from pypicloud_like.core.model import Right
from pypicloud_like.http.security import SESSION_COOKIE
from tests.http.jsr.site import DEMO, refused, version_path
from tests.support.jsr import MOD, a_package

ADDRESSES = [f"/{DEMO}/meta.json", f"/{DEMO}/1.0.0_meta.json", f"/{DEMO}/1.0.0/mod.ts"]
UNKNOWN = [address.replace("demo", "none") for address in ADDRESSES]


@pytest.fixture
def ini() -> dict[str, str]:
    return {"pypi.default_read": "authenticated"}


@pytest.fixture
def secret(site, users):
    """A package that ``ann`` alone may read and write."""
    site.taken()
    project = site.record().project
    for right in Right:
        users.grant(project, "user", "ann", right, actor="boss")
    return site


@pytest.mark.parametrize("address", ADDRESSES + UNKNOWN)
def test_without_credentials(secret, address):
    answer = secret.get(address)
    refused(answer, 401, "missingAuthentication")
    assert "Basic" in answer.headers["WWW-Authenticate"]


@pytest.mark.promise(122)
@pytest.mark.parametrize(("address", "unknown"), list(zip(ADDRESSES, UNKNOWN, strict=True)))
def test_a_private_package_is_like_an_unknown_one(secret, address, unknown):
    hidden, none = secret.get(address, user="bob"), secret.get(unknown, user="bob")
    refused(hidden, 404, "packageNotFound")
    assert hidden.body == none.body.replace(b"none", b"demo")
    for answer in (hidden, none):
        del answer.headers["X-Request-Id"]  # that of each request is its own
    assert hidden.headerlist == none.headerlist


def test_with_a_token(secret):
    token = secret.token("ann", "read")
    for address in ADDRESSES:
        answer = secret.get(address, headers=token)
        assert answer.status_int == 200
        assert answer.headers["Cache-Control"].startswith("private")
        assert "Authorization" in answer.headers["Vary"]
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert secret.get(ADDRESSES[2], headers=token).body == MOD


def test_with_name_and_password(secret):
    assert secret.get(ADDRESSES[2], user="ann").body == MOD
    bearer = secret.token("ann", "read")["Authorization"].removeprefix("Bearer ")
    basic = base64.b64encode(f"__token__:{bearer}".encode()).decode()
    assert secret.get(ADDRESSES[2], headers={"Authorization": f"Basic {basic}"}).status_int == 200


def test_a_token_that_is_none(secret):
    for header in ("Bearer nonsense", "Bearer"):
        refused(secret.get(ADDRESSES[0], headers={"Authorization": header}), 401, "invalidBearerToken")
    job = {"Authorization": "githuboidc a.b.c"}
    refused(secret.get(ADDRESSES[0], headers=job), 401, "invalidOidcToken")


def test_a_token_for_something_else(secret):
    refused(secret.get(ADDRESSES[0], headers=secret.token("ann", "write")), 404, "packageNotFound")
    other = secret.token("ann", "read", projects=["@acme/other"])
    refused(secret.get(ADDRESSES[0], headers=other), 404, "packageNotFound")


@pytest.mark.promise(35)
def test_nothing_private_is_kept_for_others(secret):
    assert secret.get(ADDRESSES[0], user="ann").status_int == 200
    refused(secret.get(ADDRESSES[0], user="bob"), 404, "packageNotFound")
    etag = secret.get(ADDRESSES[2], user="ann").headers["ETag"]
    refused(secret.get(ADDRESSES[2], headers={"If-None-Match": etag}), 401, "missingAuthentication")


def test_publishing_without_credentials(secret):
    with secret.unchanged():
        for name in (DEMO, "@acme/none"):
            refused(secret.new(name, user=None), 401, "missingAuthentication")


def test_publishing_without_the_right(secret):
    with secret.unchanged():
        for name in (DEMO, "@acme/none"):
            refused(secret.new(name, "1.1.0", user="bob"), 403, "actorNotAuthorized")
            refused(
                secret.post(b"", name=name, user=None, headers=secret.token("ann", "read")),
                403,
                "missingPermission",
            )


def test_publishing_with_a_token(secret):
    token = secret.token("ann", "write", projects=[DEMO])
    assert (
        secret.post(a_package(version="1.1.0"), version="1.1.0", user=None, headers=token).json["status"]
        == "success"
    )
    refused(secret.post(b"", name="@acme/none", user=None, headers=token), 403, "missingPermission")


def test_what_deno_asks_before_tells_no_secrets(secret):
    hidden, none = version_path(DEMO, "1.0.0"), version_path("@acme/none", "1.0.0")
    for user, status in ((None, 401), ("bob", 404)):
        assert secret.get(hidden, user=user).status_int == secret.get(none, user=user).status_int == status
        for name in ("demo", "none"):
            assert secret.get(f"/api/scopes/acme/packages/{name}", user=user).status_int == status


def test_a_wrong_password_publishes_nothing(secret):
    wrong = "Basic " + base64.b64encode(b"ann:wrong").decode()
    with secret.unchanged():
        refused(secret.post(b"", user=None, headers={"Authorization": wrong}), 401, "invalidBearerToken")


def test_a_session_needs_its_form_token(secret):
    cookie = secret.services.state.open_session("ann")
    with secret.unchanged():
        answer = secret.post(b"", user=None, headers={"Cookie": f"{SESSION_COOKIE}={cookie}"})
        refused(answer, 403, "actorNotAuthorized")
