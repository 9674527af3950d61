"""What was begun and has to come to its end before the index is whole."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the table."""
    op.create_table("index_unfinished", sa.Column("what", sa.String(32), primary_key=True))
