"""The state as lines: everything comes back, on the same kind of database and on the other."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from pypicloud_like.access.passwords import Passwords
from pypicloud_like.access.sql import SqlAccess
from pypicloud_like.core.errors import Conflict, InvalidRequest
from pypicloud_like.core.model import Project, Right, Scope
from pypicloud_like.settings.model import AccessSettings, DatabaseSettings
from pypicloud_like.state.dump import PASSING
from pypicloud_like.state.people import SqlPeople
from pypicloud_like.state.scopes import SqlScopes
from pypicloud_like.state.sql import SqlState
from pypicloud_like.state.tables import metadata
from tests.support.postgres import postgres, postgres_url  # noqa: F401 - fixtures

NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
FOO = Project("pypi", "foo")


@pytest.fixture
def opened(tmp_path, request):
    """Makes a new state in SQLite or PostgreSQL."""
    made = []

    def make(kind):
        url = f"sqlite:///{tmp_path}/state-{len(made)}.sqlite"
        if kind == "postgresql":
            url = request.getfixturevalue("postgres_url")
        state = SqlState.from_settings(DatabaseSettings(url), clock=lambda: NOW)
        made.append(state)
        return state

    yield make
    for state in made:
        state.close()


def access_over(state):
    rules = AccessSettings()
    return SqlAccess.from_settings(
        rules, passwords=Passwords(time_cost=1), database=state.database, clock=lambda: NOW
    )


def fill(state):
    """Something in as many tables as can be filled by what people do; the secret of a token and a session."""
    access = access_over(state)
    access.add_user("boss", "correct horse battery", admin=True, actor=None)
    access.add_user("ann", "correct horse battery", actor="boss")
    access.add_user("gone", "correct horse battery", actor="boss")
    access.remove_user("gone", actor="boss")
    access.add_group("devs", actor="boss")
    access.add_member("devs", "ann", actor="boss")
    access.grant(FOO, "group", "devs", Right.READ, actor="boss")
    access.set_registration(True, actor="boss")
    state.add_owner(FOO, "ann", actor="ann")
    people = SqlPeople(state.database, clock=lambda: NOW)
    people.person("ann")
    SqlScopes(state.database, clock=lambda: NOW).add("acme", creator="ann")
    state.audit("test", "ünï\u2028code \U0001f980", actor=None, deep={"a": [1, None, True, "x"]})
    secret, _ = state.add_token(
        "ann", "ci", Scope(frozenset({"read"}), frozenset({FOO})), expires_at=NOW + timedelta(days=1)
    )
    return secret, state.open_session("ann")


def contents(state):
    with state.database.read() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(sa.select(table))))
            for table in metadata.sorted_tables
            if table.name not in PASSING
        }


@pytest.mark.promise(74)
@pytest.mark.parametrize(
    ("source", "target"),
    [("sqlite", "sqlite"), ("sqlite", "postgresql"), ("postgresql", "sqlite")],
)
def test_everything_comes_back(opened, source, target):
    one, two = opened(source), opened(target)
    secret, session = fill(one)
    lines = list(one.dump())
    before = two.moved()
    rows = two.load(lambda: lines, replace=False)
    assert contents(two) == contents(one)
    assert rows == sum(map(len, contents(one).values()))
    assert two.moved() > before, "whoever has read the old state reads anew"
    assert list(two.dump()) == lines
    assert two.token(secret).owner == "ann"
    assert two.session(session) is None, "sessions end with the server they were opened at"
    access = access_over(two)
    assert access.identify("ann", "correct horse battery").groups == {"devs"}
    assert access.grants() == access_over(one).grants()


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_numbers_once_given_are_not_given_again(opened, target):
    one, two = opened("sqlite"), opened(target)
    fill(one)
    lines = list(one.dump())
    two.load(lambda: lines, replace=False)
    two.audit("more", "x", actor=None)
    ids = [event.id for event in two.audit_events(limit=1000)]
    assert len(ids) == len(set(ids))
    assert ids[0] == max(event.id for event in one.audit_events(limit=1)) + 1
    access_over(two).add_user("new", "correct horse battery", actor="boss")
    with two.database.read() as connection:
        users = metadata.tables["users"]
        found = {row.name: row.id for row in connection.execute(sa.select(users))}
    assert found["new"] == 4, "the third was somebody who is gone"


def test_every_table_is_dumped_or_left_out_on_purpose(opened, tmp_path):
    opened("sqlite")
    with sqlite3.connect(tmp_path / "state-0.sqlite") as connection:
        found = {
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
    connection.close()
    assert found - {"sqlite_sequence", "state_version"} == set(metadata.tables)
    assert set(metadata.tables) >= PASSING


@pytest.mark.promise(179)
def test_nobody_is_overrun(opened):
    one, two = opened("sqlite"), opened("sqlite")
    fill(one)
    access_over(two).add_user("other", "correct horse battery", actor=None)
    lines = list(one.dump())
    before = contents(two)
    with pytest.raises(Conflict, match="--replace"):
        two.load(lambda: lines, replace=False)
    assert contents(two) == before
    two.load(lambda: lines, replace=True)
    assert contents(two) == contents(one)


def broken_in_many_ways():
    def changed(number, **more):
        def change(lines):
            return [
                line if index != number else json.dumps(json.loads(line) | more)
                for index, line in enumerate(lines)
            ]

        return change

    return {
        "empty": lambda _lines: [],
        "cut": lambda lines: lines[:-1],
        "a line lost": lambda lines: [*lines[:3], *lines[4:]],
        "a line twice": lambda lines: [*lines[:-2], lines[-2], lines[-2], lines[-1]],
        "no JSON": lambda lines: [*lines[:3], "{", *lines[4:]],
        "no object": lambda lines: [*lines[:3], "[]", *lines[4:]],
        "another format": changed(0, format=2),
        "another schema": changed(0, schema="9999"),
        "an unknown table": changed(1, table="passwd"),
        "a list of tables": changed(1, table=["users"]),
        "a counter that is no number": lambda lines: [
            line.replace('"value": ', '"value": "x", "was": ') for line in lines
        ],
        "a text for a number": lambda lines: [
            line.replace('"row": {"id": 1,', '"row": {"id": "x",') for line in lines
        ],
        "another column": changed(1, row={"id": 1, "evil": 2}),
        "no row": changed(1, row=None),
        "no time": lambda lines: [line.replace("2026-01-02T", "yesterday") for line in lines],
    }


@pytest.mark.promise(179)
@pytest.mark.parametrize("how", broken_in_many_ways())
def test_what_is_broken_changes_nothing(opened, how):
    one, two = opened("sqlite"), opened("sqlite")
    fill(one)
    lines = broken_in_many_ways()[how](list(one.dump()))
    access_over(two).add_user("other", "correct horse battery", actor=None)
    before = contents(two)
    with pytest.raises(InvalidRequest):
        two.load(lambda: lines, replace=True)
    assert contents(two) == before
