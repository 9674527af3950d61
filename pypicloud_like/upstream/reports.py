"""What administrators ask of what is held from upstreams, as functions over a connection."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from pypicloud_like.core.clock import micros, moment
from pypicloud_like.core.model import Project
from pypicloud_like.core.ports import HeldProject
from pypicloud_like.db.upstream_tables import documents, held

_NAMED = (held.c.ecosystem, held.c.project)


def overview(
    connection: sa.Connection, containing: str, oldest_first: bool, start: int, limit: int
) -> tuple[Sequence[HeldProject], int]:
    """Projects of which files are held, and how many there are in all."""
    which = sa.func.lower(held.c.project).contains(containing.lower(), autoescape=True)
    size, used_at = sa.func.sum(held.c.size), sa.func.max(held.c.last_used_at)
    pinned = sa.func.max(sa.cast(held.c.pinned, sa.Integer))
    confirmed = sa.select(sa.func.max(documents.c.checked_at)).where(
        documents.c.ecosystem == held.c.ecosystem, documents.c.project == held.c.project
    )
    what = (*_NAMED, sa.func.count(), size, pinned, used_at, confirmed.scalar_subquery())
    grouped = sa.select(*what).where(which).group_by(*_NAMED)
    order = (used_at, *_NAMED) if oldest_first else (size.desc(), *_NAMED)
    rows = connection.execute(grouped.order_by(*order).offset(start).limit(limit)).all()
    counted = sa.select(*_NAMED).where(which).distinct().subquery()
    total = connection.scalar(sa.select(sa.func.count()).select_from(counted)) or 0
    found = [
        HeldProject(
            Project(ecosystem, name),
            files,
            int(bytes_held),
            bool(is_pinned),
            moment(last),
            None if checked is None else moment(checked),
        )
        for ecosystem, name, files, bytes_held, is_pinned, last, checked in rows
    ]
    return found, total


def is_pinned(connection: sa.Connection, project: Project) -> bool:
    """Whether a file of a project is never let go of."""
    files = held.c.ecosystem == project.ecosystem, held.c.project == project.name
    return connection.scalar(sa.select(held.c.id).where(*files, held.c.pinned).limit(1)) is not None


def projects(connection: sa.Connection, ecosystem: str) -> Sequence[Project]:
    """Every project of which a file is held, by name."""
    names = sa.select(held.c.project).where(held.c.ecosystem == ecosystem).distinct().order_by(held.c.project)
    return [Project(ecosystem, name) for name in connection.scalars(names)]


def known(connection: sa.Connection, ecosystem: str) -> Sequence[Project]:
    """Every project of which a file is held, or a page that says that there is one."""
    files = sa.select(held.c.project).where(held.c.ecosystem == ecosystem)
    pages = sa.select(documents.c.project).where(
        documents.c.ecosystem == ecosystem, documents.c.body.is_not(None)
    )
    names = connection.scalars(sa.union(files, pages))
    return [Project(ecosystem, name) for name in sorted(names)]


def doubt(connection: sa.Connection, project: Project, before: datetime) -> int:
    """Take the pages about a project for confirmed before that moment at the latest."""
    latest = micros(before)
    earlier = sa.case((documents.c.checked_at < latest, documents.c.checked_at), else_=latest)
    about = documents.c.ecosystem == project.ecosystem, documents.c.project == project.name
    changed = connection.execute(sa.update(documents).where(*about).values(checked_at=earlier))
    return changed.rowcount
