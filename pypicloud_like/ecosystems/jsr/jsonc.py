"""JSON with comments and trailing commas, as the configuration files of deno are written."""

from __future__ import annotations

import json
import re
from typing import Any

_TOKEN = re.compile(
    r"""(?P<string>"(?:[^"\\]|\\.)*+"?)|(?P<line>//[^\n\r]*+)|(?P<block>/\*.*?(?:\*/|\Z))"""
    r"""|(?P<comma>,)|(?P<close>[\]}])|(?P<space>\s++)|(?P<other>[^"/,\]}\s]++|/)""",
    re.DOTALL,
)
"""Strings and comments that do not end go to the end of the text, so that reading is linear."""


def parse(text: str) -> Any:
    """The value that a text describes. A byte-order mark at its beginning is passed over.

    :raises ValueError: it is no JSON even without comments and trailing commas
    """
    try:
        return json.loads(_plain(text.removeprefix("\ufeff")), parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _plain(text: str) -> str:
    """The same as plain JSON."""
    parts: list[str] = []
    comma = -1
    """Where the last comma is, while nothing but space and comments came after it."""
    for match in _TOKEN.finditer(text):
        match match.lastgroup:
            case "line" | "block":
                parts.append(" ")
                continue
            case "space":
                pass
            case "comma":
                comma = len(parts)
            case "close" if comma >= 0:
                parts[comma] = ""
                comma = -1
            case _:
                comma = -1
        parts.append(match[0])
    return "".join(parts)


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")
