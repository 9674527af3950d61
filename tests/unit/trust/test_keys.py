"""Keys of issuers: found, kept, asked for again, and never from where they should not come."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import UTC, datetime, timedelta

import pytest

from pypicloud_like.core.errors import IdentityRefused, Unavailable
from pypicloud_like.settings.model import IssuerSettings
from pypicloud_like.trust.keys import Keys
from tests.support.issuer import Issuer, rsa_key

DISCOVERY = "/.well-known/openid-configuration"


class Clock:
    now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def issuer():
    with Issuer() as issuer:
        yield issuer


@pytest.fixture
def keys(issuer, clock):
    keys = Keys(IssuerSettings("ci", issuer.url, "x", timeout=20), clock=clock)
    yield keys
    keys.close()


def test_they_are_kept_for_an_hour(keys, issuer, clock):
    for _ in range(3):
        assert keys.find("one", "RSA")["kty"] == "RSA"
        clock.advance(minutes=19)
    assert issuer.requests == {DISCOVERY: 1, "/keys": 1}
    clock.advance(minutes=10)
    keys.find("one", "RSA")
    assert issuer.requests["/keys"] == 2


def test_a_new_key_is_found_and_an_old_one_forgotten(keys, issuer, clock):
    keys.find("one", "RSA")
    issuer.keys = {"two": rsa_key(number=1)}
    with pytest.raises(IdentityRefused):
        keys.find("two", "RSA")
    clock.advance(seconds=61)
    assert keys.find("two", "RSA")["kid"] == "two"
    with pytest.raises(IdentityRefused):
        keys.find("one", "RSA")


@pytest.mark.promise(178)
def test_unknown_ids_do_not_make_us_ask_again_and_again(keys, issuer, clock):
    for number in range(20):
        with pytest.raises(IdentityRefused):
            keys.find(f"unknown{number}", "RSA")
        clock.advance(seconds=2)
    assert issuer.requests["/keys"] == 1


@pytest.mark.promise(178)
def test_old_keys_do_for_a_day_while_the_issuer_is_down(keys, issuer, clock):
    keys.find("one", "RSA")
    issuer.replace["/keys"] = (503, b"", {})
    clock.advance(hours=23)
    assert keys.find("one", "RSA")
    with pytest.raises(Unavailable):
        keys.find("two", "RSA")
    clock.advance(hours=2)
    with pytest.raises(Unavailable):
        keys.find("one", "RSA")


@pytest.mark.promise(178)
def test_an_issuer_that_failed_is_left_alone_for_a_while(keys, issuer, clock):
    issuer.replace["/keys"] = (500, b"", {})
    for _ in range(5):
        with pytest.raises(Unavailable):
            keys.find("one", "RSA")
    assert issuer.requests["/keys"] == 1
    issuer.replace.clear()
    clock.advance(seconds=11)
    assert keys.find("one", "RSA")


@pytest.mark.promise(178)
@pytest.mark.parametrize(
    ("path", "body"),
    [
        (DISCOVERY, b""),
        (DISCOVERY, b"[]"),
        (DISCOVERY, b"["),
        (DISCOVERY, b"[" * 100_000),
        (DISCOVERY, b"{}"),
        (DISCOVERY, b" " * 300_000 + b"{}"),
        (DISCOVERY, b'{"issuer": "https://other.example", "jwks_uri": "https://other.example/keys"}'),
        ("/keys", b""),
        ("/keys", b"{}"),
        ("/keys", b'{"keys": 1}'),
        ("/keys", json.dumps({"keys": [{}] * 101}).encode()),
        ("/keys", b"x" * 300_000),
    ],
)
def test_answers_that_are_none(keys, issuer, path, body):
    issuer.replace[path] = (200, body, {})
    with pytest.raises(Unavailable):
        keys.find("one", "RSA")


@pytest.mark.promise(173)
@pytest.mark.parametrize(
    "where",
    [
        "http://127.0.0.2:{port}/keys",
        "http://localhost:{port}/keys",
        "file:///etc/passwd",
        "//x/keys",
        7,
        None,
    ],
)
def test_keys_from_elsewhere(keys, issuer, where):
    if isinstance(where, str):
        where = where.format(port=issuer.url.rpartition(":")[2])
    issuer.replace[DISCOVERY] = (200, json.dumps({"issuer": issuer.url, "jwks_uri": where}).encode(), {})
    with pytest.raises(Unavailable):
        keys.find("one", "RSA")
    assert issuer.requests["/keys"] == 0


@pytest.mark.promise(153, 173)
def test_redirects_to_elsewhere(keys, issuer):
    port = issuer.url.rpartition(":")[2]
    issuer.replace["/keys"] = (302, b"", {"Location": f"http://localhost:{port}/other"})
    with pytest.raises(Unavailable):
        keys.find("one", "RSA")
    assert issuer.requests["/other"] == 0


@pytest.mark.promise(173)
def test_hosts_that_the_settings_name(issuer, clock):
    port = issuer.url.rpartition(":")[2]
    said = {"issuer": issuer.url, "jwks_uri": f"http://localhost:{port}/keys"}
    issuer.replace[DISCOVERY] = (200, json.dumps(said).encode(), {})
    settings = IssuerSettings("ci", issuer.url, "x", key_hosts=frozenset({"localhost"}))
    assert Keys(settings, clock=clock).find("one", "RSA")


def test_strange_entries_are_passed_over(keys, issuer):
    from tests.support.issuer import public

    issuer.jwks = [1, None, {}, {"kid": ["one"], "kty": "RSA"}, public(rsa_key(), "one")]  # type: ignore[list-item]
    assert keys.find("one", "RSA")["n"]
    with pytest.raises(IdentityRefused):
        keys.find("one", "EC")


@pytest.mark.promise(178)
def test_few_wait_for_a_slow_issuer_and_it_is_asked_once(keys, issuer):
    issuer.open.clear()

    def find() -> str:
        try:
            keys.find("one", "RSA")
        except Unavailable:
            return "unavailable"
        return "found"

    with ThreadPoolExecutor(10) as pool:
        asked = [pool.submit(find) for _ in range(10)]
        ended = as_completed(asked, timeout=15)
        assert [next(ended).result() for _ in range(8)] == ["unavailable"] * 8
        issuer.open.set()  # not before the others went
        assert [one.result() for one in ended] == ["found"] * 2
    assert issuer.requests["/keys"] == 1


@pytest.mark.promise(178)
def test_a_silent_issuer_is_not_waited_for(issuer, clock):
    keys = Keys(IssuerSettings("ci", issuer.url, "x", timeout=0.3), clock=clock)
    issuer.open.clear()
    with pytest.raises(Unavailable):
        keys.find("one", "RSA")
    keys.close()
