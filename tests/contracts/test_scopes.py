"""Scopes with their members and invites, and authorizations: every promise, on every database."""

from __future__ import annotations

import re
import threading
from datetime import timedelta

import pytest

from pypicloud_like.core.errors import Conflict, NotFound
from pypicloud_like.core.model import Project
from pypicloud_like.core.ports import Authorization
from pypicloud_like.state.authorizations import LIFETIME, SqlAuthorizations
from pypicloud_like.state.scopes import SqlScopes
from tests.contracts.people import START
from tests.contracts.people import People as Opened
from tests.contracts.people import people_fixture as _people  # noqa: F401 - a fixture
from tests.contracts.people import state_url_fixture as _state_url  # noqa: F401 - a fixture
from tests.support.postgres import postgres, postgres_url  # noqa: F401 - fixtures

ACME = Project("jsr", "@acme/*")


@pytest.fixture
def scopes(people: Opened) -> SqlScopes:
    return SqlScopes(people.state.database, clock=people.clock)


@pytest.fixture
def acme(scopes: SqlScopes) -> SqlScopes:
    """A scope ``acme`` of ``ann``."""
    scopes.add("acme", creator="Ann")
    return scopes


@pytest.fixture
def under_way(people: Opened) -> SqlAuthorizations:
    return SqlAuthorizations(people.state.database, clock=people.clock)


def names(members) -> list[tuple[str, bool]]:
    return [(each.user, each.admin) for each in members]


def test_the_creator_is_its_first_admin_and_owns_what_is_in_it(acme, people):
    record = acme.scope("acme")
    assert (record.name, record.creator, record.created_at) == ("acme", "ann", START)
    assert (record.ci_only, record.verify_actor, record.description) == (False, True, "")
    assert names(acme.members("acme")) == [("ann", True)]
    assert people.state.owned("ann") == {ACME}
    assert people.state.held() == {ACME}
    assert acme.created_by("ANN") == 1
    assert acme.created_by("bob") == 0


def test_names_may_not_differ_by_hyphens_alone(scopes):
    scopes.add("ab", creator="ann")
    for taken in ("ab", "a-b"):
        with pytest.raises(Conflict):
            scopes.add(taken, creator="bob")
    assert scopes.scope("a-b") is None
    assert [record.name for record in scopes.of_user("ann")] == ["ab"]


