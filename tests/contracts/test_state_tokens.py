"""Tokens and sessions in the state, on every database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from pypicloud_like.access.tokens import looks_like_token
from pypicloud_like.core.errors import InvalidRequest, NotFound
from pypicloud_like.core.model import Project, Scope
from pypicloud_like.core.ports import State
from pypicloud_like.state import tables
from tests.contracts.people import START, People
from tests.contracts.people import people_fixture as _people  # noqa: F401 - a fixture
from tests.contracts.people import state_url_fixture as _state_url  # noqa: F401 - a fixture
from tests.support.postgres import postgres, postgres_url  # noqa: F401 - fixtures

SCOPE = Scope(frozenset({"read", "write"}), frozenset({Project("pypi", "foo"), Project("cargo", "bar")}))

ALL = Scope(frozenset({"read"}))

FOO = Project("pypi", "foo")


@pytest.fixture
def statements(people: People) -> Iterator[list[str]]:
    """The SQL that is executed, the clock's look-ups left out."""
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        if not re.match(r"(SELECT state_clock.value|BEGIN)", statement.strip()):
            seen.append(statement)

    sa.event.listen(people.state.database.engine, "before_cursor_execute", note)
    yield seen
    sa.event.remove(people.state.database.engine, "before_cursor_execute", note)


class TestTokens:
    @pytest.mark.promise(119)
    def test_a_token_is_found_by_its_secret_alone(self, state: State) -> None:
        secret, token = state.add_token("ann", "laptop", SCOPE, expires_at=START + timedelta(days=1))
        assert looks_like_token(secret)
        found = state.token(secret)
        assert found == token
        assert (found.owner, found.label, found.scope) == ("ann", "laptop", SCOPE)
        assert found.created_at == START
        assert found.expires_at == START + timedelta(days=1)
        assert state.token(token.id) is None
        assert state.token(secret[:-1]) is None

    @pytest.mark.promise(125)
    def test_no_secret_is_stored(self, people: People) -> None:
        secret, _ = people.state.add_token("ann", "laptop", SCOPE, expires_at=None)
        session = people.state.open_session("ann")
        with people.state.database.read() as connection:
            rows = [
                str(tuple(row))
                for table in tables.metadata.sorted_tables
                for row in connection.execute(sa.select(table))
            ]
        assert rows
        assert not any(secret in row or session in row for row in rows)

    def test_all_of_a_user_newest_first(self, people: People) -> None:
        for label in ("one", "two", "three"):
            people.state.add_token("ann", label, ALL, expires_at=None)
            people.clock.advance(seconds=1)
        people.state.add_token("bob", "other", ALL, expires_at=None)
        people.state.add_token("ann", "short", ALL, expires_at=people.clock() + timedelta(seconds=5))
        assert [token.label for token in people.state.tokens("Ann")] == ["short", "three", "two", "one"]
        people.clock.advance(seconds=5)
        assert [token.label for token in people.state.tokens("ann")] == ["three", "two", "one"]

    def test_expiry_holds_to_the_moment(self, people: People) -> None:
        secret, _ = people.state.add_token("ann", "ci", ALL, expires_at=START + timedelta(seconds=10))
        people.clock.advance(seconds=9.999)
        assert people.state.token(secret)
        people.clock.advance(seconds=0.001)
        assert people.state.token(secret) is None

    def test_revoked_is_revoked(self, state: State) -> None:
        secret, token = state.add_token("ann", "ci", ALL, expires_at=None)
        keep, _ = state.add_token("ann", "ci 2", ALL, expires_at=None)
        assert state.token(secret)
        state.revoke_token("ann", token.id, actor="root")
        assert state.token(secret) is None
        assert state.token(keep)
        with pytest.raises(NotFound):
            state.revoke_token("ann", token.id, actor="root")

    @pytest.mark.promise(123)
    def test_only_the_owner_s_tokens_can_be_named(self, state: State) -> None:
        secret, token = state.add_token("ann", "ci", ALL, expires_at=None)
        for owner, token_id in (("bob", token.id), ("ann", "x"), ("ann", "nul\0"), ("ann", "\ud800")):
            with pytest.raises(NotFound):
                state.revoke_token(owner, token_id, actor="bob")
        assert state.token(secret)

    @pytest.mark.parametrize("label", ["", "  ", "two\nlines", "x" * 101, "nul\0"])
    def test_a_label_is_one_short_line(self, state: State, label: str) -> None:
        with pytest.raises(InvalidRequest, match="label"):
            state.add_token("ann", label, ALL, expires_at=None)

    def test_an_expiry_lies_ahead(self, state: State) -> None:
        with pytest.raises(InvalidRequest, match="expires"):
            state.add_token("ann", "ci", ALL, expires_at=START)

    def test_a_warm_look_up_costs_no_sql(self, people: People, statements: list[str]) -> None:
        secret, _ = people.state.add_token("ann", "ci", ALL, expires_at=None)
        session = people.state.open_session("ann")
        people.state.add_owner(FOO, "ann", actor="ann")
        people.state.token(secret)
        people.state.session(session)
        people.state.owned("ann")
        _wait_for_last_use(people, "ann")
        statements.clear()
        for _ in range(50):
            assert people.state.token(secret)
            assert people.state.session(session) == "ann"
            assert people.state.owned("ann") == {FOO}
        assert statements == []

    def test_a_mistyped_token_costs_no_sql(self, people: People, statements: list[str]) -> None:
        secret, _ = people.state.add_token("ann", "ci", ALL, expires_at=None)
        statements.clear()
        typo = secret[:10] + ("a" if secret[10] != "a" else "b") + secret[11:]
        assert people.state.token(typo) is None
        assert statements == []

    def test_last_use_is_written_once_a_minute_and_moves_nothing(self, people: People) -> None:
        secret, _ = people.state.add_token("ann", "ci", ALL, expires_at=None)
        moved = people.state.moved()
        assert people.state.tokens("ann")[0].last_used_at is None
        people.state.token(secret)
        assert _wait_for_last_use(people, "ann") == START
        people.clock.advance(seconds=59)
        people.state.token(secret)
        assert _wait_for_last_use(people, "ann") == START
        people.clock.advance(seconds=1)
        people.state.token(secret)
        assert _wait_for_last_use(people, "ann") == START + timedelta(seconds=60)
        assert people.state.moved() == moved

    def test_tokens_dead_for_long_are_forgotten(self, people: People) -> None:
        people.state.add_token("ann", "old", ALL, expires_at=START + timedelta(days=1))
        people.clock.advance(days=32)
        people.state.add_token("ann", "new", ALL, expires_at=None)
        with people.state.database.read() as connection:
            assert connection.scalars(sa.select(tables.tokens.c.label)).all() == ["new"]


