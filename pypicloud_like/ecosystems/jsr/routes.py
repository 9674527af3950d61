"""All addresses of the JSR side on one page."""

from __future__ import annotations

from collections import Counter

from pyramid.config import Configurator

from pypicloud_like.core.ports import Cache
from pypicloud_like.ecosystems.jsr import description
from pypicloud_like.ecosystems.jsr.directory import Entry, packages_directory
from pypicloud_like.ecosystems.jsr.names import JSR
from pypicloud_like.ecosystems.jsr.npm.workshop import Workshop
from pypicloud_like.ecosystems.jsr.presented import JsrPresenter
from pypicloud_like.ecosystems.jsr.scopes import check_scope_description, has_contents, make_scope
from pypicloud_like.ecosystems.jsr.views import (
    authorizations,
    jobs,
    members,
    modules,
    npm,
    packages,
    publish,
    scopes,
    users,
    versions,
)
from pypicloud_like.ecosystems.jsr.views.common import DIRECTORY
from pypicloud_like.ecosystems.jsr.views.errors import DIALECT, tell
from pypicloud_like.http.errors import add_dialect
from pypicloud_like.http.openapi import document
from pypicloud_like.http.routing import View, route
from pypicloud_like.http.security import add_scheme
from pypicloud_like.registry.directory import Directory
from pypicloud_like.registry.presented import PRESENTERS
from pypicloud_like.registry.scoping import SCOPE_RULES, ScopeRules

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
    config.registry.setdefault(PRESENTERS, {})["jsr"] = JsrPresenter()
    add_dialect(config, DIALECT, tell, "/@", *(f"/api/{root}/" for root in ROOTS))
    add_scheme(config, jobs.SCHEME, jobs.caller_of)
    config.registry[DIRECTORY] = packages_directory()
    config.registry[SCOPE_RULES] = _rules(config.registry[DIRECTORY])
    _scopes(config)
    _packages(config)
    _people(config)
    _modules(config)
    _npm(config)
    document.describe(config, description.JSR)
    document.describe(config, description.NPM)


def _rules(directory: Directory[Entry]) -> ScopeRules:
    def packages(cache: Cache) -> Counter[str]:
        return Counter(entry.name.scope for entry in directory.entries(cache))

    return ScopeRules(JSR, make_scope, check_scope_description, packages, has_contents)


def _scopes(config: Configurator) -> None:
    scope = "/api/scopes/{scope}"
    member, invite = {"PATCH": members.change, "DELETE": members.remove}, {"DELETE": members.withdraw}
    for name, pattern, views in (
        ("scopes", "/api/scopes", {"POST": scopes.make}),
        ("scope", scope, {"GET": scopes.get, "PATCH": scopes.change, "DELETE": scopes.remove}),
        ("members", f"{scope}/members", {"GET": members.listed, "POST": members.invite}),
        ("member", f"{scope}/members/{{id}}", member),
        ("invites", f"{scope}/invites", {"GET": members.invites}),
        ("invite", f"{scope}/invites/{{id}}", invite),
    ):
        _api(config, name, pattern, **views)


def _packages(config: Configurator) -> None:
    scope = "/api/scopes/{scope}/packages"
    package = f"{scope}/{{package}}"
    version = f"{package}/versions/{{version}}"
    one = {"GET": packages.get, "PATCH": packages.change, "DELETE": packages.remove}
    of_version = {"GET": versions.get, "POST": publish.new, "PATCH": versions.change}
    for name, pattern, views in (
        ("packages", "/api/packages", {"GET": packages.listed}),
        ("stats", "/api/stats", {"GET": packages.stats}),
        ("scope.packages", scope, {"GET": packages.in_scope, "POST": packages.make}),
        ("package", package, one),
        ("dependents", f"{package}/dependents", {"GET": packages.dependents}),
        ("versions", f"{package}/versions", {"GET": versions.listed}),
        ("version", version, of_version | {"DELETE": versions.remove}),
        ("dependencies", f"{version}/dependencies", {"GET": versions.dependencies}),
        ("task", "/api/publishing_tasks/{id}", {"GET": publish.status}),
        ("task_status", "/api/publish_status/{id}", {"GET": publish.status}),
    ):
        _api(config, name, pattern, **views)


def _people(config: Configurator) -> None:
    asking = "/api/authorizations"
    for name, pattern, views in (
        ("me", "/api/user", {"GET": users.me}),
        ("me.scopes", "/api/user/scopes", {"GET": users.my_scopes}),
        ("me.member", "/api/user/member/{scope}", {"GET": users.my_membership}),
        ("me.invites", "/api/user/invites", {"GET": users.my_invites}),
        ("me.invite", "/api/user/invites/{scope}", {"POST": users.accept, "DELETE": users.decline}),
        ("me.tokens", "/api/user/tokens", {"GET": users.tokens, "POST": users.make_token}),
        ("me.token", "/api/user/tokens/{id}", {"DELETE": users.end_token}),
        ("user", "/api/users/{id}", {"GET": users.user}),
        ("user.scopes", "/api/users/{id}/scopes", {"GET": users.scopes_of}),
        ("authorizations", asking, {"POST": authorizations.begin}),
        ("authorization", f"{asking}/details/{{code}}", {"GET": authorizations.details}),
        ("approve", f"{asking}/approve/{{code}}", {"POST": authorizations.approve}),
        ("deny", f"{asking}/deny/{{code}}", {"POST": authorizations.deny}),
        ("exchange", f"{asking}/exchange", {"POST": authorizations.exchange}),
    ):
        _api(config, name, pattern, **views)


def _api(config: Configurator, name: str, pattern: str, **views: View) -> None:
    route(config, f"jsr.{name}", pattern + "{slash:/?}", DIALECT, **views)


def _modules(config: Configurator) -> None:
    """Some clients put a second slash in front. What else begins with ``@`` is no package of another kind."""
    module = "/{slashes:/*}@{scope}/{package}/{path:(?s:.+)}"
    route(config, "jsr.module", module, DIALECT, GET=modules.module)
    route(config, "jsr.elsewhere", "/{slashes:/*}@{rest:(?s:.*)}", DIALECT, GET=modules.elsewhere)


def _npm(config: Configurator) -> None:
    """The registry for npm, pnpm, yarn. Some write the slash of a name as ``%2f``, which is the same here."""
    add_dialect(config, npm.DIALECT, npm.tell, "/npm/")
    config.registry[npm.WORKSHOP] = Workshop(config.registry.services)
    name = "/npm/@jsr/{name}"
    for route_name, pattern, view in (
        ("root", "/npm{slash:/?}", npm.root),
        ("ping", "/npm/-/ping{slash:/?}", npm.root),
        ("whoami", "/npm/-/whoami{slash:/?}", npm.whoami),
        ("packument", f"{name}{{slash:/?}}", npm.packument),
        ("tarball", f"{name}/-/{{filename}}", npm.tarball),
        ("revision", "/npm/~/{revision:[0-9]+}/@jsr/{name}/{filename}", npm.older_tarball),
    ):
        route(config, f"npm.{route_name}", pattern, npm.DIALECT, GET=view)
