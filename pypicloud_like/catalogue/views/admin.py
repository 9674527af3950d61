"""Curating: what administrators add to the catalogue, and what users say that they use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.policy import Act
from pypicloud_like.catalogue import objects
from pypicloud_like.catalogue.said import LONG, TITLE, grid_fields, optional, slug_said, text, url_said
from pypicloud_like.catalogue.views.common import Unmatched, number_of, seen
from pypicloud_like.core.errors import InvalidRequest, LoginRequired, NotFound
from pypicloud_like.core.ports import Curation, Feature, Grid, Listed
from pypicloud_like.http import answers
from pypicloud_like.http.forms import parse_json_object, read_body
from pypicloud_like.http.security import require
from pypicloud_like.http.urls import base_url


def add_category(request: Request) -> Response:
    """POST /admin/catalogue/categories with ``title``, and ``slug``, ``title_plural``, ``description``,
    ``show_pypi``
    """
    actor, said = _asked(request)
    title = text(said, "title", 50)
    more = optional(said, {"title_plural": 50, "description": LONG}, ("show_pypi",))
    made = _curation(request).add_category(title, slug=slug_said(said, title), actor=actor, **more)
    return answers.answer_json(objects.category_json(made), status=201)


def change_category(request: Request) -> Response:
    """PATCH /admin/catalogue/categories/{id} with some of the same"""
    actor, said = _asked(request)
    more = optional(said, {"title": 50, "title_plural": 50, "description": LONG}, ("show_pypi",))
    more |= {"slug": slug_said(said, "")} if "slug" in said else {}
    made = _curation(request).change_category(_number(request, "id"), actor=actor, **more)
    return answers.answer_json(objects.category_json(made))


def remove_category(request: Request) -> Response:
    """DELETE of the same; not while packages are in it"""
    _curation(request).remove_category(_number(request, "id"), actor=_admin(request))
    return answers.empty()


def add_package(request: Request) -> Response:
    """POST /admin/catalogue/packages: one from outside, to compare with; ``title``, ``category``, ``slug``,
    ``repo_url``, ``documentation_url``
    """
    actor, said = _asked(request)
    title = text(said, "title", TITLE)
    category = said.get("category")
    if not isinstance(category, int) or isinstance(category, bool):
        raise InvalidRequest("category", "must be the id of a category")
    urls = {name: url_said(said[name], name) for name in ("repo_url", "documentation_url") if said.get(name)}
    made = _curation(request).add_package(
        title, slug=slug_said(said, title), category=category, actor=actor, **urls
    )
    return _package(request, made, status=201)


def change_package(request: Request) -> Response:
    """PATCH /admin/catalogue/packages/{id}: ``title``, ``repo_url``, ``documentation_url``, ``deprecated``,
    ``category``; null forgets what was said
    """
    actor, said = _asked(request)
    more: dict[str, Any] = {}
    for name in ("repo_url", "documentation_url"):
        if name in said:
            more[name] = None if said[name] is None else url_said(said[name], name)
    if "title" in said:
        more["title"] = None if said["title"] is None else text(said, "title", TITLE)
    if "deprecated" in said:
        more |= optional(said, {}, ("deprecated",))
    if "category" in said:
        if not isinstance(said["category"], int) or isinstance(said["category"], bool):
            raise InvalidRequest("category", "must be the id of a category")
        more["category"] = said["category"]
    number = _number(request, "id")
    return _package(request, _curation(request).change_package(number, actor=actor, **more))


def remove_package(request: Request) -> Response:
    """DELETE of the same: one from outside"""
    _curation(request).remove_package(_number(request, "id"), actor=_admin(request))
    return answers.empty()


def add_grid(request: Request) -> Response:
    """POST /admin/catalogue/grids with ``title``, and ``slug``, ``description``, ``header``, ``is_locked``"""
    actor, said = _asked(request)
    title = text(said, "title", TITLE)
    made = _curation(request).add_grid(title, slug=slug_said(said, title), actor=actor, **grid_fields(said))
    return _grid(request, made, status=201)


def get_grid(request: Request) -> Response:
    """GET /admin/catalogue/grids/{id}: with its features and cells"""
    _admin(request)
    number = _number(request, "id")
    for grid in _curation(request).grids():
        if grid.id == number:
            return _grid(request, grid)
    raise Unmatched("Grid")


def change_grid(request: Request) -> Response:
    """PATCH of the same"""
    actor, said = _asked(request)
    more = grid_fields(said)
    more |= {"title": text(said, "title", TITLE)} if "title" in said else {}
    more |= {"slug": slug_said(said, "")} if "slug" in said else {}
    return _grid(request, _curation(request).change_grid(_number(request, "id"), actor=actor, **more))


def remove_grid(request: Request) -> Response:
    """DELETE of the same, with its features"""
    _curation(request).remove_grid(_number(request, "id"), actor=_admin(request))
    return answers.empty()


def place(request: Request) -> Response:
    """PUT /admin/catalogue/grids/{id}/packages/{package}"""
    return _place(request, there=True)


def take_out(request: Request) -> Response:
    """DELETE of the same"""
    return _place(request, there=False)


def add_feature(request: Request) -> Response:
    """POST /admin/catalogue/grids/{id}/features with ``title`` and ``description``"""
    actor, said = _asked(request)
    title = text(said, "title", TITLE)
    description = str(optional(said, {"description": LONG}, ()).get("description", ""))
    made = _curation(request).add_feature(_number(request, "id"), title, description=description, actor=actor)
    return answers.answer_json(_feature_json(made), status=201)


def change_feature(request: Request) -> Response:
    """PATCH /admin/catalogue/grids/{id}/features/{feature}"""
    actor, said = _asked(request)
    more = {name: str(value) for name, value in optional(said, {"description": LONG}, ()).items()}
    more |= {"title": text(said, "title", TITLE)} if "title" in said else {}
    grid, feature = _number(request, "id"), _number(request, "feature")
    made = _curation(request).change_feature(grid, feature, actor=actor, **more)
    return answers.answer_json(_feature_json(made))


def remove_feature(request: Request) -> Response:
    """DELETE of the same, with its cells"""
    grid, feature = _number(request, "id"), _number(request, "feature")
    _curation(request).remove_feature(grid, feature, actor=_admin(request))
    return answers.empty()


def write_cell(request: Request) -> Response:
    """PUT /admin/catalogue/grids/{id}/features/{feature}/packages/{package} with ``text``"""
    actor, said = _asked(request)
    cell = said.get("text")
    if not isinstance(cell, str) or len(cell) > LONG:
        raise InvalidRequest("text", f"must be a text of at most {LONG} characters")
    numbers = (_number(request, name) for name in ("id", "feature", "package"))
    grid, feature, package = numbers
    _curation(request).write_cell(grid, feature, package, cell, actor=actor)
    return answers.empty()


def use(request: Request) -> Response:
    """PUT /account/uses/{package}: say that one uses it."""
    return _use(request, using=True)


def use_no_more(request: Request) -> Response:
    """DELETE of the same"""
    return _use(request, using=False)


def _use(request: Request, *, using: bool) -> Response:
    name = request.caller.name
    if name is None:
        raise LoginRequired
    require(request, Act.ACCOUNT)
    package = _number(request, "package")
    if package not in seen(request).by_id:
        raise Unmatched("Package")
    _curation(request).use(package, name, using)
    return answers.empty()


def _place(request: Request, *, there: bool) -> Response:
    actor = _admin(request)
    grid, package = _number(request, "id"), _number(request, "package")
    _curation(request).place(grid, package, there, actor=actor)
    return answers.empty()


def _curation(request: Request) -> Curation:
    curation: Curation = request.services.curation
    return curation


def _admin(request: Request) -> str | None:
    require(request, Act.ADMIN)
    name: str | None = request.caller.name
    return name


def _asked(request: Request) -> tuple[str | None, Mapping[str, Any]]:
    """Who asks, an administrator, and the JSON object that they send."""
    actor = _admin(request)
    return actor, parse_json_object(read_body(request, request.services.settings.limits.json))


def _number(request: Request, name: str) -> int:
    number = number_of(request.matchdict[name])
    if number is None or number >= 2**31:
        raise NotFound("The page")
    return number


def _package(request: Request, row: Listed, *, status: int = 200) -> Response:
    package = seen(request).by_id.get(row.id)
    if package is None:  # its project is gone, or not for this administrator's token
        return answers.answer_json({"id": row.id, "slug": row.slug}, status=status)
    return answers.answer_json(objects.package_json(package, base_url(request)), status=status)


def _grid(request: Request, grid: Grid, *, status: int = 200) -> Response:
    told = objects.grid_json(grid, seen(request), base_url(request))
    told["features"] = [_feature_json(each) for each in _curation(request).features(grid.id)]
    return answers.answer_json(told, status=status)


def _feature_json(feature: Feature) -> dict[str, Any]:
    cells = {str(package): text for package, text in sorted(feature.cells.items())}
    return {
        "id": feature.id,
        "title": feature.title,
        "description": feature.description,
        "cells": cells,
    }
