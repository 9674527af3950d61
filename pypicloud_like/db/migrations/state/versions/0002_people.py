"""People by number and UUID whatever backend knows them, what they follow, and counts of downloads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables. Users who are there already get their number when somebody first asks for it."""
    op.create_table(
        "people",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uuid", sa.String(36), nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("since", _MOMENT, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "follows",
        sa.Column("person_id", sa.Integer, sa.ForeignKey("people.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("ecosystem", sa.Text, primary_key=True),
        sa.Column("project", sa.Text, primary_key=True),
    )
    _create_downloads()


def _create_downloads() -> None:
    op.create_table(
        "downloads",
        sa.Column("ecosystem", sa.Text, primary_key=True),
        sa.Column("project", sa.Text, primary_key=True),
        sa.Column("day", sa.Integer, primary_key=True),
        sa.Column("version", sa.Text, primary_key=True),
        sa.Column("count", sa.BigInteger, nullable=False),
    )
    op.create_index("downloads_day", "downloads", ["ecosystem", "day"])
    op.create_table(
        "download_totals",
        sa.Column("ecosystem", sa.Text, primary_key=True),
        sa.Column("project", sa.Text, primary_key=True),
        sa.Column("version", sa.Text, primary_key=True),
        sa.Column("count", sa.BigInteger, nullable=False),
    )