class TestSessions:
    def test_life_and_end(self, people: People) -> None:
        state = people.state
        secret = state.open_session("Ann")
        other = state.open_session("ann")
        assert secret != other
        assert state.session(secret) == "ann"
        assert state.session("nonsense") is None
        assert state.session("\ud800\0") is None
        state.close_session(secret)
        state.close_session(secret)
        assert state.session(secret) is None
        assert state.session(other) == "ann"

    def test_all_of_a_user_end_at_once(self, state: State) -> None:
        mine = [state.open_session("ann") for _ in range(3)]
        his = state.open_session("bob")
        assert all(map(state.session, mine))
        state.close_sessions("ANN", actor="boss")
        assert not any(map(state.session, mine))
        event = state.audit_events(limit=1)[0]
        assert (event.action, event.subject, event.actor) == ("session.close", "ann", "boss")
        assert state.session(his) == "bob"

    def test_lifetime(self, people: People) -> None:
        secret = people.state.open_session("ann")
        people.clock.advance(seconds=3599)
        assert people.state.session(secret) == "ann"
        people.clock.advance(seconds=1)
        assert people.state.session(secret) is None
        people.state.open_session("ann")
        with people.state.database.read() as connection:
            assert len(connection.execute(sa.select(tables.sessions)).all()) == 1


def _wait_for_last_use(people: People, owner: str):
    people.state._uses.finish()
    return people.state.tokens(owner)[0].last_used_at
