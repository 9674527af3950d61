"""The WSGI application: settings → services → routes."""

from __future__ import annotations

import gc
import logging
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from pyramid.config import Configurator
from pyramid.router import Router

from pypicloud_like import assembly, assets
from pypicloud_like.catalogue.views.common import CATALOGUE
from pypicloud_like.core.errors import Unavailable
from pypicloud_like.ecosystems.pypi import routes as pypi_routes
from pypicloud_like.ecosystems.pypi.views import upload
from pypicloud_like.http.routing import route
from pypicloud_like.logs.setup import make_safe
from pypicloud_like.registry.described import DESCRIBERS
from pypicloud_like.registry.services import Services
from pypicloud_like.settings.load import load
from pypicloud_like.web.browse import home
from pypicloud_like.web.routes import include_reading

log = logging.getLogger(__name__)


def main(global_config: Mapping[str, str], **ini: str) -> Router:
    """``paste.app_factory``: what ``pserve``, ``gunicorn --paste`` and others call.

    :raises ConfigurationError: with every fault of the settings
    """
    here = Path(global_config.get("here", ".")).absolute()
    settings = load(ini, os.environ, here=here)
    make_safe(settings)
    for warning in settings.warnings:
        log.warning("%s", warning)
    return make_wsgi(assembly.opened(settings))


def make_wsgi(services: Services) -> Router:
    """The WSGI application over these services."""
    config = Configurator(settings={"pyramid.default_locale_name": "en"})
    config.registry.services = services
    config.registry[DESCRIBERS] = assembly.describers()
    config.include("pyramid_jinja2")
    config.add_jinja2_search_path(str(assets.templates_dir()), name=".jinja2")
    for part in (
        "http.matching",
        "http.errors",
        "http.security",
        "http.edge",
        "http.observing",
        "http.shortcut",
        "http.openapi.views",
        "admin.routes",
    ):
        config.include(f"pypicloud_like.{part}")
    route(config, "web.home", "/", "pip", GET=home.home, POST=upload.upload)
    config.include(include_reading)
    for ecosystem in ("cargo", "jsr", "pypi"):
        config.include(f"pypicloud_like.ecosystems.{ecosystem}.routes")
    config.include("pypicloud_like.catalogue.routes")
    config.include("pypicloud_like.web.routes")  # after /api/user/scopes: registering has /api/user/{name}
    config.include(pypi_routes.include_root_aliases)
    return cast("Router", config.make_wsgi_app())


def warm(router: Router) -> None:
    """Have a thread read what lists and searches show, while the first requests are answered."""

    def work() -> None:
        registry = router.registry
        try:
            registry[CATALOGUE].warm(registry.services)
        except Unavailable:  # whoever looks will be told
            log.info("what lists show could not be read yet")
        else:
            # of 20,000 projects there is so much that to look through it for garbage holds all threads for
            # 100 ms; what is garbage at this moment stays, once
            gc.freeze()

    threading.Thread(target=work, name="warm", daemon=True).start()
