"""Every listed endpoint is answered by the view it is meant for, with and without its last slash."""

from __future__ import annotations

import re

import pytest
from pyramid.interfaces import IRoutesMapper
from pyramid.request import Request

from pypicloud_like.app import make_wsgi
from pypicloud_like.http.routing import ROUTES
from tests.http.conftest import SteppingClock, make_services
from tests.http.endpoints import CARGO, CATALOGUE, JSR, NPM, PYPI_JSON, PYPICLOUD, listed
from tests.support import again

SAMPLES = {
    "package": "flywheel",
    "project": "flywheel",
    "filename": "flywheel-0.1.0.tar.gz",
    "version": "0.1.0",
    "username": "ann",
    "group": "brotatos",
    "name": "ann",
    "crate_id": "flywheel",
    "version_id": "17",
    "number": "17",
    "slug": "flywheel",
    "id": "17",
    "keyword_id": "async",
    "category_id": "parsing",
    "user_id": "ann",
    "scope": "acme",
    "revision": "11",
    "code": "ABCD-EFGH",
    "uuid": "8ad4e4d4-6a33-4a6e-8b53-5ef5bd1c9a0b",
}

LISTED = [
    *listed(PYPICLOUD),
    *listed(PYPI_JSON),
    *listed(CARGO),
    *listed(JSR),
    *listed(NPM),
    *listed(CATALOGUE),
]

