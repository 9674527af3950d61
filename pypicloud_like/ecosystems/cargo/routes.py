"""All addresses of the cargo side on one page."""

from __future__ import annotations

from pyramid.config import Configurator

from pypicloud_like.ecosystems.cargo.description import CRATES
from pypicloud_like.ecosystems.cargo.directory import crates_directory
from pypicloud_like.ecosystems.cargo.presented import CratePresenter
from pypicloud_like.ecosystems.cargo.received import CrateReceiver
from pypicloud_like.ecosystems.cargo.views import (
    crates,
    download,
    feeds,
    index,
    labels,
    lists,
    me,
    mirror,
    owners,
    publish,
    trusted,
    users,
    versions,
    yank,
)
from pypicloud_like.ecosystems.cargo.views.common import DIRECTORY
from pypicloud_like.ecosystems.cargo.views.errors import DIALECT, tell
from pypicloud_like.http.errors import add_dialect
from pypicloud_like.http.openapi import document
from pypicloud_like.http.routing import route
from pypicloud_like.registry.presented import PRESENTERS
from pypicloud_like.registry.received import RECEIVERS


def includeme(config: Configurator) -> None:
    """The sparse index, and the web API that cargo itself uses."""
    config.registry.setdefault(PRESENTERS, {})["cargo"] = CratePresenter()
    config.registry.setdefault(RECEIVERS, {})["cargo"] = CrateReceiver()
    add_dialect(config, DIALECT, tell, "/api/v1/", "/cargo/")
    route(config, "cargo.config", "/cargo/index/config.json{slash:/?}", DIALECT, GET=index.configuration)
    route(config, "cargo.index", "/cargo/index/{path:.+}", DIALECT, GET=index.crate)
    _mirror(config)
    _web_api(config)
    config.registry[DIRECTORY] = crates_directory()
    _lists(config)
    _crate(config)
    document.describe(config, CRATES)


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
    route(config, "crates.new", "/api/v1/crates/new" + end, DIALECT, PUT=publish.new, GET=crates.crate_new)
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
    jobs = {"POST": trusted.exchange, "PUT": trusted.exchange, "DELETE": trusted.revoke}
    route(config, "crates.trusted", "/api/v1/trusted_publishing/tokens" + end, DIALECT, **jobs)
    route(config, "crates.yank", version + "/yank" + end, DIALECT, DELETE=yank.yank)
    route(config, "crates.unyank", version + "/unyank" + end, DIALECT, PUT=yank.unyank)


def _lists(config: Configurator) -> None:
    end = "{slash:/?}"
    for name, pattern, view in (
        ("crates", "/crates", lists.crates),
        ("keywords", "/keywords", labels.keyword_list),
        ("keyword", "/keywords/{keyword}", labels.keyword),
        ("categories", "/categories", labels.category_list),
        ("category", "/categories/{category}", labels.category),
        ("category_slugs", "/category_slugs", labels.category_slugs),
        ("versions.by_id", "/versions", lists.versions_by_id),
        ("version.by_id", "/versions/{id:[0-9]+}", lists.version_by_id),
        ("summary", "/summary", lists.summary),
        ("user", "/users/{login}", users.user),
        ("user.stats", "/users/{login}/stats", users.user_stats),
        ("team", "/teams/{login}", users.team),
        ("me", "/me", me.me),
        ("me.updates", "/me/updates", me.updates),
    ):
        route(config, f"crates.{name}", f"/api/v1{pattern}{end}", DIALECT, GET=view)
    tokens = f"/api/v1/me/tokens{end}"
    route(config, "crates.me.tokens", tokens, DIALECT, GET=me.tokens, PUT=me.new_token)
    token = f"/api/v1/me/tokens/{{id}}{end}"
    route(config, "crates.me.token", token, DIALECT, GET=me.token, DELETE=me.revoke)
    route(config, "crates.token", f"/api/v1/tokens/current{end}", DIALECT, DELETE=me.revoke_current)
    for name, pattern, view in (
        ("crates", "crates.xml", feeds.crates),
        ("updates", "updates.xml", feeds.updates),
        ("crate", "crates/{crate:[^/]+}.xml", feeds.crate),
    ):
        route(config, f"cargo.rss.{name}", f"/cargo/rss/{pattern}", DIALECT, GET=view)


def _crate(config: Configurator) -> None:
    """Words that follow a crate's name come before versions: none of them is one."""
    crate, end = "/api/v1/crates/{crate}", "{slash:/?}"
    route(config, "crates.follow", f"{crate}/follow{end}", DIALECT, PUT=crates.follow, DELETE=crates.unfollow)
    for name, pattern, view in (
        ("crate", "", crates.crate),
        ("versions", "/versions", crates.versions),
        ("downloads", "/downloads", crates.crate_downloads),
        ("following", "/following", crates.following),
        ("owner_user", "/owner_user", owners.listed),
        ("owner_team", "/owner_team", crates.owner_teams),
        ("reverse_dependencies", "/reverse_dependencies", lists.reverse_dependencies),
        ("dependencies", "/{version}/dependencies", versions.dependencies),
        ("version_downloads", "/{version}/downloads", versions.version_downloads),
        ("authors", "/{version}/authors", versions.authors),
        ("readme", "/{version}/readme", versions.readme),
    ):
        route(config, f"crates.crate.{name}", f"{crate}{pattern}{end}", DIALECT, GET=view)
    one = f"{crate}/{{version}}{end}"
    route(config, "crates.crate.version", one, DIALECT, GET=versions.version, PATCH=versions.change_version)
