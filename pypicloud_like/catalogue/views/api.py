"""The Django Packages API v4: lists, details and search, for reading."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.catalogue import objects
from pypicloud_like.catalogue.lookup import pick
from pypicloud_like.catalogue.paging import window_of
from pypicloud_like.catalogue.shapes import Found, Root
from pypicloud_like.catalogue.shelf import Package
from pypicloud_like.catalogue.view import View
from pypicloud_like.catalogue.views.common import answer, query_of, seen
from pypicloud_like.core.ports import Grid
from pypicloud_like.http.urls import base_url, prefix

T = TypeVar("T")

MOST_FOUND = 20
_LONGEST_SEARCH = 200


def root(request: Request) -> Response:
    """GET /api/v4/: where the lists are"""
    seen(request)
    base = base_url(request) + objects.ROOT
    return answer(
        request,
        Root(
            packages=f"{base}/packages/",
            search=f"{base}/search/",
            grids=f"{base}/grids/",
            categories=f"{base}/categories/",
        ),
    )


def categories(request: Request) -> Response:
    """GET /api/v4/categories/"""
    return _page(request, "categories", seen(request).categories, objects.category_json)


def category(request: Request) -> Response:
    """GET /api/v4/categories/{id}/"""
    by_id = {each.id: each for each in seen(request).categories}
    return answer(request, objects.category_json(pick("Category", request.matchdict["id"], by_id, {})))


def grids(request: Request) -> Response:
    """GET /api/v4/grids/"""
    view, base = seen(request), base_url(request)
    return _page(request, "grids", view.grids, lambda grid: objects.grid_json(grid, view, base))


def grid(request: Request) -> Response:
    """GET /api/v4/grids/{id or slug}/"""
    view = seen(request)
    by_id, by_slug = {each.id: each for each in view.grids}, {each.slug: each for each in view.grids}
    one = pick("Grid", request.matchdict["key"], by_id, by_slug)
    return answer(request, objects.grid_json(one, view, base_url(request)))


def packages(request: Request) -> Response:
    """GET /api/v4/packages/"""
    view, base = seen(request), base_url(request)
    return _page(request, "packages", view.packages, lambda each: objects.package_json(each, base))


def package(request: Request) -> Response:
    """GET /api/v4/packages/{id or slug}/"""
    view = seen(request)
    one = pick("Package", request.matchdict["key"], view.by_id, view.by_slug)
    return answer(request, objects.package_json(one, base_url(request)))


def search(request: Request) -> Response:
    """GET /api/v4/search/ with ``q``: packages and grids, the heaviest first, at most twenty"""
    view = seen(request)
    words = dict(query_of(request)).get("q", "").strip()[:_LONGEST_SEARCH]
    if not words:
        return answer(request, [])
    titles = {category.id: category.title for category in view.categories}
    return answer(
        request, [_told(view, thing, titles, prefix(request)) for thing in view.search(words, MOST_FOUND)]
    )


def _told(view: View, thing: Package | tuple[Grid, int], titles: Mapping[int, str], mount: str) -> Found:
    if isinstance(thing, Package):
        return objects.found_package_json(thing, titles, view.prefix, mount)
    grid, weight = thing
    return objects.found_grid_json(grid, weight, view.prefix, mount)


def _page(
    request: Request, name: str, things: Sequence[T], told: Callable[[T], Mapping[str, Any]]
) -> Response:
    query = query_of(request)
    window = window_of(query, most=request.services.settings.catalogue.max_limit)
    address = f"{base_url(request)}{objects.ROOT}/{name}/"
    shown = things[window.offset : window.offset + window.limit]
    results = [told(thing) for thing in shown]
    return answer(
        request, {"count": len(things), **window.links(len(things), address, query), "results": results}
    )
