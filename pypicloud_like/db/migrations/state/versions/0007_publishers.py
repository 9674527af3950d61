"""Trusted publishers, and which identity tokens were used."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables, and the column that says by which publishers a token was got."""
    op.create_table(
        "publishers",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("ecosystem", sa.String(16), nullable=False),
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("claims", sa.JSON, nullable=False),
        sa.Column("claims_digest", sa.String(64), nullable=False),
        sa.Column("creator", sa.Text, nullable=False, index=True),
        sa.Column("pending", sa.Boolean, nullable=False),
        sa.Column("pinned", sa.JSON, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("last_used_at", _MOMENT),
        sa.UniqueConstraint("ecosystem", "project", "issuer", "claims_digest"),
    )
    op.create_index("publishers_issuer", "publishers", ["ecosystem", "issuer"])
    op.create_table(
        "used_identities",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("until", _MOMENT, nullable=False, index=True),
    )
    op.add_column("tokens", sa.Column("publishers", sa.JSON))
