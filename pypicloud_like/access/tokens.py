"""API tokens as texts: how they are minted, recognised and digested, and their scope as JSON.

``pcl_`` + 43 characters (256 random bits) + 6 characters (CRC-32 of all before), in the digits and
letters of base 62: one word for a double click, found by secret scanners, and a mistyped one is
refused without asking the database.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import string
import zlib
from collections.abc import Mapping
from typing import Any

from pypicloud_like.access.names import parse_pattern
from pypicloud_like.core.model import Scope

PREFIX = "pcl_"

_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_RANDOM_LENGTH = 43
_CHECK_LENGTH = 6
_SHAPE = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{_RANDOM_LENGTH + _CHECK_LENGTH}}}\Z", re.ASCII)


def mint() -> str:
    """A new token of 256 bits from the system's random source."""
    body = PREFIX + _base62(secrets.randbits(256), _RANDOM_LENGTH)
    return body + _check(body)


def looks_like_token(text: str) -> bool:
    """Whether the text has the shape of a token and its last characters agree with the others."""
    return _SHAPE.match(text) is not None and _check(text[:-_CHECK_LENGTH]) == text[-_CHECK_LENGTH:]


def digest(secret: str) -> str:
    """What is stored of a token or session: SHA-256 in hexadecimal.

    A plain hash is enough for 256 random bits; and since nobody can choose what a digest begins with,
    finding it through a database index or a dictionary tells a clock nothing.
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def scope_to_json(scope: Scope) -> dict[str, Any]:
    """``{"actions": [word, …], "projects": [spelling, …] or null}``, both sorted, and ``terms`` if there are
    any.
    """
    projects = None if scope.projects is None else sorted(str(project) for project in scope.projects)
    data: dict[str, Any] = {
        "actions": sorted(str(action) for action in scope.actions),
        "projects": projects,
    }
    return data | {"terms": list(scope.terms)} if scope.terms else data


def scope_from_json(data: Mapping[str, Any]) -> Scope:
    """The inverse of :func:`scope_to_json`. Whatever is not there is not allowed.

    :raises InvalidRequest: a project's spelling is not understood
    """
    projects = data["projects"]
    return Scope(
        frozenset(str(action) for action in data["actions"]),
        None if projects is None else frozenset(parse_pattern(text) for text in projects),
        tuple(map(str, data.get("terms", ()))),
    )


def _check(body: str) -> str:
    return _base62(zlib.crc32(body.encode("ascii")), _CHECK_LENGTH)


def _base62(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, rest = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[rest])
    return "".join(reversed(digits))
