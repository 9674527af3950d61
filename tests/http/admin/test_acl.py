"""The export of the access lists, and the way back in."""

import gzip
import json

from tests.builders import a_wheel
from tests.http.account.sending import as_form, is_refused
from tests.http.conftest import PASSWORD, Client, basic, make_services


def populate(users, app):
    users.add_user("newcomer", "waiting word", pending=True, actor=None)
    users.add_group("devs", actor=None)
    users.add_group("empty", actor=None)
    users.add_member("devs", "ann", actor=None)
    for path in (
        "foo/group/devs/read",
        "foo/group/devs/write",
        "bar/group/everyone/read",
        "bar/user/bob/write",
    ):
        assert app.ask("PUT", f"/admin/package/{path}", user="boss").status_int == 200
    app.ask("POST", "/admin/register", user="boss", **as_form(allow="true"))


def exported(app, path="/admin/acl.json.gz"):
    answer = app.ask("GET", path, user="boss")
    assert answer.status_int == 200
    return json.loads(gzip.decompress(answer.body))


def test_it_is_a_gzip_file_to_be_saved_and_kept_by_nobody_else(app, users):
    answer = app.ask("GET", "/admin/acl.json.gz", user="boss")
    assert answer.headers["Content-Type"] == "application/gzip"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="acl.json.gz"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Content-Encoding" not in answer.headers
    assert int(answer.headers["Content-Length"]) == len(answer.body)
    assert gzip.decompress(answer.body)[:1] == b"{"
    head = app.ask("HEAD", "/admin/acl.json.gz", user="boss")
    assert (head.status_int, head.body) == (200, b"")


def test_it_has_the_shape_of_pypiclouds(app, users):
    populate(users, app)
    dump = exported(app)
    assert dump == exported(app, "/admin/acl.json.gz/")
    hashes = {user["username"]: user.pop("password") for user in dump["users"] + dump["pending_users"]}
    assert all(hashed.startswith("$argon2id$") for hashed in hashes.values())
    assert dump.pop("version")
    assert dump == {
        "allow_register": True,
        "users": [
            {"username": "ann", "admin": False},
            {"username": "bob", "admin": False},
            {"username": "boss", "admin": True},
        ],
        "pending_users": [{"username": "newcomer"}],
        "groups": {"devs": ["ann"], "empty": []},
        "packages": {
            "users": {"bar": {"bob": ["write"]}},
            "groups": {"bar": {"everyone": ["read"]}, "foo": {"devs": ["read", "write"]}},
        },
    }


def test_an_empty_server_takes_it_over_whole(app, users, tmp_path, clock):
    populate(users, app)
    dump = exported(app)
    other = make_services(tmp_path / "other", {}, clock)
    try:
        other.access.load(dump, actor=None)
        moved = Client(other)
        assert exported(moved) == dump
        assert moved.upload(*a_wheel("foo", "1.0"), user="ann").status_int == 200
        assert moved.ask("GET", "/simple/foo/", user="bob").status_int == 404
        assert moved.ask("GET", "/simple/foo/", headers=basic("newcomer", "waiting word")).status_int == 401
        moved.ask("POST", "/admin/user/newcomer/approve", user="boss")
        assert moved.ask("GET", "/simple/", headers=basic("newcomer", "waiting word")).status_int == 200
        assert moved.ask("PUT", "/api/user/late", **as_form(password=PASSWORD)).status_int == 200
    finally:
        other.close()


def test_every_export_is_in_the_audit_without_a_hash(app, users, services):
    exported(app)
    event = services.state.audit_events()[0]
    assert (event.action, event.actor) == ("export", "boss")
    assert "argon2" not in repr(services.state.audit_events(limit=1000))


def test_nobody_else_gets_it(app, users):
    assert is_refused(app.ask("GET", "/admin/acl.json.gz"), 401)
    assert is_refused(app.ask("GET", "/admin/acl.json.gz", user="ann"), 403)
