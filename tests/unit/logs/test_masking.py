"""What looks like a secret, or is one of the settings', is in no line of the log."""

import base64
from pathlib import Path

import pytest

from pypicloud_like.access.tokens import mint
from pypicloud_like.logs.masking import MASK, Mask, secrets_of
from pypicloud_like.settings.load import load
from tests.support.cost import cpu_below

TOKEN = "pcl_" + "0aB" * 16 + "x"
BASIC = base64.b64encode(b"ann:correct horse battery").decode()
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJyZXBvOmFubiJ9.c2lnbmF0dXJl"


@pytest.mark.promise(160)
@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"Authorization: Basic {BASIC}", BASIC),
        (f"{{'Authorization': 'Bearer {TOKEN}'}}", TOKEN),
        (f"{{'AUTHORIZATION': b'Token {JWT}'}}", JWT),
        ("authorization=opaque-words", "opaque-words"),
        (f"sent Basic {BASIC} to the upstream", BASIC),
        (f"Proxy-Authorization: Digest {BASIC}", BASIC),
        (f"GET /simple/?token={TOKEN}&x=1", TOKEN),
        (f"/cargo/{TOKEN}/index", TOKEN),
        ("https://ann:p%40ss:word@host/simple/", "p%40ss:word"),
        ("postgresql://packages:s3cret@db:5432/x", "s3cret"),
        ("fetching https://oauth2accesstoken@host/", "oauth2accesstoken"),
        ("password=hunter2&next=/", "hunter2"),
        ('{"old_password": "hunter 2", "x": 1}', "hunter 2"),
        ("{'new_password': 'hunter;2'}", "hunter;2"),
        ("PASSWORD = hunter2", "hunter2"),
        ("csrf_token=0123abcd", "0123abcd"),
        ("X-CSRF-Token: 0123abcd", "0123abcd"),
        ("X-Vault-Secret-Id: one two", "two"),
        ("https://s3/x?X-Amz-Credential=AKIA/eu&X-Amz-Signature=0afe&X-Amz-Security-Token=zzz", "AKIA/eu"),
        ("https://s3/x?X-Amz-Credential=AKIA/eu&X-Amz-Signature=0afe&X-Amz-Security-Token=zzz", "0afe"),
        ("https://s3/x?X-Amz-Credential=AKIA/eu&X-Amz-Signature=0afe&X-Amz-Security-Token=zzz", "zzz"),
        ("https://s3/x?AWSAccessKeyId=AKIAX&Signature=abc%3D&Expires=1", "abc%3D"),
        ("aws_secret_access_key=wJalrXUtnFEMI", "wJalrXUtnFEMI"),
        ("Cookie: pypicloud_like_session=abcdef; theme=dark", "abcdef"),
        ("Set-Cookie: pypicloud_like_session=abcdef; HttpOnly", "abcdef"),
        ("the cookie pypicloud_like_session=abcdef", "abcdef"),
        (f"identity {JWT} was refused", JWT),
        (f"/jobs/{JWT}/x", JWT),
        (f"of packages.example.org.v1-{JWT}", JWT),
        (JWT.rpartition(".")[0], JWT.rpartition(".")[0]),
        ("user.ann = $argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA", "c2FsdA"),
        ("$2b$12$abcdefghijklmnopqrstuv", "abcdefghij"),
    ],
)
def test_what_looks_like_a_secret(text, secret):
    masked = Mask()(text)
    assert secret not in masked
    assert MASK in masked


@pytest.mark.parametrize(
    "text",
    [
        "PUT /api/v1/crates/new 200 35.2 ms 127.0.0.1 ann",
        "Unavailable: The database is unavailable, try again (OperationalError: timed out)",
        "storage: bucket packages: cannot read 'v1/files/pypi/foo/0123-ab/foo-1.0.tar.gz': 403",
        "Only requests for localhost are answered: set server.public_url or server.allowed_hosts",
        "storage: bucket the-secret: cannot reach ''",
        "the wrong password: try again",
        "the scope of this token does not include 'write'",
        "basic authentication is used; bearer tokens too",
        "https://packages.example.org/simple/foo/?x=1#a",
        "the file eyJ-1.0.tar.gz of packages.example.org",
        "mail ann@example.org about https://host/@scope/name",
    ],
)
def test_what_is_none_is_left_alone(text):
    assert Mask()(text) == text


SETTINGS = {
    "pypi.storage": "s3",
    "storage.bucket": "b",
    "storage.aws_access_key_id": "AKIDEXAMPLE",
    "storage.aws_secret_access_key": "wJalrXUtnFEMI/K7MDENG",
    "storage.aws_session_token": "FwoGZXIvYXdzE",
    "db.url": "postgresql://packages:index%20words@db/x",
    "state.url": "postgresql://packages:state-words@db/x",
    "auth.signing_key": "0123456789abcdefghijklmnop",
    "pypi.fallback": "cache",
    "pypi.upstreams": "corp",
    "upstream.corp.url": "https://corp.example.org/simple/",
    "upstream.corp.username": "robot",
    "upstream.corp.password": "upstream words",
}
KNOWN = [
    "wJalrXUtnFEMI/K7MDENG",
    "wJalrXUtnFEMI%2FK7MDENG",
    "FwoGZXIvYXdzE",
    "index words",
    "index%20words",
    "state-words",
    "0123456789abcdefghijklmnop",
    "upstream words",
    base64.b64encode(b"robot:upstream words").decode(),
]


@pytest.mark.promise(160)
@pytest.mark.parametrize("secret", KNOWN)
def test_secrets_of_the_settings_wherever_they_stand(secret):
    mask = Mask(secrets_of(load(SETTINGS, {}, here=Path("/"))))
    assert mask(f"it said >{secret}< to us") == f"it said >{MASK}< to us"


def test_a_short_secret_does_not_make_the_log_unreadable():
    assert Mask(["a"])("a database") == "a database"


@pytest.mark.promise(99)
@pytest.mark.parametrize(
    "piece",
    ["a", "-", ".", "a.", "://", "password=", "token", "authorization: ", "$2b$", "eyJaaaa.", "eyJ", "eyJ-",
     "a.eyJ", "cookie:", "x-", "'", " "],
)  # fmt: skip
def test_no_text_takes_long(piece):
    text = piece * (200_000 // len(piece))
    with cpu_below(5):
        Mask(KNOWN)(text)


@pytest.mark.promise(160)
def test_tokens_as_they_are_made():
    token = mint()
    assert token not in Mask()(f"sent {token} along")