EXPECTED = {
    "GET /simple/": "project_list",
    "POST /simple/": "upload",
    "GET /simple/{package}/": "project",
    "GET /api/package/": "list_packages",
    "GET /api/package/{package}/": "list_files",
    "POST /api/package/{package}/{filename}": "upload_named",
    "DELETE /api/package/{package}/{filename}": "delete_file",
    "POST /api/fetch": "fetch",
    "PUT /api/user/{username}/": "register",
    "POST /api/user/password": "change_password",
    "GET /admin/rebuild/": "rebuild",
    "GET /admin/acl.json.gz": "acl",
    "POST /admin/register/": "register",
    "GET /admin/pending_users/": "pending",
    "GET /admin/user/": "users",
    "GET /admin/user/{username}/": "user",
    "GET /admin/user/{username}/permissions/": "of_user",
    "DELETE /admin/user/{username}/": "remove",
    "POST /admin/user/{username}/approve/": "approve",
    "POST /admin/user/{username}/admin/": "set_admin",
    "PUT /admin/user/{username}/group/{group}/": "add_member",
    "DELETE /admin/user/{username}/group/{group}/": "remove_member",
    "GET /admin/group/": "groups",
    "GET /admin/group/{group}/": "group",
    "PUT /admin/group/{group}/": "add",
    "DELETE /admin/group/{group}/": "remove",
    "GET /admin/package/{package}/": "of_package",
    "GET /cargo/index/config.json": "configuration",
    "GET /cargo/index/1/{crate_id}": "crate",
    "GET /cargo/index/fl/yw/{crate_id}": "crate",
    "PUT /api/v1/crates/new": "new",
    "POST /api/v1/trusted_publishing/tokens": "exchange",
    "DELETE /api/v1/trusted_publishing/tokens": "revoke",
    "GET /_/oidc/audience": "audience",
    "POST /_/oidc/mint-token": "mint",
    "POST /_/oidc/github/mint-token": "mint",
    "POST /_/oidc/burn-token": "burn",
    "GET /api/v1/crates/{crate_id}/{version}/download": "download",
    "DELETE /api/v1/crates/{crate_id}/{version}/yank": "yank",
    "PUT /api/v1/crates/{crate_id}/{version}/unyank": "unyank",
    "GET /api/v1/crates/{crate_id}/owners": "listed",
    "PUT /api/v1/crates/{crate_id}/owners": "add",
    "DELETE /api/v1/crates/{crate_id}/owners": "remove",
    "GET /api/v1/crates": "crates",
    "GET /api/v1/crates/{crate_id}": "crate",
    "GET /api/v1/crates/{crate_id}/{version}": "version",
    "GET /api/v1/crates/{crate_id}/{version}/dependencies": "dependencies",
    "GET /api/v1/crates/{crate_id}/{version}/downloads": "version_downloads",
    "GET /api/v1/crates/{crate_id}/{version}/authors": "authors",
    "GET /api/v1/crates/{crate_id}/downloads": "crate_downloads",
    "GET /api/v1/crates/{crate_id}/versions": "versions",
    "PUT /api/v1/crates/{crate_id}/follow": "follow",
    "DELETE /api/v1/crates/{crate_id}/follow": "unfollow",
    "GET /api/v1/crates/{crate_id}/following": "following",
    "GET /api/v1/crates/{crate_id}/reverse_dependencies": "reverse_dependencies",
    "GET /api/v1/versions": "versions_by_id",
    "GET /api/v1/versions/{version_id}": "version_by_id",
    "GET /api/v1/keywords": "keyword_list",
    "GET /api/v1/keywords/{keyword_id}": "keyword",
    "GET /api/v1/categories": "category_list",
    "GET /api/v1/categories/{category_id}": "category",
    "GET /api/v1/category_slugs": "category_slugs",
    "GET /api/v1/users/{user_id}": "user",
    "POST /api/scopes": "make",
    "GET /api/scopes/{scope}": "get",
    "PATCH /api/scopes/{scope}": "change",
    "DELETE /api/scopes/{scope}": "remove",
    "GET /api/scopes/{scope}/members": "listed",
    "POST /api/scopes/{scope}/members": "invite",
    "PATCH /api/scopes/{scope}/members/{uuid}": "change",
    "DELETE /api/scopes/{scope}/members/{uuid}": "remove",
    "GET /api/scopes/{scope}/invites": "invites",
    "DELETE /api/scopes/{scope}/invites/{uuid}": "withdraw",
    "GET /api/packages": "listed",
    "GET /api/scopes/{scope}/packages": "in_scope",
    "POST /api/scopes/{scope}/packages": "make",
    "GET /api/scopes/{scope}/packages/{package}": "get",
    "PATCH /api/scopes/{scope}/packages/{package}": "change",
    "DELETE /api/scopes/{scope}/packages/{package}": "remove",
    "GET /api/scopes/{scope}/packages/{package}/dependents": "dependents",
    "GET /api/scopes/{scope}/packages/{package}/versions": "listed",
    "GET /api/scopes/{scope}/packages/{package}/versions/{version}": "get",
    "POST /api/scopes/{scope}/packages/{package}/versions/{version}": "new",
    "PATCH /api/scopes/{scope}/packages/{package}/versions/{version}": "change",
    "GET /api/scopes/{scope}/packages/{package}/versions/{version}/dependencies": "dependencies",
    "GET /api/user": "me",
    "GET /api/user/scopes": "my_scopes",
    "GET /api/user/member/{scope}": "my_membership",
    "GET /api/user/invites": "my_invites",
    "POST /api/user/invites/{scope}": "accept",
    "DELETE /api/user/invites/{scope}": "decline",
    "GET /api/users/{uuid}": "user",
    "GET /api/users/{uuid}/scopes": "scopes_of",
    "POST /api/authorizations": "begin",
    "GET /api/authorizations/details/{code}": "details",
    "POST /api/authorizations/approve/{code}": "approve",
    "POST /api/authorizations/deny/{code}": "deny",
    "POST /api/authorizations/exchange": "exchange",
    "GET /api/publishing_tasks/{uuid}": "status",
    "GET /api/publish_status/{uuid}": "status",
    "GET /api/stats": "stats",
    "GET /api/v4/": "root",
    "GET /api/v4/categories/": "categories",
    "GET /api/v4/categories/{number}/": "category",
    "GET /api/v4/grids/": "grids",
    "GET /api/v4/grids/{slug}/": "grid",
    "GET /api/v4/packages/": "packages",
    "GET /api/v4/packages/{slug}/": "package",
    "GET /api/v4/search/": "search",
    "GET /npm/": "root",
    "GET /npm/-/ping": "root",
    "GET /npm/-/whoami": "whoami",
    "GET /npm/@jsr/{scope}__{project}": "packument",
    "GET /pypi/{project}/json": "project",
    "GET /pypi/{project}/{version}/json": "version",
    "GET /pypi/{project}/latest/json": "version",
    "GET /pypi/{project}/latest-stable/json": "version",
    "GET /pypi/{project}/latest-unstable/json": "version",
}
for _right in ("read", "write"):
    for _kind in ("user", "group"):
        EXPECTED[f"PUT /admin/package/{{package}}/{_kind}/{{name}}/{_right}/"] = "grant"
        EXPECTED[f"DELETE /admin/package/{{package}}/{_kind}/{{name}}/{_right}/"] = "revoke"


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    """Of an application, to look into."""
    services = make_services(tmp_path_factory.mktemp("routes"), {}, SteppingClock())
    yield make_wsgi(services).registry
    services.close()


