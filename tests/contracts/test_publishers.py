"""Trusted publishers: every promise, on every database."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from pypicloud_like.core.errors import Conflict, NotFound
from pypicloud_like.core.model import Project, Scope
from pypicloud_like.core.ports.publishers import Publisher, Use
from pypicloud_like.state.publishers import SqlPublishers
from tests.contracts.people import START, other_process
from tests.contracts.people import People as Opened
from tests.contracts.people import people_fixture as _people  # noqa: F401 - a fixture
from tests.contracts.people import state_url_fixture as _state_url  # noqa: F401 - a fixture
from tests.support.postgres import postgres, postgres_url  # noqa: F401 - fixtures

DEMO, CRATE = Project("pypi", "demo"), Project("cargo", "demo")
CLAIMS = {"repository": "acme/demo", "ref": "refs/tags/*"}
SCOPE = Scope(frozenset({"read", "write"}), frozenset({DEMO}))


@pytest.fixture
def publishers(people: Opened) -> SqlPublishers:
    return SqlPublishers(people.state.database, clock=people.clock)


@pytest.fixture
def demo(publishers: SqlPublishers) -> Publisher:
    return publishers.add(DEMO, "ci", CLAIMS, creator="Ann", pending=True)


def use(*found: Publisher, digest: str = "d" * 64, **more) -> Use:
    said = {"pins": {}, "settled": frozenset(), "told": {"sha": "abc"}, "until": START + timedelta(minutes=5)}
    return Use(digest, publishers=found, **{**said, **more})


def mint(publishers: SqlPublishers, used: Use, *, minutes: int = 15) -> str:
    ends = publishers._clock() + timedelta(minutes=minutes)
    return publishers.mint(used, owner="Ann", label="ci: acme/demo", scope=SCOPE, expires_at=ends)[0]


def test_what_was_made_is_there(publishers, demo, people):
    assert (demo.project, demo.issuer, demo.claims, demo.creator) == (DEMO, "ci", CLAIMS, "ann")
    assert (demo.pending, demo.created_at, demo.pinned, demo.last_used_at) == (True, START, {}, None)
    crate = publishers.add(CRATE, "ci", CLAIMS, creator="bob", pending=False)
    assert publishers.of_project(DEMO) == [demo]
    assert publishers.of_creator("ANN") == [demo]
    assert publishers.of_issuer("cargo", "ci") == [crate]
    assert publishers.of_issuer("pypi", "other") == []
    assert publishers.every() == [crate, demo]
    assert people.actions() == [("publisher.add", "ann", "demo"), ("publisher.add", "bob", "cargo:demo")]


def test_the_same_is_there_once(publishers, demo):
    turned = dict(reversed(CLAIMS.items()))
    with pytest.raises(Conflict):
        publishers.add(DEMO, "ci", turned, creator="bob", pending=False)
    publishers.add(DEMO, "other", turned, creator="bob", pending=False)


@pytest.mark.promise(175)
def test_removing_ends_its_tokens_and_no_others(publishers, demo, people):
    second = publishers.add(DEMO, "ci", {"repository": "x"}, creator="ann", pending=False)
    by_both = mint(publishers, use(demo, second, digest="1"))
    by_second = mint(publishers, use(second, digest="2"))
    own, _ = people.state.add_token("ann", "own", SCOPE, expires_at=None)
    assert people.state.token(by_both).publishers == (demo.id, second.id)
    with pytest.raises(NotFound):
        publishers.remove(CRATE, demo.id, actor=None)
    publishers.remove(DEMO, demo.id, actor="ann")
    assert people.state.token(by_both) is None
    assert people.state.token(by_second) is not None
    assert people.state.token(own).publishers == ()
    with pytest.raises(NotFound):
        publishers.remove(DEMO, demo.id, actor="ann")


def test_what_a_use_leaves(publishers, demo, people):
    people.clock.advance(seconds=1)
    secret = mint(publishers, use(demo, pins={demo.id: {"id": "7"}}, settled=frozenset({demo.id})))
    (now,) = publishers.of_project(DEMO)
    assert (now.pinned, now.pending, now.last_used_at) == ({"id": "7"}, False, START + timedelta(seconds=1))
    token = people.state.token(secret)
    assert (token.owner, token.label, token.scope) == ("ann", "ci: acme/demo", SCOPE)
    event = people.state.audit_events()[0]
    assert (event.action, event.actor, event.subject) == ("publisher.use", "ann", "demo")
    assert event.detail["job"] == {"sha": "abc"}
    assert event.detail["token"] == token.id
    assert secret not in str(event.detail)
    people.clock.advance(minutes=15)
    assert people.state.token(secret) is None


@pytest.mark.promise(174)
def test_an_identity_token_is_used_once(publishers, demo, people):
    mint(publishers, use(demo))
    with pytest.raises(Conflict):
        mint(publishers, use(demo))
    assert len(people.state.tokens("ann")) == 1
    people.clock.advance(minutes=5, seconds=1)
    mint(publishers, use(demo))  # it is worth nothing by now, and forgotten


@pytest.mark.promise(174)
def test_of_many_at_once_one_gets_a_token(publishers, demo, people):
    got: list[str | None] = []

    def one() -> None:
        try:
            got.append(mint(publishers, use(demo)))
        except Conflict:
            got.append(None)

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 8
    assert len([secret for secret in got if secret]) == 1


def test_a_publisher_that_was_removed_meanwhile(publishers, demo, people):
    publishers.remove(DEMO, demo.id, actor=None)
    with pytest.raises(NotFound):
        mint(publishers, use(demo))
    with pytest.raises(NotFound):
        publishers.note(use(demo), owner="ann")
    assert people.state.tokens("ann") == []


def test_a_use_without_a_token_may_be_repeated(publishers, demo, people):
    for _ in range(2):
        publishers.note(use(demo), owner="Ann")
    assert people.actions()[-2:] == [("publisher.use", "ann", "demo")] * 2
    assert publishers.of_project(DEMO)[0].last_used_at == START


def test_loading_adds_what_is_not_there(publishers, demo, people):
    other = Publisher("1" * 36, CRATE, "ci", CLAIMS, "bob", True, START, {"id": "7"})
    again = Publisher("2" * 36, DEMO, "ci", CLAIMS, "bob", False, START, {})
    twice = Publisher("3" * 36, CRATE, "ci", CLAIMS, "bob", True, START, {})
    assert publishers.load([other, again, twice], actor=None) == 1
    assert publishers.every() == [other, demo]


@pytest.mark.promise(175)
def test_a_removed_user_leaves_none(publishers, demo, people):
    people.access.add_user("ann", "a password of length", actor=None)
    people.access.remove_user("ann", actor=None)
    assert publishers.every() == []


@pytest.mark.promise(127, 175)
def test_another_process_sees_the_end_of_a_token_at_once(publishers, demo, people):
    secret = mint(publishers, use(demo))
    with other_process(people.url) as other:
        assert other.state("token", secret) is not None
        publishers.remove(DEMO, demo.id, actor=None)
        assert other.state("token", secret) is None
