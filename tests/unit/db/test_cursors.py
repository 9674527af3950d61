"""Cursors of PostgreSQL that describe their columns to who looks."""

from __future__ import annotations

import psycopg
import pytest
import sqlalchemy as sa

from pypicloud_like.db.cursors import FrugalCursor
from pypicloud_like.db.engine import Database
from pypicloud_like.db.index_tables import clock
from pypicloud_like.settings.model import DatabaseSettings


@pytest.fixture
def raw(postgres_url):
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize(
    "statement",
    ["SELECT 1 AS a, 'x'::text AS b, now()", "SELECT 1 AS a WHERE false", "SELECT", "SET work_mem = '5MB'"],
)
def test_it_describes_as_the_driver_does(raw, statement):
    usual, ours = psycopg.Cursor(raw).execute(statement), FrugalCursor(raw).execute(statement)
    if usual.description is None:
        assert ours.description is None
        return
    assert len(ours.description) == len(usual.description)
    assert bool(ours.description) == bool(usual.description)
    assert [tuple(column) for column in ours.description] == [tuple(column) for column in usual.description]
    assert [column.name for column in ours.description[:1]] == [
        column.name for column in usual.description[:1]
    ]


def test_columns_of_a_result_are_not_those_of_the_next_one(raw):
    cursor = FrugalCursor(raw)
    late, early = cursor.execute("SELECT 1 AS a").description, cursor.description
    assert early[0].name == "a"
    cursor.execute("SELECT 2 AS b, 3 AS c")
    assert [column.name for column in early] == ["a"]
    with pytest.raises(psycopg.InterfaceError):
        late[0]


def test_before_any_statement_there_is_nothing_to_describe(raw):
    assert FrugalCursor(raw).description is None


def test_nothing_is_made_for_who_does_not_look(postgres_url, monkeypatch):
    made = []
    column = psycopg.Column
    monkeypatch.setattr(psycopg, "Column", lambda *args: made.append(args) or column(*args))
    database = Database(DatabaseSettings(postgres_url), clock=clock)
    statement = sa.select(sa.literal(1).label("a"), sa.literal("x").label("b"))
    for seen in (True, False, False):
        made.clear()
        with database.read() as connection:
            assert connection.execute(statement).mappings().one() == {"a": 1, "b": "x"}
        assert bool(made) == seen
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT 2 AS c").mappings().one() == {"c": 2}
    database.close()
    assert len(made) == 1
