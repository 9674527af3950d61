"""When users, groups and grants changed last."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the column to the clock."""
    op.add_column("state_clock", sa.Column("people", sa.BigInteger, nullable=False, server_default="0"))
