"""The whole state as lines of JSON that either database writes and reads: for backups, and for moving
between SQLite and PostgreSQL.

::

    {"format": 1, "schema": "0005"}                     the first line
    {"table": "users", "row": {"id": 1, "name": …}}      one for each row, tables after those they refer to
    {"counter": "users", "value": 17}                   numbers given so far, which are never given again
    {"end": 1234}                                       the last line: how many stand between

Sessions, login failures and authorizations under way are left out: they live for a while only, and what was
ended since must not come back.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import groupby, islice
from typing import Any

import sqlalchemy as sa

from pypicloud_like.core.errors import Conflict, InvalidRequest
from pypicloud_like.db.engine import Database
from pypicloud_like.db.migrate import versions
from pypicloud_like.db.numbers import highest_number, last_number, set_last_number
from pypicloud_like.state import (
    curation_tables,
    people_tables,
    publisher_tables,
    scope_tables,
    task_tables,
)
from pypicloud_like.state.changes import people_moved
from pypicloud_like.state.tables import (
    Moment,
    clock,
    failures,
    grants,
    metadata,
    owners,
    sessions,
    tokens,
    users,
)

FORMAT = 1
MODULES = (curation_tables, people_tables, publisher_tables, scope_tables, task_tables)
"""They put their tables into the metadata when they are imported."""
PASSING = frozenset({clock.name, sessions.name, failures.name, scope_tables.authorizations.name})
_PROOFS = (users, tokens, owners, grants, scope_tables.scopes)
"""Where one of these has a row, somebody lives here."""
_BATCH = 500


def dumped(database: Database) -> Iterator[str]:
    """The lines, of one moment.

    :raises Unavailable: the database cannot be reached
    """
    yield _line({"format": FORMAT, "schema": versions("state")[-1]})
    number = 0
    with database.read() as connection:
        for table in _tables():
            keys = sorted(table.primary_key.columns, key=lambda column: column.name)
            for row in connection.execution_options(yield_per=_BATCH).execute(
                sa.select(table).order_by(*keys)
            ):
                number += 1
                yield _line({"table": table.name, "row": dict(row._mapping)})  # noqa: SLF001 - its public name
        for name, value in _counters(connection):
            number += 1
            yield _line({"counter": name, "value": value})
    yield _line({"end": number})


def load(database: Database, lines: Callable[[], Iterable[str]], *, replace: bool) -> int:
    """Put the rows of a dump in the place of all there are, in one transaction; returns how many.

    :param lines: gives the lines, from the first one each time
    :param replace: do so even where somebody lives
    :raises Conflict: somebody does
    :raises InvalidRequest: it is no dump, or one of another schema, or not all of one; nothing has changed
    """

    def work(connection: sa.Connection) -> int:
        if not replace and any(connection.execute(sa.select(table).limit(1)).first() for table in _PROOFS):
            raise Conflict("There are users, tokens or owners already; with --replace they go")
        for table in reversed(metadata.sorted_tables):
            if table is not clock:
                connection.execute(sa.delete(table))
        done = _take(connection, map(_parsed, lines()))
        people_moved(connection, database.tick(connection))
        return done

    return database.transact(work)


def _tables() -> list[sa.Table]:
    """Those that are dumped, each after the ones it refers to."""
    return [table for table in metadata.sorted_tables if table.name not in PASSING]


def _take(connection: sa.Connection, entries: Iterator[Mapping[str, Any]]) -> int:
    _judge(next(entries, {}))
    tables = {table.name: table for table in _tables()}
    number = rows = 0
    for name, group in groupby(entries, key=lambda entry: entry.get("table")):
        if name is None:
            for entry in group:
                if "end" in entry:
                    if entry["end"] == number:
                        return rows
                    break
                number += 1
                _set_counter(connection, entry)
            continue
        if not isinstance(name, str) or name not in tables:
            raise InvalidRequest("dump", f"has a table {str(name)[:50]!r} that is not known")
        done = _insert(connection, tables[name], group)
        number, rows = number + done, rows + done
    raise InvalidRequest("dump", "is not all there")


def _judge(head: Mapping[str, Any]) -> None:
    if head.get("format") != FORMAT:
        raise InvalidRequest("dump", "is none that this release knows")
    mine = versions("state")[-1]
    if head.get("schema") != mine:
        raise InvalidRequest(
            "dump",
            f"has schema version {head.get('schema')!r} and this release has {mine}: restore it with the"
            " release that made it, then upgrade",
        )


def _insert(connection: sa.Connection, table: sa.Table, entries: Iterator[Mapping[str, Any]]) -> int:
    done = 0
    while rows := [_values(table, entry.get("row")) for entry in islice(entries, _BATCH)]:
        try:
            connection.execute(sa.insert(table), rows)
        except (sa.exc.IntegrityError, sa.exc.DataError) as error:
            raise InvalidRequest("dump", f"has rows of {table.name} that do not fit") from error
        done += len(rows)
    return done


def _values(table: sa.Table, row: Any) -> dict[str, Any]:
    if not isinstance(row, Mapping) or row.keys() != set(table.columns.keys()):
        raise InvalidRequest("dump", f"has a row of {table.name} with other columns")
    return {
        column.name: _moment(row[column.name]) if isinstance(column.type, Moment) else row[column.name]
        for column in table.columns
    }


def _moment(text: object) -> datetime | None:
    try:
        return None if text is None else datetime.fromisoformat(str(text))
    except ValueError as error:
        raise InvalidRequest("dump", f"{str(text)[:50]!r} is no time") from error


def _counted() -> Iterator[tuple[str, sa.Column[int]]]:
    """Tables whose rows are numbered by the database, with the column of the number."""
    for table in _tables():
        column = table.autoincrement_column
        if column is not None:
            yield table.name, column


def _counters(connection: sa.Connection) -> Iterator[tuple[str, int]]:
    for name, column in _counted():
        yield name, last_number(connection, column) or highest_number(connection, column)


def _set_counter(connection: sa.Connection, entry: Mapping[str, Any]) -> None:
    for name, column in _counted():
        if name == entry.get("counter"):
            given = entry.get("value", 0)
            if not isinstance(given, int):
                raise InvalidRequest("dump", f"has a counter of {name} that is no number")
            set_last_number(connection, column, max(given, highest_number(connection, column)))


def _line(data: Mapping[str, Any]) -> str:
    return json.dumps(data, default=_encoded) + "\n"


def _encoded(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"a column holds a {type(value).__name__}")


def _parsed(line: str) -> Mapping[str, Any]:
    try:
        data = json.loads(line)
    except ValueError as error:
        raise InvalidRequest("dump", "has a line that is no JSON") from error
    if not isinstance(data, dict):
        raise InvalidRequest("dump", "has a line that is no object")
    return data
