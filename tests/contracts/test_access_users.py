"""Users in the access backend of the state database, on every database."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from pypicloud_like.core.errors import Conflict, InvalidRequest, NotFound
from pypicloud_like.core.model import Account, Grants, Project, Right, Scope
from pypicloud_like.core.ports import MutableAccess
from pypicloud_like.state import tables
from tests.contracts.people import People, other_process
from tests.contracts.people import people_fixture as _people  # noqa: F401 - a fixture
from tests.contracts.people import state_url_fixture as _state_url  # noqa: F401 - a fixture
from tests.support.postgres import postgres, postgres_url  # noqa: F401 - fixtures

FOO = Project("pypi", "foo")

CRATE = Project("cargo", "foo")
READ = Right.READ


@pytest.fixture
def access(people: People) -> MutableAccess:
    return people.access


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
