"""The objects of the Django Packages API v4, member by member in its order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from pypicloud_like.catalogue.search import clean, strip_prefix
from pypicloud_like.catalogue.shapes import CatalogueCategory, CatalogueGrid, CataloguePackage, Found
from pypicloud_like.catalogue.shelf import Package
from pypicloud_like.catalogue.view import View
from pypicloud_like.core.ports import Category, Grid

ROOT = "/api/v4"


def time_text(moment: datetime | None) -> str | None:
    """ISO 8601 in UTC, without the offset, and with microseconds only where there are some."""
    return None if moment is None else moment.astimezone(UTC).replace(tzinfo=None).isoformat()


def category_json(category: Category) -> CatalogueCategory:
    """A category."""
    return {
        "id": category.id,
        "title": category.title,
        "slug": category.slug,
        "description": category.description,
        "title_plural": category.title_plural,
        "show_pypi": category.show_pypi,
        "created": time_text(category.created),
        "modified": time_text(category.modified),
    }


def grid_json(grid: Grid, view: View, base: str) -> CatalogueGrid:
    """A grid with the packages that the caller sees.

    :param base: the public address of this server
    """
    return {
        "id": grid.id,
        "title": grid.title,
        "slug": grid.slug,
        "description": grid.description,
        "is_locked": grid.locked,
        "packages": [f"{base}{ROOT}/packages/{each.listed.id}/" for each in view.members(grid)],
        "header": grid.header,
        "created": time_text(grid.created),
        "modified": time_text(grid.modified),
    }


def package_json(package: Package, base: str) -> CataloguePackage:
    """A package. What only a forge could tell (stars, forks, commits) is not pretended."""
    row, told = package.listed, package.told
    return {
        "category": f"{base}{ROOT}/categories/{row.category}/",
        "grids": [f"{base}{ROOT}/grids/{number}/" for number in package.grids],
        "id": row.id,
        "title": package.title,
        "slug": row.slug,
        "last_updated": time_text(told.updated_at if told else None),
        "last_fetched": time_text(told.updated_at if told else None),
        "repo_url": package.repo_url,
        "pypi_version": told.version if told else None,
        "created": time_text(row.created),
        "modified": time_text(row.modified),
        "repo_forks": 0,
        "repo_description": package.description,
        "pypi_url": f"{base}{told.page}" if told else "",
        "documentation_url": package.documentation_url,
        "repo_watchers": 0,
        "commits_over_52": [],
        "participants": list(told.people) if told else [],
    }


def found_package_json(package: Package, categories: Mapping[int, str], prefix: str, mount: str) -> Found:
    """A package as a search shows it.

    :param categories: id → title
    :param prefix: what titles usually begin with
    :param mount: the path that this server is mounted under
    """
    told, row, title = package.told, package.listed, package.title
    return {
        "description": package.description,
        "title": title,
        "created": time_text(row.created),
        "modified": time_text(row.modified),
        "weight": package.weight,
        "item_type": "package",
        "title_no_prefix": strip_prefix(title, prefix),
        "slug": row.slug,
        "slug_no_prefix": strip_prefix(row.slug, prefix),
        "clean_title": clean(strip_prefix(title, prefix)),
        "category": categories.get(row.category, ""),
        "absolute_url": f"{mount}/packages/p/{row.slug}/",
        "repo_watchers": 0,
        "repo_forks": 0,
        "pypi_downloads": package.downloads,
        "usage": package.usage,
        "participants": ",".join(told.people) if told else "",
        "last_committed": time_text(told.updated_at if told else None),
        "last_released": time_text(told.released_at if told else None),
    }


def found_grid_json(grid: Grid, weight: int, prefix: str, mount: str) -> Found:
    """A grid as a search shows it; see :func:`found_package_json`."""
    return {
        "description": grid.description,
        "title": grid.title,
        "created": time_text(grid.created),
        "modified": time_text(grid.modified),
        "weight": weight,
        "item_type": "grid",
        "title_no_prefix": strip_prefix(grid.title, prefix),
        "slug": grid.slug,
        "slug_no_prefix": strip_prefix(grid.slug, prefix),
        "clean_title": clean(strip_prefix(grid.title, prefix)),
        "category": "",
        "absolute_url": f"{mount}/grids/g/{grid.slug}/",
        "repo_watchers": 0,
        "repo_forks": 0,
        "pypi_downloads": 0,
        "usage": 0,
        "participants": "",
        "last_committed": None,
        "last_released": None,
    }
