"""Who may use which address: every route and method, for every kind of caller, against one table.

The project asked about is private, and so is a crate of its name: ``bob`` reads and writes them by explicit
grants, ``ann`` is a user without any right on them, ``boss`` administers. A route that the table does not know fails.
"""

from __future__ import annotations

import json
import re

import pytest

from pypicloud_like.core.model import Right, Scope
from pypicloud_like.http.routing import ROUTES
from tests.builders import a_crate, a_wheel
from tests.http.cargo.site import announced, framed
from tests.http.conftest import PASSWORD, basic
from tests.http.needs import (
    ADMIN,
    ADMIN_PAGE,
    ANYONE,
    CACHE,
    DELETE,
    JOB,
    JOB_END,
    LOGGED_IN,
    MAINTAIN,
    NEEDS,
    OTHER,
    OWNER,
    OWNER_CHANGES,
    PACKAGE_ADMIN,
    PAGE,
    PERSON_PAGE,
    READ,
    READ_PAGE,
    SCOPE,
    SCOPE_ADMIN,
    SCOPE_MEMBER,
    SCOPE_PAGE,
    SECRET,
    SECRET_CRATE,
    SECRET_PACKAGE,
    TOKEN,
    UPLOAD,
    USER,
    USER_ACTS,
    WHEEL,
    WRITE,
    WRITE_PAGE,
)
from tests.support.jsr import a_package

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
