"""All addresses of the Python side on one page."""

from __future__ import annotations

from pyramid.config import Configurator

from pypicloud_like.ecosystems.pypi import description
from pypicloud_like.ecosystems.pypi.presented import PythonPresenter
from pypicloud_like.ecosystems.pypi.received import PythonReceiver
from pypicloud_like.ecosystems.pypi.views import (
    explaining,
    files,
    json_api,
    oidc,
    packages,
    projects,
    root,
    simple,
    upload,
    various,
)
from pypicloud_like.http.errors import add_dialect
from pypicloud_like.http.openapi import document
from pypicloud_like.http.routing import route
from pypicloud_like.registry.presented import PRESENTERS
from pypicloud_like.registry.received import RECEIVERS

# A file's or version's segment may hold anything but a slash; names are normalised by the views.


def includeme(config: Configurator) -> None:
    """The installers' pages and uploads, PyPI's JSON API, pypicloud's package API."""
    config.registry.setdefault(PRESENTERS, {})["pypi"] = PythonPresenter()
    config.registry.setdefault(RECEIVERS, {})["pypi"] = PythonReceiver()
    _index_pages(config)
    _json_api(config)
    _package_api(config)
    _various(config)
    _oidc(config)
    document.describe(config, description.PACKAGES)
    document.describe(config, description.INDEX)


def include_root_aliases(config: Configurator) -> None:
    """``/{package}/`` at the root, as pypiserver and pypicloud have it: to be registered last of all."""
    route(config, "pypi.root.json", "/{project}/json{slash:/?}", "pip", GET=root.project_json)
    route(config, "pypi.root.project", "/{project}/", "pip", GET=root.project)
    route(config, "pypi.root.project.slashless", "/{project}", "pip", GET=root.add_slash)


def _index_pages(config: Configurator) -> None:
    for base in ("simple", "pypi", "legacy"):
        methods = {"GET": simple.project_list, "POST": upload.upload}
        if base == "pypi":
            methods["POST"] = upload.upload_or_search
        route(config, f"pypi.{base}", f"/{base}/", "pip", **methods)
        slashless = methods | {"GET": simple.add_slash}
        route(config, f"pypi.{base}.slashless", f"/{base}", "pip", **slashless)
        route(config, f"pypi.{base}.project", f"/{base}/{{project}}/", "pip", GET=simple.project)
        route(config, f"pypi.{base}.project.slashless", f"/{base}/{{project}}", "pip", GET=simple.add_slash)
        plus = f"/{base}/+simple/{{project}}"
        route(config, f"pypi.{base}.plus", plus + "{slash:/?}", "pip", GET=simple.project_html)
    route(config, "pypi.plus", "/+simple/{project}{slash:/?}", "pip", GET=simple.project_html)


def _json_api(config: Configurator) -> None:
    get = json_api.project
    route(config, "pypi.json", "/pypi/{project}/json{slash:/?}", "pip", GET=get)
    route(config, "pypi.simple.json", "/simple/{project}/json{slash:/?}", "pip", GET=get)
    version = "/pypi/{project}/{version}/json{slash:/?}"
    route(config, "pypi.json.version", version, "pip", GET=json_api.version)


def _package_api(config: Configurator) -> None:
    route(config, "api.packages", "/api/package/", "api", GET=packages.list_packages)
    route(config, "api.packages.slashless", "/api/package", "api", GET=simple.add_slash)
    route(config, "api.package", "/api/package/{project}/", "api", GET=packages.list_files)
    route(config, "api.package.slashless", "/api/package/{project}", "api", GET=simple.add_slash)
    route(
        config,
        "api.file",
        "/api/package/{project}/{filename}{slash:/?}",
        "api",
        GET=files.download,
        POST=upload.upload_named,
        DELETE=packages.delete_file,
    )
    yank = "/api/package/{project}/{version}/yank{slash:/?}"
    route(config, "api.yank", yank, "api", POST=projects.yank, DELETE=projects.unyank)
    unyank = "/api/package/{project}/{version}/unyank{slash:/?}"
    route(config, "api.unyank", unyank, "api", POST=projects.unyank)
    status = "/api/project/{project}/status{slash:/?}"
    route(config, "api.status", status, "api", GET=projects.status, PUT=projects.set_status)
    mixed = "/api/project/{project}/mixed{slash:/?}"
    route(config, "api.mixed", mixed, "api", GET=projects.mixed, PUT=projects.set_mixed)
    route(config, "api.fetch", "/api/fetch{slash:/?}", "api", POST=packages.fetch)


def _various(config: Configurator) -> None:
    route(config, "pypi.packages", "/packages/", "pip", GET=simple.all_files)
    route(config, "pypi.packages.slashless", "/packages", "pip", GET=simple.add_slash)
    explain = "/admin/explain/{project}{slash:/?}"
    route(config, "admin.explain", explain, "api", GET=explaining.explain)
    explain_file = "/admin/explain/{project}/{filename}{slash:/?}"
    route(config, "admin.explain.file", explain_file, "api", GET=explaining.explain)
    confusion = "/admin/upstream/confusion{slash:/?}"
    route(config, "admin.confusion", confusion, "api", GET=explaining.confusion)
    route(config, "admin.upstream", "/admin/upstream{slash:/?}", "api", GET=explaining.upstreams)
    pin = "/admin/upstream/pin/{project}{slash:/?}"
    route(config, "admin.pin", pin, "api", PUT=explaining.pin, DELETE=explaining.unpin)
    provenance = "/integrity/{project}/{version}/{filename}/provenance"
    route(config, "pypi.provenance", provenance, "api", GET=files.provenance)
    route(config, "pypi.rss.updates", "/rss/updates.xml", "pip", GET=various.updates_feed)
    route(config, "pypi.rss.packages", "/rss/packages.xml", "pip", GET=various.packages_feed)
    releases = "/rss/project/{project}/releases.xml"
    route(config, "pypi.rss.releases", releases, "pip", GET=various.releases_feed)


def _oidc(config: Configurator) -> None:
    """Trusted publishing; the older address is that of one forge, and the same here."""
    add_dialect(config, oidc.DIALECT, oidc.tell, "/_/oidc/")
    route(config, "pypi.oidc.audience", "/_/oidc/audience{slash:/?}", oidc.DIALECT, GET=oidc.audience)
    for name, path, view in (
        ("mint", "mint-token", oidc.mint),
        ("mint.github", "github/mint-token", oidc.mint),
        ("burn", "burn-token", oidc.burn),
    ):
        route(config, f"pypi.oidc.{name}", f"/_/oidc/{path}{{slash:/?}}", oidc.DIALECT, POST=view)
