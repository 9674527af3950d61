"""Registration tokens: signed, not stored, good for one user name (pypicloud's form).

``<username>:<issued, UNIX seconds>:<hex HMAC-SHA256 of "username:issued">``
"""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import UTC, datetime

from pypicloud_like.core.errors import InvalidRequest

_UNIX_SECONDS = re.compile(r"[0-9]{1,15}\Z", re.ASCII)


def invitation(secret: bytes, username: str, now: datetime) -> str:
    """A token by which ``username`` may register."""
    start = f"{username}:{int(now.timestamp())}"
    return f"{start}:{_signature(secret, start)}"


def made_at(token: str) -> datetime:
    """When a good token was made, to the second."""
    return datetime.fromtimestamp(int(token.rpartition(":")[0].rpartition(":")[2]), UTC)


def invited(secret: bytes, token: str, now: datetime, lifetime: int) -> str:
    """The user name of a valid token; ``lifetime`` in seconds.

    :raises InvalidRequest: the token is forged, malformed or too old
    """
    start, _, signature = token.rpartition(":")
    username, _, issued = start.rpartition(":")
    expected = _signature(secret, start)
    known = hmac.compare_digest(_bytes(signature), expected.encode())
    if not known or not _UNIX_SECONDS.match(issued) or not username:
        raise InvalidRequest("token", "is not valid")
    if not int(issued) <= now.timestamp() + 60 < int(issued) + lifetime + 60:
        raise InvalidRequest("token", "has expired")
    return username


def _signature(secret: bytes, start: str) -> str:
    return hmac.new(secret, _bytes(start), hashlib.sha256).hexdigest()


def _bytes(text: str) -> bytes:
    """UTF-8; a lone surrogate, which clients can send as JSON, is no reason to fail."""
    return text.encode("utf-8", "surrogatepass")
