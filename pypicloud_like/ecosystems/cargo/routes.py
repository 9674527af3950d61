"""All addresses of the cargo side on one page."""

from __future__ import annotations

from pyramid.config import Configurator

from pypicloud_like.ecosystems.cargo.views import download, index, owners, publish, yank
from pypicloud_like.ecosystems.cargo.views.errors import DIALECT, tell
from pypicloud_like.http.errors import add_dialect
from pypicloud_like.http.routing import route


def includeme(config: Configurator) -> None:
    """The sparse index, and the web API that cargo itself uses."""
    add_dialect(config, DIALECT, tell, "/api/v1/", "/cargo/")
    route(config, "cargo.config", "/cargo/index/config.json{slash:/?}", DIALECT, GET=index.configuration)
    route(config, "cargo.index", "/cargo/index/{path:.+}", DIALECT, GET=index.crate)
    _web_api(config)


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
