"""The audit in the state, on every database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from pypicloud_like.core.errors import Unavailable
from pypicloud_like.core.model import Project, Scope
from pypicloud_like.core.ports import Sought, State
from pypicloud_like.db import looking_back
from pypicloud_like.state import tables
from tests.contracts.people import START, People
from tests.contracts.people import people_fixture as _people  # noqa: F401 - a fixture
from tests.contracts.people import state_url_fixture as _state_url  # noqa: F401 - a fixture
from tests.support.postgres import postgres, postgres_url  # noqa: F401 - fixtures

SCOPE = Scope(frozenset({"read", "write"}), frozenset({Project("pypi", "foo"), Project("cargo", "bar")}))

FOO = Project("pypi", "foo")


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
        monkeypatch.setattr(looking_back, "LOOKED_THROUGH", 3)
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
