"""Which route an address belongs to, found without trying all of them.

Pyramid asks each route's regular expression in turn; of some hundred routes that costs more than the
answer. Here only those are asked that can match the first two segments of the path, in the same order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

from pyramid.config import Configurator
from pyramid.exceptions import URLDecodeError
from pyramid.interfaces import IRoutesMapper
from pyramid.request import Request
from pyramid.urldispatch import Route, RoutesMapper

Words = tuple[str, str]
"""The first two segments of a path, what is not there empty."""
Places = tuple[int, ...]
"""Where in the list of routes some stand."""


def includeme(config: Configurator) -> None:
    """Take the place of Pyramid's mapper, before any route is registered; and of its traversal, since no
    address here names objects.
    """
    config.registry.registerUtility(Mapper(), IRoutesMapper)
    config.add_traverser(Unmoved)


class Mapper(RoutesMapper):  # type: ignore[misc] # pyramid has no types
    """Pyramid's mapper with an index. Its answers are the same."""

    def __init__(self) -> None:
        super().__init__()
        self._exact: dict[Words, Sequence[Route]] = {}
        self._by_first: dict[str, Sequence[Route]] = {}
        self._by_letter: dict[str, Sequence[Route]] = {}
        self._indexed = -1

    def __call__(self, request: Request) -> dict[str, Any]:
        """The route of a request and what its pattern found.

        :raises URLDecodeError: the path is not UTF-8
        """
        try:
            path: str = request.path_info or "/"
        except KeyError:
            path = "/"
        except UnicodeDecodeError as error:
            raise URLDecodeError(
                error.encoding, error.object, error.start, error.end, error.reason
            ) from error
        for route in self.candidates(path):
            match: Mapping[str, Any] | None = route.match(path)
            if match is not None:
                info = {"match": match, "route": route}
                if not route.predicates or all(fits(info, request) for fits in route.predicates):
                    return info
        return {"route": None, "match": None}

    def candidates(self, path: str) -> Sequence[Route]:
        """The routes that may match, in the order in which they were registered."""
        if self._indexed != len(self.routelist):
            self._index()
        first, second = _words(path)
        found = self._exact.get((first, second))
        if found is None:
            found = self._by_first.get(first)
        if found is None:
            found = self._by_letter.get(first[:1])
        return self._by_letter[""] if found is None else found

    def _index(self) -> None:
        routes = self.routelist
        exact, by_first, by_letter = _placed(tuple(route.pattern for route in routes))
        self._exact = {pair: [routes[place] for place in places] for pair, places in exact.items()}
        self._by_first = {first: [routes[place] for place in places] for first, places in by_first.items()}
        self._by_letter = {
            letter: [routes[place] for place in places] for letter, places in by_letter.items()
        }
        self._indexed = len(routes)


class Unmoved:
    """Traversal that goes nowhere: the context of every request is the root. What the pattern of static files
    takes is their path, as Pyramid's own traversal has it.
    """

    def __init__(self, root: Any) -> None:
        self._root = root

    def __call__(self, request: Request) -> dict[str, Any]:
        """What Pyramid asks of a traverser."""
        root, matched = self._root, request.__dict__.get("matchdict")
        return {
            "context": root,
            "root": root,
            "virtual_root": root,
            "view_name": "",
            "subpath": matched.get("subpath", ()) if matched else (),
            "traversed": (),
            "virtual_root_path": (),
        }


@lru_cache(maxsize=4)
def _placed(
    patterns: tuple[str, ...],
) -> tuple[Mapping[Words, Places], Mapping[str, Places], Mapping[str, Places]]:
    """Where in the list the patterns stand that may match: by the first two segments of a path, by the first
    one, by the first letter. Known are the segments, and beginnings of segments, that patterns have as they
    stand. Applications of one process mostly have the same routes.
    """
    words = [_words("/" + pattern.removeprefix("/")) for pattern in patterns]  # some lack their first slash

    def fitting(fits: Callable[[Words], bool]) -> Places:
        return tuple(place for place, each in enumerate(words) if fits(each))

    firsts = {first for first, _ in words if not _is_open(first)}
    pairs = {each for each in words if not any(map(_is_open, each))}
    letters = {_beginning(first)[:1] for first, _ in words if _is_open(first)}
    return (
        {pair: fitting(partial(_fits, first=pair[0], second=pair[1])) for pair in pairs},
        {first: fitting(partial(_fits, first=first, second=None)) for first in firsts},
        {letter: fitting(partial(_begins, letter=letter)) for letter in letters | {""}},
    )


def _words(path: str) -> Words:
    segments = path.split("/", 3)
    return segments[1] if len(segments) > 1 else "", segments[2] if len(segments) > 2 else ""


def _is_open(segment: str) -> bool:
    """Whether a segment of a pattern has a placeholder in any of Pyramid's notations."""
    return any(mark in segment for mark in "{:*")


def _beginning(segment: str) -> str:
    """What stands before the placeholder."""
    return re.split("[{:*]", segment, maxsplit=1)[0]


def _begins(pattern: Words, letter: str) -> bool:
    """Whether a pattern may match a path whose first segment stands in none, and begins with this letter."""
    return _is_open(pattern[0]) and _beginning(pattern[0])[:1] in {"", letter}


def _fits(pattern: Words, first: str, second: str | None) -> bool:
    """Whether a pattern of these segments may match a path of those; ``second`` of None is one that stands in
    no pattern. What a placeholder takes may have slashes in it: nothing follows from what comes after.
    """
    if _is_open(pattern[0]):
        return first.startswith(_beginning(pattern[0]))
    if pattern[0] != first:
        return False
    if _is_open(pattern[1]):
        return second is None or second.startswith(_beginning(pattern[1]))
    return pattern[1] == second