def test_of_many_who_make_it_at_once_one_does(scopes):
    done: list[str] = []

    def make(user: str) -> None:
        try:
            scopes.add("acme", creator=user)
        except Conflict:
            return
        done.append(user)

    threads = [threading.Thread(target=make, args=(f"user{number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 1
    assert names(scopes.members("acme")) == [(done[0], True)]


def test_settings_of_a_scope(acme, people):
    people.clock.advance(minutes=1)
    changed = acme.update("acme", actor="ann", description="Things")
    assert (changed.description, changed.ci_only) == ("Things", False)
    assert changed.updated_at > changed.created_at
    assert acme.update("acme", actor="ann", ci_only=True, verify_actor=False).description == "Things"
    assert acme.scope("acme").ci_only
    with pytest.raises(NotFound):
        acme.update("none", actor="ann", description="x")


def test_whoever_is_asked_becomes_a_member_by_saying_yes(acme, people):
    invite = acme.invite("acme", "Bob", inviter="ann")
    assert (invite.scope, invite.user, invite.inviter) == ("acme", "bob", "ann")
    assert acme.invite("acme", "bob", inviter="ann") is None
    assert acme.invites("acme") == acme.invites_of("bob") == [invite]
    assert people.state.owned("bob") == frozenset()
    member = acme.accept("acme", "bob")
    assert not member.admin
    assert people.state.owned("bob") == {ACME}
    assert acme.invites("acme") == []
    with pytest.raises(Conflict):
        acme.invite("acme", "bob", inviter="ann")
    with pytest.raises(NotFound):
        acme.accept("acme", "bob")
    with pytest.raises(NotFound):
        acme.invite("none", "bob", inviter="ann")


def test_an_invite_can_be_taken_back(acme):
    acme.invite("acme", "bob", inviter="ann")
    acme.remove_invite("acme", "bob", actor="ann")
    for undone in (acme.accept, lambda *it: acme.remove_invite(*it, actor="bob")):
        with pytest.raises(NotFound):
            undone("acme", "bob")


def test_there_always_is_an_admin(acme, people):
    acme.invite("acme", "bob", inviter="ann")
    acme.accept("acme", "bob")
    with pytest.raises(Conflict):
        acme.set_admin("acme", "ann", False, actor="ann")
    with pytest.raises(Conflict):
        acme.remove_member("acme", "ann", actor="ann")
    assert acme.set_admin("acme", "bob", True, actor="ann").admin
    acme.remove_member("acme", "ann", actor="bob")
    assert names(acme.members("acme")) == [("bob", True)]
    assert people.state.owned("ann") == frozenset()
    for nobody in ("ann", "zoe"):
        with pytest.raises(NotFound):
            acme.remove_member("acme", nobody, actor="bob")
        with pytest.raises(NotFound):
            acme.set_admin("acme", nobody, True, actor="bob")
        assert acme.member("acme", nobody) is None


def test_two_admins_who_leave_at_once(acme):
    acme.invite("acme", "bob", inviter="ann")
    acme.accept("acme", "bob")
    acme.set_admin("acme", "bob", True, actor="ann")
    refused: list[str] = []

    def leave(user: str) -> None:
        try:
            acme.remove_member("acme", user, actor=user)
        except Conflict:
            refused.append(user)

    threads = [threading.Thread(target=leave, args=(user,)) for user in ("ann", "bob")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert names(acme.members("acme")) == [(refused[0], True)]


def test_nothing_is_left_of_a_scope(acme, people):
    acme.invite("acme", "bob", inviter="ann")
    acme.remove("acme", actor="ann")
    assert acme.scope("acme") is None
    assert people.state.owned("ann") == people.state.held() == frozenset()
    assert acme.invites_of("bob") == []
    with pytest.raises(NotFound):
        acme.remove("acme", actor="ann")
    acme.add("acme", creator="bob")
    assert names(acme.members("acme")) == [("bob", True)]


def test_every_change_is_audited(acme, people):
    acme.invite("acme", "bob", inviter="ann")
    acme.accept("acme", "bob")
    acme.remove_member("acme", "bob", actor="ann")
    told = [(event.action, event.actor, event.subject) for event in people.state.audit_events(limit=4)]
    assert told == [
        ("scope.member.remove", "ann", "@acme"),
        ("scope.member.add", "bob", "@acme"),
        ("scope.invite", "ann", "@acme"),
        ("scope.add", "ann", "@acme"),
    ]


def test_an_authorization_from_asking_to_the_end(under_way):
    secret, asked = under_way.begin("challenge", ('{"a": 1}',))
    assert re.fullmatch("[A-HJ-NP-Z]{4}-[A-HJ-NP-Z]{4}", asked.code)
    assert re.fullmatch("[0-9a-f]{40}", secret)
    assert asked == Authorization(asked.code, "challenge", ('{"a": 1}',), START, START + LIFETIME)
    assert under_way.by_code(asked.code) == asked
    assert under_way.exchange(secret).approved is None
    assert under_way.exchange("0" * 40) is None
    under_way.decide(asked.code, user="ann", approved=True)
    assert under_way.by_code(asked.code) is None
    with pytest.raises(NotFound):
        under_way.decide(asked.code, user="bob", approved=False)
    done = under_way.exchange(secret)
    assert (done.user, done.approved) == ("ann", True)
    assert under_way.exchange(secret) is None


def test_one_that_wants_everything_says_so(under_way):
    _, asked = under_way.begin("challenge", None)
    assert under_way.by_code(asked.code).permissions is None


def test_an_authorization_that_nobody_decides(under_way, people):
    secret, asked = under_way.begin("challenge", None)
    people.clock.advance(seconds=LIFETIME.total_seconds())
    assert under_way.by_code(asked.code) is None
    with pytest.raises(NotFound):
        under_way.decide(asked.code, user="ann", approved=True)
    expired = under_way.exchange(secret)
    assert expired.expires_at <= START + LIFETIME
    assert expired.approved is None
    assert under_way.exchange(secret) is None


def test_those_long_expired_are_forgotten(under_way, people):
    secret, _ = under_way.begin("challenge", None)
    people.clock.advance(seconds=timedelta(days=1).total_seconds())
    under_way.begin("other", None)
    assert under_way.exchange(secret) is None


def test_of_two_exchanges_one_gets_it(under_way):
    secret, asked = under_way.begin("challenge", None)
    under_way.decide(asked.code, user="ann", approved=True)
    got: list[object] = []
    threads = [threading.Thread(target=lambda: got.append(under_way.exchange(secret))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([each for each in got if each is not None]) == 1


def test_all_scopes_are_told_in_portions(acme):
    for name in ("zeta", "acme-tools", "beta"):
        acme.add(name, creator="bob")

    def found(**asked):
        some, size = acme.some(**asked)
        return [each.name for each in some], size

    assert found() == (["acme", "acme-tools", "beta", "zeta"], 4)
    assert found(start=1, limit=2) == (["acme-tools", "beta"], 4)
    assert found(containing="acme") == (["acme", "acme-tools"], 2)
    assert found(containing="%") == ([], 0)
