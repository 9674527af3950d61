"""Lists that are too long for one page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

_MOST_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Turn:
    """One page of a list: its number, from 1, and that of the last."""

    number: int
    last: int
    start: int
    end: int
    query: Mapping[str, str]
    name: str = "page"
    label: str = "Pages"
    fragment: str = ""

    def address(self, number: int) -> str:
        """The address of another page, relative to this one."""
        return f"?{urlencode({**self.query, self.name: number})}{self.fragment}"


def turned(
    query: Mapping[str, str],
    size: int,
    *,
    each: int,
    name: str = "page",
    label: str = "Pages",
    fragment: str = "",
) -> Turn:
    """The page that a query asks for of a list of ``size`` things, ``each`` on a page; else the nearest."""
    text = query.get(name, "")
    asked = int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else 1
    last = max(1, -(-size // each))
    number = min(max(asked, 1), last)
    start = (number - 1) * each
    return Turn(number, last, start, min(start + each, size), query, name, label, fragment)
