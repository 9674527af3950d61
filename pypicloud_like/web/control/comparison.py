"""One comparison: its packages, its features and what the cells say."""

from __future__ import annotations

from collections.abc import Iterable

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.core.errors import NotFound
from pypicloud_like.core.ports import Feature, Grid
from pypicloud_like.web.browse.common import presenters, seen
from pypicloud_like.web.control.common import Params, acting, administrator, confirmed, line, shown, to
from pypicloud_like.web.control.curation import curator, given, package_meant


def comparison(request: Request, *, fault: str = "", status: int = 200) -> Response:
    """GET /admin/curation/{grid}, which is an id or a slug"""
    administrator(request)
    mine, grid = curator(request), _grid(request)
    return shown(
        request,
        "curation",
        "comparison",
        fault=fault,
        status=status,
        grid=grid,
        members=seen(request).members(grid),
        presenters=presenters(request),
        features=list(mine.features(grid).values()),
    )


def _grid(request: Request) -> Grid:
    return curator(request).grid(request.matchdict["grid"])


def _key(request: Request) -> str:
    key: str = request.matchdict["grid"]
    return key


def _change(request: Request, params: Params) -> str:
    said = given(params, "title", "description", boxes=("header", "is_locked"))
    curator(request).change_grid(_key(request), said)
    return "grid-changed"


def _remove(request: Request, params: Params) -> Response:
    confirmed(params, _grid(request).slug)
    curator(request).remove_grid(_key(request))
    return to(request, "/admin/curation", done="grid-removed")


def _place(request: Request, params: Params) -> str:
    mine = curator(request)
    package = package_meant(mine.view, line(params, "package"))
    mine.place(_key(request), str(package.listed.id), there=True)
    return "placed"


def _take_out(request: Request, params: Params) -> str:
    curator(request).place(_key(request), line(params, "package"), there=False)
    return "taken-out"


def _add_feature(request: Request, params: Params) -> str:
    curator(request).add_feature(_key(request), given(params, "title", "description"))
    return "feature-added"


def _write(request: Request, params: Params) -> str:
    """A feature's title, description and cells, which one form has; only what differs is written."""
    mine, key = curator(request), _key(request)
    grid = mine.grid(key)
    feature = _feature(mine.features(grid).values(), line(params, "feature"))
    said = given(params, "title", "description")
    if any(getattr(feature, name) != value for name, value in said.items()):
        mine.change_feature(key, str(feature.id), said)
    for package in grid.packages:
        text = params.get(f"cell-{package}")
        if text is not None and feature.cells.get(package, "") != text:
            mine.write_cell(key, str(feature.id), str(package), {"text": text})
    return "cells"


def _feature(known: Iterable[Feature], key: str) -> Feature:
    found = next((each for each in known if str(each.id) == key), None)
    if found is None:
        raise NotFound("The feature")
    return found


def _remove_feature(request: Request, params: Params) -> str:
    curator(request).remove_feature(_key(request), line(params, "feature"))
    return "feature-removed"


change_comparison = acting(
    comparison,
    {
        "change": _change,
        "remove": _remove,
        "place": _place,
        "take-out": _take_out,
        "add-feature": _add_feature,
        "write": _write,
        "remove-feature": _remove_feature,
    },
)
