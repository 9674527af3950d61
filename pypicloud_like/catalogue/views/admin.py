"""Curating over HTTP: what administrators add to the catalogue, and what users say that they use."""

from __future__ import annotations

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.policy import Act
from pypicloud_like.catalogue import objects
from pypicloud_like.catalogue.curating import Curator
from pypicloud_like.catalogue.lookup import Unmatched, pick
from pypicloud_like.catalogue.rules import Said
from pypicloud_like.catalogue.shapes import CuratedGrid, GridFeature
from pypicloud_like.catalogue.views.common import view_of
from pypicloud_like.core.errors import LoginRequired
from pypicloud_like.core.ports import Feature, Grid, Listed
from pypicloud_like.http import answers
from pypicloud_like.http.forms import parse_json_object, read_body
from pypicloud_like.http.security import require
from pypicloud_like.http.urls import base_url


def add_category(request: Request) -> Response:
    """POST /admin/catalogue/categories"""
    made = _curator(request).add_category(_said(request))
    return answers.answer_json(objects.category_json(made), status=201)


def change_category(request: Request) -> Response:
    """PATCH /admin/catalogue/categories/{id}"""
    made = _curator(request).change_category(request.matchdict["id"], _said(request))
    return answers.answer_json(objects.category_json(made))


def remove_category(request: Request) -> Response:
    """DELETE of the same; not while packages are in it"""
    _curator(request).remove_category(request.matchdict["id"])
    return answers.empty()


def add_package(request: Request) -> Response:
    """POST /admin/catalogue/packages: one from outside, to compare with"""
    return _package(request, _curator(request).add_package(_said(request)), status=201)


def change_package(request: Request) -> Response:
    """PATCH /admin/catalogue/packages/{id}; null forgets what was said"""
    return _package(request, _curator(request).change_package(request.matchdict["id"], _said(request)))


def remove_package(request: Request) -> Response:
    """DELETE of the same: one from outside"""
    _curator(request).remove_package(request.matchdict["id"])
    return answers.empty()


def add_grid(request: Request) -> Response:
    """POST /admin/catalogue/grids"""
    curator = _grid_curator(request)
    return _grid(request, curator, curator.add_grid(_said(request)), status=201)


def get_grid(request: Request) -> Response:
    """GET /admin/catalogue/grids/{id}: with its features and cells"""
    curator = _grid_curator(request)
    return _grid(request, curator, curator.grid(request.matchdict["id"]))


def change_grid(request: Request) -> Response:
    """PATCH of the same"""
    curator = _grid_curator(request)
    return _grid(request, curator, curator.change_grid(request.matchdict["id"], _said(request)))


def remove_grid(request: Request) -> Response:
    """DELETE of the same, with its features"""
    _grid_curator(request).remove_grid(request.matchdict["id"])
    return answers.empty()


def place(request: Request) -> Response:
    """PUT /admin/catalogue/grids/{id}/packages/{package}"""
    _grid_curator(request).place(request.matchdict["id"], request.matchdict["package"], there=True)
    return answers.empty()


def take_out(request: Request) -> Response:
    """DELETE of the same"""
    _grid_curator(request).place(request.matchdict["id"], request.matchdict["package"], there=False)
    return answers.empty()


def add_feature(request: Request) -> Response:
    """POST /admin/catalogue/grids/{id}/features"""
    made = _grid_curator(request).add_feature(request.matchdict["id"], _said(request))
    return answers.answer_json(_feature_json(made), status=201)


def change_feature(request: Request) -> Response:
    """PATCH /admin/catalogue/grids/{id}/features/{feature}"""
    curator, key = _grid_curator(request), request.matchdict["id"]
    made = curator.change_feature(key, request.matchdict["feature"], _said(request))
    return answers.answer_json(_feature_json(curator.features(curator.grid(key))[made.id]))


def remove_feature(request: Request) -> Response:
    """DELETE of the same, with its cells"""
    _grid_curator(request).remove_feature(request.matchdict["id"], request.matchdict["feature"])
    return answers.empty()


def write_cell(request: Request) -> Response:
    """PUT /admin/catalogue/grids/{id}/features/{feature}/packages/{package}"""
    named = request.matchdict
    _grid_curator(request).write_cell(named["id"], named["feature"], named["package"], _said(request))
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
    view = view_of(request)
    package = pick("Package", request.matchdict["package"], view.by_id, view.by_slug)
    request.services.curation.use(package.listed.id, name, using)
    return answers.empty()


def _curator(request: Request) -> Curator:
    """Whoever asks, as an administrator. :raises LoginRequired, Forbidden: they are none"""
    require(request, Act.ADMIN)
    return Curator(request.services.curation, view_of(request), request.caller.name)


def _grid_curator(request: Request) -> Curator:
    """Whoever asks, as an administrator or as somebody who was given grids to look after.

    :raises LoginRequired, Forbidden: they are neither
    """
    services, caller = request.services, request.caller
    if services.guard.speaks_for(caller, services.settings.catalogue.curators, Act.ADMIN):
        admin = services.guard.may(caller, Act.ADMIN)
        return Curator(services.curation, view_of(request), caller.name, admin=admin)
    return _curator(request)


def _said(request: Request) -> Said:
    """The JSON object that they send."""
    return parse_json_object(read_body(request, request.services.settings.limits.json))


def _package(request: Request, row: Listed, *, status: int = 200) -> Response:
    package = view_of(request).by_id.get(row.id)
    if package is None:  # its project went away meanwhile
        raise Unmatched("Package", row.slug)
    return answers.answer_json(objects.package_json(package, base_url(request)), status=status)


def _grid(request: Request, curator: Curator, grid: Grid, *, status: int = 200) -> Response:
    features = [_feature_json(each) for each in curator.features(grid).values()]
    shown = objects.grid_json(grid, view_of(request), base_url(request))
    told: CuratedGrid = {**shown, "features": features}
    return answers.answer_json(told, status=status)


def _feature_json(feature: Feature) -> GridFeature:
    return {
        "id": feature.id,
        "title": feature.title,
        "description": feature.description,
        "cells": {str(package): text for package, text in sorted(feature.cells.items())},
    }
