"""What is read of people, and when it is read anew."""

from __future__ import annotations

import random

import pytest

from pypicloud_like.access.policy import owns
from pypicloud_like.core.model import Project, Right, Scope
from pypicloud_like.state.scopes import SqlScopes
from tests.contracts.people import People, open_people, people_fixture, state_url_fixture

__all__ = ["people_fixture", "state_url_fixture"]

FOO = Project("pypi", "foo")
READ = Scope(frozenset({"read"}))


@pytest.fixture
def other(people: People, state_url: str):
    """Another process over the same database."""
    other = open_people(state_url)
    yield other
    other.state.close()


def test_owners_tokens_and_sessions_leave_it_as_it_is(people, other):
    people.access.add_user("ann", "long enough", actor=None)
    people.access.grant(FOO, "user", "ann", Right.READ, actor=None)
    before = people.access.grants()
    for state in (people.state, other.state):
        state.add_owner(Project("pypi", f"of-{id(state)}"), "ann", actor=None)
        _, token = state.add_token("ann", "test", READ, expires_at=None)
        state.revoke_token("ann", token.id, actor=None)
        state.close_session(state.open_session("ann"))
        for _ in range(3):
            state.count_failure(f"bucket {id(state)}", limit=2, window=60)
        assert people.access.grants() is before


def test_whatever_changes_people_is_seen_by_all(people, other):
    """Each kind of change, made by one and seen by the other at once."""
    one, two = people.access, other.access

    def seen(asked):
        wanted = asked(one)
        assert asked(two) == wanted
        return wanted

    steps = [
        (lambda: one.add_user("ann", "long enough", actor=None), lambda it: it.account("ann") is not None),
        (lambda: two.set_admin("ann", True, actor=None), lambda it: it.account("ann").admin),
        (lambda: one.add_group("crew", actor=None), lambda it: "crew" in it.groups()),
        (lambda: two.add_member("crew", "ann", actor=None), lambda it: "ann" in it.groups()["crew"]),
        (lambda: one.grant(FOO, "group", "crew", Right.WRITE, actor=None), lambda it: FOO in it.grants()),
        (lambda: two.set_registration(True, actor=None), lambda it: it.registration()),
    ]
    for change, asked in steps:
        one.grants(), two.grants()
        change()
        assert seen(asked), asked
    lines = _with_another_user(other)
    people.state.load(lambda: lines, replace=True)
    assert seen(lambda it: it.account("zoe") is not None)


def _with_another_user(people: People):
    people.access.add_user("zoe", "long enough", actor=None)
    lines = list(people.state.dump())
    people.access.remove_user("zoe", actor=None)
    return lines


@pytest.mark.parametrize("seed", range(3))
def test_what_somebody_owns_is_asked_of_one_project_or_of_all_alike(people, other, seed):
    chance = random.Random(seed)
    scopes = SqlScopes(people.state.database, clock=people.clock)
    for name in ("ann", "bob"):
        people.access.add_user(name, "long enough", actor=None)
    projects = [
        Project("pypi", "foo"),
        Project("cargo", "foo"),
        Project("jsr", "@one/foo"),
        Project("pypi", "bar"),
    ]
    projects += [Project("jsr", "@two/foo"), Project("jsr", "@one/*"), Project("pypi", "@one/foo")]
    scopes.add("one", creator="ann")
    for _ in range(25):
        who, project = chance.choice(["ann", "bob"]), chance.choice(projects[:4])
        match chance.randrange(4):
            case 0:
                other.state.add_owner(project, who, actor=None)
            case 1 if len(other.state.owners(project)) > 1:
                other.state.remove_owner(project, who, actor=None)
            case 2 if scopes.scope("two") is not None:
                scopes.remove("two", actor=None)
            case 2:
                scopes.add("two", creator=who)
            case _:
                people.state.add_owner(project, who, actor=None)
        for state in (people.state, other.state):
            for name in ("ann", "BOB", "nobody"):
                owned = state.owned(name)
                assert [state.owns(name, each) for each in projects] == [
                    owns(each, owned) for each in projects
                ]
