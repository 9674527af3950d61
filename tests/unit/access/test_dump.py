"""Reading and writing exports of access lists."""

from __future__ import annotations

import json

import pytest

from pypicloud_like.access.dump import AclDump, DumpedUser, parse_dump, to_json
from pypicloud_like.core.errors import InvalidRequest
from pypicloud_like.core.model import Grants, Project, Right

READ, WRITE = frozenset({Right.READ}), frozenset({Right.WRITE})

WHOLE = AclDump(
    users={"bob": DumpedUser("bob", "$hash"), "ann": DumpedUser("ann", "$hash", admin=True)},
    pending={"eve": DumpedUser("eve", "$hash")},
    groups={"devs": frozenset({"bob", "ann"}), "empty": frozenset()},
    grants={
        Project("pypi", "foo"): Grants({"ann": READ | WRITE}, {"devs": READ}),
        Project("cargo", "foo"): Grants({}, {"everyone": READ}),
        Project("jsr", "@scope/name"): Grants({"bob": frozenset()}, {}),
    },
    allow_register=True,
)


def test_written_in_the_shape_of_pypicloud():
    assert to_json(WHOLE) == {
        "version": "1",
        "allow_register": True,
        "users": [
            {"username": "ann", "admin": True, "password": "$hash"},
            {"username": "bob", "admin": False, "password": "$hash"},
        ],
        "pending_users": [{"username": "eve", "password": "$hash"}],
        "groups": {"devs": ["ann", "bob"], "empty": []},
        "packages": {
            "users": {"foo": {"ann": ["read", "write"]}, "jsr:@scope/name": {"bob": []}},
            "groups": {"cargo:foo": {"everyone": ["read"]}, "foo": {"devs": ["read"]}},
        },
    }


def test_read_back_as_it_was():
    assert parse_dump(json.loads(json.dumps(to_json(WHOLE)))) == WHOLE


def test_everything_may_be_absent():
    assert parse_dump({}) == AclDump()
    assert parse_dump({"version": "1.3.12"}).allow_register is None


def test_spellings_of_one_name_are_taken_together():
    dump = parse_dump(
        {
            "groups": {"Devs": ["Ann"], "devs": ["bob"]},
            "packages": {
                "users": {"Foo_Bar": {"Ann": ["read"]}, "foo.bar": {"ann": ["write"]}},
                "groups": {"foo-bar": {"everyone": ["read"]}},
            },
        }
    )
    assert dump.groups == {"devs": frozenset({"ann", "bob"})}
    assert dump.grants == {Project("pypi", "foo-bar"): Grants({"ann": READ | WRITE}, {"everyone": READ})}


USER = {"username": "ann", "admin": False, "password": "$hash"}


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ([], "export"),
        ("text", "export"),
        ({"acl": {}}, "acl"),
        ({"allow_register": "yes"}, "allow_register"),
        ({"users": {}}, "users"),
        ({"users": "ann"}, "users"),
        ({"users": ["ann"]}, r"users\[0\]"),
        ({"users": [USER, USER | {"username": "ANN"}]}, r"users\[1\]"),
        ({"users": [USER | {"username": 7}]}, r"users\[0\].username"),
        ({"users": [USER | {"username": "everyone"}]}, r"users\[0\].username"),
        ({"users": [USER | {"admin": "false"}]}, r"users\[0\].admin"),
        ({"users": [USER | {"password": None}]}, r"users\[0\].password"),
        ({"users": [{"username": "ann"}]}, r"users\[0\].password"),
        ({"users": [USER], "pending_users": [USER]}, "pending_users"),
        ({"groups": []}, "groups"),
        ({"groups": {"everyone": []}}, "groups"),
        ({"groups": {"devs": {"ann": 1}}}, "groups.devs"),
        ({"groups": {"devs": [["ann"]]}}, "groups.devs"),
        ({"packages": []}, "packages"),
        ({"packages": {"robots": {}}}, "packages"),
        ({"packages": {"users": {"-bad-": {"ann": ["read"]}}}}, "package"),
        ({"packages": {"users": {"foo": ["ann"]}}}, "packages.users.foo"),
        ({"packages": {"users": {"foo": {"ann": "read"}}}}, "packages.users.foo.ann"),
        ({"packages": {"users": {"foo": {"ann": ["admin"]}}}}, "packages.users.foo.ann"),
        ({"packages": {"users": {"foo": {"ann": [["read"]]}}}}, "packages.users.foo.ann"),
        ({"packages": {"users": {"foo": {"a b": ["read"]}}}}, "packages.users.foo"),
        ({"packages": {"groups": {"foo": {"@scope": ["read"]}}}}, "packages.groups.foo"),
    ],
)
def test_what_is_malformed_is_named(data: object, field: str) -> None:
    with pytest.raises(InvalidRequest, match=f"^{field}: "):
        parse_dump(data)  # type: ignore[arg-type]  # that is the point
