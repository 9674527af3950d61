"""Publishing tasks."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_MOMENT = sa.DateTime(timezone=True)
_LIVE = sa.text("status IN ('pending', 'processed', 'processing')")


def upgrade() -> None:
    """Create the table and its indexes."""
    op.create_table(
        "publishing_tasks",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("ecosystem", sa.String(16), nullable=False),
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("user_name", sa.Text),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("error_code", sa.Text),
        sa.Column("error_message", sa.Text),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
    )
    op.create_index("publishing_tasks_project", "publishing_tasks", ["ecosystem", "project", "created_at"])
    op.create_index(
        "publishing_tasks_live",
        "publishing_tasks",
        ["ecosystem", "project", "version"],
        unique=True,
        sqlite_where=_LIVE,
        postgresql_where=_LIVE,
    )
