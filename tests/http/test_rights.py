"""Who may use which address: every route and method, for every kind of caller, against one table.

The project asked about is private, and so is a crate of its name: ``bob`` reads and writes them by explicit
grants, ``ann`` is a user without any right on them, ``boss`` administers. A route that the table does not know fails.
"""

from __future__ import annotations

import json
import re

import pytest

from pypicloud_like.core.model import PYPI, Project, Right, Scope
from pypicloud_like.http.routing import ROUTES
from tests.builders import a_crate, a_wheel
from tests.http.cargo.site import announced, framed
from tests.http.conftest import PASSWORD, basic
from tests.support.jsr import a_package

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
for _name, _methods in {
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
}.items():
    for _method in _methods.split():
        NEEDS[f"catalogue.{_name}", _method] = ADMIN
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
for _route, _methods in {
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
}.items():
    for _method in _methods.split():
        NEEDS[f"admin.{_route}", _method] = ADMIN

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

CALLERS = (
    "anonymous",
    "wrong password",
    "ann",
    "bob",
    "boss",
    "bob's reading token",
    "bob's token for other",
)

REFUSED = {
    READ: {
        "anonymous": 401,
        "wrong password": 401,
        "ann": 404,
        "bob's token for other": 404,
    },
    WRITE: {
        "anonymous": 401,
        "wrong password": 401,
        "ann": 403,
        "bob's reading token": 403,
        "bob's token for other": 403,
    },
    LOGGED_IN: {
        "anonymous": 401,
        "wrong password": 401,
        "bob's reading token": 403,
        "bob's token for other": 403,
    },
    CACHE: {
        "anonymous": 401,
        "wrong password": 401,
        "bob's reading token": 403,
        "bob's token for other": 403,
    },
    ADMIN: {
        "anonymous": 401,
        "wrong password": 401,
        "ann": 403,
        "bob": 403,
        "bob's reading token": 403,
        "bob's token for other": 403,
    },
    ANYONE: {},
    TOKEN: {"anonymous": 401, "wrong password": 401},
}
CHALLENGES = {"cargo": "Cargo login_url=", "npm": "Bearer "}
"""What a 401 asks for first, where that is not a password."""
REFUSED[USER] = REFUSED[TOKEN] | {"bob's token for other": 403}
REFUSED[USER_ACTS] = REFUSED[USER] | {"bob's reading token": 403}
REFUSED[SCOPE] = REFUSED[TOKEN] | {"bob's token for other": 404}
REFUSED[SCOPE_ADMIN] = REFUSED[SCOPE] | {"ann": 403, "bob": 403, "bob's reading token": 403}
REFUSED[PACKAGE_ADMIN] = REFUSED[SCOPE_ADMIN] | {"ann": 404}
REFUSED[PAGE] = {"anonymous": 302, "wrong password": 302}
REFUSED[PERSON_PAGE] = REFUSED[LOGGED_IN] | REFUSED[PAGE]
REFUSED[ADMIN_PAGE] = REFUSED[ADMIN] | REFUSED[PAGE]
REFUSED[SCOPE_MEMBER] = REFUSED[LOGGED_IN] | {"ann": 404, "bob": 404}
REFUSED[SCOPE_PAGE] = REFUSED[SCOPE_MEMBER] | REFUSED[PAGE]
REFUSED[MAINTAIN] = REFUSED[LOGGED_IN] | {"ann": 404}
REFUSED[WRITE_PAGE] = REFUSED[MAINTAIN] | REFUSED[PAGE]
REFUSED[READ_PAGE] = REFUSED[READ] | REFUSED[PAGE]
REFUSED[OWNER] = REFUSED[READ] | {"bob's reading token": 403}
REFUSED[OWNER_CHANGES] = REFUSED[OWNER] | {"bob's token for other": 403}
REFUSED[JOB] = dict.fromkeys(CALLERS, 403)
REFUSED[JOB_END] = dict.fromkeys(CALLERS, 401) | {"bob's token for other": 403}
REFUSED[UPLOAD] = REFUSED[DELETE] = REFUSED[WRITE]


@pytest.fixture
def ini():
    return {
        "pypi.default_read": "authenticated",
        "pypi.allow_delete_groups": "authenticated",
        "auth.failures": "100000",
        "server.metrics": "admin",
    }


