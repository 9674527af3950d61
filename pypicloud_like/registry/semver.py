"""Semantic Versioning 2.0.0: parsing and precedence, as crates and JSR packages have it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import total_ordering

MAX_NUMBER = 2**64 - 1
"""Clients keep the numbers in 64 bits."""

_NUMBER = r"(0|[1-9][0-9]{0,19})"
_PRE = r"(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
_BUILD = r"[0-9A-Za-z-]+"
_VERSION = re.compile(
    rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-({_PRE}(?:\.{_PRE})*))?(?:\+({_BUILD}(?:\.{_BUILD})*))?\Z", re.ASCII
)

Precedence = tuple[tuple[int, int, int], bool, tuple[tuple[bool, int, str], ...]]


@total_ordering
@dataclass(frozen=True, slots=True)
class Version:
    """One version. Ordered by precedence (section 11); what has the same precedence is ordered by its
    build metadata as text, so that an order is total and the same everywhere.
    """

    major: int
    minor: int
    patch: int
    pre: str = ""
    build: str = ""

    def __str__(self) -> str:
        return self.without_build + (f"+{self.build}" if self.build else "")

    @property
    def without_build(self) -> str:
        """The version as far as precedence goes: what may exist once."""
        core = f"{self.major}.{self.minor}.{self.patch}"
        return f"{core}-{self.pre}" if self.pre else core

    @property
    def precedence(self) -> Precedence:
        """Something to compare by, equal for versions that differ by build metadata only."""
        parts = tuple(map(_ranked, self.pre.split("."))) if self.pre else ()
        return (self.major, self.minor, self.patch), not self.pre, parts

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Version):
            return NotImplemented
        return (self.precedence, self.build) < (other.precedence, other.build)


def parse(text: str) -> Version:
    """The version that a text spells.

    :raises ValueError: it is none (no shorthands, no leading ``v``, numbers within 64 bits)
    """
    match = _VERSION.match(text)
    if match is None or any(int(match[group]) > MAX_NUMBER for group in (1, 2, 3)):
        raise ValueError(f"{text[:80]!r} is not a semantic version")
    return Version(int(match[1]), int(match[2]), int(match[3]), match[4] or "", match[5] or "")


def is_version(text: str) -> bool:
    """Whether a text spells a version."""
    try:
        parse(text)
    except ValueError:
        return False
    return True


def _ranked(identifier: str) -> tuple[bool, int, str]:
    """Numbers before words, numbers by value, words by ASCII (section 11.4)."""
    if identifier.isdigit():
        return False, int(identifier), ""
    return True, 0, identifier
