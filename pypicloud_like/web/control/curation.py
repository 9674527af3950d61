"""Curating the catalogue: categories, packages from outside, comparisons."""

from __future__ import annotations

from collections import Counter

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.names import parse_project
from pypicloud_like.catalogue.curating import Curator
from pypicloud_like.catalogue.rules import Said
from pypicloud_like.catalogue.shelf import Package
from pypicloud_like.catalogue.view import View
from pypicloud_like.core.errors import InvalidRequest
from pypicloud_like.web.browse.common import presenters, seen
from pypicloud_like.web.control.common import Params, acting, administrator, line, shown, to, turn_of

_EACH = 50
_CATEGORY = ("title", "title_plural", "description")


def curation(request: Request, *, fault: str = "", status: int = 200) -> Response:
    """GET /admin/curation"""
    administrator(request)
    view = seen(request)
    outside = [package for package in view.packages if package.listed.project is None]
    turn = turn_of(request, len(outside), each=_EACH, label="Packages from elsewhere", fragment="#outside")
    return shown(
        request,
        "curation",
        "curation",
        fault=fault,
        status=status,
        categories=view.categories,
        counts=Counter(package.listed.category for package in view.packages),
        grids=[(grid, len(view.members(grid))) for grid in view.grids],
        outside=outside[turn.start : turn.end],
        titles={category.id: category.title for category in view.categories},
        turn=turn,
        presenters=presenters(request),
        curators=request.services.settings.catalogue.curators,
    )


def curator(request: Request) -> Curator:
    """The administrator who asks, as somebody who curates."""
    return Curator(request.services.curation, seen(request), request.caller.name)


def given(params: Params, *names: str, filled: tuple[str, ...] = (), boxes: tuple[str, ...] = ()) -> Said:
    """What a form says.

    :param names: fields that count even when they are empty
    :param filled: fields that count only when something is in them
    :param boxes: boxes; those that are not ticked are not sent
    """
    said = {name: str(params[name]) for name in names if name in params}
    said |= {name: str(params[name]).strip() for name in filled if str(params.get(name, "")).strip()}
    return {**said, **{name: name in params for name in boxes}}


def package_meant(view: View, spelled: str) -> Package:
    """The package that somebody means, by slug, id, or the name of its project.

    :raises InvalidRequest: there is none
    """
    number = int(spelled) if spelled.isascii() and spelled.isdecimal() and len(spelled) <= 9 else 0
    found = view.by_slug.get(spelled.lower()) or view.by_id.get(number)
    if found is None:
        try:
            found = view.by_project.get(parse_project(spelled))
        except InvalidRequest:
            found = None
    if found is None:
        raise InvalidRequest("package", f"'{spelled[:100]}' is in no catalogue; give a slug or a name")
    return found


def _add_category(request: Request, params: Params) -> str:
    said = given(params, *_CATEGORY, filled=("slug",))
    curator(request).add_category({**said, "show_pypi": True})
    return "category-added"


def _change_category(request: Request, params: Params) -> str:
    said = given(params, *_CATEGORY, boxes=("show_pypi",))
    curator(request).change_category(line(params, "id"), said)
    return "category-changed"


def _remove_category(request: Request, params: Params) -> str:
    curator(request).remove_category(line(params, "id"))
    return "category-removed"


def _add_grid(request: Request, params: Params) -> Response:
    made = curator(request).add_grid(given(params, "title", "description", filled=("slug",)))
    return to(request, f"/admin/curation/{made.id}", done="grid-added")


def _add_package(request: Request, params: Params) -> str:
    said = given(params, "title", "category", filled=("slug", "repo_url", "documentation_url"))
    curator(request).add_package(said)
    return "package-added"


def _remove_package(request: Request, params: Params) -> str:
    curator(request).remove_package(line(params, "id"))
    return "package-removed"


def _classify(request: Request, params: Params) -> str:
    """Into another category, or marked as deprecated by people."""
    mine = curator(request)
    package = package_meant(mine.view, line(params, "package"))
    mine.change_package(str(package.listed.id), given(params, "category", boxes=("deprecated",)))
    return "package-changed"


change_curation = acting(
    curation,
    {
        "add-category": _add_category,
        "change-category": _change_category,
        "remove-category": _remove_category,
        "add-grid": _add_grid,
        "add-package": _add_package,
        "remove-package": _remove_package,
        "classify": _classify,
    },
)
