"""API tokens as credentials: three ways to send one, and never more than its scope and its owner's rights."""

from datetime import timedelta

import pytest

from pypicloud_like.core.model import PYPI, Project, Scope
from tests.builders import a_wheel
from tests.http.account.sending import as_form, is_refused, who
from tests.http.conftest import PASSWORD, basic

EVERYTHING = frozenset(
    {"read", "write", "create", "overwrite", "delete", "yank", "cache_update", "admin", "account"}
)
WHEEL = "/api/package/foo/foo-1.0-py3-none-any.whl"


@pytest.fixture
def add(services, users):
    def add(owner="ann", *actions, projects=None, expires_at=None):
        named = None if projects is None else frozenset(Project(PYPI, name) for name in projects)
        scope = Scope(frozenset(actions) or EVERYTHING, named)
        return services.state.add_token(owner, "test", scope, expires_at=expires_at)

    return add


@pytest.fixture
def foo(app, users):
    app.upload(*a_wheel("foo", "1.0"))
    app.upload(*a_wheel("bar", "1.0"))
    for project in ("foo", "bar"):
        for right in ("read", "write"):
            app.ask("PUT", f"/admin/package/{project}/user/ann/{right}", user="boss")


def bearer(secret):
    return {"Authorization": f"Bearer {secret}"}


def upload(app, name, version, headers):
    kind, body = app.encode_multipart([("name", name)], [("content", *a_wheel(name, version))])
    return app.ask("POST", "/simple/", body=body, headers={**headers, "Content-Type": kind}).status_int


def test_it_may_be_sent_in_every_way_that_clients_have(app, foo, add):
    secret, _ = add()
    ways = (
        basic("__token__", secret),
        basic("ann", secret),
        basic("anything", secret),
        bearer(secret),
        {"Authorization": f"bearer  {secret}"},
        {"Authorization": f"Token {secret}"},
        {"Authorization": secret},
    )
    for number, headers in enumerate(ways):
        assert app.ask("GET", "/simple/foo/", headers=headers).status_int == 200
        assert who(app, headers) == "ann"
        assert upload(app, "foo", f"2.{number}", headers) == 200


def test_one_that_is_unknown_is_refused_even_where_anybody_may_read(app, foo, add):
    app.ask("PUT", "/admin/package/foo/group/everyone/read", user="boss")
    assert app.ask("GET", "/simple/foo/").status_int == 200
    secret, _ = add()
    for wrong in (
        secret[:-1],
        secret[:-1] + ("0" if secret[-1] != "0" else "1"),
        secret.upper(),
        "pcl_",
        "x",
    ):
        for headers in (basic("__token__", wrong), bearer(wrong), {"Authorization": wrong}):
            assert app.ask("GET", "/simple/foo/", headers=headers).status_int == 401


@pytest.mark.promise(127)
def test_it_ends_when_it_was_to_end(app, foo, add, clock):
    secret, _ = add(expires_at=clock.now + timedelta(hours=1))
    assert app.ask("GET", "/simple/foo/", headers=bearer(secret)).status_int == 200
    clock.now += timedelta(minutes=59)
    assert app.ask("GET", "/simple/foo/", headers=bearer(secret)).status_int == 200
    clock.now += timedelta(minutes=2)
    for headers in (bearer(secret), basic("__token__", secret)):
        assert app.ask("GET", "/simple/foo/", headers=headers).status_int == 401


@pytest.mark.promise(127)
def test_revoked_it_is_refused_at_the_next_request(app, foo, add, services):
    secret, token = add()
    other, _ = add()
    assert app.ask("GET", "/simple/foo/", headers=bearer(secret)).status_int == 200
    services.state.revoke_token("ann", token.id, actor="ann")
    assert app.ask("GET", "/simple/foo/", headers=bearer(secret)).status_int == 401
    assert app.ask("GET", "/simple/foo/", headers=bearer(other)).status_int == 200


@pytest.mark.promise(127)
def test_it_goes_with_its_owner_for_good(app, foo, add, users):
    secret, _ = add()
    app.ask("DELETE", "/admin/user/ann", user="boss")
    assert app.ask("GET", "/simple/foo/", headers=bearer(secret)).status_int == 401
    users.add_user("ann", PASSWORD, actor=None)
    assert app.ask("GET", "/simple/foo/", headers=bearer(secret)).status_int == 401


