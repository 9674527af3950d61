"""Hashes of passwords: argon2id made, older ones verified and renewed, and never too many at once."""

import importlib.util
import threading
from concurrent.futures import ThreadPoolExecutor

import passlib.hash
import pytest

from pypicloud_like.access import passwords as module
from pypicloud_like.access.passwords import LONGEST, Passwords
from pypicloud_like.core.errors import ConfigurationError, InvalidRequest, Unavailable
from tests.support.need import lacking

# made by pypicloud's schemes for the password "tr0ub4dor"
OLD = {
    scheme: getattr(passlib.hash, scheme).using(rounds=rounds).hash("tr0ub4dor")
    for scheme, rounds in {
        "sha512_crypt": 1000,
        "sha256_crypt": 1000,
        "pbkdf2_sha512": 10,
        "pbkdf2_sha256": 10,
    }.items()
}
BCRYPT = "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"  # of "correct horse"


@pytest.fixture(scope="module")
def cheap():
    return Passwords.cheap()


@pytest.mark.promise(110)
def test_new_hashes_are_argon2id_of_the_recommended_cost():
    hashed = Passwords().hash("secret")
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert Passwords().verify("secret", hashed) == (True, None)
    assert Passwords().verify("Secret", hashed) == (False, None)


@pytest.mark.parametrize(
    "password", ["", "a\0b", "pässwörd", "e\u0301", "日本語" * 450, " x ", "x" * LONGEST]
)
def test_any_text_is_a_password_exactly_as_given(cheap, password):
    hashed = cheap.hash(password)
    assert cheap.verify(password, hashed) == (True, None)
    assert cheap.verify(password + "\0", hashed) == (False, None)
    assert cheap.verify(password[:-1] if password else "x", hashed)[0] is False


@pytest.mark.promise(112)
def test_nothing_is_cut_after_72_bytes_nor_after_a_nul(cheap):
    assert not cheap.verify("x" * 72 + "b", cheap.hash("x" * 72 + "a"))[0]
    assert not cheap.verify("a\0b", cheap.hash("a\0c"))[0]


def test_unicode_is_not_normalised(cheap):
    assert not cheap.verify("é", cheap.hash("e\u0301"))[0]


