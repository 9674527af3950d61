"""Cursors of PostgreSQL that make nothing nobody looks at."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, overload

import psycopg


class FrugalCursor(psycopg.Cursor[Any]):
    """Describes its columns to who looks. SQLAlchemy asks after each statement whether there are any, and
    knows those of statements it has executed before; the driver would make an object for each of them.
    """

    @property
    def description(self) -> Any:
        """See PEP 249. To be looked at before the next statement is executed."""
        result = self.pgresult
        return _Columns(self, result.nfields) if result and result.nfields else super().description


class _Columns(Sequence[psycopg.Column]):
    """The columns of the last result of a cursor."""

    def __init__(self, cursor: FrugalCursor, count: int) -> None:
        self._cursor = cursor
        self._result = cursor.pgresult
        self._count = count

    @cached_property
    def _made(self) -> list[psycopg.Column]:
        if self._cursor.pgresult is not self._result:
            raise psycopg.InterfaceError("the columns of a result are to be looked at before the next one")
        return [psycopg.Column(self._cursor, place) for place in range(self._count)]

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> psycopg.Column: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[psycopg.Column]: ...
    def __getitem__(self, place: int | slice) -> psycopg.Column | Sequence[psycopg.Column]:
        return self._made[place]
