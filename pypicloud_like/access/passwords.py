"""Hashes of passwords: new ones are argon2id, older ones (pypicloud's) are verified and renewed.

Everything about passlib stays in here. Hashing is slow and takes memory on purpose, so how much of it
goes on at once is bounded.
"""

from __future__ import annotations

import hmac
import importlib
import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from passlib.context import CryptContext

from pypicloud_like.core.errors import ConfigurationError, InvalidRequest, Unavailable

MEMORY_KIB = 19 * 1024
TIME_COST = 2
PARALLELISM = 1
"""argon2id with 19 MiB, two passes, one lane: OWASP's Password Storage Cheat Sheet."""

MOST_PASSES = 16
LONGEST = 4096
"""bytes of UTF-8 in a password"""
AT_ONCE = 2
"""hashes worked out at the same time by one process, so at most two times MEMORY_KIB"""
PATIENCE = 10.0
"""seconds somebody waits for their turn"""

_OLDER = ("sha512_crypt", "sha256_crypt", "pbkdf2_sha512", "pbkdf2_sha256")
_BCRYPT = ("$2a$", "$2b$", "$2y$")
_BCRYPT_HASH = re.compile(r"\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}\Z", re.ASCII)
_BCRYPT_SEES = 72
_BCRYPT_VECTOR = b"$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"
_log = logging.getLogger(__name__)


class Passwords:
    """Hashes and verifies. Threads share one instance, and a process should have only one.

    A password counts as its UTF-8 bytes, exactly as given: no Unicode normalisation, NUL included.

    :param time_cost: passes over the memory, 1 to 16; None for the default
    :raises ConfigurationError: for any other number, such as the rounds of another scheme
    """

    def __init__(self, *, time_cost: int | None = None, memory_kib: int = MEMORY_KIB) -> None:
        passes = TIME_COST if time_cost is None else time_cost
        if not 1 <= passes <= MOST_PASSES:
            raise ConfigurationError(
                [f"auth.hash_rounds = {passes}: argon2 takes 1 to {MOST_PASSES} passes; better leave it out"]
            )
        self._context = CryptContext(
            schemes=["argon2", *_OLDER],
            deprecated="auto",
            argon2__type="ID",
            argon2__time_cost=passes,
            argon2__memory_cost=memory_kib,
            argon2__parallelism=PARALLELISM,
        )
        self._turn = threading.BoundedSemaphore(AT_ONCE)
        self._bcrypt = _usable_bcrypt()
        self._dummy: str = self._context.hash("nobody's password")

    @classmethod
    def cheap(cls) -> Passwords:
        """With the least cost there is: for tests, where nothing is to be protected."""
        return cls(time_cost=1, memory_kib=8)

    def hash(self, password: str) -> str:
        """A new salted hash of ``password`` in the PHC string format.

        :raises InvalidRequest: above 4096 bytes, or not a sequence of Unicode characters
        :raises Unavailable: too many others are waiting
        """
        secret = _secret(password)
        if secret is None:
            raise InvalidRequest("password", f"must be text of at most {LONGEST} bytes")
        with self._turned():
            return str(self._context.hash(secret))

    def verify(self, password: str, hashed: str) -> tuple[bool, str | None]:
        """Whether ``password`` is the one that was hashed, and a new hash of it where the old one is
        of an older scheme or of other costs than new ones (None: keep it).

        A hash that cannot be verified here (see :meth:`fault_of`) is wrong for every password, at the
        cost of a dummy verification. Passwords above 4096 bytes are wrong without being hashed.

        :raises Unavailable: too many others are waiting
        """
        secret = _secret(password)
        if secret is None:
            return False, None
        with self._turned():
            if hashed.startswith(_BCRYPT):
                return self._verify_bcrypt(secret, hashed)
            try:
                good, renewed = self._context.verify_and_update(secret, hashed)
            except ValueError:  # a malformed or unknown hash, or NUL where the scheme has no NUL
                good, renewed = False, None
                self._context.verify(secret, self._dummy)
            return bool(good), renewed

    def waste(self, password: str, *, like: str | None = None) -> None:
        """Take as long as :meth:`verify` takes for a wrong password: for users that do not exist.

        ``like`` is a hash of the kind that users have where these are not new ones.
        """
        self.verify(password, self._dummy if like is None else like)

    def fault_of(self, hashed: str) -> str | None:
        """Why no password can be verified against this hash, or None if one can. Costs nothing."""
        if hashed.startswith(_BCRYPT):
            if not _BCRYPT_HASH.match(hashed):
                return "a malformed bcrypt hash"
            return None if self._bcrypt else "a bcrypt hash needs the library bcrypt: pip install bcrypt"
        scheme = self._context.identify(hashed)
        if scheme is None:
            known = ", ".join(("argon2", *_OLDER, "bcrypt"))
            return f"not a password hash of a known scheme ({known})"
        try:
            parsed = self._context.handler(scheme).from_string(hashed)
        except ValueError:
            return f"a malformed {scheme} hash"
        return None if parsed.checksum else f"a malformed {scheme} hash"

    def _verify_bcrypt(self, secret: bytes, hashed: str) -> tuple[bool, str | None]:
        """The first 72 bytes are all that bcrypt reads: of a longer password it cannot say that it is
        right. Past passlib, whose last release fails with the present library (pyca/bcrypt#1079).
        """
        good = False
        if self._bcrypt is None or len(secret) > _BCRYPT_SEES or b"\0" in secret:
            if self._bcrypt is None:
                _log.error("a user's password hash is bcrypt, which needs the library: pip install bcrypt")
            self._context.verify(secret, self._dummy)
        else:
            try:
                good = self._bcrypt.checkpw(secret, hashed.encode())
            except ValueError:
                self._context.verify(secret, self._dummy)
        return good, self._context.hash(secret) if good else None

    @contextmanager
    def _turned(self) -> Iterator[None]:
        if not self._turn.acquire(timeout=PATIENCE):
            raise Unavailable("login", retry_after=5)
        try:
            yield
        finally:
            self._turn.release()


def _secret(password: str) -> bytes | None:
    """The bytes to hash, or None for what is never a password."""
    if len(password) > LONGEST:
        return None
    try:
        secret = password.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return None
    return secret if len(secret) <= LONGEST else None


def _usable_bcrypt() -> Any:
    """The bcrypt library if it is there and works, else None."""
    try:
        bcrypt = importlib.import_module("bcrypt")
    except ImportError:
        return None
    works = hmac.compare_digest(bcrypt.hashpw(b"correct horse", _BCRYPT_VECTOR), _BCRYPT_VECTOR)
    return bcrypt if works else None
