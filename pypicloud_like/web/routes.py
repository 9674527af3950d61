"""All addresses of the pages for people and of their accounts on one page."""

from __future__ import annotations

from pyramid.config import Configurator

from pypicloud_like import assets
from pypicloud_like.http import openapi
from pypicloud_like.http.routing import route
from pypicloud_like.web import accounts, authorize, login, operations, tokens
from pypicloud_like.web.description import ACCOUNTS

STATIC_MAX_AGE = 3600


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
    route(config, "web.tokens", "/me{slash:/?}", "pip", GET=tokens.listed, POST=tokens.change)
    route(config, "web.authorize", "/auth{slash:/?}", "pip", GET=authorize.ask, POST=authorize.decide)
    route(config, "web.health", "/health{slash:/?}", "api", GET=operations.health)
    openapi.describe(config, ACCOUNTS)
    config.add_static_view("static", str(assets.static_dir()), cache_max_age=STATIC_MAX_AGE)
