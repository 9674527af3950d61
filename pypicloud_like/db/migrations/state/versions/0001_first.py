"""The first schema of the state: people, their rights and credentials, and the audit."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create all tables, with the clock at 0 and a birth id."""
    _create_clock()
    _create_people()
    _create_credentials()
    _create_records()


def _create_clock() -> None:
    clock = op.create_table(
        "state_clock",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
        sa.Column("birth", sa.String(32), nullable=False),
    )
    op.bulk_insert(clock, [{"id": 1, "value": 0, "birth": secrets.token_hex(16)}])


def _create_people() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uuid", sa.String(36), nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("password", sa.Text, nullable=False),
        sa.Column("admin", sa.Boolean, nullable=False),
        sa.Column("pending", sa.Boolean, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table("groups", sa.Column("name", sa.Text, primary_key=True))
    op.create_table(
        "memberships",
        sa.Column("group_name", sa.Text, sa.ForeignKey("groups.name", ondelete="CASCADE"), primary_key=True),
        sa.Column("user_name", sa.Text, sa.ForeignKey("users.name", ondelete="CASCADE"), primary_key=True),
    )
    op.create_index("ix_memberships_user_name", "memberships", ["user_name"])
    op.create_table(
        "grants",
        sa.Column("ecosystem", sa.Text, primary_key=True),
        sa.Column("project", sa.Text, primary_key=True),
        sa.Column("kind", sa.String(5), primary_key=True),
        sa.Column("principal", sa.Text, primary_key=True),
        sa.Column("read", sa.Boolean, nullable=False),
        sa.Column("write", sa.Boolean, nullable=False),
    )
    op.create_table(
        "owners",
        sa.Column("ecosystem", sa.Text, primary_key=True),
        sa.Column("project", sa.Text, primary_key=True),
        sa.Column("user_name", sa.Text, primary_key=True),
        sa.Column("since", _MOMENT, nullable=False),
    )
    op.create_index("ix_owners_user_name", "owners", ["user_name"])


def _create_credentials() -> None:
    op.create_table(
        "tokens",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("scope", sa.JSON, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT),
        sa.Column("last_used_at", _MOMENT),
        sa.Column("revoked_at", _MOMENT),
    )
    op.create_index("ix_tokens_owner", "tokens", ["owner"])
    op.create_table(
        "sessions",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("user_name", sa.Text, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
    )
    op.create_index("ix_sessions_user_name", "sessions", ["user_name"])
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])


def _create_records() -> None:
    op.create_table(
        "settings",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("value", sa.JSON, nullable=False),
    )
    op.create_table(
        "failures",
        sa.Column("bucket", sa.String(64), primary_key=True),
        sa.Column("times", sa.JSON, nullable=False),
        sa.Column("forget_at", _MOMENT, nullable=False),
    )
    op.create_index("ix_failures_forget_at", "failures", ["forget_at"])
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("actor", sa.Text),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("detail", sa.JSON, nullable=False),
        sqlite_autoincrement=True,
    )
