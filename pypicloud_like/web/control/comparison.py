"""One comparison: its packages, its features and what the cells say."""

from __future__ import annotations

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.catalogue.said import LONG, TITLE, grid_fields, optional, text
from pypicloud_like.core.errors import InvalidRequest, NotFound
from pypicloud_like.core.ports import Grid
from pypicloud_like.web.browse.common import seen
from pypicloud_like.web.control.common import Params, acting, administrator, confirmed, shown, to
from pypicloud_like.web.control.curation import checked, kept, number, package_meant


def comparison(request: Request, *, fault: str = "", status: int = 200) -> Response:
    """GET /admin/curation/{grid}"""
    administrator(request)
    grid = _grid(request)
    return shown(
        request,
        "curation",
        "comparison",
        fault=fault,
        status=status,
        grid=grid,
        members=seen(request).members(grid),
        features=kept(request).features(grid.id),
    )


def _grid(request: Request) -> Grid:
    wanted = number(request.matchdict, "grid")
    found = next((grid for grid in kept(request).grids() if grid.id == wanted), None)
    if found is None:
        raise NotFound("The comparison")
    return found


def _change(request: Request, params: Params) -> str:
    title = text(params, "title", TITLE)
    more = grid_fields({"description": params.get("description", "")})
    more.update(checked(params, "header", "locked"), title=title)
    kept(request).change_grid(_grid(request).id, actor=request.caller.name, **more)
    return "grid-changed"


def _remove(request: Request, params: Params) -> Response:
    grid = _grid(request)
    confirmed(params, grid.slug)
    kept(request).remove_grid(grid.id, actor=request.caller.name)
    return to(request, "/admin/curation", done="grid-removed")


def _place(request: Request, params: Params) -> str:
    package = package_meant(request, text(params, "package", TITLE))
    kept(request).place(_grid(request).id, package.listed.id, True, actor=request.caller.name)
    return "placed"


def _take_out(request: Request, params: Params) -> str:
    kept(request).place(_grid(request).id, number(params, "package"), False, actor=request.caller.name)
    return "taken-out"


def _add_feature(request: Request, params: Params) -> str:
    title = text(params, "title", TITLE)
    description = str(optional(params, {"description": LONG}, ()).get("description", ""))
    grid = _grid(request).id
    kept(request).add_feature(grid, title, description=description, actor=request.caller.name)
    return "feature-added"


def _write(request: Request, params: Params) -> str:
    """A feature's title, description and cells, which one form has; only what differs is written."""
    grid, wanted, actor = _grid(request), number(params, "feature"), request.caller.name
    feature = next((each for each in kept(request).features(grid.id) if each.id == wanted), None)
    if feature is None:
        raise NotFound("The feature")
    said = {"title": text(params, "title", TITLE)}
    said |= {name: str(value) for name, value in optional(params, {"description": LONG}, ()).items()}
    cells = {package: _cell(params, package) for package in grid.packages if f"cell-{package}" in params}
    if any(getattr(feature, name) != value for name, value in said.items()):
        kept(request).change_feature(grid.id, feature.id, actor=actor, **said)
    for package, value in cells.items():
        if feature.cells.get(package, "") != value:
            kept(request).write_cell(grid.id, feature.id, package, value, actor=actor)
    return "cells"


def _cell(params: Params, package: int) -> str:
    value = str(params[f"cell-{package}"]).strip()
    if len(value) > LONG or not value.isprintable():
        raise InvalidRequest("cell", f"must be one line of at most {LONG} characters")
    return value


def _remove_feature(request: Request, params: Params) -> str:
    grid = _grid(request).id
    kept(request).remove_feature(grid, number(params, "feature"), actor=request.caller.name)
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
