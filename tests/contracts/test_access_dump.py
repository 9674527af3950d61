"""Hashes and exports of other releases in the access backend of the state database, on every database."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from passlib.hash import sha512_crypt

from pypicloud_like.access.passwords import Passwords
from pypicloud_like.access.sql import SqlAccess
from pypicloud_like.core.errors import InvalidRequest
from pypicloud_like.core.model import Account, Grants, Project, Right
from pypicloud_like.state import tables
from tests.contracts.people import People, open_people
from tests.contracts.people import people_fixture as _people  # noqa: F401 - a fixture
from tests.contracts.people import state_url_fixture as _state_url  # noqa: F401 - a fixture
from tests.support.postgres import postgres, postgres_url  # noqa: F401 - fixtures


class CountedPasswords(Passwords):
    """Counts how often a password is verified."""

    verified = 0

    def verify(self, password: str, hashed: str) -> tuple[bool, str | None]:
        self.verified += 1
        return super().verify(password, hashed)


FOO = Project("pypi", "foo")

CRATE = Project("cargo", "foo")
READ, WRITE = Right.READ, Right.WRITE


@pytest.fixture
def old_dump() -> dict:
    """An export as pypicloud 1.3 writes it."""
    crypted = sha512_crypt.using(rounds=1000)
    return {
        "version": "1.3.12",
        "allow_register": True,
        "users": [
            {"username": "Ann", "admin": True, "password": crypted.hash("ann's")},
            {"username": "bob@example.com", "admin": False, "password": crypted.hash("bob's")},
            {"username": "admin", "admin": True, "password": crypted.hash("root's")},
        ],
        "pending_users": [{"username": "eve", "password": crypted.hash("eve's")}],
        "groups": {"devs": ["Ann", "bob@example.com"], "empty": []},
        "packages": {
            "users": {"Foo_Bar": {"Ann": ["read", "write"]}, "cargo:foo": {"bob@example.com": ["read"]}},
            "groups": {"foo.bar": {"devs": ["read"], "everyone": ["read"]}},
        },
    }


class TestPasswordHashes:
    def test_an_old_hash_is_renewed_at_login(self, people: People, old_dump: dict) -> None:
        people.access.load(old_dump, actor="root")
        moved = people.access.moved()
        assert people.access.identify("ann", "wrong") is None
        assert _hash_of(people, "ann").startswith("$6$")
        assert people.access.identify("ann", "ann's")
        assert _hash_of(people, "ann").startswith("$argon2id$")
        assert people.access.identify("ann", "ann's")
        assert people.access.moved() == moved

    def test_a_renewal_does_not_undo_a_change(self, people: People, old_dump: dict) -> None:
        people.access.load(old_dump, actor="root")
        verify = people.access._passwords.verify

        def change_meanwhile(password: str, hashed: str) -> tuple[bool, str | None]:
            answer = verify(password, hashed)
            people.access.set_password("ann", "new", actor="ann")
            return answer

        people.access._passwords.verify = change_meanwhile
        people.access.identify("ann", "ann's")
        people.access._passwords.verify = verify
        assert people.access.identify("ann", "ann's") is None
        assert people.access.identify("ann", "new")

    @pytest.mark.promise(111)
    def test_everybody_costs_one_verification(self, people: People) -> None:
        """How long one takes whatever the hash is :class:`Passwords`' own promise."""
        counted = CountedPasswords(time_cost=1, memory_kib=8)
        access = SqlAccess(people.state.database, counted, clock=people.clock)
        access.add_user("ann", "right", actor=None)
        access.add_user("eve", "right", pending=True, actor=None)
        for name in ("ann", "eve", "nobody", "nul\0", "everyone"):
            counted.verified = 0
            assert access.identify(name, "wrong") is None
            assert counted.verified == 1, name