@pytest.fixture
def sent(app, services, users):
    """Caller → the headers they send; the private project has one wheel, the crate one version."""
    app.upload(*a_wheel("secret", "1.0"))
    crate = framed(json.dumps(announced("secret", "1.0.0")).encode(), a_crate("secret", "1.0.0").content)
    assert app.ask("PUT", "/api/v1/crates/new", user="boss", body=crate).status_int == 200
    package = a_package("@acme/secret", "1.0.0")
    path = "/api/scopes/acme/packages/secret/versions/1.0.0?config=/deno.json"
    answer = app.ask("POST", path, user="boss", body=package, headers={"Content-Encoding": "gzip"})
    assert answer.json["status"] == "success"
    for right in Right:
        users.grant(SECRET, "user", "bob", right, actor=None)
        users.grant(SECRET_CRATE, "user", "bob", right, actor=None)
        users.grant(SECRET_PACKAGE, "user", "bob", right, actor=None)
    add_token = services.state.add_token
    reading, _ = add_token("bob", "reading", Scope(frozenset({"read"})), expires_at=None)
    every_act = frozenset({"read", "write", "create", "delete", "yank", "overwrite", "owners"})
    other, _ = add_token("bob", "other", Scope(every_act, frozenset({OTHER})), expires_at=None)
    return {
        "anonymous": {},
        "wrong password": basic("bob", "wrong"),
        "ann": basic("ann"),
        "bob": basic("bob"),
        "boss": basic("boss"),
        "bob's reading token": basic("__token__", reading),
        "bob's token for other": {"Authorization": f"Bearer {other}"},
    }


def address(pattern: str) -> str:
    """A sample path of a pattern, about the private project or the crate."""
    values = {"project": "secret", "version": "1.0", "filename": WHEEL, "username": "nobody", "group": "devs"}
    values |= {"kind": "user", "principal": "bob", "right": "read", "grid": "1"}
    values |= {"crate": "secret", "path": "se/cr/secret", "rest": "crates/new", "login": "bob"}
    values |= {"keyword": "async", "category": "parsing", "id": "1234", "system": "catalogue"}
    values |= {"scope": "acme", "package": "secret", "code": "ABCD-EFGH", "slug": "secret"}
    if pattern.startswith("/npm/"):
        name = "1.0.0.tgz" if "{revision" in pattern else "acme__secret-1.0.0.tgz"
        values |= {"name": "acme__secret", "revision": "11", "filename": name}
    if pattern.startswith("/manage/"):
        return "/manage/pypi/secret"
    if pattern.startswith(("/project/", "/crates/", "/@{")):
        values |= {"name": "secret", "version": "1.0" if pattern.startswith("/project/") else "1.0.0"}
    elif "/crates/" in pattern or "/scopes/" in pattern:
        values["version"] = "1.0.0"
    if pattern.startswith("/{slashes"):
        values["path"] = "meta.json"
    if pattern.startswith(("/admin/catalogue/", "/account/uses/", "/api/v4/")):
        values |= {"id": "1", "package": "1", "feature": "1", "key": "1"}
    elif not pattern.startswith("/api/v1/"):
        values["id"] = "8ad4e4d4-6a33-4a6e-8b53-5ef5bd1c9a0b"
    path = (
        pattern.replace("{slash:/?}", "")
        .replace("{slashes:/*}", "")
        .replace("{project:(?:jsr:@[^/]+/)?[^/]+}", "{project}")
    )
    return re.sub(r"\{(\w+)(?::[^}]*)?\}", lambda match: values[match[1]], path)


@pytest.fixture
def routes(services, app):
    return app.app.registry[ROUTES]


@pytest.mark.promise(121)
def test_the_table_knows_every_route_and_method(routes):
    assert {(name, method) for name, entry in routes.items() for method in entry.views} == set(NEEDS)


