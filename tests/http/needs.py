"""Who may do what: every route and method that is served, and what it needs."""

from __future__ import annotations

from pypicloud_like.core.model import PYPI, Project

SECRET = Project(PYPI, "secret")
SECRET_CRATE = Project("cargo", "secret")
SECRET_PACKAGE = Project("jsr", "@acme/secret")
OTHER = Project(PYPI, "other")
WHEEL = "secret-1.0-py3-none-any.whl"

ANYONE = "anyone"
READ = "may read the project"
WRITE = "may write the project"
DELETE = "may write the project, and is in a group that deletes"
UPLOAD = "may write the project that the form names"
TOKEN = "any user, be it with a token that may do nothing here"
LOGGED_IN = "any user with a password or session"
CACHE = "whoever may fetch from upstream"
ADMIN = "administrator"
USER = "any user whose token is not for some projects only"
USER_ACTS = "the same, with a token that may do more than read"
SCOPE = "may read what is in the scope by default"
SCOPE_ADMIN = "admin of the scope, or staff"
PAGE = "as anybody who may read something, for whom there is a login"
PERSON_PAGE = "any user in person, for whom there is a login"
ADMIN_PAGE = "administrator in person, for whom there is a login"
SCOPE_PAGE = "member of the scope in person, for whom there is a login"
SCOPE_MEMBER = "member of the scope in person"
WRITE_PAGE = "may write the project, for whom there is a login"
MAINTAIN = "may write the project, in person"
READ_PAGE = "may read the project, or may log in to"
OWNER = "may read the project, and say who owns it"
OWNER_CHANGES = "the same, with a token that is for this"
JOB = "a job with an identity token, where an issuer is trusted"
JOB_END = "a job, with the token it got"
PACKAGE_ADMIN = "may read the package, and is an admin of its scope or staff"

