"""Publishing tasks in SQLite or PostgreSQL."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from pypicloud_like.core.clock import Clock, system_clock
from pypicloud_like.core.errors import NotFound
from pypicloud_like.core.model import Project
from pypicloud_like.core.ports.tasks import LIVE, PublishingTask, TaskStatus
from pypicloud_like.db.engine import Database
from pypicloud_like.state.task_tables import tasks

STALE = timedelta(minutes=1)
"""More than publishing takes: what has not moved for so long was left behind by a crash, and whoever sends
the version again is to wait no longer than needed. If it lives after all, no harm is done: the index lets
only one of two publish a version.
"""

t = tasks.c


class SqlTasks:
    """The :class:`~pypicloud_like.core.ports.PublishingTasks` in the state database."""

    def __init__(self, database: Database, *, clock: Clock = system_clock) -> None:
        self._database = database
        self._clock = clock

    def begin(self, project: Project, version: str, *, user: str | None) -> tuple[PublishingTask, bool]:
        """See the port."""
        now = self._clock()
        new = PublishingTask(str(uuid.uuid4()), project, version, user, TaskStatus.PENDING, None, now, now)

        def work(connection: sa.Connection) -> tuple[PublishingTask, bool]:
            self._database.tick(connection)  # one at a time, on every database
            row = connection.execute(sa.select(tasks).where(_live(project, version))).one_or_none()
            if row is not None and now - row.updated_at <= STALE:
                return _task(row), False
            if row is not None:
                connection.execute(_moved(row.id, TaskStatus.FAILURE, _STALE, now))
            connection.execute(sa.insert(tasks).values(_values(new)))
            return new, True

        return self._database.transact(work)

    def advance(
        self, task_id: str, status: TaskStatus, *, error: tuple[str, str] | None = None
    ) -> PublishingTask:
        """See the port."""
        now = self._clock()

        def work(connection: sa.Connection) -> PublishingTask:
            row = connection.execute(_moved(task_id, status, error, now)).one_or_none()
            if row is None:
                raise NotFound("The publishing task")
            return _task(row)

        return self._database.transact(work)

    def task(self, task_id: str) -> PublishingTask | None:
        """See the port."""
        with self._database.read(once=True) as connection:
            row = connection.execute(sa.select(tasks).where(t.id == task_id)).one_or_none()
        return _task(row) if row is not None else None

    def newest(self, project: Project, *, version: str | None = None, limit: int) -> Sequence[PublishingTask]:
        """See the port."""
        wanted = sa.select(tasks).where(_of(project))
        if version is not None:
            wanted = wanted.where(t.version == version)
        with self._database.read(once=True) as connection:
            rows = connection.execute(wanted.order_by(t.created_at.desc(), t.id).limit(limit)).all()
        return [_task(row) for row in rows]

    def attempts(self, ecosystem: str, prefix: str, *, since: datetime) -> int:
        """See the port."""
        wanted = sa.select(sa.func.count()).where(
            t.ecosystem == ecosystem, t.project.startswith(prefix, autoescape=True), t.created_at >= since
        )
        with self._database.read(once=True) as connection:
            return connection.scalar(wanted) or 0


_STALE = ("stale", "The server stopped while it published this; publish it again")


def _of(project: Project) -> sa.ColumnElement[bool]:
    return sa.and_(t.ecosystem == project.ecosystem, t.project == project.name)


def _live(project: Project, version: str) -> sa.ColumnElement[bool]:
    return sa.and_(_of(project), t.version == version, t.status.in_([status.value for status in LIVE]))


def _moved(task_id: str, status: TaskStatus, error: tuple[str, str] | None, now: datetime) -> sa.UpdateBase:
    code, message = error or (None, None)
    return (
        sa.update(tasks)
        .where(t.id == task_id)
        .values(status=status.value, error_code=code, error_message=message, updated_at=now)
        .returning(*tasks.c)
    )


def _values(task: PublishingTask) -> dict[str, Any]:
    return {
        "id": task.id,
        "ecosystem": task.project.ecosystem,
        "project": task.project.name,
        "version": task.version,
        "user_name": task.user,
        "status": task.status.value,
        "created_at": task.created_at,
        "updated_at": task.updated_at,
    }


def _task(row: sa.Row[Any]) -> PublishingTask:
    error = (row.error_code, row.error_message or "") if row.error_code else None
    return PublishingTask(
        row.id,
        Project(row.ecosystem, row.project),
        row.version,
        row.user_name,
        TaskStatus(row.status),
        error,
        row.created_at,
        row.updated_at,
    )
