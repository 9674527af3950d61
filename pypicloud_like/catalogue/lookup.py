"""Finding by id or slug, as addresses and commands name things."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from pypicloud_like.core.errors import NotFound

T = TypeVar("T")


class Unmatched(NotFound):
    """No such package, grid or category, or none that the caller may know of."""

    def __init__(self, what: str, key: str) -> None:
        super().__init__(what)
        self.key = key

    def __str__(self) -> str:
        return f"No {self.what} matches the given query."


def number_of(text: str) -> int | None:
    """An id as an address has it, None for a slug. What is too long to be one is none that exists."""
    if not (text.isascii() and text.isdecimal()):
        return None
    return int(text) if len(text) <= 18 else 0


def pick(what: str, key: str, by_id: Mapping[int, T], by_slug: Mapping[str, T]) -> T:
    """One thing: digits alone are an id, all else a slug. :raises Unmatched: there is no such ``what``"""
    number = number_of(key)
    found = by_slug.get(key) if number is None else by_id.get(number)
    if found is None:
        raise Unmatched(what, key)
    return found
