"""Curating the catalogue: categories, packages from outside, comparisons."""

from __future__ import annotations

from collections import Counter

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.catalogue.said import (
    CATEGORY_TITLE,
    LONG,
    TITLE,
    grid_fields,
    optional,
    slug_said,
    text,
    url_said,
)
from pypicloud_like.catalogue.snapshot import Package
from pypicloud_like.core.errors import InvalidRequest
from pypicloud_like.core.ports import Curation
from pypicloud_like.web.browse.common import seen
from pypicloud_like.web.control.common import Params, acting, administrator, shown, to, turn_of

_EACH = 50
_MOST_DIGITS = 9


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
    )


def number(params: Params, name: str) -> int:
    """An id. :raises InvalidRequest: it is none"""
    value = str(params.get(name, ""))
    if not (value.isascii() and value.isdecimal() and len(value) <= _MOST_DIGITS):
        raise InvalidRequest(name, "must be a number")
    return int(value)


def checked(params: Params, *names: str) -> dict[str, bool]:
    """Boxes of a form: those that are not ticked are not sent."""
    return {name: name in params for name in names}


def kept(request: Request) -> Curation:
    """The curated facts."""
    found: Curation = request.services.curation
    return found


def with_slug(params: Params, title: str) -> str:
    """The slug of a form; an empty field is none."""
    return slug_said({"slug": params["slug"]} if params.get("slug") else {}, title)


def package_meant(request: Request, spelled: str) -> Package:
    """The package that somebody means, by slug, id, or the name of its project.

    :raises InvalidRequest: there is none
    """
    view = seen(request)
    wanted = spelled.strip()
    found = view.by_slug.get(wanted.lower())
    if found is None and wanted.isascii() and wanted.isdecimal() and len(wanted) <= _MOST_DIGITS:
        found = view.by_id.get(int(wanted))
    if found is None:
        found = next((each for project, each in view.by_project.items() if str(project) == wanted), None)
    if found is None:
        raise InvalidRequest("package", f"'{wanted[:100]}' is in no catalogue; give a slug or a name")
    return found


def _add_category(request: Request, params: Params) -> str:
    title = text(params, "title", CATEGORY_TITLE)
    more = optional(params, {"title_plural": CATEGORY_TITLE, "description": LONG}, ())
    slug = with_slug(params, title)
    kept(request).add_category(title, slug=slug, actor=request.caller.name, show_pypi=True, **more)
    return "category-added"


def _change_category(request: Request, params: Params) -> str:
    title = text(params, "title", CATEGORY_TITLE)
    more = optional(params, {"title_plural": CATEGORY_TITLE, "description": LONG}, ())
    more.update(checked(params, "show_pypi"), title=title)
    kept(request).change_category(number(params, "id"), actor=request.caller.name, **more)
    return "category-changed"


def _remove_category(request: Request, params: Params) -> str:
    kept(request).remove_category(number(params, "id"), actor=request.caller.name)
    return "category-removed"


def _add_grid(request: Request, params: Params) -> Response:
    title = text(params, "title", TITLE)
    more = grid_fields({"description": params.get("description", "")})
    made = kept(request).add_grid(title, slug=with_slug(params, title), actor=request.caller.name, **more)
    return to(request, f"/admin/curation/{made.id}", done="grid-added")


def _add_package(request: Request, params: Params) -> str:
    title = text(params, "title", TITLE)
    urls = {
        name: url_said(params[name], name) for name in ("repo_url", "documentation_url") if params.get(name)
    }
    kept(request).add_package(
        title,
        slug=with_slug(params, title),
        category=number(params, "category"),
        actor=request.caller.name,
        **urls,
    )
    return "package-added"


def _remove_package(request: Request, params: Params) -> str:
    kept(request).remove_package(number(params, "id"), actor=request.caller.name)
    return "package-removed"


def _classify(request: Request, params: Params) -> str:
    """Into another category, or marked as deprecated by people."""
    package = package_meant(request, text(params, "package", TITLE))
    kept(request).change_package(
        package.listed.id,
        actor=request.caller.name,
        category=number(params, "category"),
        **checked(params, "deprecated"),
    )
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
