"""What may be a key in any store: checked before anything is touched."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pypicloud_like.core.errors import InvalidRequest

LONGEST_KEY = 1024
"""Bytes; what object stores take (Amazon S3 user guide, "Naming Amazon S3 objects")."""
LONGEST_PART = 255
"""Bytes; what common file systems take (``NAME_MAX``)."""
DEEPEST = 32
"""Parts of a key; ours have six, and a tree of strangers must not exhaust file descriptors."""

# No empty part and none with a leading dot (so neither ".." nor the folder of temporary files), no
# control characters and no undecodable bytes (surrogates).
_KEY = re.compile(r"(?!\.)[^/\x00-\x1f\x7f\ud800-\udfff]+(?:/(?!\.)[^/\x00-\x1f\x7f\ud800-\udfff]+)*")


def is_key(text: str) -> bool:
    """Whether :func:`parts_of` would take this text."""
    return _fault(text) is None


def parts_of(key: str) -> Sequence[str]:
    """The parts of a key between the slashes.

    :raises InvalidRequest: it is no key: it leaves the root, has an empty part, a part that begins with
        a dot, control characters, or is too long for a store
    """
    fault = _fault(key)
    if fault is not None:
        raise InvalidRequest("key", fault)
    return key.split("/")


def parts_of_prefix(prefix: str) -> Sequence[str]:
    """The parts of a prefix: of a key with a last slash, or none at all.

    :raises InvalidRequest: it is no prefix
    """
    if not prefix:
        return ()
    if not prefix.endswith("/"):
        raise InvalidRequest("prefix", "must be empty or end with a slash")
    return parts_of(prefix[:-1])


def _fault(key: str) -> str | None:
    if not _KEY.fullmatch(key):
        return "is not a relative path of visible names"
    parts = key.split("/")
    if len(parts) > DEEPEST:
        return f"has more than {DEEPEST} parts"
    if key.isascii():
        total, longest = len(key), max(map(len, parts))
    else:
        total, longest = len(key.encode()), max(len(part.encode()) for part in parts)
    if longest > LONGEST_PART:
        return f"has a part longer than {LONGEST_PART} bytes"
    return f"is longer than {LONGEST_KEY} bytes" if total > LONGEST_KEY else None
