"""The numbers that a database gives to the rows of a table, none of them twice."""

from __future__ import annotations

import sqlalchemy as sa


def last_number(connection: sa.Connection, column: sa.Column[int]) -> int:
    """The highest one that the database ever gave by itself; 0 for none."""
    if _is_sqlite(connection):
        given = sa.text("SELECT seq FROM sqlite_sequence WHERE name = :name")
        return int(connection.scalar(given, {"name": column.table.name}) or 0)
    sequence = connection.scalar(sa.select(_sequence(column)))
    if sequence is None:
        return 0
    asked = sa.text(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}")  # noqa: S608 - the database's own word
    return int(connection.scalar(asked) or 0)


def set_last_number(connection: sa.Connection, column: sa.Column[int], number: int) -> None:
    """From now on give those above this one."""
    if _is_sqlite(connection):
        named = {"name": column.table.name, "number": number}
        connection.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :name"), named)
        connection.execute(sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :number)"), named)
    else:
        connection.execute(sa.select(sa.func.setval(_sequence(column), max(number, 1), number > 0)))


def highest_number(connection: sa.Connection, column: sa.Column[int]) -> int:
    """The highest one in the table; 0 if it is empty."""
    return int(connection.scalar(sa.select(sa.func.max(column))) or 0)


def _is_sqlite(connection: sa.Connection) -> bool:
    return connection.dialect.name == "sqlite"


def _sequence(column: sa.Column[int]) -> sa.Function[str]:
    return sa.func.pg_get_serial_sequence(column.table.name, column.name)
