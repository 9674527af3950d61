"""Finding packages and grids by what they are called and said to be: the rules of the Django Packages API v4.

Texts of one kind stand in one long text, so that a search is one pass over bytes and asks no database.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import accumulate

_SEPARATORS = "_,.- /|"
_NOT_SLUG = re.compile(r"[^\w\s-]")
_BETWEEN = "\t"
"""Stands between keywords, so that no word matches the end of one and the beginning of the next."""


@dataclass(frozen=True, slots=True)
class Words:
    """What one thing can be found by, in small letters and on one line each. Without a prefix the short ones
    are empty: they would be the same as the others.
    """

    title: str
    slug: str
    description: str
    cleaned: str
    keywords: str = ""
    short_title: str = ""
    short_slug: str = ""

    @classmethod
    def of(
        cls, title: str, slug: str, description: str, *, keywords: Iterable[str] = (), prefix: str = ""
    ) -> Words:
        """Those of a thing.

        :param prefix: in small letters, what is as if it were not there at the front of names
        """
        short = (strip_prefix(title, prefix), strip_prefix(slug, prefix)) if prefix else ("", "")
        cleaned, joined = clean(strip_prefix(title, prefix)), _BETWEEN.join(keywords).lower()
        texts = (title.lower(), slug.lower(), description.lower(), cleaned, joined, *short)
        return cls(*(text.replace("\n", " ") for text in texts))


def strip_prefix(text: str, prefix: str) -> str:
    """Small letters, without every occurrence of the prefix and a separator. No prefix strips nothing."""
    lower = text.lower()
    if prefix:
        for separator in _SEPARATORS:
            lower = lower.replace(f"{prefix}{separator}", "")
    return lower


def clean(text: str) -> str:
    """Letters and digits of ASCII alone: what is left of a slug without its separators."""
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    plain = _NOT_SLUG.sub("", ascii_only.lower())
    return "".join(char for char in plain if char not in _SEPARATORS and not char.isspace())


class Finder:
    """An index of things by their place in a sequence. Immutable, so threads share it."""

    def __init__(self, things: Sequence[Words], *, prefix: str = "") -> None:
        self._prefix = prefix.lower()
        self._titles = _Texts([thing.title for thing in things])
        self._descriptions = _Texts([thing.description for thing in things])
        self._slugs = _Texts([thing.slug for thing in things])
        self._cleaned = _Texts([thing.cleaned for thing in things])
        self._keywords = _Texts([thing.keywords for thing in things])
        self._short_titles = _Texts([thing.short_title for thing in things] if prefix else [])
        self._short_slugs = _Texts([thing.short_slug for thing in things] if prefix else [])

    def find(self, words: str) -> Iterator[int]:
        """The places of all that match, the first ones first: the cleaned title, either title, or either slug
        begins so, or title, description or a keyword has it. Whoever wants a few only pays for these.
        """
        lower = words.lower().replace("\n", " ").replace(_BETWEEN, " ")
        if not lower.strip():
            return
        ways = [each.having(lower) for each in (self._titles, self._descriptions, self._keywords)]
        ways += [texts.beginning(lower) for texts in (self._slugs, self._short_titles, self._short_slugs)]
        cleaned = clean(strip_prefix(words, self._prefix))
        if cleaned:
            ways.append(self._cleaned.beginning(cleaned))
        last = -1
        for place in merge(*ways):
            if place != last:
                yield place
            last = place


class _Texts:
    """Many short texts in one, and where each begins."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._all = "\n" + "\n".join(texts) + "\n"
        self._starts = list(accumulate((len(text) + 1 for text in texts), initial=0))[:-1]

    def having(self, part: str) -> Iterator[int]:
        """The places of the texts that have it, the first ones first."""
        return self._places(part)

    def beginning(self, part: str) -> Iterator[int]:
        """The places of the texts that begin so, the first ones first."""
        return self._places("\n" + part)

    def _places(self, needle: str) -> Iterator[int]:
        at = self._all.find(needle)
        while at >= 0 and self._starts:
            place = bisect_right(self._starts, at) - 1
            yield place
            after = self._starts[place + 1] if place + 1 < len(self._starts) else len(self._all)
            at = self._all.find(needle, after)
