"""What may be said in the catalogue: each rule a function from what was given to what is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pypicloud_like.core.errors import InvalidRequest
from pypicloud_like.core.slugs import SLUG, slug_of
from pypicloud_like.registry.described import address

TITLE, CATEGORY_TITLE, LONG = 100, 50, 1000
"""Characters at most, as in the reference; ``LONG`` is for descriptions and cells."""
LARGEST_ID = 2**31 - 1

Said = Mapping[str, Any]


def line(said: Said, name: str, most: int = TITLE) -> str:
    """One line of text. :raises InvalidRequest: it is missing, empty, too long or has control characters"""
    value = said.get(name)
    if not isinstance(value, str) or not 0 < len(value.strip()) <= most or not value.isprintable():
        raise InvalidRequest(name, f"must be one line of 1 to {most} characters")
    return value.strip()


def text(said: Said, name: str, most: int = LONG) -> str:
    """Text that may be empty and have several lines. :raises InvalidRequest: it is too long or none"""
    value = said.get(name)
    if not isinstance(value, str) or len(value) > most or not _is_storable(value):
        raise InvalidRequest(name, f"must be a text of at most {most} characters")
    return value


def flag(said: Said, name: str) -> bool:
    """:raises InvalidRequest: it is neither true nor false"""
    value = said.get(name)
    if not isinstance(value, bool):
        raise InvalidRequest(name, "must be true or false")
    return value


def slug(said: Said, *, title: str = "") -> str:
    """The slug that was given, in small letters, or one that is made of a title.

    :raises InvalidRequest: it has other characters than slugs have, or digits alone, which are an id
    """
    value = said.get("slug", slug_of(title))
    if not isinstance(value, str) or not SLUG.match(value.lower()) or value.isdecimal():
        raise InvalidRequest("slug", "must have 1 to 50 letters, digits, - and _, and not digits alone")
    return value.lower()


def url(said: Said, name: str) -> str:
    """A web address, or empty. :raises InvalidRequest: it is something else"""
    value = said.get(name)
    if value == "":
        return ""
    plain = address(value)
    if not plain:
        raise InvalidRequest(name, "must be an http or https address")
    return plain


def number(said: Said, name: str) -> int:
    """An id. :raises InvalidRequest: it is none"""
    value = said.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= LARGEST_ID:
        raise InvalidRequest(name, "must be the number of one")
    return value


def only(said: Said, *names: str) -> None:
    """:raises InvalidRequest: something else was said, perhaps misspelt, which would be lost"""
    unknown = said.keys() - set(names)
    if unknown:
        raise InvalidRequest(min(map(str, unknown)), f"is none of {', '.join(names)}")


def _is_storable(value: str) -> bool:
    """Neither NUL nor lone surrogates, which databases refuse."""
    return "\0" not in value and not any("\ud800" <= char <= "\udfff" for char in value)
