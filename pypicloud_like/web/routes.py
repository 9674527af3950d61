"""All addresses of the pages for people and of their accounts on one page."""

from __future__ import annotations

from pyramid.config import Configurator

from pypicloud_like import assets
from pypicloud_like.http.errors import add_dialect
from pypicloud_like.http.openapi import document
from pypicloud_like.http.routing import route
from pypicloud_like.web import operations, publishers
from pypicloud_like.web.account import accounts, authorize, joining, login, overview, scopes, tokens
from pypicloud_like.web.account import publishers as mine
from pypicloud_like.web.browse import apis, grids, project, search
from pypicloud_like.web.browse.readmes import READMES, Readmes
from pypicloud_like.web.control.routes import include_control
from pypicloud_like.web.description import ACCOUNTS, OPERATIONS, PUBLISHERS
from pypicloud_like.web.maintain import manage, upload
from pypicloud_like.web.pages import DIALECT, tell

STATIC_MAX_AGE = 365 * 24 * 3600
"""Seconds. The addresses of static files change with their bytes."""


def include_reading(config: Configurator) -> None:
    """Pages of packages. Include them before the ecosystems: JSR takes all that begins with ``@``."""
    config.registry[READMES] = Readmes()
    add_dialect(config, DIALECT, tell)
    scoped = "/@{scope:[^/@]+}/{name:[^/@]+}"
    for name, pattern, view in (
        ("search", "/search{slash:/?}", search.search),
        ("project", "/project/{name}{slash:/?}", project.python),
        ("project.version", "/project/{name}/{version}{slash:/?}", project.python),
        ("crate", "/crates/{name}{slash:/?}", project.crate),
        ("crate.version", "/crates/{name}/{version}{slash:/?}", project.crate),
        ("jsr", scoped, project.jsr),
        ("jsr.version", f"{scoped}@{{version:[^/@]+}}", project.jsr),
        ("grids", "/grids{slash:/?}", grids.grids),
        ("grid", "/grids/g/{slug}{slash:/?}", grids.grid),
        ("package", "/packages/p/{slug}{slash:/?}", grids.package),
        ("apis", "/openapi{slash:/?}", apis.apis),
    ):
        route(config, f"web.{name}", pattern, DIALECT, GET=view)
    include_control(config)


def includeme(config: Configurator) -> None:
    """Login, accounts, operations, static files. The home page is registered by the composition root,
    because uploads go to its address.
    """
    sign_in = {"GET": login.form, "POST": login.login, "PUT": login.register}
    route(config, "web.login", "/acct/login{slash:/?}", "pip", **sign_in)
    route(config, "web.logout", "/acct/logout{slash:/?}", "pip", GET=login.logout, POST=login.logout)
    route(config, "user.password", "/api/user/password{slash:/?}", "api", POST=accounts.change_password)
    route(config, "user.register", "/api/user/{username}{slash:/?}", "api", PUT=accounts.register)
    token = "/acct/tokenRegister{slash:/?}"  # noqa: S105 - an address
    route(config, "user.token_register", token, "api", PUT=accounts.register_by_token)
    route(config, "web.tokens", "/me{slash:/?}", DIALECT, GET=tokens.listed, POST=tokens.change)
    route(config, "web.authorize", "/auth{slash:/?}", DIALECT, GET=authorize.ask, POST=authorize.decide)
    _account(config)
    route(config, "web.health", "/health{slash:/?}", "api", GET=operations.health)
    route(config, "publishers", "/api/publishers{slash:/?}", "api", GET=publishers.mine)
    of_project = "/api/publishers/{project:(?:jsr[:/]@[^/]+/)?[^/]+}"
    many = {"GET": publishers.listed, "POST": publishers.add}
    route(config, "publishers.project", of_project + "{slash:/?}", "api", **many)
    route(config, "publisher", of_project + "/{id}{slash:/?}", "api", DELETE=publishers.remove)
    route(config, "web.alive", "/alive{slash:/?}", "api", GET=operations.alive)
    route(config, "web.ready", "/ready{slash:/?}", "api", GET=operations.ready)
    route(config, "web.metrics", "/metrics{slash:/?}", "api", GET=operations.metrics)
    for system in (ACCOUNTS, PUBLISHERS, OPERATIONS):
        document.describe(config, system)
    config.add_static_view("static", str(assets.static_dir()), cache_max_age=STATIC_MAX_AGE)


def _account(config: Configurator) -> None:
    for name, pattern, views in (
        ("register", "/acct/register", {"GET": joining.form, "POST": joining.register}),
        ("invited", "/acct/invited", {"GET": joining.invited_form, "POST": joining.accept}),
        ("account", "/account", {"GET": overview.overview}),
        ("account.password", "/account/password", {"POST": overview.change_password}),
        ("account.invites", "/account/invites", {"POST": overview.answer_invite}),
        ("account.follow", "/account/follow", {"POST": overview.follow}),
        ("account.scopes", "/account/scopes", {"GET": scopes.mine, "POST": scopes.change_scopes}),
        ("account.scope", "/account/scopes/{scope}", {"GET": scopes.scope, "POST": scopes.change_scope}),
        ("account.publishers", "/account/publishers", {"GET": mine.mine, "POST": mine.change_mine}),
        ("upload", "/upload", {"GET": upload.form, "POST": upload.upload}),
        ("manage", "/manage/{ecosystem}/{name:.+?}", {"GET": manage.form, "POST": manage.change}),
    ):
        route(config, f"web.{name}", pattern + "{slash:/?}", DIALECT, **views)
