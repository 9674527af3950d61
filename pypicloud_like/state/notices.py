"""The audit by what is sought, and what long work says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from pypicloud_like.core.ports import AuditEvent, Portion, Sought
from pypicloud_like.db.looking_back import newest_first
from pypicloud_like.db.upsert import insert_into
from pypicloud_like.state.tables import audit, settings

_PREFIX = "notice:"
"""Notices lie beside what administrators switched on and off."""


def read(connection: sa.Connection, name: str) -> Mapping[str, Any] | None:
    """The last notice of this name."""
    found: Mapping[str, Any] | None = connection.scalar(
        sa.select(settings.c.value).where(settings.c.key == _PREFIX + name)
    )
    return found


def write(connection: sa.Connection, name: str, said: Mapping[str, Any]) -> None:
    """Put a notice in the place of the one before."""
    insert = insert_into(connection, settings).values(key=_PREFIX + name, value=dict(said))
    connection.execute(insert.on_conflict_do_update(index_elements=["key"], set_={"value": dict(said)}))


def audited(connection: sa.Connection, wanted: Sought, before: int | None, limit: int) -> Portion[AuditEvent]:
    """Rows of the audit."""
    statement = sa.select(audit).where(*_conditions(wanted))
    found = newest_first(connection, statement, audit.c.id, before=before, limit=limit)
    return Portion([AuditEvent(**row._mapping) for row in found.rows], found.before)  # noqa: SLF001 - its public name


def _conditions(wanted: Sought) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.actor is not None:
        conditions.append(audit.c.actor == wanted.actor)
    if wanted.action is not None and wanted.action.endswith("*"):
        conditions.append(audit.c.action.startswith(wanted.action[:-1], autoescape=True))
    elif wanted.action is not None:
        conditions.append(audit.c.action == wanted.action)
    if wanted.subject is not None:
        conditions.append(audit.c.subject.contains(wanted.subject, autoescape=True))
    if wanted.since is not None:
        conditions.append(audit.c.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(audit.c.at < wanted.until)
    return conditions
