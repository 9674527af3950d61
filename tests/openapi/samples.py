"""Addresses of all kinds, for patterns."""

from __future__ import annotations

import re

_VALUES = {
    "kind": "user",
    "right": "read",
    "id": "17",
    "revision": "11",
    "first": "fl",
    "second": "yw",
    "system": "catalogue",
    "path": "1/a",
    "rest": "crates/new",
}


def sample(pattern: str) -> str:
    """An address that a pattern, or a path of a description, stands for."""
    plain = re.sub(r"\{slash:/\?\}|\{slashes:/\*\}", "", pattern)
    plain = plain.replace("{project:(?:jsr:@[^/]+/)?[^/]+}", "{project}")
    return re.sub(r"\{(\w+)(:(?:[^{}]|\{[^{}]*\})*)?\}", lambda part: _VALUES.get(part[1], "flywheel"), plain)