NEEDS = {
    ("web.home", "GET"): ANYONE,
    ("web.home", "POST"): UPLOAD,
    ("web.login", "GET"): ANYONE,
    ("web.login", "POST"): ANYONE,
    ("web.login", "PUT"): ANYONE,
    ("web.logout", "GET"): ANYONE,
    ("web.logout", "POST"): ANYONE,
    ("web.health", "GET"): ANYONE,
    ("web.apis", "GET"): ANYONE,
    ("openapi.index", "GET"): ANYONE,
    ("openapi.document", "GET"): ANYONE,
    ("web.alive", "GET"): ANYONE,
    ("web.ready", "GET"): ANYONE,
    ("web.metrics", "GET"): ADMIN,
    ("web.tokens", "GET"): ANYONE,
    ("web.tokens", "POST"): LOGGED_IN,
    ("web.authorize", "GET"): ANYONE,
    ("web.authorize", "POST"): LOGGED_IN,
    ("web.register", "GET"): ANYONE,
    ("web.register", "POST"): ANYONE,
    ("web.invited", "GET"): ANYONE,
    ("web.invited", "POST"): ANYONE,
    ("web.account", "GET"): PERSON_PAGE,
    ("web.account.password", "POST"): LOGGED_IN,
    ("web.account.invites", "POST"): LOGGED_IN,
    ("web.account.follow", "POST"): LOGGED_IN,
    ("web.upload", "GET"): PERSON_PAGE,
    ("web.upload", "POST"): LOGGED_IN,
    ("web.manage", "GET"): WRITE_PAGE,
    ("web.manage", "POST"): MAINTAIN,
    ("user.password", "POST"): LOGGED_IN,
    ("user.register", "PUT"): ANYONE,
    ("user.token_register", "PUT"): ANYONE,
    ("api.packages", "GET"): ANYONE,
    ("api.packages.slashless", "GET"): ANYONE,
    ("api.package", "GET"): READ,
    ("api.package.slashless", "GET"): ANYONE,
    ("api.file", "GET"): READ,
    ("api.file", "POST"): WRITE,
    ("api.file", "DELETE"): DELETE,
    ("api.yank", "POST"): WRITE,
    ("api.yank", "DELETE"): WRITE,
    ("api.unyank", "POST"): WRITE,
    ("api.status", "GET"): READ,
    ("api.status", "PUT"): WRITE,
    ("api.mixed", "GET"): READ,
    ("api.mixed", "PUT"): ADMIN,
    ("api.fetch", "POST"): CACHE,
    ("admin.explain", "GET"): ADMIN,
    ("admin.explain.file", "GET"): ADMIN,
    ("admin.confusion", "GET"): ADMIN,
    ("admin.upstream", "GET"): ADMIN,
    ("admin.pin", "PUT"): ADMIN,
    ("admin.pin", "DELETE"): ADMIN,
    ("pypi.packages", "GET"): ANYONE,
    ("pypi.packages.slashless", "GET"): ANYONE,
    ("pypi.provenance", "GET"): READ,
    ("pypi.rss.updates", "GET"): ANYONE,
    ("pypi.rss.packages", "GET"): ANYONE,
    ("pypi.rss.releases", "GET"): READ,
    ("pypi.oidc.audience", "GET"): ANYONE,
    ("pypi.oidc.mint", "POST"): ANYONE,
    ("pypi.oidc.mint.github", "POST"): ANYONE,
    ("pypi.oidc.burn", "POST"): ANYONE,
    ("crates.trusted", "POST"): JOB,
    ("crates.trusted", "PUT"): JOB,
    ("crates.trusted", "DELETE"): JOB_END,
    ("publishers", "GET"): LOGGED_IN,
    ("publishers.project", "GET"): OWNER,
    ("publishers.project", "POST"): WRITE,
    ("publisher", "DELETE"): OWNER_CHANGES,
    ("pypi.json", "GET"): READ,
    ("pypi.json.version", "GET"): READ,
    ("pypi.simple.json", "GET"): READ,
    ("pypi.root.json", "GET"): READ,
    ("pypi.root.project", "GET"): READ,
    ("pypi.root.project.slashless", "GET"): ANYONE,
    ("pypi.plus", "GET"): READ,
    ("cargo.config", "GET"): TOKEN,
    ("cargo.index", "GET"): READ,
    ("mirror.config", "GET"): ANYONE,
    ("mirror.index", "GET"): READ,
    ("mirror.download", "GET"): READ,
    ("mirror.search", "GET"): ANYONE,
    ("mirror.api", "PUT"): ANYONE,
    ("mirror.api", "DELETE"): ANYONE,
    ("crates.new", "PUT"): UPLOAD,
    ("crates.download", "GET"): READ,
    ("crates.yank", "DELETE"): WRITE,
    ("crates.unyank", "PUT"): WRITE,
    ("crates.owners", "GET"): READ,
    ("crates.owners", "PUT"): WRITE,
    ("crates.owners", "DELETE"): WRITE,
    ("crates.new", "GET"): READ,
    ("crates.crate.version", "PATCH"): WRITE,
    ("crates.me", "GET"): TOKEN,
    ("crates.me.updates", "GET"): TOKEN,
    ("crates.me.tokens", "GET"): LOGGED_IN,
    ("crates.me.tokens", "PUT"): LOGGED_IN,
    ("crates.me.token", "GET"): LOGGED_IN,
    ("crates.me.token", "DELETE"): LOGGED_IN,
    ("crates.token", "DELETE"): TOKEN,
    ("crates.user", "GET"): TOKEN,
    ("crates.user.stats", "GET"): TOKEN,
    ("crates.team", "GET"): TOKEN,
    ("cargo.rss.crates", "GET"): ANYONE,
    ("cargo.rss.updates", "GET"): ANYONE,
    ("cargo.rss.crate", "GET"): READ,
    ("crates.follow", "PUT"): READ,
    ("crates.follow", "DELETE"): READ,
    ("jsr.scopes", "POST"): USER_ACTS,
    ("jsr.scope", "GET"): SCOPE,
    ("jsr.scope", "PATCH"): SCOPE_ADMIN,
    ("jsr.scope", "DELETE"): SCOPE_ADMIN,
    ("jsr.members", "GET"): SCOPE,
    ("jsr.members", "POST"): SCOPE_ADMIN,
    ("jsr.member", "PATCH"): SCOPE_ADMIN,
    ("jsr.member", "DELETE"): SCOPE_ADMIN,
    ("jsr.invites", "GET"): SCOPE_ADMIN,
    ("jsr.invite", "DELETE"): SCOPE_ADMIN,
    ("jsr.packages", "GET"): ANYONE,
    ("jsr.stats", "GET"): ANYONE,
    ("jsr.scope.packages", "GET"): SCOPE,
    ("jsr.scope.packages", "POST"): SCOPE_ADMIN,
    ("jsr.package", "GET"): READ,
    ("jsr.package", "PATCH"): PACKAGE_ADMIN,
    ("jsr.package", "DELETE"): PACKAGE_ADMIN,
    ("jsr.dependents", "GET"): READ,
    ("jsr.versions", "GET"): READ,
    ("jsr.version", "GET"): READ,
    ("jsr.version", "POST"): UPLOAD,
    ("jsr.version", "PATCH"): PACKAGE_ADMIN,
    ("jsr.version", "DELETE"): PACKAGE_ADMIN,
    ("jsr.dependencies", "GET"): READ,
    ("jsr.task", "GET"): ANYONE,
    ("jsr.task_status", "GET"): ANYONE,
    ("jsr.me", "GET"): USER,
    ("jsr.me.scopes", "GET"): USER,
    ("jsr.me.member", "GET"): USER,
    ("jsr.me.invites", "GET"): USER,
    ("jsr.me.invite", "POST"): USER_ACTS,
    ("jsr.me.invite", "DELETE"): USER_ACTS,
    ("jsr.me.tokens", "GET"): USER,
    ("jsr.me.tokens", "POST"): LOGGED_IN,
    ("jsr.me.token", "DELETE"): USER_ACTS,
    ("jsr.user", "GET"): TOKEN,
    ("jsr.user.scopes", "GET"): TOKEN,
    ("jsr.authorizations", "POST"): ANYONE,
    ("jsr.authorization", "GET"): ANYONE,
    ("jsr.approve", "POST"): LOGGED_IN,
    ("jsr.deny", "POST"): LOGGED_IN,
    ("jsr.exchange", "POST"): ANYONE,
    ("jsr.module", "GET"): READ,
    ("jsr.elsewhere", "GET"): ANYONE,
    ("npm.root", "GET"): ANYONE,
    ("npm.ping", "GET"): ANYONE,
    ("npm.whoami", "GET"): TOKEN,
    ("npm.packument", "GET"): READ,
    ("npm.tarball", "GET"): READ,
    ("npm.revision", "GET"): READ,
}


