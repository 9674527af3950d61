"""What people say of the catalogue's things: each value with its rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pypicloud_like.core.errors import InvalidRequest
from pypicloud_like.core.slugs import SLUG, slug_of
from pypicloud_like.registry.described import address

TITLE, CATEGORY_TITLE, LONG = 100, 50, 1000
"""How many characters titles and longer texts may have."""


def text(said: Mapping[str, Any], name: str, most: int) -> str:
    """A mandatory line of text. :raises InvalidRequest: it is none"""
    value = said.get(name)
    if not isinstance(value, str) or not 0 < len(value.strip()) <= most or not value.isprintable():
        raise InvalidRequest(name, f"must be one line of 1 to {most} characters")
    return value.strip()


def optional(
    said: Mapping[str, Any], texts: Mapping[str, int], flags: tuple[str, ...]
) -> dict[str, str | bool]:
    """Those texts (name → most characters) and flags that are given. :raises InvalidRequest: one is none"""
    found: dict[str, str | bool] = {}
    for name, most in texts.items():
        if name in said:
            value = said[name]
            if not isinstance(value, str) or len(value) > most or "\0" in value:
                raise InvalidRequest(name, f"must be a text of at most {most} characters")
            found[name] = value
    for name in flags:
        if name in said:
            if not isinstance(said[name], bool):
                raise InvalidRequest(name, "must be true or false")
            found[name] = said[name]
    return found


def grid_fields(said: Mapping[str, Any]) -> dict[str, str | bool]:
    """What a grid may have beside title and slug. :raises InvalidRequest: something is wrong"""
    more = optional(said, {"description": LONG}, ("header", "is_locked"))
    return {("locked" if name == "is_locked" else name): value for name, value in more.items()}


def slug_said(said: Mapping[str, Any], title: str) -> str:
    """A slug, by default that of the title. :raises InvalidRequest: it is none"""
    slug = said.get("slug", slug_of(title))
    if not isinstance(slug, str) or not SLUG.match(slug.lower()) or slug.isdecimal():
        raise InvalidRequest("slug", "must have 1 to 50 letters, digits, - and _, and not digits alone")
    return slug.lower()


def url_said(value: object, name: str) -> str:
    """An address, or an empty text. :raises InvalidRequest: it is neither"""
    if value == "":
        return ""
    url = address(value)
    if not url:
        raise InvalidRequest(name, "must be an http or https address")
    return url
