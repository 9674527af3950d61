"""Searching packages of all ecosystems, and looking through all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.catalogue.shelf import Package
from pypicloud_like.catalogue.view import View
from pypicloud_like.web.browse.common import presenters, query_of, require_reader, seen, wake_renderer
from pypicloud_like.web.browse.turning import turned
from pypicloud_like.web.pages import page

_EACH = 20
_LONGEST = 200
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def _newest_first(package: Package) -> float:
    return -(package.told.updated_at if package.told else _LONG_AGO).timestamp()


ORDERS: dict[str, tuple[str, Callable[[Package], Any] | None]] = {
    "fit": ("Most relevant", None),
    "updated": ("Last updated", _newest_first),
    "downloads": ("Most downloaded", lambda each: (-each.downloads, each.title.lower())),
    "name": ("Name", lambda each: each.title.lower()),
}
"""What lists can be ordered by: its word in an address → its label, and the key; None for the weight."""


def search(request: Request) -> Response:
    """GET /search with ``q``, ``in`` (an ecosystem), ``category``, ``by`` (an order), ``old`` (also what is
    deprecated) and ``page``; without words all packages.
    """
    require_reader(request)
    wake_renderer(request)
    query = query_of(request)
    words = query.get("q", "")[:_LONGEST].strip()
    view = seen(request)
    matching = _matching(view, words)
    fitting = [each for each in matching if _passes(each, query)]
    wanted = query.get("in")
    kept = [each for each in fitting if not wanted or _ecosystem(each) == wanted]
    counts = Counter(_ecosystem(each) for each in fitting)
    order = ORDERS.get(query.get("by", ""), ORDERS["fit"])[1]
    ordered = kept if order is None else sorted(kept, key=order)
    asked = {name: query[name] for name in ("q", "in", "category", "by", "old") if query.get(name)}
    turn = turned(asked | {"page": query.get("page", "")}, len(ordered), each=_EACH, label="Results")
    grids = [thing for thing in view.search(words, _EACH) if isinstance(thing, tuple)] if words else []
    return page(
        request,
        "browse/search.jinja2",
        query=words,
        asked=asked,
        results=ordered[turn.start : turn.end],
        size=len(ordered),
        everything=len(fitting),
        counts=counts,
        presenters=presenters(request),
        categories=view.categories,
        orders={name: label for name, (label, _) in ORDERS.items()},
        grids=[grid for grid, _ in grids],
        turn=turn,
    )


def _matching(view: View, words: str) -> Sequence[Package]:
    return list(view.matching(words)) if words else view.ranked_packages


def _passes(package: Package, query: Mapping[str, str]) -> bool:
    """Whether it is of the category, and not too old; kinds are counted among those that are."""
    category = query.get("category")
    return (not category or str(package.listed.category) == category) and (
        bool(query.get("old")) or not package.deprecated
    )


def _ecosystem(package: Package) -> str | None:
    return package.listed.project.ecosystem if package.listed.project is not None else None