def _are_for(part: str, needed: str, methods_of: dict[str, str]) -> None:
    """Routes of a part by their last names, with their methods, all of which need the same."""
    for name, methods in methods_of.items():
        for method in methods.split():
            NEEDS[f"{part}.{name}", method] = needed


for _name in [
    "crate",
    "versions",
    "downloads",
    "following",
    "owner_user",
    "owner_team",
    "reverse_dependencies",
    "version",
    "dependencies",
    "version_downloads",
    "authors",
    "readme",
]:
    NEEDS[f"crates.crate.{_name}", "GET"] = READ
for _name in [
    "crates",
    "keywords",
    "keyword",
    "categories",
    "category",
    "category_slugs",
    "versions.by_id",
    "version.by_id",
    "summary",
]:
    NEEDS[f"crates.{_name}", "GET"] = ANYONE
for _name in ("root", "categories", "category", "grids", "grid", "packages", "package", "search"):
    NEEDS[f"v4.{_name}", "GET"] = TOKEN
    NEEDS[f"v4.{_name}", "OPTIONS"] = ANYONE
    NEEDS[f"v4.{_name}.slashless", "GET"] = ANYONE
_are_for(
    "catalogue",
    ADMIN,
    {
        "categories": "POST",
        "category": "PATCH DELETE",
        "packages": "POST",
        "package": "PATCH DELETE",
        "grids": "POST",
        "grid": "GET PATCH DELETE",
        "member": "PUT DELETE",
        "features": "POST",
        "feature": "PATCH DELETE",
        "cell": "PUT",
    },
)
for _method in ("PUT", "DELETE"):
    NEEDS["account.use", _method] = LOGGED_IN
for _base in ("simple", "pypi", "legacy"):
    NEEDS[f"pypi.{_base}", "GET"] = ANYONE
    NEEDS[f"pypi.{_base}", "POST"] = UPLOAD
    NEEDS[f"pypi.{_base}.slashless", "GET"] = ANYONE
    NEEDS[f"pypi.{_base}.slashless", "POST"] = UPLOAD
    NEEDS[f"pypi.{_base}.project", "GET"] = READ
    NEEDS[f"pypi.{_base}.project.slashless", "GET"] = ANYONE
    NEEDS[f"pypi.{_base}.plus", "GET"] = READ
for _page in ("search", "grids", "grid", "package"):
    NEEDS[f"web.{_page}", "GET"] = PAGE
for _page in ("project", "project.version", "crate", "crate.version", "jsr", "jsr.version"):
    NEEDS[f"web.{_page}", "GET"] = READ_PAGE
_are_for(
    "admin",
    ADMIN,
    {
        "rebuild": "GET POST",
        "acl": "GET",
        "register": "POST",
        "pending": "GET",
        "token": "GET",
        "users": "GET",
        "user": "GET PUT DELETE",
        "user.rights": "GET",
        "user.approve": "POST",
        "user.admin": "POST",
        "member": "PUT DELETE",
        "groups": "GET",
        "group": "GET PUT DELETE",
        "package": "GET",
        "grant": "PUT DELETE",
    },
)

for _page, _methods in {
    "home": "GET",
    "users": "GET POST",
    "user": "GET POST",
    "groups": "GET POST",
    "group": "GET POST",
    "rights": "GET POST",
    "scopes": "GET POST",
    "scope": "GET POST",
    "publishers": "GET POST",
    "index": "GET POST",
    "progress": "GET",
    "storage": "GET",
    "downloads": "GET",
    "upstreams": "GET POST",
    "confusion": "GET",
    "curation": "GET POST",
    "comparison": "GET POST",
    "audit": "GET",
}.items():
    for _method in _methods.split():
        NEEDS[f"control.{_page}", _method] = ADMIN_PAGE if _method == "GET" else ADMIN
NEEDS["web.account.scopes", "GET"] = PERSON_PAGE
NEEDS["web.account.scopes", "POST"] = LOGGED_IN
NEEDS["web.account.publishers", "GET"] = PERSON_PAGE
NEEDS["web.account.publishers", "POST"] = LOGGED_IN
NEEDS["web.account.scope", "GET"] = SCOPE_PAGE
NEEDS["web.account.scope", "POST"] = SCOPE_MEMBER
