"""Signatures of identity tokens, by PyJWT and cryptography (the extra ``oidc``).

Imported only where an issuer is set: :mod:`pypicloud_like.trust.issuers` does it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from pypicloud_like.trust.identity import refused

TYPES = {"RS256": "RSA", "ES256": "EC", "EdDSA": "OKP"}
"""The algorithms that are accepted (RFC 7518, section 3.1; RFC 8037), each with the type of its keys: no
shared secrets, no ``none``, nothing that a token could choose beyond these (RFC 8725, section 3.1).
"""
_CURVES = {"EC": {"P-256"}, "OKP": {"Ed25519"}}
_PUBLIC = ("kty", "crv", "n", "e", "x", "y")
_SHORTEST_RSA = 2048
"""bits (RFC 7518, section 3.3)"""

Key = Mapping[str, Any]
FindKey = Callable[[str | None, str], Key]
"""Gives the public key (RFC 7517) of an id, which may be None, and a type."""


def issuer_of(token: str) -> str:
    """Who a token says it is from, which is not believed yet.

    :raises IdentityRefused: it is no signed token
    """
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise refused("is malformed") from None
    issuer = claims.get("iss")
    return issuer if isinstance(issuer, str) else ""


def verified(token: str, find: FindKey) -> dict[str, Any]:
    """What a token says whose signature is right. Times and purpose are not looked at.

    :raises IdentityRefused: the signature is wrong, or made in a way that is not accepted
    """
    try:
        header = jwt.get_unverified_header(token)
        algorithm, kid = header.get("alg"), header.get("kid")
        if algorithm not in TYPES:
            raise refused(f"must be signed with one of {', '.join(TYPES)}")
        if "crit" in header or "b64" in header or not isinstance(kid, str | None):
            raise refused("has a header that is not understood")  # RFC 7515, section 4.1.11
        key = _loaded(find(kid, TYPES[algorithm]), algorithm)
        return jwt.decode(token, key, algorithms=[algorithm], options=_ONLY_SIGNATURE)
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        raise refused("has a signature that is not right") from None


_ONLY_SIGNATURE: Any = {
    "verify_signature": True,
    **dict.fromkeys((f"verify_{name}" for name in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")), False),
}


def _loaded(key: Key, algorithm: str) -> jwt.PyJWK:
    """A key that is fit for the algorithm."""
    kind = TYPES[algorithm]
    if key.get("crv") not in _CURVES.get(kind, {None}):
        raise refused("is signed with a key of another curve")
    loaded = jwt.PyJWK({name: key[name] for name in _PUBLIC if name in key}, algorithm=algorithm)
    if isinstance(loaded.key, RSAPublicKey) and loaded.key.key_size < _SHORTEST_RSA:
        raise refused("is signed with a key that is too short")
    return loaded
