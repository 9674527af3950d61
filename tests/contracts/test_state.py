"""What the state promises, on every database."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from pypicloud_like.core.errors import Conflict, Unavailable
from pypicloud_like.core.model import Project, Scope
from pypicloud_like.core.ports import State
from pypicloud_like.db.engine import Database
from pypicloud_like.settings.model import DatabaseSettings
from pypicloud_like.state import curation_tables, people_tables, scope_tables, tables, task_tables
from pypicloud_like.state.sql import SqlState
from tests.contracts.people import People, other_process
from tests.contracts.people import people_fixture as _people  # noqa: F401 - a fixture
from tests.contracts.people import state_url_fixture as _state_url  # noqa: F401 - a fixture
from tests.support.postgres import postgres, postgres_url  # noqa: F401 - fixtures

ALL = Scope(frozenset({"read"}))
FOO = Project("pypi", "foo")


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

    def test_buckets_are_apart(self, state: State) -> None:
        for _ in range(2):
            state.count_failure("a\0", limit=2, window=60)
        assert state.blocked("a\0", limit=2, window=60) == 60
        assert state.blocked("b", limit=2, window=60) == 0

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
        assert state.moved() == moved
        assert state.count_failure("a", limit=2, window=60) == 0
        blocked = state.moved()
        assert blocked > moved
        assert state.count_failure("a", limit=2, window=60) == 60
        assert state.moved() == blocked


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
            assert time.monotonic() - began < 4, "it waits for nobody"


def _can_lock(state: State, name: str) -> bool:
    with state.lock(name) as held:
        return held
