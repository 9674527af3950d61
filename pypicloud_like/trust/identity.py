"""What an identity token says, once it is believed; and the rules of time and purpose for it. Pure.

The rules are those of OpenID Connect Core 1.0 (section 3.1.3.7) and RFC 8725, stricter where jobs of
continuous integration allow it.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pypicloud_like.core.errors import IdentityRefused
from pypicloud_like.settings.model import IssuerSettings

LEEWAY = timedelta(seconds=30)
"""How far the clocks of issuers may be from ours."""
LONGEST_LIFE = timedelta(hours=24)
"""The most between the making of a token and its end: so long it is remembered that it was used."""
LONGEST_TOKEN = 16 * 1024

_LONGEST_ID = 500
Audience = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a job is, by the word of its issuer. ``digest`` stands for the token itself; nobody can use it
    after ``until``.
    """

    issuer: IssuerSettings
    claims: Mapping[str, Any]
    audience: str
    digest: str
    until: datetime


def refused(why: str) -> IdentityRefused:
    """The error of a token that is not to be believed."""
    return IdentityRefused("invalid-token", f"The identity token {why}")


def judged(
    claims: Mapping[str, Any], issuer: IssuerSettings, token: str, *, audience: Audience, now: datetime
) -> Identity:
    """Who a token is about whose signature is right.

    :param token: its text, from which it is known again if it has no id of its own
    :param audience: whether a token made for this is one for us
    :raises IdentityRefused: it is another's, for somebody else, or not of this time
    """
    if claims.get("iss") != issuer.url:
        raise refused("is not of the issuer that it names")
    made_for = _audience(claims.get("aud"))
    if not audience(made_for):
        raise refused("was made for another audience")
    made, ends = _moment(claims, "iat"), _moment(claims, "exp")
    if ends <= now - LEEWAY:
        raise refused("has expired")
    if made > now + LEEWAY or ("nbf" in claims and _moment(claims, "nbf") > now + LEEWAY):
        raise refused("is not valid yet")
    if ends - made > LONGEST_LIFE:
        raise refused(f"lives for more than {LONGEST_LIFE // timedelta(hours=1)} hours")
    return Identity(issuer, claims, made_for, _digest(claims, issuer, token), ends + LEEWAY)


def _audience(value: object) -> str:
    """The one audience of a token. One that is good in several places could be used here by the others."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, str) or not value:
        raise refused("must be for just one audience")
    return value


def _moment(claims: Mapping[str, Any], name: str) -> datetime:
    """A NumericDate (RFC 7519, section 2)."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise refused(f"has no '{name}' that is a time")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        raise refused(f"has no '{name}' that is a time") from None


def _digest(claims: Mapping[str, Any], issuer: IssuerSettings, token: str) -> str:
    """By its id; without one by what was signed, because a signature can be written in several ways."""
    number = claims.get("jti")
    if number is None:
        told = "signed:" + token.rpartition(".")[0]
    elif isinstance(number, str) and 0 < len(number) <= _LONGEST_ID:
        told = f"id:{number}"
    else:
        raise refused("has a 'jti' that is no id")
    return hashlib.sha256(f"{issuer.url}\n{told}".encode("utf-8", "surrogatepass")).hexdigest()
