"""All addresses of the catalogue on one page."""

from __future__ import annotations

from pyramid.config import Configurator

from pypicloud_like.catalogue import description
from pypicloud_like.catalogue.snapshot import Catalogue
from pypicloud_like.catalogue.views import admin, api
from pypicloud_like.catalogue.views.common import CATALOGUE, DIALECT, add_slash, options, tell
from pypicloud_like.http.errors import add_dialect
from pypicloud_like.http.openapi import document
from pypicloud_like.http.routing import View, route
from pypicloud_like.registry.described import DESCRIBERS


def includeme(config: Configurator) -> None:
    """The API v4, and curating."""
    settings = config.registry.services.settings
    config.registry[CATALOGUE] = Catalogue(
        config.registry[DESCRIBERS], prefix=settings.catalogue.search_prefix
    )
    add_dialect(config, DIALECT, tell, "/api/v4/")
    _api(config)
    _curating(config)
    document.describe(config, description.CATALOGUE)


def _api(config: Configurator) -> None:
    for name, pattern, view in (
        ("root", "/api/v4", api.root),
        ("categories", "/api/v4/categories", api.categories),
        ("category", "/api/v4/categories/{id:[0-9]+}", api.category),
        ("grids", "/api/v4/grids", api.grids),
        ("grid", "/api/v4/grids/{key:[A-Za-z0-9_-]+}", api.grid),
        ("packages", "/api/v4/packages", api.packages),
        ("package", "/api/v4/packages/{key:[A-Za-z0-9_-]+}", api.package),
        ("search", "/api/v4/search", api.search),
    ):
        route(config, f"v4.{name}", f"{pattern}/", DIALECT, GET=view, OPTIONS=options)
        route(config, f"v4.{name}.slashless", pattern, DIALECT, GET=add_slash)


def _curating(config: Configurator) -> None:
    base, grid = "/admin/catalogue", "/admin/catalogue/grids/{id}"
    feature = f"{grid}/features/{{feature}}"
    one_category = {"PATCH": admin.change_category, "DELETE": admin.remove_category}
    one_package = {"PATCH": admin.change_package, "DELETE": admin.remove_package}
    one_grid = {"GET": admin.get_grid, "PATCH": admin.change_grid, "DELETE": admin.remove_grid}
    one_feature = {"PATCH": admin.change_feature, "DELETE": admin.remove_feature}
    for name, pattern, views in (
        ("categories", f"{base}/categories", {"POST": admin.add_category}),
        ("category", f"{base}/categories/{{id}}", one_category),
        ("packages", f"{base}/packages", {"POST": admin.add_package}),
        ("package", f"{base}/packages/{{id}}", one_package),
        ("grids", f"{base}/grids", {"POST": admin.add_grid}),
        ("grid", grid, one_grid),
        ("member", f"{grid}/packages/{{package}}", {"PUT": admin.place, "DELETE": admin.take_out}),
        ("features", f"{grid}/features", {"POST": admin.add_feature}),
        ("feature", feature, one_feature),
        ("cell", f"{feature}/packages/{{package}}", {"PUT": admin.write_cell}),
    ):
        _admin(config, name, pattern, **views)
    use = "/account/uses/{package}{slash:/?}"
    route(config, "account.use", use, "api", PUT=admin.use, DELETE=admin.use_no_more)


def _admin(config: Configurator, name: str, pattern: str, **views: View) -> None:
    route(config, f"catalogue.{name}", pattern + "{slash:/?}", "api", **views)
