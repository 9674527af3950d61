"""Registration tokens: who is invited, by whom, until when."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from pypicloud_like.access.invitations import invitation, invited
from pypicloud_like.core.errors import InvalidRequest

KEY = b"0123456789abcdef0123456789abcdef"
NOW = datetime(2026, 1, 2, 3, 4, 5, 600_000, tzinfo=UTC)
HOUR = 3600


def signed(start: str, key: bytes = KEY) -> str:
    """What pypicloud would make of it."""
    return f"{start}:{hmac.new(key, start.encode(), hashlib.sha256).hexdigest()}"


def test_it_is_pypiclouds_form():
    assert invitation(KEY, "ann", NOW) == signed(f"ann:{int(NOW.timestamp())}")


@pytest.mark.parametrize("name", ["ann", "a.b-c_d@e+f", "ünï", "a:b", "1", "x" * 100])
def test_whoever_is_invited_is_who_comes(name):
    assert invited(KEY, invitation(KEY, name, NOW), NOW, HOUR) == name


def test_it_holds_for_its_time_and_not_longer():
    token = invitation(KEY, "ann", NOW)
    assert invited(KEY, token, NOW + timedelta(seconds=HOUR - 1), HOUR) == "ann"
    with pytest.raises(InvalidRequest, match="expired"):
        invited(KEY, token, NOW + timedelta(seconds=HOUR), HOUR)
    assert invited(KEY, token, NOW + timedelta(seconds=HOUR), 2 * HOUR) == "ann"


def test_clocks_of_servers_may_differ_by_a_minute():
    token = invitation(KEY, "ann", NOW)
    assert invited(KEY, token, NOW - timedelta(seconds=59), HOUR) == "ann"
    with pytest.raises(InvalidRequest):
        invited(KEY, token, NOW - timedelta(seconds=62), HOUR)


def test_another_key_another_name_another_time():
    start = f"ann:{int(NOW.timestamp())}"
    signature = signed(start).rpartition(":")[2]
    for forged in (
        signed(start, b"another key of the same length.."),
        f"bob:{int(NOW.timestamp())}:{signature}",
        f"ann:{int(NOW.timestamp()) + 1}:{signature}",
        f"Ann:{int(NOW.timestamp())}:{signature}",
        f"{start}:{signature.upper()}",
        f"{start}:{signature} ",
        f" {start}:{signature}",
    ):
        with pytest.raises(InvalidRequest, match="not valid"):
            invited(KEY, forged, NOW, HOUR)


@pytest.mark.parametrize(
    "text", ["", ":", "::", "ann", "ann:1", "\0:\0:\0", "\ud800:1:2", "ann:1:\ud800", "ann:1:ä", "x" * 10_000]
)
def test_what_is_no_token_is_a_bad_request(text):
    with pytest.raises(InvalidRequest, match="not valid"):
        invited(KEY, text, NOW, HOUR)


@pytest.mark.parametrize("issued", ["", "-1", "1.5", "1e9", " 1", "٣", "9" * 5000, "soon"])
def test_a_time_that_is_none_is_not_believed_even_if_signed(issued):
    with pytest.raises(InvalidRequest):
        invited(KEY, signed(f"ann:{issued}"), NOW, HOUR)


def test_nobody_is_not_invited_even_if_signed():
    with pytest.raises(InvalidRequest, match="not valid"):
        invited(KEY, signed(f":{int(NOW.timestamp())}"), NOW, HOUR)
