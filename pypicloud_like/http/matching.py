"""Which route an address belongs to, found without trying all of them.

Pyramid asks each route's regular expression in turn; of some hundred routes that costs more than the
answer. Here only those are asked that can match the first two segments of the path, in the same order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from pyramid.config import Configurator
from pyramid.exceptions import URLDecodeError
from pyramid.interfaces import IRoutesMapper
from pyramid.request import Request
from pyramid.urldispatch import Route, RoutesMapper

Words = tuple[str, str]
"""The first two segments of a path, what is not there empty."""


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
        """Known are the segments, and beginnings of segments, that patterns have as they stand."""
        patterns = [_pattern(route) for route in self.routelist]
        firsts = {first for first, _ in patterns if not _is_open(first)}
        pairs = {words for words in patterns if not any(map(_is_open, words))}
        letters = {_beginning(first)[:1] for first, _ in patterns if _is_open(first)}
        self._exact = {pair: self._fitting(partial(_fits, first=pair[0], second=pair[1])) for pair in pairs}
        self._by_first = {first: self._fitting(partial(_fits, first=first, second=None)) for first in firsts}
        self._by_letter = {
            letter: self._fitting(partial(_begins, letter=letter)) for letter in letters | {""}
        }
        self._indexed = len(self.routelist)

    def _fitting(self, fits: Callable[[Words], bool]) -> Sequence[Route]:
        return [route for route in self.routelist if fits(_pattern(route))]


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


def _words(path: str) -> Words:
    segments = path.split("/", 3)
    return segments[1] if len(segments) > 1 else "", segments[2] if len(segments) > 2 else ""


def _pattern(route: Route) -> Words:
    """Patterns may be without their first slash."""
    return _words("/" + route.pattern.removeprefix("/"))


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
