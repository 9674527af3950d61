"""All addresses of the cargo side on one page."""

from __future__ import annotations

from pyramid.config import Configurator

from pypicloud_like.ecosystems.cargo.views import download, index, mirror, owners, publish, yank
from pypicloud_like.ecosystems.cargo.views.errors import DIALECT, tell
from pypicloud_like.http.errors import add_dialect
from pypicloud_like.http.routing import route


def includeme(config: Configurator) -> None:
    """The sparse index, and the web API that cargo itself uses."""
    add_dialect(config, DIALECT, tell, "/api/v1/", "/cargo/")
    route(config, "cargo.config", "/cargo/index/config.json{slash:/?}", DIALECT, GET=index.configuration)
    route(config, "cargo.index", "/cargo/index/{path:.+}", DIALECT, GET=index.crate)
    _mirror(config)
    _web_api(config)


def _mirror(config: Configurator) -> None:
    root = "/cargo/mirror"
    route(config, "mirror.config", root + "/config.json{slash:/?}", DIALECT, GET=mirror.configuration)
    route(
        config, "mirror.download", root + "/crates/{crate}/{version}/download", DIALECT, GET=mirror.download
    )
    route(config, "mirror.search", root + "/api/v1/crates{slash:/?}", DIALECT, GET=mirror.search)
    refused = root + "/api/v1/{rest:.*}"
    route(config, "mirror.api", refused, DIALECT, PUT=mirror.refuse, DELETE=mirror.refuse)
    route(config, "mirror.index", root + "/{path:.+}", DIALECT, GET=mirror.index)


def _web_api(config: Configurator) -> None:
    crate = "/api/v1/crates/{crate}"
    version = crate + "/{version}"
    end = "{slash:/?}"
    route(config, "crates.new", "/api/v1/crates/new" + end, DIALECT, PUT=publish.new)
    route(
        config,
        "crates.owners",
        crate + "/owners" + end,
        DIALECT,
        GET=owners.listed,
        PUT=owners.add,
        DELETE=owners.remove,
    )
    route(config, "crates.download", version + "/download" + end, DIALECT, GET=download.download)
    route(config, "crates.yank", version + "/yank" + end, DIALECT, DELETE=yank.yank)
    route(config, "crates.unyank", version + "/unyank" + end, DIALECT, PUT=yank.unyank)