@pytest.fixture(scope="module")
def answering(registry):
    """(method, path) → the view that answers there."""
    mapper = registry.getUtility(IRoutesMapper)
    routes = registry[ROUTES]

    def find(method: str, path: str):
        request = Request.blank(path, method=method)
        request.registry = registry
        found = mapper(request)
        assert found["route"] is not None, path
        return routes[found["route"].name].views.get(method)

    return find


@pytest.mark.parametrize(("method", "path"), LISTED)
def test_a_listed_endpoint_is_answered_by_its_view(answering, method, path):
    sample = re.sub(r"\{(\w+)\}", lambda match: SAMPLES[match[1]], path)
    view = answering(method, sample)
    assert view is not None
    assert view.__name__ == EXPECTED[f"{method} {path}"]


@pytest.mark.parametrize(("method", "path"), LISTED)
def test_without_or_with_its_last_slash_too(answering, method, path):
    sample = re.sub(r"\{(\w+)\}", lambda match: SAMPLES[match[1]], path)
    other = sample[:-1] if sample.endswith("/") else sample + "/"
    view = answering(method, other)
    assert view is not None
    assert view.__name__ in {EXPECTED[f"{method} {path}"], "add_slash"}


def test_no_pattern_is_registered_twice(registry):
    patterns = [entry.pattern for entry in registry[ROUTES].values()]
    assert len(patterns) == len(set(patterns))


@pytest.mark.promise(147)
def test_a_wrong_method_is_refused_with_allow_everywhere(app, registry):
    for entry in registry[ROUTES].values():
        path = re.sub(r"\{slash:/\?\}|\{slashes:/\*\}", "", entry.pattern)
        path = path.replace("{kind:user|group}", "user").replace("{right:read|write}", "read")
        path = re.sub(r"\{(\w+)(:[^}]*)?\}", lambda match: SAMPLES.get(match[1], "ann"), path)
        answer = app.ask("TRACE", path)
        assert answer.status_int == 405, path
        assert set(answer.headers["Allow"].split(", ")) == set(entry.allowed), path


@pytest.mark.parametrize(
    "path", ["/api/nothing", "/admin/nothing", "/api/", "/admin/users/a/b", "/api/json", "/admin/json"]
)
def test_an_unknown_api_path_is_told_in_json(app, path):
    answer = app.ask("GET", path)
    assert answer.status_int == 404
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json["error"]
    assert answer.json["message"]
    assert answer.json["code"].startswith("404")


@pytest.mark.parametrize("path", ["/favicon.ico", "/robots.txt", "/a/b/c/d", "/.git/config"])
def test_an_unknown_path_is_not_found(app, path):
    assert app.ask("GET", path).status_int == 404


def test_applications_of_tests_are_like_the_product_s_and_share_nothing_that_is_kept(registry, services):
    one, other = (again.make_wsgi(services).registry for _ in range(2))
    assert one.services is services
    assert one[ROUTES] == registry[ROUTES]
    assert {key: type(value) for key, value in one.items()} == {
        key: type(value) for key, value in registry.items()
    }
    assert [key for key in one if one[key] is other[key]] == []
