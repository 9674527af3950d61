"""Scopes, their members and invites; authorizations."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables and their indexes."""
    op.create_table(
        "scopes",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("plain", sa.Text, nullable=False, unique=True),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("creator", sa.Text, nullable=False, index=True),
        sa.Column("ci_only", sa.Boolean, nullable=False),
        sa.Column("verify_actor", sa.Boolean, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
    )
    op.create_table(
        "scope_members",
        sa.Column("scope", sa.Text, sa.ForeignKey("scopes.name", ondelete="CASCADE"), primary_key=True),
        sa.Column("user_name", sa.Text, primary_key=True, index=True),
        sa.Column("admin", sa.Boolean, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
    )
    op.create_table(
        "scope_invites",
        sa.Column("scope", sa.Text, sa.ForeignKey("scopes.name", ondelete="CASCADE"), primary_key=True),
        sa.Column("user_name", sa.Text, primary_key=True, index=True),
        sa.Column("inviter", sa.Text, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
    )
    op.create_table(
        "authorizations",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("code", sa.String(16), nullable=False, unique=True),
        sa.Column("challenge", sa.Text, nullable=False),
        sa.Column("permissions", sa.JSON),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False, index=True),
        sa.Column("user_name", sa.Text),
        sa.Column("approved", sa.Boolean),
    )
