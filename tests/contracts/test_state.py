"""What the state promises, on every database."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from pypicloud_like.access.tokens import looks_like_token
from pypicloud_like.core.errors import Conflict, InvalidRequest, NotFound, Unavailable
from pypicloud_like.core.model import Project, Scope
from pypicloud_like.core.ports import Sought, State
from pypicloud_like.db.engine import Database
from pypicloud_like.settings.model import DatabaseSettings
from pypicloud_like.state import curation_tables, notices, people_tables, scope_tables, tables, task_tables
from pypicloud_like.state.sql import SqlState
from tests.contracts.people import START, People, other_process
from tests.contracts.people import people_fixture as _people  # noqa: F401 - a fixture
from tests.contracts.people import state_url_fixture as _state_url  # noqa: F401 - a fixture
from tests.support.postgres import postgres, postgres_url  # noqa: F401 - fixtures

SCOPE = Scope(frozenset({"read", "write"}), frozenset({Project("pypi", "foo"), Project("cargo", "bar")}))
ALL = Scope(frozenset({"read"}))
FOO = Project("pypi", "foo")


@pytest.fixture
def state(people: People) -> State:
    return people.state


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


class TestOwners:
    def test_owned_and_audited_once(self, people: People) -> None:
        state = people.state
        assert state.owned("ann") == frozenset()
        state.add_owner(FOO, "Ann", actor="root")
        state.add_owner(FOO, "ann", actor="root")
        state.add_owner(Project("cargo", "foo"), "ann", actor=None)
        assert state.owned("ann") == {FOO, Project("cargo", "foo")}
        assert state.owned("bob") == frozenset()
        assert people.actions() == [("owner.add", "root", "foo"), ("owner.add", None, "cargo:foo")]

    def test_removed_but_never_the_last(self, people: People) -> None:
        state = people.state
        for name in ("ann", "bob"):
            state.add_owner(FOO, name, actor=None)
        moved = state.moved()
        state.remove_owner(FOO, "Ann", actor="root")
        assert state.moved() != moved
        assert state.owned("ann") == frozenset()
        assert state.owners(FOO) == ["bob"]
        state.remove_owner(FOO, "ann", actor="root")  # no owner any more: fine
        with pytest.raises(Conflict):
            state.remove_owner(FOO, "bob", actor="root")
        assert people.actions()[2:] == [("owner.remove", "root", "foo")]

    def test_of_the_last_two_at_once_one_stays(self, people: People) -> None:
        state = people.state
        for name in ("ann", "bob"):
            state.add_owner(FOO, name, actor=None)

        def leave(name: str) -> bool:
            try:
                state.remove_owner(FOO, name, actor=name)
            except Conflict:
                return False
            return True

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(leave, ("ann", "bob"))) == [False, True]
        assert len(state.owners(FOO)) == 1


class TestFailures:
    def test_at_most_so_many_in_the_window(self, people: People) -> None:
        def count() -> int:
            return people.state.count_failure("user ann", limit=3, window=60)

        def blocked() -> int:
            return people.state.blocked("user ann", limit=3, window=60)

        assert [count(), count(), blocked()] == [0, 0, 0]
        people.clock.advance(seconds=10)
        assert count() == 0
        assert blocked() == 50
        assert count() == 50
        people.clock.advance(seconds=49)
        assert [blocked(), count()] == [1, 1]
        people.clock.advance(seconds=1)  # the first two have left the window, the third has not
        assert [blocked(), count(), count()] == [0, 0, 0]
        assert blocked() == 10

    def test_buckets_are_apart_and_can_be_forgotten(self, state: State) -> None:
        for _ in range(2):
            state.count_failure("a\0", limit=2, window=60)
        assert state.blocked("a\0", limit=2, window=60) == 60
        assert state.blocked("b", limit=2, window=60) == 0
        state.clear_failures("a\0")
        state.clear_failures("never seen")
        assert state.blocked("a\0", limit=2, window=60) == 0

    @pytest.mark.promise(167)
    def test_a_clock_that_is_set_back_blocks_nobody_for_longer(self, people: People) -> None:
        for _ in range(3):
            people.state.count_failure("a", limit=3, window=60)
        people.clock.advance(days=-1)
        assert people.state.blocked("a", limit=3, window=60) == 0

    def test_stale_buckets_go(self, people: People) -> None:
        for number in range(20):
            people.state.count_failure(f"address {number}", limit=3, window=60)
        people.clock.advance(seconds=120)
        people.state.count_failure("another", limit=3, window=60)
        with people.state.database.read() as connection:
            assert len(connection.execute(sa.select(tables.failures)).all()) == 1

    def test_many_at_once_are_all_counted(self, people: People) -> None:
        waits: list[int] = []
        start = threading.Barrier(8)

        def fail() -> None:
            start.wait()
            waits.extend(people.state.count_failure("a", limit=20, window=60) for _ in range(4))

        threads = [threading.Thread(target=fail) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(waits) == [0] * 20 + [60] * 12

    def test_only_the_beginning_of_a_block_moves(self, state: State) -> None:
        moved = state.moved()
        assert state.count_failure("a", limit=2, window=60) == 0
        state.clear_failures("b")
        assert state.moved() == moved
        assert state.count_failure("a", limit=2, window=60) == 0
        blocked = state.moved()
        assert blocked > moved
        assert state.count_failure("a", limit=2, window=60) == 60
        assert state.moved() == blocked


class TestAudit:
    def test_events_newest_first_and_paged(self, people: People) -> None:
        for number in range(5):
            people.state.audit("login", f"user {number}", actor="ann", address="127.0.0.1", number=number)
        newest = people.state.audit_events(limit=2)
        assert [event.subject for event in newest] == ["user 4", "user 3"]
        assert newest[0].at == START
        assert newest[0].detail == {"address": "127.0.0.1", "number": 4}
        older = people.state.audit_events(limit=10, before=newest[-1].id)
        assert [event.subject for event in older] == ["user 2", "user 1", "user 0"]

    def test_events_by_what_is_sought(self, people: People) -> None:
        for number, actor in enumerate(("ann", "bob", "ann", None)):
            people.state.audit(f"user.{'add' if number else 'remove'}", f"somebody {number}%", actor=actor)
            people.clock.advance(days=1)
        day = timedelta(days=1)

        def found(**wanted: Any) -> list[str]:
            return [event.subject[9] for event in people.state.audited(Sought(**wanted)).rows]

        assert found() == ["3", "2", "1", "0"]
        assert found(actor="ann") == ["2", "0"]
        assert found(action="user.add") == ["3", "2", "1"]
        assert found(action="user.*") == ["3", "2", "1", "0"]
        assert found(action="user.*", actor="bob") == ["1"]
        assert found(subject="body 1%") == ["1"]
        assert found(subject="body _") == []
        assert found(since=START + day, until=START + 3 * day) == ["2", "1"]

    def test_portions_of_the_audit_meet_and_are_bounded(
        self, people: People, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for number in range(7):
            people.state.audit("login", str(number), actor="ann" if number in {0, 5} else "bob")
        first = people.state.audited(Sought(actor="bob"), limit=2)
        assert [event.subject for event in first.rows] == ["6", "4"]
        second = people.state.audited(Sought(actor="bob"), before=first.before, limit=9)
        assert ([event.subject for event in second.rows], second.before) == (["3", "2", "1"], None)
        monkeypatch.setattr(notices, "LOOKED_THROUGH", 3)
        third = people.state.audited(Sought(actor="ann"))
        assert [event.subject for event in third.rows] == ["5"]
        fourth = people.state.audited(Sought(actor="ann"), before=third.before)
        assert fourth.rows == []
        fifth = people.state.audited(Sought(actor="ann"), before=fourth.before)
        assert ([event.subject for event in fifth.rows], fifth.before) == (["0"], None)

    def test_a_notice_is_what_was_said_last(self, people: People) -> None:
        assert people.state.notice("rebuild") is None
        moved = people.state.moved()
        people.state.put_notice("rebuild", {"done": 1, "problems": ["ü"]})
        people.state.put_notice("rebuild", {"done": 2})
        people.state.put_notice("check", {"done": 3})
        assert people.state.notice("rebuild") == {"done": 2}
        assert people.state.moved() == moved
        assert people.access.registration() is False

    def test_whatever_strangers_send_can_be_recorded(self, state: State) -> None:
        state.audit("login", "nul\0 \ud800" + "x" * 5000, actor="\0", detail=["\0\ud800", {"\0": FOO}])
        (event,) = state.audit_events()
        assert event.subject.startswith("nul\ufffd ?xxx")
        assert len(event.subject) == 1000
        assert event.detail == {"detail": ["\ufffd?", {"\ufffd": "foo"}]}

    @pytest.mark.promise(157)
    def test_every_change_records_itself(self, people: People) -> None:
        secret, token = people.state.add_token("ann", "ci", SCOPE, expires_at=None)
        session = people.state.open_session("ann")
        people.state.close_session(session)
        people.state.revoke_token("ann", token.id, actor="root")
        assert people.actions() == [
            ("token.add", "ann", "ann"),
            ("session.open", "ann", "ann"),
            ("session.close", "ann", "ann"),
            ("token.revoke", "root", "ann"),
        ]
        events = people.state.audit_events()
        assert events[0].detail == {"token": token.id, "label": "ci"}
        assert events[-1].detail["scope"] == {"actions": ["read", "write"], "projects": ["cargo:bar", "foo"]}
        assert secret not in str(events)
        assert session not in str(events)

    @pytest.mark.promise(157, 158)
    def test_what_cannot_be_recorded_does_not_happen(self, people: People) -> None:
        secret, token = people.state.add_token("ann", "ci", SCOPE, expires_at=None)
        tables.audit.drop(people.state.database.engine)
        with pytest.raises((sa.exc.DBAPIError, Unavailable)):
            people.state.revoke_token("ann", token.id, actor="ann")
        with pytest.raises((sa.exc.DBAPIError, Unavailable)):
            people.state.add_owner(FOO, "ann", actor="ann")
        assert people.state.token(secret) == token
        assert people.state.owned("ann") == frozenset()


class TestMoved:
    def test_what_decisions_depend_on_moves(self, people: People) -> None:
        state = people.state
        _, token = state.add_token("ann", "ci", ALL, expires_at=None)
        session = state.open_session("ann")
        seen = [state.moved()]
        for change in (
            lambda: state.revoke_token("ann", token.id, actor=None),
            lambda: state.close_session(session),
            lambda: state.add_owner(FOO, "ann", actor=None),
        ):
            change()
            seen.append(state.moved())
        assert seen == sorted(set(seen))

    def test_what_they_do_not_depend_on_does_not(self, people: People) -> None:
        moved = people.state.moved()
        people.state.audit("login", "ann", actor="ann")
        people.state.close_session("unknown")
        people.state.close_sessions("unknown", actor="boss")
        assert people.state.moved() == moved


class TestTwoProcesses:
    @pytest.mark.promise(127)
    def test_everything_ends_at_once_in_the_other(self, people: People) -> None:
        state = people.state
        secret, token = state.add_token("ann", "ci", ALL, expires_at=None)
        session = state.open_session("ann")
        with other_process(people.url) as other:
            assert other.state("token", secret) == token
            assert other.state("session", session) == "ann"
            assert other.state("owned", "ann") == frozenset()
            state.revoke_token("ann", token.id, actor=None)
            assert other.state("token", secret) is None
            state.close_sessions("ann", actor="boss")
            assert other.state("session", session) is None
            state.add_owner(FOO, "ann", actor=None)
            assert other.state("owned", "ann") == {FOO}
            again = other.state("open_session", "ann")
            assert state.session(again) == "ann"
            other.state("close_session", again)
            assert state.session(again) is None

    @pytest.mark.promise(113)
    def test_failures_count_together(self, people: People) -> None:
        with other_process(people.url) as other:
            for _ in range(2):
                people.state.count_failure("a", limit=4, window=60)
                other.state("count_failure", "a", limit=4, window=60)
            assert people.state.blocked("a", limit=4, window=60) == 60
            assert other.state("blocked", "a", limit=4, window=60) == 60

    @pytest.mark.promise(70)
    def test_a_lock_is_one_over_all_and_ends_with_its_process(self, people: People) -> None:
        with other_process(people.url) as other:
            assert other.state("lock", "rebuild/pypi") is True
            with people.state.lock("rebuild/pypi") as held:
                assert held is False
            with people.state.lock("another") as held:
                assert held is True
            other.kill()
            deadline = time.monotonic() + 10
            while not _can_lock(people.state, "rebuild/pypi"):
                assert time.monotonic() < deadline, "the lock outlived its process"
                time.sleep(0.05)


class TestLock:
    def test_one_at_a_time(self, state: State) -> None:
        with state.lock("a") as held:
            assert held
            assert not _can_lock(state, "a")
            assert _can_lock(state, "b")
        assert _can_lock(state, "a")

    def test_freed_when_the_work_fails(self, state: State) -> None:
        with pytest.raises(ValueError, match="work"), state.lock("a"):
            raise ValueError("work")
        assert _can_lock(state, "a")

    def test_costs_no_connection_of_the_pool(self, people: People) -> None:
        with people.state.lock("a"), people.state.lock("b"):
            assert people.state.database.engine.pool.checkedout() == 0


class TestDatabase:
    def test_check(self, state: State) -> None:
        state.check()

    def test_the_migrations_make_the_tables_of_the_code(self, people: People) -> None:
        from alembic.autogenerate import compare_metadata
        from alembic.migration import MigrationContext

        with people.state.database.engine.connect() as connection:
            context = MigrationContext.configure(
                connection,
                opts={"include_name": lambda name, kind, _: kind != "table" or name != "state_version"},
            )
            known = {people_tables.people.metadata, scope_tables.scopes.metadata}
            known |= {task_tables.tasks.metadata, curation_tables.grids.metadata}
            assert known == {tables.metadata}  # all of them are in one place
            assert compare_metadata(context, tables.metadata) == []

    def test_a_database_that_is_not_there(self, tmp_path) -> None:
        settings = DatabaseSettings(f"sqlite:///{tmp_path}/no/where.sqlite")
        nowhere = SqlState(Database(settings, clock=tables.clock))
        with pytest.raises(Unavailable):
            nowhere.check()
        with pytest.raises(Unavailable), nowhere.lock("a"):
            pass

    @pytest.mark.promise(31)
    def test_reading_goes_on_while_a_writer_is_stuck(self, people: People) -> None:
        secret, token = people.state.add_token("ann", "ci", ALL, expires_at=None)
        with people.state.database.engine.execution_options(begin="BEGIN IMMEDIATE").begin() as stuck:
            stuck.execute(sa.update(tables.tokens).values(label="ci"))
            began = time.monotonic()
            assert people.state.token(secret) == token
            assert [found.id for found in people.state.tokens("ann")] == [token.id]
            assert time.monotonic() - began < 1


def _can_lock(state: State, name: str) -> bool:
    with state.lock(name) as held:
        return held


def _wait_for_last_use(people: People, owner: str):
    people.state._uses.finish()
    return people.state.tokens(owner)[0].last_used_at
