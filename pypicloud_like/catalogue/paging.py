"""Pages by ``limit`` and ``offset``, whose values are never wrong, only replaced (Django REST framework)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

DEFAULT = 20


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list is asked for."""

    limit: int
    offset: int

    def links(self, count: int, address: str, query: Sequence[tuple[str, str]]) -> Mapping[str, str | None]:
        """``next`` and ``previous``: the same question for the part after and before this one.

        :param count: how many there are in all
        :param address: absolute, without a query
        :param query: what was asked
        """
        following = before = None
        if self.offset + self.limit < count:
            following = self._link(address, query, self.offset + self.limit)
        if self.offset > 0:
            before = self._link(address, query, max(0, self.offset - self.limit))
        return {"next": following, "previous": before}

    def _link(self, address: str, query: Sequence[tuple[str, str]], offset: int) -> str:
        others = [(name, value) for name, value in query if name not in {"limit", "offset"}]
        others.append(("limit", str(self.limit)))
        if offset:
            others.append(("offset", str(offset)))
        return f"{address}?{urlencode(sorted(others, key=lambda pair: pair[0]))}"


def window_of(query: Sequence[tuple[str, str]], *, most: int) -> Window:
    """The part that a query asks for; the last of several values counts.

    :param most: of how many things at most
    """
    given = dict(query)
    limit = _number(given.get("limit", ""))
    return Window(min(limit or DEFAULT, most), _number(given.get("offset", "")))


def _number(text: str) -> int:
    """A number, 0 for anything that is none."""
    plain = text.strip().lstrip("0") or "0"
    return int(plain[:12]) if plain.isascii() and plain.isdecimal() else 0
