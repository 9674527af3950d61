"""What the access backend in the state database promises, on every database."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from passlib.hash import sha512_crypt

from pypicloud_like.access.passwords import Passwords
from pypicloud_like.access.sql import SqlAccess
from pypicloud_like.core.errors import Conflict, InvalidRequest, NotFound, Unavailable
from pypicloud_like.core.model import Account, Grants, Project, Right, Scope
from pypicloud_like.core.ports import MutableAccess
from pypicloud_like.state import tables
from tests.contracts.people import START, People, open_people, other_process
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
def access(people: People) -> MutableAccess:
    return people.access


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


class TestUsers:
    def test_a_new_user_may_log_in(self, access: MutableAccess) -> None:
        access.add_user("Ann", "right", actor="root")
        assert access.identify("ann", "right") == Account("ann")
        assert access.identify("ANN", "right") == Account("ann")
        assert access.identify("ann", "wrong") is None
        assert access.identify("ann", "") is None
        assert access.identify("bob", "right") is None
        assert access.account("aNN") == Account("ann")

    @pytest.mark.parametrize("name", ["nul\0", "\ud800", "", "x" * 9000, "' or 1=1 --", "%"])
    def test_names_that_nobody_has(self, access: MutableAccess, name: str) -> None:
        access.add_user("ann", "right", actor=None)
        assert access.identify(name, "right") is None
        assert access.account(name) is None
        access.remove_user(name, actor=None)
        access.remove_group(name, actor=None)
        access.remove_member(name, name, actor=None)
        access.revoke(FOO, "user", name, READ, actor=None)
        for fails in (
            lambda: access.set_password(name, "x", actor=None),
            lambda: access.set_admin(name, True, actor=None),
            lambda: access.approve_user(name, actor=None),
            lambda: access.add_member(name, "ann", actor=None),
            lambda: access.grant(FOO, "user", name, READ, actor=None),
            lambda: access.grant(FOO, "group", name, READ, actor=None),
        ):
            with pytest.raises(NotFound):
                fails()
        with pytest.raises(InvalidRequest):
            access.add_user(name, "x", actor=None)

    def test_one_name_one_user(self, access: MutableAccess) -> None:
        access.add_user("ann", "x", actor=None)
        access.add_user("eve", "x", pending=True, actor=None)
        for name in ("ANN", "eve"):
            with pytest.raises(Conflict):
                access.add_user(name, "y", admin=True, actor=None)
        assert [account.name for account in access.accounts()] == ["ann"]
        assert not access.has_admin()

    @pytest.mark.parametrize("name", ["everyone", "Authenticated", "__token__", "password", "a/b", ".x"])
    def test_names_that_cannot_be(self, access: MutableAccess, name: str) -> None:
        with pytest.raises(InvalidRequest, match="username"):
            access.add_user(name, "x", actor=None)

    @pytest.mark.parametrize("password", ["", "x" * 4097, "\ud800"])
    def test_passwords_that_cannot_be(self, access: MutableAccess, password: str) -> None:
        with pytest.raises(InvalidRequest, match="password"):
            access.add_user("ann", password, actor=None)
        assert access.accounts() == []

    @pytest.mark.parametrize("password", ["nul\0inside", "\u00e9\u4e2d\U0001f600", "x" * 100, " "])
    def test_passwords_are_taken_as_they_are(self, access: MutableAccess, password: str) -> None:
        access.add_user("ann", password, actor=None)
        assert access.identify("ann", password)
        assert access.identify("ann", password[:-1]) is None

    def test_pending_users_wait(self, access: MutableAccess) -> None:
        access.add_user("eve", "right", pending=True, admin=True, actor=None)
        assert access.identify("eve", "right") is None
        assert access.account("eve") is None
        assert access.accounts() == []
        assert not access.has_admin()
        assert list(access.pending_users()) == ["eve"]
        access.approve_user("Eve", actor="root")
        assert access.identify("eve", "right") == Account("eve", admin=True)
        assert list(access.pending_users()) == []

    def test_a_new_password_ends_the_sessions(self, people: People) -> None:
        people.access.add_user("ann", "old", actor=None)
        people.access.add_user("bob", "old", actor=None)
        mine, his = people.state.open_session("ann"), people.state.open_session("bob")
        token, _ = people.state.add_token("ann", "ci", Scope(frozenset({"read"})), expires_at=None)
        people.access.set_password("Ann", "new", actor="ann")
        assert people.access.identify("ann", "old") is None
        assert people.access.identify("ann", "new")
        assert people.state.session(mine) is None
        assert people.state.session(his) == "bob"
        assert people.state.token(token)

    def test_admins(self, access: MutableAccess) -> None:
        access.add_user("ann", "x", actor=None)
        assert not access.has_admin()
        access.set_admin("ANN", True, actor="ann")
        assert access.account("ann") == Account("ann", admin=True)
        assert access.has_admin()
        with pytest.raises(Conflict):
            access.set_admin("ann", False, actor="ann")
        with pytest.raises(Conflict):
            access.remove_user("ann", actor="ann")
        access.add_user("bob", "x", admin=True, actor="ann")
        access.set_admin("ann", False, actor="bob")
        assert access.account("ann") == Account("ann")

    @pytest.mark.promise(158)
    def test_a_removed_user_leaves_nothing_but_events(self, people: People) -> None:
        access, state = people.access, people.state
        access.add_user("ann", "x", actor="root")
        access.add_group("devs", actor="root")
        access.add_member("devs", "ann", actor="root")
        access.grant(FOO, "user", "ann", READ, actor="root")
        access.grant(FOO, "group", "devs", READ, actor="root")
        state.add_owner(CRATE, "ann", actor="root")
        token, _ = state.add_token("ann", "ci", Scope(frozenset({"read"})), expires_at=None)
        session = state.open_session("ann")
        assert state.token(token)
        assert state.session(session)
        access.remove_user("Ann", actor="root")
        access.remove_user("ann", actor="root")
        assert state.token(token) is None
        assert state.session(session) is None
        access.add_user("ann", "y", actor="root")
        assert access.account("ann") == Account("ann")
        assert access.groups() == {"devs": frozenset()}
        assert access.grants() == {FOO: Grants({}, {"devs": frozenset({READ})})}
        assert state.owned("ann") == frozenset()
        assert list(state.tokens("ann")) == []
        actions = people.actions()
        assert actions.count(("user.remove", "root", "ann")) == 1
        assert actions.count(("user.add", "root", "ann")) == 2

    def test_a_number_is_never_given_again(self, people: People) -> None:
        def numbers() -> list[int]:
            with people.state.database.read() as connection:
                return list(connection.scalars(sa.select(tables.users.c.id)))

        people.access.add_user("ann", "x", actor=None)
        before = numbers()
        people.access.remove_user("ann", actor=None)
        people.access.add_user("ann", "x", actor=None)
        assert set(before).isdisjoint(numbers())


class TestFirstAdmin:
    def test_once(self, people: People) -> None:
        access = people.access
        assert access.add_first_admin("Ann", "x") is True
        assert access.account("ann") == Account("ann", admin=True)
        assert access.add_first_admin("bob", "x") is False
        assert access.account("bob") is None
        assert people.actions() == [("user.add", "ann", "ann")]

    def test_ordinary_and_pending_users_do_not_close_it(self, access: MutableAccess) -> None:
        access.add_user("ann", "x", actor=None)
        access.add_user("eve", "x", pending=True, admin=True, actor=None)
        for taken in ("ann", "eve"):
            with pytest.raises(Conflict):
                access.add_first_admin(taken, "y")
        assert access.identify("ann", "x") == Account("ann")
        assert access.add_first_admin("bob", "x") is True

    def test_of_many_at_once_one_wins(self, people: People) -> None:
        start = threading.Barrier(6)
        results: list[bool] = []

        def try_it(number: int) -> None:
            start.wait()
            results.append(people.access.add_first_admin(f"user{number}", "x"))

        threads = [threading.Thread(target=try_it, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(results) == [False] * 5 + [True]
        assert len(people.access.accounts()) == 1

    @pytest.mark.promise(118)
    def test_of_two_processes_one_wins(self, people: People) -> None:
        with other_process(people.url) as one, other_process(people.url) as two:
            for other, name in ((one, "ann"), (two, "bob")):
                other.send("access", "add_first_admin", name, "x")
            assert sorted([one.receive(), two.receive()]) == [False, True]
        assert len(people.access.accounts()) == 1


class TestGroups:
    def test_members_come_and_go(self, access: MutableAccess) -> None:
        access.add_user("ann", "x", actor=None)
        access.add_group("Devs", actor=None)
        access.add_member("devs", "Ann", actor=None)
        access.add_member("devs", "ann", actor=None)
        assert access.groups() == {"devs": frozenset({"ann"})}
        assert access.account("ann") == Account("ann", groups=frozenset({"devs"}))
        access.remove_member("DEVS", "ann", actor=None)
        access.remove_member("devs", "ann", actor=None)
        assert access.groups() == {"devs": frozenset()}
        assert access.account("ann") == Account("ann")

    @pytest.mark.parametrize("name", ["everyone", "Authenticated", "admin", "@scope", "a b", ""])
    def test_names_that_cannot_be(self, access: MutableAccess, name: str) -> None:
        with pytest.raises(InvalidRequest, match="group"):
            access.add_group(name, actor=None)

    def test_there_is_one_of_a_name(self, access: MutableAccess) -> None:
        access.add_group("devs", actor=None)
        with pytest.raises(Conflict):
            access.add_group("DEVS", actor=None)

    def test_removed_with_its_grants(self, access: MutableAccess) -> None:
        access.add_user("ann", "x", actor=None)
        access.add_group("devs", actor=None)
        access.add_member("devs", "ann", actor=None)
        access.grant(FOO, "group", "devs", WRITE, actor=None)
        access.remove_group("Devs", actor=None)
        access.remove_group("devs", actor=None)
        assert access.groups() == {}
        assert access.grants() == {}
        access.add_group("devs", actor=None)
        assert access.account("ann") == Account("ann")

    def test_members_must_exist(self, access: MutableAccess) -> None:
        access.add_user("ann", "x", actor=None)
        access.add_group("devs", actor=None)
        for group, user in (("devs", "bob"), ("ops", "ann"), ("everyone", "ann")):
            with pytest.raises(NotFound):
                access.add_member(group, user, actor=None)


class TestGrants:
    def test_given_and_taken_back(self, access: MutableAccess) -> None:
        access.add_user("ann", "x", actor=None)
        access.add_group("devs", actor=None)
        access.grant(FOO, "user", "Ann", READ, actor=None)
        access.grant(FOO, "user", "ann", WRITE, actor=None)
        access.grant(FOO, "group", "devs", READ, actor=None)
        access.grant(CRATE, "group", "everyone", READ, actor=None)
        assert access.grants() == {
            FOO: Grants({"ann": frozenset({READ, WRITE})}, {"devs": frozenset({READ})}),
            CRATE: Grants({}, {"everyone": frozenset({READ})}),
        }
        access.revoke(FOO, "user", "ann", READ, actor=None)
        access.revoke(FOO, "user", "ann", READ, actor=None)
        access.revoke(FOO, "group", "devs", READ, actor=None)
        access.revoke(CRATE, "group", "everyone", READ, actor=None)
        assert access.grants() == {FOO: Grants({"ann": frozenset({WRITE})}, {})}

    @pytest.mark.promise(106)
    def test_names_of_projects_are_normalised(self, access: MutableAccess) -> None:
        access.add_user("ann", "x", actor=None)
        access.grant(Project("pypi", "Foo_Bar"), "user", "ann", READ, actor=None)
        assert list(access.grants()) == [Project("pypi", "foo-bar")]
        for name in ("nul\0", "..", "\ud800", ""):
            with pytest.raises(InvalidRequest):
                access.grant(Project("pypi", name), "user", "ann", READ, actor=None)

    def test_principals_must_exist(self, access: MutableAccess) -> None:
        for kind in ("user", "group"):
            with pytest.raises(NotFound):
                access.grant(FOO, kind, "nobody", READ, actor=None)
        with pytest.raises(NotFound):
            access.grant(FOO, "user", "everyone", READ, actor=None)
        with pytest.raises(InvalidRequest):
            access.grant(FOO, "robot", "ann", READ, actor=None)

    def test_reading_is_free_while_nothing_moves(self, people: People) -> None:
        access = people.access
        access.add_user("ann", "x", actor=None)
        access.grant(FOO, "user", "ann", READ, actor=None)
        first = access.grants()
        people.state.audit("login", "ann", actor="ann")
        people.state.count_failure("ann", limit=3, window=60)
        assert access.grants() is first
        assert access.account("ann") is access.account("ann")
        access.grant(FOO, "user", "ann", WRITE, actor=None)
        assert access.grants() is not first


class TestRegistration:
    def test_off_until_it_is_switched_on(self, access: MutableAccess) -> None:
        assert access.registration() is False
        access.set_registration(True, actor="root")
        assert access.registration() is True
        access.set_registration(False, actor="root")
        assert access.registration() is False


class TestAudit:
    def test_each_change_once_and_nothing_for_nothing(self, people: People) -> None:
        access = people.access
        for _ in range(2):
            access.set_registration(True, actor="root")
        access.add_user("ann", "x", actor=None, pending=True)
        access.approve_user("ann", actor="root")
        access.set_admin("ann", True, actor="root")
        access.set_password("ann", "y", actor="ann")
        access.add_group("devs", actor="root")
        for _ in range(2):
            access.add_member("devs", "ann", actor="root")
        for _ in range(2):
            access.grant(FOO, "group", "devs", READ, actor="root")
        for _ in range(2):
            access.revoke(FOO, "group", "devs", READ, actor="root")
        for _ in range(2):
            access.remove_member("devs", "ann", actor="root")
        for _ in range(2):
            access.remove_group("devs", actor="root")
        assert people.actions() == [
            ("registration", "root", ""),
            ("user.add", None, "ann"),
            ("user.approve", "root", "ann"),
            ("user.admin", "root", "ann"),
            ("user.password", "ann", "ann"),
            ("group.add", "root", "devs"),
            ("member.add", "root", "devs"),
            ("grant", "root", "foo"),
            ("revoke", "root", "foo"),
            ("member.remove", "root", "devs"),
            ("group.remove", "root", "devs"),
        ]
        details = {event.action: event.detail for event in people.state.audit_events()}
        assert details["grant"] == {"right": "read", "group": "devs"}
        assert details["user.admin"] == {"admin": True}

    @pytest.mark.promise(157, 158)
    def test_what_cannot_be_recorded_does_not_happen(self, people: People) -> None:
        people.access.add_user("ann", "x", actor=None)
        tables.audit.drop(people.state.database.engine)
        for change in (
            lambda: people.access.add_user("bob", "x", actor=None),
            lambda: people.access.set_admin("ann", True, actor=None),
            lambda: people.access.remove_user("ann", actor=None),
        ):
            with pytest.raises((sa.exc.DBAPIError, Unavailable)):
                change()
        assert people.access.accounts() == [Account("ann")]


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


class TestTwoProcesses:
    def test_a_change_holds_at_once_in_the_other(self, people: People) -> None:
        access = people.access
        access.add_user("ann", "old", actor=None)
        with other_process(people.url) as other:
            assert other.access("identify", "ann", "old") == Account("ann")
            access.add_user("root", "x", admin=True, actor=None)
            access.set_admin("ann", True, actor=None)
            assert other.access("account", "ann") == Account("ann", admin=True)
            access.set_password("ann", "new", actor=None)
            assert other.access("identify", "ann", "old") is None
            other.access("add_group", "devs", actor=None)
            other.access("add_member", "devs", "ann", actor=None)
            assert access.account("ann") == Account("ann", admin=True, groups=frozenset({"devs"}))
            other.access("grant", FOO, "group", "devs", READ, actor=None)
            assert access.grants() == {FOO: Grants({}, {"devs": frozenset({READ})})}
            access.remove_user("ann", actor=None)
            assert other.access("account", "ann") is None

    def test_a_removed_user_s_credentials_end_there_too(self, people: People) -> None:
        people.access.add_user("ann", "x", actor=None)
        expires = START + timedelta(days=365 * 100)
        token, _ = people.state.add_token("ann", "ci", Scope(frozenset({"read"})), expires_at=expires)
        session = people.state.open_session("ann")
        with other_process(people.url) as other:
            assert other.state("token", token)
            assert other.state("session", session) == "ann"
            people.access.remove_user("ann", actor=None)
            assert other.state("token", token) is None
            assert other.state("session", session) is None


class TestRaces:
    def test_no_member_or_grant_of_a_removed_user_stays(self, people: People) -> None:
        """What a change read stays true until it commits."""
        access = people.access
        for round_ in range(5):
            access.add_user("ann", "x", actor=None)
            if round_ == 0:
                access.add_group("devs", actor=None)
            start = threading.Barrier(3)

            def race(work: Callable[[], None], start: threading.Barrier = start) -> None:
                start.wait()
                with contextlib.suppress(NotFound):
                    work()

            threads = [
                threading.Thread(target=race, args=(work,))
                for work in (
                    lambda: access.remove_user("ann", actor=None),
                    lambda: access.add_member("devs", "ann", actor=None),
                    lambda: access.grant(FOO, "user", "ann", READ, actor=None),
                )
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert access.groups() == {"devs": frozenset()}
            assert access.grants() == {}


def test_it_is_a_mutable_access(access: MutableAccess) -> None:
    assert isinstance(access, MutableAccess)
    assert access.name == "sql"
    access.check()


def _hash_of(people: People, name: str) -> str:
    with people.state.database.read() as connection:
        return str(connection.scalar(sa.select(tables.users.c.password).where(tables.users.c.name == name)))
