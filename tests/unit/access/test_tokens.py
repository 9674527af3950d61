"""Tokens as texts, and their scope as JSON."""

from __future__ import annotations

import hashlib
import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pypicloud_like.access import tokens
from pypicloud_like.core.model import Project, Scope


@pytest.mark.promise(125)
def test_a_token_is_one_word_of_a_known_shape():
    secret = tokens.mint()
    assert secret.startswith("pcl_")
    assert len(secret) == 53
    assert set(secret[4:]) <= set(string.ascii_letters + string.digits)
    assert tokens.looks_like_token(secret)


def test_no_two_are_alike():
    assert len({tokens.mint() for _ in range(1000)}) == 1000


@pytest.mark.promise(125)
def test_all_256_bits_fit(monkeypatch):
    highest = {}
    for bits in (0, 2**256 - 1):
        monkeypatch.setattr(tokens.secrets, "randbits", lambda count, bits=bits: bits)
        highest[bits] = tokens.mint()
        assert tokens.looks_like_token(highest[bits])
    monkeypatch.setattr(tokens.secrets, "randbits", lambda count: 2**256 - 2)
    assert tokens.mint() != highest[2**256 - 1]


@given(st.data())
def test_a_mistyped_one_is_noticed(data):
    secret = tokens.mint()
    place = data.draw(st.integers(4, len(secret) - 1))
    letter = data.draw(st.sampled_from(string.ascii_letters + string.digits))
    typed = secret[:place] + letter + secret[place + 1 :]
    assert tokens.looks_like_token(typed) == (typed == secret)


@given(st.text(st.characters(codec=None)))
def test_other_texts_are_not_tokens(text):
    assert not tokens.looks_like_token(text)
    assert not tokens.looks_like_token(f"pcl_{text}")
    assert len(tokens.digest(text)) == 64


def test_what_surrounds_a_token_makes_it_none():
    secret = tokens.mint()
    for text in (secret + "\n", " " + secret, secret[:-1], secret + "0", secret.upper(), ""):
        assert not tokens.looks_like_token(text)


@pytest.mark.promise(119, 125)
def test_the_digest_is_sha256():
    assert tokens.digest("pcl_x") == hashlib.sha256(b"pcl_x").hexdigest()


def test_scopes_survive_json():
    projects = frozenset({Project("pypi", "foo"), Project("cargo", "a_b"), Project("jsr", "@scope/name")})
    for scope in (
        Scope(frozenset({"write", "read"}), projects),
        Scope(frozenset({"read"}), None),
        Scope(frozenset(), frozenset()),
    ):
        data = json.loads(json.dumps(tokens.scope_to_json(scope)))
        assert tokens.scope_from_json(data) == scope
    assert tokens.scope_to_json(Scope(frozenset({"write", "read"}), projects)) == {
        "actions": ["read", "write"],
        "projects": ["cargo:a_b", "foo", "jsr:@scope/name"],
    }