@pytest.mark.promise(121, 124, 132)
@pytest.mark.parametrize("caller", CALLERS)
def test_a_route_is_for_whom_the_table_says(app, sent, routes, caller):
    # reading comes first, so that what a caller may delete is there to be read
    # and what ends the very token that asks comes last
    for name, method in sorted(NEEDS, key=lambda it: (it[0] == "crates.token", it[1] != "GET", it)):
        needs = NEEDS[name, method]
        answer = ask(app, routes[name], method, dict(sent[caller]))
        where = f"{method} {name}: {answer.status} {answer.body[:200]!r}"
        expected = REFUSED[needs].get(caller)
        if expected is not None:
            assert answer.status_int == expected, where
        elif needs in {ANYONE, PAGE, LOGGED_IN, CACHE, USER, USER_ACTS}:
            assert answer.status_int < 500, where
        else:
            assert answer.status_int not in {401, 403, 500, 503}, where
        if answer.status_int == 401:
            challenge = CHALLENGES.get(routes[name].dialect, "Basic ")
            assert answer.headers["WWW-Authenticate"].startswith(challenge), where


def ask(app, route, method, headers):
    """One sensible request to a route."""
    body = b""
    headers["X-JSR-Sudo"] = "true"
    if route.name == "jsr.version" and method == "POST":
        headers["Content-Encoding"] = "gzip"
        body = a_package("@acme/secret", "2.0.0")
        return app.ask(
            method,
            "/api/scopes/acme/packages/secret/versions/2.0.0?config=/deno.json",
            headers=headers,
            body=body,
        )
    if route.name == "crates.new" and method == "PUT":
        crate = a_crate("secret", "2.0.0").content
        body = framed(json.dumps(announced("secret", "2.0.0")).encode(), crate)
    elif NEEDS[route.name, method] == UPLOAD or (route.name, method) == ("api.file", "POST"):
        filename, wheel = a_wheel("secret", "2.0")
        kind, body = app.encode_multipart([("name", "secret")], [("content", filename, wheel)])
        headers["Content-Type"] = kind
    elif method in {"POST", "PUT", "PATCH"}:
        headers["Content-Type"] = "application/json"
        body = (
            b'{"password": "p", "username": "u", "allow": true, "admin": false, "status": "deprecated",'
            b' "token": "x", "requirements": "foo", "old_password": "x", "new_password": "y",'
            b' "yanked": true, "isAdmin": true, "githubLogin": "ann", "scope": "other", "package": "demo"}'
        )
    return app.ask(method, address(route.pattern), headers=headers, body=body)


@pytest.mark.promise(122)
@pytest.mark.parametrize("caller", ["anonymous", "wrong password", "ann", "bob's token for other"])
def test_nothing_tells_of_a_private_project(app, sent, routes, caller):
    for (name, method), needs in NEEDS.items():
        if method == "GET" and needs is ANYONE:
            answer = app.ask("GET", address(routes[name].pattern), headers=sent[caller])
            assert WHEEL not in answer.text, name
            if "{project}" not in routes[name].pattern:
                assert "secret" not in answer.text, name


@pytest.mark.promise(122)
def test_an_unknown_name_is_answered_as_a_private_one(app, sent):
    for caller in ("anonymous", "ann"):
        for path in ("/simple/{}/", "/pypi/{}/json", "/pypi/{}/1.0/json", "/rss/project/{}/releases.xml"):
            private = app.ask("GET", path.format("secret"), headers=sent[caller])
            unknown = app.ask("GET", path.format("nosuch"), headers=sent[caller])
            assert private.status_int == unknown.status_int
            assert private.text.replace("secret", "") == unknown.text.replace("nosuch", "")
        for method, path in (
            ("GET", "/cargo/index/{1}/{2}/{0}"),
            ("GET", "/api/v1/crates/{0}/1.0.0/download"),
            ("GET", "/api/v1/crates/{0}/owners"),
            ("GET", "/npm/@jsr/acme__{0}"),
            ("GET", "/npm/@jsr/acme__{0}/-/acme__{0}-1.0.0.tgz"),
            ("GET", "/npm/~/11/@jsr/acme__{0}/1.0.0.tgz"),
            ("PUT", "/api/v1/crates/{0}/owners"),
            ("DELETE", "/api/v1/crates/{0}/1.0.0/yank"),
        ):
            private, unknown = (
                app.ask(method, path.format(name, name[:2], name[2:4]), headers=sent[caller])
                for name in ("secret", "nosuch")
            )
            assert private.status_int == unknown.status_int
            assert private.text.replace("secret", "") == unknown.text.replace("nosuch", "")


def test_the_password_of_everybody_here_is_right(app, sent):
    assert app.ask("GET", "/simple/secret/", headers=basic("bob", PASSWORD)).status_int == 200
