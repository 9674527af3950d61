"""The id of a request: in its answer, in its errors, and in all that is logged on its behalf."""

from __future__ import annotations

import random
import re
from typing import Any

REQUEST_ID = "pypicloud_like.request_id"
"""The key of the WSGI environment; no header of a client can have it."""
HEADER = "X-Request-Id"

_PLAIN = re.compile(r"[0-9A-Za-z._-]{1,64}\Z")


def is_plain(text: str) -> bool:
    """Whether an id that somebody else made may be taken: short, and of letters that mean nothing."""
    return _PLAIN.match(text) is not None


def request_id(environ: dict[str, Any]) -> str:
    """The id of the request with this environment: what a trusted proxy said, else made now."""
    number: str | None = environ.get(REQUEST_ID)
    if number is None:
        # not a secret, and made for each request: the system's source would cost ten times as much
        number = environ[REQUEST_ID] = f"{random.getrandbits(64):016x}"
    return number
