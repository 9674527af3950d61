"""Who has downloaded something of a project, and when last."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the table and its index."""
    op.create_table(
        "downloaders",
        sa.Column("ecosystem", sa.Text, primary_key=True),
        sa.Column("project", sa.Text, primary_key=True),
        sa.Column("user_name", sa.Text, primary_key=True, index=True),
        sa.Column("day", sa.Integer, nullable=False),
    )
