"""Finding packages and grids by what they are called and said to be: the rules of the Django Packages API v4.

Texts stand in one long text with an index of what is where: a search asks no database and reads little.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import accumulate

_SEPARATORS = "_,.- /|"
_NOT_SLUG = re.compile(r"[^\w\s-]")
_BETWEEN = "\t"
"""Stands between keywords, so that no word matches the end of one and the beginning of the next."""
_GRAM = 3
_BLOCKS = 400
_SHORT = 4_000
"""Characters of the shortest block; a text that has no more is read as a whole."""


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
        self._texts = _Texts([_BETWEEN.join((it.title, it.description, it.keywords)) for it in things])
        # what is found by its title need not be found twice
        self._slugs = _Texts(["" if it.slug in it.title else it.slug for it in things])
        self._cleaned = _Texts(["" if it.cleaned == it.title and not prefix else it.cleaned for it in things])
        self._short_titles = _Texts([it.short_title for it in things] if prefix else [])
        self._short_slugs = _Texts([it.short_slug for it in things] if prefix else [])

    def find(self, words: str) -> Iterator[int]:
        """The places of all that match, the first ones first: the cleaned title, either title, or either slug
        begins so, or title, description or a keyword has it. Whoever wants a few only pays for these.
        """
        lower = words.lower().replace("\n", " ").replace(_BETWEEN, " ")
        if not lower.strip():
            return
        ways = [self._texts.having(lower)]
        ways += [texts.beginning(lower) for texts in (self._slugs, self._short_titles, self._short_slugs)]
        cleaned = clean(strip_prefix(words, self._prefix))
        if cleaned:
            ways.append(self._cleaned.beginning(cleaned))
        if cleaned and cleaned != lower and not self._prefix:
            ways.append(self._texts.beginning(cleaned))  # they begin with titles
        last = -1
        for place in merge(*ways):
            if place != last:
                yield place
            last = place


class _Texts:
    """Many short texts in one long text, and where each begins. Of a long one it is known which three
    characters in a row are in which of its blocks, so that only blocks are read that may have what is
    looked for.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._all = "\n" + "\n".join(texts) + "\n"
        self._starts = list(accumulate((len(text) + 1 for text in texts), initial=0))[:-1]
        self._block = max(_SHORT, len(self._all) // _BLOCKS + 1)
        self._everywhere = (1 << len(self._all) // self._block + 1) - 1
        self._grams = self._index() if len(self._all) > _SHORT else None

    def having(self, part: str) -> Iterator[int]:
        """The places of the texts that have it, the first ones first."""
        return self._places(part)

    def beginning(self, part: str) -> Iterator[int]:
        """The places of the texts that begin so, the first ones first."""
        return self._places("\n" + part)

    def _index(self) -> Mapping[str, int]:
        """Two or three characters → a number whose bits are the blocks in which they begin somewhere."""
        found: dict[str, int] = {}
        for number, first in enumerate(range(0, len(self._all), self._block)):
            block, bit = self._all[first : first + self._block + _GRAM - 1], 1 << number
            for gram in _grams(block, _GRAM) | _grams(block, _GRAM - 1):
                found[gram] = found.get(gram, 0) | bit
        return found

    def _blocks(self, needle: str) -> int:
        """The blocks in which it may begin. It may go on in the next ones."""
        blocks, grams = self._everywhere, self._grams
        if grams is None or len(needle) < _GRAM - 1:
            return blocks
        beyond = len(needle) // self._block + 1
        for gram in _grams(needle, min(_GRAM, len(needle))):
            there = grams.get(gram, 0)
            for further in range(1, beyond + 1):
                there |= there >> further
            blocks &= there
        return blocks

    def _places(self, needle: str) -> Iterator[int]:
        blocks, at = self._blocks(needle), 0
        while self._starts:
            number = at // self._block
            rest = blocks >> number
            if not rest:
                return
            skipped = _zeros(rest)
            first = number + skipped
            end = (first + _zeros(~(rest >> skipped))) * self._block
            found = self._all.find(needle, max(at, first * self._block), end + len(needle) - 1)
            if found < 0:
                at = end
                continue
            place = bisect_right(self._starts, found) - 1
            yield place
            at = self._starts[place + 1] if place + 1 < len(self._starts) else len(self._all)


def _grams(text: str, size: int) -> set[str]:
    """All that are so many characters in a row."""
    return {text[at : at + size] for at in range(len(text) - size + 1)}


def _zeros(bits: int) -> int:
    """How many of the lowest bits are 0, of a number that is not."""
    return (bits & -bits).bit_length() - 1
