"""Curating: what administrators add to the catalogue, and what users say that they use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.policy import Act
from pypicloud_like.catalogue import objects
from pypicloud_like.catalogue.shapes import CuratedGrid, CuratedPackage, GridFeature
from pypicloud_like.catalogue.views.common import Unmatched, number_of, seen
from pypicloud_like.core.errors import InvalidRequest, LoginRequired, NotFound
from pypicloud_like.core.ports import Curation, Feature, Grid, Listed
from pypicloud_like.core.slugs import SLUG, slug_of
from pypicloud_like.http import answers
from pypicloud_like.http.forms import parse_json_object, read_body
from pypicloud_like.http.security import require
from pypicloud_like.http.urls import base_url
from pypicloud_like.registry.described import address

_TITLE, _LONG = 100, 1000
_IDS = 2**31
"""No id is as large: a database would not take it."""


def add_category(request: Request) -> Response:
    """POST /admin/catalogue/categories with ``title``, and ``slug``, ``title_plural``, ``description``,
    ``show_pypi``
    """
    actor, said = _asked(request)
    title = _text(said, "title", 50)
    more = _optional(said, {"title_plural": 50, "description": _LONG}, ("show_pypi",))
    made = _curation(request).add_category(title, slug=_slug(said, title), actor=actor, **more)
    return answers.answer_json(objects.category_json(made), status=201)


def change_category(request: Request) -> Response:
    """PATCH /admin/catalogue/categories/{id} with some of the same"""
    actor, said = _asked(request)
    more = _optional(said, {"title": 50, "title_plural": 50, "description": _LONG}, ("show_pypi",))
    more |= {"slug": _slug(said, "")} if "slug" in said else {}
    made = _curation(request).change_category(_number(request, "id"), actor=actor, **more)
    return answers.answer_json(objects.category_json(made))


def remove_category(request: Request) -> Response:
    """DELETE of the same; not while packages are in it"""
    _curation(request).remove_category(actor=_admin(request), category=_number(request, "id"))
    return answers.empty()


def add_package(request: Request) -> Response:
    """POST /admin/catalogue/packages: one from outside, to compare with; ``title``, ``category``, ``slug``,
    ``repo_url``, ``documentation_url``
    """
    actor, said = _asked(request)
    title = _text(said, "title", _TITLE)
    category = _category(said)
    urls = {name: _url(said[name], name) for name in ("repo_url", "documentation_url") if said.get(name)}
    made = _curation(request).add_package(
        title, slug=_slug(said, title), category=category, actor=actor, **urls
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
            more[name] = None if said[name] is None else _url(said[name], name)
    if "title" in said:
        more["title"] = None if said["title"] is None else _text(said, "title", _TITLE)
    if "deprecated" in said:
        more |= _optional(said, {}, ("deprecated",))
    if "category" in said:
        more["category"] = _category(said)
    number = _number(request, "id")
    return _package(request, _curation(request).change_package(number, actor=actor, **more))


def remove_package(request: Request) -> Response:
    """DELETE of the same: one from outside"""
    _curation(request).remove_package(actor=_admin(request), package=_number(request, "id"))
    return answers.empty()


def add_grid(request: Request) -> Response:
    """POST /admin/catalogue/grids with ``title``, and ``slug``, ``description``, ``header``, ``is_locked``"""
    actor, said = _asked(request)
    title = _text(said, "title", _TITLE)
    made = _curation(request).add_grid(title, slug=_slug(said, title), actor=actor, **_of_grid(said))
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
    more = _of_grid(said)
    more |= {"title": _text(said, "title", _TITLE)} if "title" in said else {}
    more |= {"slug": _slug(said, "")} if "slug" in said else {}
    return _grid(request, _curation(request).change_grid(_number(request, "id"), actor=actor, **more))


def remove_grid(request: Request) -> Response:
    """DELETE of the same, with its features"""
    _curation(request).remove_grid(actor=_admin(request), grid=_number(request, "id"))
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
    title = _text(said, "title", _TITLE)
    description = str(_optional(said, {"description": _LONG}, ()).get("description", ""))
    made = _curation(request).add_feature(_number(request, "id"), title, description=description, actor=actor)
    return answers.answer_json(_feature_json(made), status=201)


def change_feature(request: Request) -> Response:
    """PATCH /admin/catalogue/grids/{id}/features/{feature}"""
    actor, said = _asked(request)
    more = {name: str(value) for name, value in _optional(said, {"description": _LONG}, ()).items()}
    more |= {"title": _text(said, "title", _TITLE)} if "title" in said else {}
    grid, feature = _number(request, "id"), _number(request, "feature")
    made = _curation(request).change_feature(grid, feature, actor=actor, **more)
    return answers.answer_json(_feature_json(made))


def remove_feature(request: Request) -> Response:
    """DELETE of the same, with its cells"""
    actor, grid, feature = _admin(request), _number(request, "id"), _number(request, "feature")
    _curation(request).remove_feature(grid, feature, actor=actor)
    return answers.empty()


def write_cell(request: Request) -> Response:
    """PUT /admin/catalogue/grids/{id}/features/{feature}/packages/{package} with ``text``"""
    actor, said = _asked(request)
    text = said.get("text")
    if not isinstance(text, str) or len(text) > _LONG or "\0" in text:
        raise InvalidRequest("text", f"must be a text of at most {_LONG} characters")
    grid, feature, package = (_number(request, name) for name in ("id", "feature", "package"))
    _curation(request).write_cell(grid, feature, package, text, actor=actor)
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
    if number is None or number >= _IDS:
        raise NotFound("The page")
    return number


def _category(said: Mapping[str, Any]) -> int:
    number = said.get("category")
    if not isinstance(number, int) or isinstance(number, bool) or not 0 < number < _IDS:
        raise InvalidRequest("category", "must be the id of a category")
    return number


def _text(said: Mapping[str, Any], name: str, most: int) -> str:
    value = said.get(name)
    if not isinstance(value, str) or not 0 < len(value.strip()) <= most or not value.isprintable():
        raise InvalidRequest(name, f"must be one line of 1 to {most} characters")
    return value.strip()


def _optional(
    said: Mapping[str, Any], texts: Mapping[str, int], flags: tuple[str, ...]
) -> dict[str, str | bool]:
    found: dict[str, str | bool] = {}
    for name, most in texts.items():
        if name in said:
            value = said[name]
            if not isinstance(value, str) or len(value) > most or "\0" in value:
                raise InvalidRequest(name, f"must be a text of at most {most} characters")
            found[name] = value
    for name in flags:
        if name in said:
            if not isinstance(said[name], bool):
                raise InvalidRequest(name, "must be true or false")
            found[name] = said[name]
    return found


def _of_grid(said: Mapping[str, Any]) -> dict[str, str | bool]:
    more = _optional(said, {"description": _LONG}, ("header", "is_locked"))
    return {("locked" if name == "is_locked" else name): value for name, value in more.items()}


def _slug(said: Mapping[str, Any], title: str) -> str:
    slug = said.get("slug", slug_of(title))
    if not isinstance(slug, str) or not SLUG.match(slug.lower()) or slug.isdecimal():
        raise InvalidRequest("slug", "must have 1 to 50 letters, digits, - and _, and not digits alone")
    return slug.lower()


def _url(value: object, name: str) -> str:
    if value == "":
        return ""
    url = address(value)
    if not url:
        raise InvalidRequest(name, "must be an http or https address")
    return url


def _package(request: Request, row: Listed, *, status: int = 200) -> Response:
    package = seen(request).by_id.get(row.id)
    if package is None:  # its project is gone, or not for this administrator's token
        return answers.answer_json(CuratedPackage(id=row.id, slug=row.slug), status=status)
    return answers.answer_json(objects.package_json(package, base_url(request)), status=status)


def _grid(request: Request, grid: Grid, *, status: int = 200) -> Response:
    features = [_feature_json(each) for each in _curation(request).features(grid.id)]
    shown = objects.grid_json(grid, seen(request), base_url(request))
    told: CuratedGrid = {**shown, "features": features}
    return answers.answer_json(told, status=status)


def _feature_json(feature: Feature) -> GridFeature:
    return {
        "id": feature.id,
        "title": feature.title,
        "description": feature.description,
        "cells": {str(package): text for package, text in sorted(feature.cells.items())},
    }
