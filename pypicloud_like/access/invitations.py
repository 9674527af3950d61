"""Registration tokens: signed, not stored, good for one user name (pypicloud's form).

``<username>:<issued, UNIX seconds>:<hex HMAC-SHA256 of "username:issued">``
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

from pypicloud_like.core.errors import InvalidRequest


def invitation(secret: bytes, username: str, now: datetime) -> str:
    """A token by which ``username`` may register."""
    start = f"{username}:{int(now.timestamp())}"
    return f"{start}:{_signature(secret, start)}"


def invited(secret: bytes, token: str, now: datetime, lifetime: int) -> str:
    """The user name of a valid token; ``lifetime`` in seconds.

    :raises InvalidRequest: the token is forged, malformed or too old
    """
    start, _, signature = token.rpartition(":")
    username, _, issued = start.rpartition(":")
    known = hmac.compare_digest(signature.encode(), _signature(secret, start).encode())
    if not known or not issued.isdecimal() or not username:
        raise InvalidRequest("token", "is not valid")
    if not int(issued) <= now.timestamp() + 60 < int(issued) + lifetime + 60:
        raise InvalidRequest("token", "has expired")
    return username


def _signature(secret: bytes, start: str) -> str:
    return hmac.new(secret, start.encode(), hashlib.sha256).hexdigest()
