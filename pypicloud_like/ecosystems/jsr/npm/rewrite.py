"""Modules with other specifiers, everything else left as it is."""

from __future__ import annotations

import re
from collections.abc import Callable

from pypicloud_like.ecosystems.jsr.lexer import TooMuchCode
from pypicloud_like.ecosystems.jsr.npm.errors import Inconvertible
from pypicloud_like.ecosystems.jsr.references import Reference, references

Change = Callable[[Reference], str | None]
"""What stands in the place of a specifier; None leaves it."""

_ODD = re.compile(r"""[\s"'`\\]|\$\{|\*/""")
"""What would end a string or a comment, or mean something else in it."""

_MOST_GROWN, _ALWAYS = 3, 1000
"""New specifiers may have so many times the length of their module, and so much more."""


def rewritten(source: str, change: Change) -> str:
    """A module whose references are changed.

    :raises Inconvertible: a new specifier cannot stand where the old one does, or it grows out of measure
    """
    room = _MOST_GROWN * (len(source) + _ALWAYS)
    parts: list[str] = []
    done = 0
    try:
        found = references(source)
    except TooMuchCode as error:
        raise Inconvertible(str(error)) from None
    for reference in sorted(found, key=lambda each: each.start):
        if reference.start < done:  # of two readings of one place the first counts
            continue
        new = change(reference)
        if new is None:
            continue
        check_plain(new)
        parts += [source[done : reference.start], new]
        done = reference.end
        room -= len(new)
        if room < 0:
            raise Inconvertible("its import map makes it many times larger")
    return "".join([*parts, source[done:]]) if parts else source


def check_plain(specifier: str) -> None:
    """:raises Inconvertible: it cannot stand in every kind of string and comment as it is"""
    if _ODD.search(specifier):
        raise Inconvertible("it imports something by a name with quotes, spaces or other odd characters")