@pytest.mark.promise(112)
@pytest.mark.parametrize("password", ["x" * (LONGEST + 1), "é" * (LONGEST // 2 + 1), "\ud800"])
def test_too_long_or_no_text_is_refused_without_hashing(cheap, monkeypatch, password):
    hashed = cheap.hash("x")
    monkeypatch.setattr(cheap, "_context", None)
    with pytest.raises(InvalidRequest):
        cheap.hash(password)
    assert cheap.verify(password, hashed) == (False, None)
    cheap.waste(password)


@pytest.mark.promise(110)
@pytest.mark.parametrize("scheme", OLD)
def test_pypiclouds_hashes_are_verified_and_renewed(cheap, scheme):
    assert cheap.fault_of(OLD[scheme]) is None
    assert cheap.verify("wrong", OLD[scheme]) == (False, None)
    assert cheap.verify("nul\0", OLD[scheme]) == (False, None)
    good, renewed = cheap.verify("tr0ub4dor", OLD[scheme])
    assert good
    assert renewed.startswith("$argon2id$")
    assert cheap.verify("tr0ub4dor", renewed) == (True, None)


def test_argon2_of_other_kind_or_cost_is_renewed(cheap):
    old = passlib.hash.argon2.using(type="I", time_cost=1, memory_cost=64, parallelism=1).hash("x")
    good, renewed = cheap.verify("x", old)
    assert good
    assert renewed.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert Passwords().verify("x", renewed)[1].startswith("$argon2id$v=19$m=19456,t=2,p=1$")


class UsableBcrypt:
    """Stands for the library before its release 5: reads no more than 72 bytes, and does not say so."""

    @staticmethod
    def checkpw(secret, hashed):
        if hashed != BCRYPT.encode():
            raise ValueError("Invalid salt")
        return secret[:72] in {b"correct horse", b"x" * 72}


def test_bcrypt_is_only_verified(cheap, monkeypatch):
    monkeypatch.setattr(cheap, "_bcrypt", UsableBcrypt)
    assert cheap.fault_of(BCRYPT) is None
    assert cheap.verify("wrong", BCRYPT) == (False, None)
    good, renewed = cheap.verify("correct horse", BCRYPT)
    assert good
    assert renewed.startswith("$argon2id$")
    assert cheap.verify("x" * 72, BCRYPT)[0]
    assert cheap.verify("x" * 73, BCRYPT) == (False, None)
    assert cheap.verify("correct horse\0", BCRYPT) == (False, None)
    assert cheap.verify("correct horse", BCRYPT[:-1]) == (False, None)


def test_the_real_bcrypt_library(cheap):
    if importlib.util.find_spec("bcrypt") is None:
        lacking("bcrypt")
    good, renewed = cheap.verify("correct horse", BCRYPT)
    assert good
    assert renewed.startswith("$argon2id$")
    assert cheap.verify("wrong", BCRYPT) == (False, None)
    assert cheap.verify("correct horse" + "x" * 100, BCRYPT) == (False, None)


def test_without_the_library_bcrypt_is_refused_and_said(cheap, monkeypatch, caplog):
    monkeypatch.setattr(cheap, "_bcrypt", None)
    assert "pip install bcrypt" in cheap.fault_of(BCRYPT)
    assert cheap.verify("correct horse", BCRYPT) == (False, None)
    assert "pip install bcrypt" in caplog.text
    assert "correct horse" not in caplog.text


@pytest.mark.parametrize(
    "hashed",
    [
        "",
        "plain",
        "$1$salt$hash",
        "$6$",
        "$6$rounds=1000$salt",
        "$argon2id$v=19$m=8,t=1,p=1$$",
        "$2b$04$short",
        "$é",
    ],
)
def test_a_broken_hash_is_a_fault_and_wrong_for_every_password(cheap, hashed):
    assert cheap.fault_of(hashed)
    assert cheap.verify("", hashed) == (False, None)
    assert cheap.verify(hashed, hashed) == (False, None)


def test_faults_do_not_show_the_hash(cheap):
    assert "salt" not in cheap.fault_of("$6$rounds=1000$salt")


@pytest.mark.parametrize("rounds", [0, -1, 17, 20500])
def test_the_rounds_of_other_schemes_are_a_fault(rounds):
    with pytest.raises(ConfigurationError, match=r"auth\.hash_rounds"):
        Passwords(time_cost=rounds)


def test_rounds_are_passes():
    assert ",t=3," in Passwords(time_cost=3, memory_kib=8).hash("x")


class Recorded:
    """A context that notes what is verified, and how many at once."""

    def __init__(self, context):
        self.context = context
        self.verified = []
        self.now = self.most = 0
        self.lock = threading.Lock()

    def verify_and_update(self, secret, hashed):
        with self.lock:
            self.verified.append(hashed)
            self.now += 1
            self.most = max(self.most, self.now)
        threading.Event().wait(0.002)
        try:
            return self.context.verify_and_update(secret, hashed)
        finally:
            with self.lock:
                self.now -= 1

    def verify(self, secret, hashed):
        self.verified.append(hashed)
        return self.context.verify(secret, hashed)


def test_waste_is_a_verification_like_any_other(monkeypatch):
    passwords = Passwords.cheap()
    real = passwords.hash("x")
    recorded = Recorded(passwords._context)
    monkeypatch.setattr(passwords, "_context", recorded)
    passwords.waste("guess")
    passwords.waste("guess", like=OLD["sha512_crypt"])
    passwords.verify("guess", "no hash at all")
    dummy, like, _, instead = recorded.verified
    assert dummy.split("$")[:4] == real.split("$")[:4], "same scheme, same cost"
    assert like == OLD["sha512_crypt"]
    assert instead == dummy


@pytest.mark.promise(114)
def test_few_are_hashed_at_once(monkeypatch):
    passwords = Passwords.cheap()
    recorded = Recorded(passwords._context)
    monkeypatch.setattr(passwords, "_context", recorded)
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(passwords.waste, ["guess"] * 100))
    assert len(recorded.verified) == 100
    assert recorded.most == module.AT_ONCE


@pytest.mark.promise(114)
def test_whoever_waits_too_long_is_told_to_come_back(monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.01)
    passwords = Passwords.cheap()
    for _ in range(module.AT_ONCE):
        passwords._turn.acquire()
    with pytest.raises(Unavailable):
        passwords.hash("x")
    passwords._turn.release()
    assert passwords.hash("x")
