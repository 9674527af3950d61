"""What administrators ask of the index as a whole: what takes space, and the journal by what is sought."""

from __future__ import annotations

from datetime import date, timedelta

import sqlalchemy as sa

from pypicloud_like.cache.rows import CHANGE, LIGHT, change_from, file_from
from pypicloud_like.core.clock import micros
from pypicloud_like.core.model import Change, File, Project
from pypicloud_like.core.ports import Portion, Share, Sought
from pypicloud_like.db.index_tables import changes, files, projects
from pypicloud_like.db.looking_back import newest_first

_EPOCH = date(1970, 1, 1)
_DAY = 24 * 3600 * 1_000_000

_day = sa.cast(files.c.uploaded_at, sa.BigInteger).op("/")(sa.literal_column(str(_DAY)))
_SHARES = (
    sa.select(files.c.project_id, _day, sa.func.count(), sa.func.sum(files.c.size))
    .where(~files.c.deleted)
    .group_by(files.c.project_id, _day)
)
_NAMES = sa.select(projects.c.id, projects.c.ecosystem, projects.c.name).where(projects.c.visible > 0)
_largest = (
    sa.select(files.c.id)
    .where(~files.c.deleted)
    .order_by(files.c.size.desc(), files.c.id)
    .limit(sa.bindparam("limit"))
    .scalar_subquery()
)
_LARGEST = (
    sa.select(projects.c.ecosystem, projects.c.name, *LIGHT)
    .select_from(projects.join(files, files.c.project_id == projects.c.id))
    .where(files.c.id.in_(_largest))
    .order_by(files.c.size.desc(), files.c.id)
)


def shares(connection: sa.Connection) -> list[Share]:
    """What visible files take, by project and day."""
    named = {number: Project(ecosystem, name) for number, ecosystem, name in connection.execute(_NAMES)}
    return [
        Share(named[number], _EPOCH + timedelta(days=int(day)), count, int(size))
        for number, day, count, size in connection.execute(_SHARES)
        if number in named
    ]


def largest(connection: sa.Connection, limit: int) -> list[File]:
    """The visible files of most bytes."""
    rows = connection.execute(_LARGEST, {"limit": limit})
    return [file_from(row[2:], Project(*row[:2])) for row in rows]


def sought(connection: sa.Connection, wanted: Sought, before: int | None, limit: int) -> Portion[Change]:
    """Rows of the journal. One of a project has to be looked for among those of all: it has no index of its
    own, so that writing stays cheap.
    """
    statement = (
        sa.select(*CHANGE)
        .select_from(changes.join(projects, projects.c.id == changes.c.project_id))
        .where(*_conditions(wanted))
    )
    found = newest_first(connection, statement, changes.c.serial, before=before, limit=limit)
    return Portion([change_from(row) for row in found.rows], found.before)


def _conditions(wanted: Sought) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.actor is not None:
        conditions.append(changes.c.actor == wanted.actor)
    if wanted.action is not None:
        conditions.append(changes.c.action == wanted.action)
    if wanted.project is not None:
        number = sa.select(projects.c.id).where(
            projects.c.ecosystem == wanted.project.ecosystem, projects.c.name == wanted.project.name
        )
        conditions.append(changes.c.project_id == number.scalar_subquery())
    if wanted.since is not None:
        conditions.append(changes.c.at >= micros(wanted.since))
    if wanted.until is not None:
        conditions.append(changes.c.at < micros(wanted.until))
    return conditions
