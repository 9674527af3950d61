"""What the access backend in the state database promises, on every database."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from pypicloud_like.core.errors import Conflict, InvalidRequest, NotFound, Unavailable
from pypicloud_like.core.model import Account, Grants, Project, Right, Scope
from pypicloud_like.core.ports import MutableAccess
from pypicloud_like.state import tables
from tests.contracts.people import START, People, other_process
from tests.contracts.people import people_fixture as _people  # noqa: F401 - a fixture
from tests.contracts.people import state_url_fixture as _state_url  # noqa: F401 - a fixture
from tests.support.postgres import postgres, postgres_url  # noqa: F401 - fixtures

FOO = Project("pypi", "foo")
CRATE = Project("cargo", "foo")
READ, WRITE = Right.READ, Right.WRITE


@pytest.fixture
def access(people: People) -> MutableAccess:
    return people.access


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
