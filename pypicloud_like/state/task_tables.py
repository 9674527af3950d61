"""The table of publishing tasks, in the state database."""

from __future__ import annotations

import sqlalchemy as sa

from pypicloud_like.core.ports.tasks import LIVE
from pypicloud_like.state.tables import Moment, metadata

_LIVE = sa.text("status IN ({})".format(", ".join(f"'{status}'" for status in sorted(LIVE))))

tasks = sa.Table(
    "publishing_tasks",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("ecosystem", sa.String(16), nullable=False),
    sa.Column("project", sa.Text, nullable=False),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("user_name", sa.Text),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("error_code", sa.Text),
    sa.Column("error_message", sa.Text),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
)

sa.Index("publishing_tasks_project", tasks.c.ecosystem, tasks.c.project, tasks.c.created_at)
sa.Index(
    "publishing_tasks_live",
    tasks.c.ecosystem,
    tasks.c.project,
    tasks.c.version,
    unique=True,
    sqlite_where=_LIVE,
    postgresql_where=_LIVE,
)
