"""Comparisons: packages beside one another, and what they are compared by."""

from __future__ import annotations

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.core.errors import NotFound
from pypicloud_like.http import answers
from pypicloud_like.http.urls import prefix
from pypicloud_like.web.browse.common import presenters, require_reader, seen
from pypicloud_like.web.pages import page


def grids(request: Request) -> Response:
    """GET /grids/"""
    require_reader(request)
    view = seen(request)
    counted = [(grid, len(view.members(grid))) for grid in view.grids]
    return page(request, "browse/grids.jinja2", grids=counted)


def grid(request: Request) -> Response:
    """GET /grids/g/{slug}/: packages are columns, features rows."""
    require_reader(request)
    view = seen(request)
    found = next((each for each in view.grids if each.slug == request.matchdict["slug"]), None)
    if found is None:
        raise NotFound("The comparison")
    return page(
        request,
        "browse/grid.jinja2",
        grid=found,
        members=view.members(found),
        features=request.services.curation.features(found.id),
        presenters=presenters(request),
        categories={each.id: each.title for each in view.categories},
    )


def package(request: Request) -> Response:
    """GET /packages/p/{slug}/: the page of the package; of one from outside what is known of it."""
    require_reader(request)
    found = seen(request).by_slug.get(request.matchdict["slug"])
    if found is None:
        raise NotFound("The package")
    if found.told is not None:
        return answers.redirect(prefix(request) + found.told.page, status=302, private=True)
    return page(request, "browse/outside.jinja2", package=found)