class TestDump:
    def test_an_old_export_is_taken_over(self, people: People, old_dump: dict) -> None:
        access = people.access
        access.load(json.loads(json.dumps(old_dump)), actor="root")
        assert access.registration() is True
        devs = frozenset({"devs"})
        assert access.accounts() == [
            Account("admin", admin=True),
            Account("ann", admin=True, groups=devs),
            Account("bob@example.com", groups=devs),
        ]
        assert list(access.pending_users()) == ["eve"]
        assert access.groups() == {"devs": frozenset({"ann", "bob@example.com"}), "empty": frozenset()}
        assert access.grants() == {
            Project("pypi", "foo-bar"): Grants(
                {"ann": frozenset({READ, WRITE})},
                {"devs": frozenset({READ}), "everyone": frozenset({READ})},
            ),
            CRATE: Grants({"bob@example.com": frozenset({READ})}, {}),
        }
        for name, password in (("Ann", "ann's"), ("bob@example.com", "bob's"), ("admin", "root's")):
            assert access.identify(name, password)
        assert access.identify("eve", "eve's") is None
        access.approve_user("eve", actor="root")
        assert access.identify("eve", "eve's")
        assert people.actions()[0] == ("access.load", "root", "")

    @pytest.mark.promise(74)
    def test_round_trip(self, people: People, old_dump: dict, tmp_path) -> None:
        people.access.load(old_dump, actor="root")
        dumped = people.access.dump()
        assert dumped == json.loads(json.dumps(dumped))
        assert list(dumped) == ["version", "allow_register", "users", "pending_users", "groups", "packages"]
        assert dumped["packages"]["users"] == {
            "cargo:foo": {"bob@example.com": ["read"]},
            "foo-bar": {"ann": ["read", "write"]},
        }
        second = open_people(f"sqlite:///{tmp_path / 'second.sqlite'}")
        second.access.load(dumped, actor=None)
        assert second.access.dump() == dumped
        second.access.load(dumped, actor=None)
        assert second.access.dump() == dumped
        second.state.close()

    def test_merging_keeps_what_is_here(self, people: People, old_dump: dict) -> None:
        access = people.access
        access.add_user("ann", "mine", actor=None)
        access.add_user("carl", "x", admin=True, actor=None)
        access.add_user("bob@example.com", "a stranger's", pending=True, admin=True, actor=None)
        access.add_group("devs", actor=None)
        access.add_member("devs", "carl", actor=None)
        access.grant(Project("pypi", "foo-bar"), "user", "carl", READ, actor=None)
        access.load(old_dump, actor=None)
        assert access.identify("ann", "mine") == Account("ann", admin=True, groups=frozenset({"devs"}))
        assert access.identify("ann", "ann's") is None
        assert access.identify("bob@example.com", "a stranger's") is None
        assert access.identify("bob@example.com", "bob's")
        assert access.account("bob@example.com").admin is False
        assert access.account("carl").admin is True
        assert access.groups()["devs"] == {"ann", "bob@example.com", "carl"}
        assert access.grants()[Project("pypi", "foo-bar")].users.keys() == {"ann", "carl"}

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            (lambda dump: dump["users"].append({"username": "x", "password": "plain"}), "users.x.password"),
            (lambda dump: dump["groups"].update(ops=["nobody"]), "nobody"),
            (lambda dump: dump["packages"]["users"].update(foo={"nobody": ["read"]}), "nobody"),
            (lambda dump: dump["packages"]["groups"].update(foo={"nobody": ["read"]}), "nobody"),
            (lambda dump: dump["packages"]["users"].update(foo={"Ann": ["own"]}), "read and write"),
            (lambda dump: dump.update(surprise=1), "surprise"),
        ],
    )
    def test_all_or_nothing(self, people: People, old_dump: dict, change: Callable, told: str) -> None:
        change(old_dump)
        with pytest.raises(InvalidRequest, match=told):
            people.access.load(old_dump, actor="root")
        assert people.access.accounts() == []
        assert people.access.groups() == {}
        assert people.actions() == []

    def test_a_project_that_gives_nobody_anything_stays_closed(self, people: People) -> None:
        dump = {
            "users": [],
            "groups": {"devs": []},
            "packages": {"users": {}, "groups": {"foo": {"devs": []}}},
        }
        people.access.load(dump, actor=None)
        assert people.access.grants() == {FOO: Grants({}, {"devs": frozenset()})}
        assert people.access.dump()["packages"]["groups"] == {"foo": {"devs": []}}


def _hash_of(people: People, name: str) -> str:
    with people.state.database.read() as connection:
        return str(connection.scalar(sa.select(tables.users.c.password).where(tables.users.c.name == name)))
