"""Rows of long tables, the newest first, in portions."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from pypicloud_like.core.ports.looking_back import Portion

LOOKED_THROUGH = 100_000
"""How many rows are looked through for one portion: what is asked for may be rare, or nowhere at all."""


def newest_first(
    connection: sa.Connection,
    statement: sa.Select[Any],
    number: sa.Column[int],
    *,
    before: int | None,
    limit: int,
) -> Portion[sa.Row[Any]]:
    """A portion of what a statement gives; a bounded number of rows is looked through for it.

    :param number: by this column of the statement its rows are numbered, as they came
    :param before: where the portion begins: below this number
    """
    newest = sa.select(number).order_by(number.desc())
    if before is not None:
        newest, statement = newest.where(number < before), statement.where(number < before)
    edge = connection.scalar(newest.offset(LOOKED_THROUGH - 1).limit(1))
    if edge is not None:
        statement = statement.where(number >= edge)
    found = connection.execute(statement.order_by(number.desc()).limit(limit + 1)).all()
    if len(found) > limit:
        return Portion(found[:limit], found[limit - 1]._mapping[number])  # noqa: SLF001 - its public name
    return Portion(found, edge)