@pytest.mark.promise(126)
def test_it_never_has_more_rights_than_its_owner_now(app, foo, add):
    secret, _ = add()
    assert app.ask("GET", "/admin/user", headers=bearer(secret)).status_int == 403
    assert upload(app, "foo", "2.0", bearer(secret)) == 200
    app.ask("DELETE", "/admin/package/foo/user/ann/write", user="boss")
    assert upload(app, "foo", "2.1", bearer(secret)) == 403
    app.ask("PUT", "/admin/package/foo/user/bob/read", user="boss")
    app.ask("DELETE", "/admin/package/foo/user/ann/read", user="boss")
    assert app.ask("GET", "/simple/foo/", headers=bearer(secret)).status_int == 404


@pytest.mark.promise(126)
def test_for_one_project_it_is_nobody_elsewhere(app, foo, add):
    secret, _ = add("boss", projects={"foo"})
    headers = bearer(secret)
    assert app.ask("GET", "/simple/foo/", headers=headers).status_int == 200
    assert app.ask("GET", "/simple/bar/", headers=headers).status_int == 404
    assert app.ask("GET", "/api/package/", headers=headers).json == {"packages": ["foo"]}
    assert upload(app, "foo", "2.0", headers) == 200
    assert upload(app, "bar", "2.0", headers) == 403
    assert app.ask("DELETE", "/api/package/bar/bar-1.0-py3-none-any.whl", headers=headers).status_int == 403
    for path in ("/admin/user", "/admin/package/foo"):
        assert is_refused(app.ask("GET", path, headers=headers), 403)


@pytest.mark.promise(126)
def test_for_uploading_only_it_neither_reads_nor_deletes(app, foo, add):
    secret, _ = add("boss", "write", "create")
    headers = bearer(secret)
    assert upload(app, "foo", "2.0", headers) == 200
    assert upload(app, "quite-new", "1.0", headers) == 200
    assert app.ask("GET", WHEEL, headers=headers).status_int == 404
    assert app.ask("GET", f"{WHEEL}.metadata", headers=headers).status_int == 404
    assert app.ask("GET", "/api/package/", headers=headers).json == {"packages": []}
    assert is_refused(app.ask("DELETE", WHEEL, headers=headers), 403, "delete")
    assert is_refused(app.ask("POST", "/api/package/foo/1.0/yank", headers=headers), 403, "yank")
    without, _ = add("boss", "write")
    assert upload(app, "newer-still", "1.0", bearer(without)) == 403


def test_for_reading_only_it_changes_nothing(app, foo, add):
    secret, _ = add("boss", "read")
    headers = bearer(secret)
    assert app.ask("GET", WHEEL, headers=headers).status_int == 200
    assert upload(app, "foo", "2.0", headers) == 403
    assert app.ask("DELETE", WHEEL, headers=headers).status_int == 403
    for method, path in (("GET", "/admin/user"), ("PUT", "/admin/group/devs"), ("GET", "/admin/acl.json.gz")):
        assert is_refused(app.ask(method, path, headers=headers), 403, "admin")


def test_a_scope_that_is_empty_does_nothing(app, foo, services):
    secret, _ = services.state.add_token("boss", "none", Scope(frozenset()), expires_at=None)
    assert app.ask("GET", "/simple/foo/", headers=bearer(secret)).status_int == 404
    assert app.ask("GET", "/api/package/", headers=bearer(secret)).json == {"packages": []}


def test_it_needs_no_session_and_no_csrf_token(app, foo, add):
    secret, _ = add("boss")
    assert app.ask("PUT", "/admin/group/devs", headers=bearer(secret)).status_int == 200
    assert (
        app.ask("POST", "/admin/register", **_with(bearer(secret), as_form(allow="true"))).status_int == 200
    )


def _with(headers, sent):
    return {**sent, "headers": {**sent["headers"], **headers}}


@pytest.mark.promise(120, 160)
def test_its_secret_is_kept_nowhere(app, foo, add, services, tmp_path):
    secret, token = add()
    app.ask("GET", "/simple/foo/", headers=bearer(secret))
    services.state.revoke_token("ann", token.id, actor="ann")
    rows = [event for event in services.state.audit_events() if event.action.startswith("token")]
    assert [event.action for event in rows] == ["token.revoke", "token.add"]
    assert secret not in repr(rows)
    for path in tmp_path.glob("*.sqlite*"):
        assert secret.encode() not in path.read_bytes()


def test_an_upload_says_whose_token_it_was(app, foo, add):
    secret, _ = add()
    assert upload(app, "foo", "2.0", basic("__token__", secret)) == 200
    files = app.ask("GET", "/api/package/foo/", user="boss").json["packages"]
    assert {file["version"]: file["metadata"]["uploader"] for file in files} == {"1.0": "boss", "2.0": "ann"}
