"""Slugs: short names for addresses. A slug is born once and never changes by itself."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

LONGEST = 50
SLUG = re.compile(r"[a-z0-9_-]{1,50}\Z")

_OTHERS = re.compile(r"[^a-z0-9_]+")


def slug_of(title: str) -> str:
    """Small letters, digits, ``-`` and ``_`` of a title; empty if it has none of these."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return _OTHERS.sub("-", plain).strip("-_")[:LONGEST].rstrip("-")


def candidates(title: str, kind: str) -> Iterator[str]:
    """Slugs for a title, the best first, without end. None of them is all digits: those are ids.

    :param kind: what tells apart things of one title (``pypi``)
    """
    base = slug_of(title) or kind
    if base.isdigit():
        base = f"{kind}-{base}"[:LONGEST]
    yield base
    longer = f"{base[: LONGEST - len(kind) - 1]}-{kind}"
    if base != kind:
        yield longer
    number = 2
    while True:
        suffix = f"-{number}"
        yield f"{longer[: LONGEST - len(suffix)]}{suffix}"
        number += 1
