"""All addresses of the JSR side on one page."""

from __future__ import annotations

from pyramid.config import Configurator

from pypicloud_like.ecosystems.jsr.views import existence, modules, publish
from pypicloud_like.ecosystems.jsr.views.errors import DIALECT, tell
from pypicloud_like.http.errors import add_dialect
from pypicloud_like.http.routing import route

ROOTS = (
    "scopes",
    "packages",
    "user",
    "users",
    "authorizations",
    "publishing_tasks",
    "publish_status",
    "stats",
)
"""What the management API has below ``/api/``: deno asks there, whatever path its ``JSR_URL`` has."""


def includeme(config: Configurator) -> None:
    """Modules, publishing, and management."""
    add_dialect(config, DIALECT, tell, "/@", *(f"/api/{root}/" for root in ROOTS))
    _publishing(config)
    _modules(config)


def _publishing(config: Configurator) -> None:
    end = "{slash:/?}"
    package = "/api/scopes/{scope}/packages/{package}"
    route(config, "jsr.package", package + end, DIALECT, GET=existence.package)
    version = package + "/versions/{version}" + end
    route(config, "jsr.version", version, DIALECT, GET=existence.version, POST=publish.new)
    route(config, "jsr.task", "/api/publishing_tasks/{id}" + end, DIALECT, GET=publish.status)
    route(config, "jsr.task_status", "/api/publish_status/{id}" + end, DIALECT, GET=publish.status)


def _modules(config: Configurator) -> None:
    """Some clients put a second slash in front. What else begins with ``@`` is no package of another kind."""
    module = "/{slashes:/*}@{scope}/{package}/{path:(?s:.+)}"
    route(config, "jsr.module", module, DIALECT, GET=modules.module)
    route(config, "jsr.elsewhere", "/{slashes:/*}@{rest:(?s:.*)}", DIALECT, GET=modules.elsewhere)
