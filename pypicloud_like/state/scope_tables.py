"""The tables of scopes, their members and invites, and of authorizations under way."""

from __future__ import annotations

import sqlalchemy as sa

from pypicloud_like.state.tables import Moment, metadata

scopes = sa.Table(
    "scopes",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    # the name without hyphens: two scopes may not differ by these alone
    sa.Column("plain", sa.Text, nullable=False, unique=True),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("creator", sa.Text, nullable=False, index=True),
    sa.Column("ci_only", sa.Boolean, nullable=False),
    sa.Column("verify_actor", sa.Boolean, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
)

scope_members = sa.Table(
    "scope_members",
    metadata,
    sa.Column("scope", sa.ForeignKey(scopes.c.name, ondelete="CASCADE"), primary_key=True),
    sa.Column("user_name", sa.Text, primary_key=True, index=True),
    sa.Column("admin", sa.Boolean, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
)

scope_invites = sa.Table(
    "scope_invites",
    metadata,
    sa.Column("scope", sa.ForeignKey(scopes.c.name, ondelete="CASCADE"), primary_key=True),
    sa.Column("user_name", sa.Text, primary_key=True, index=True),
    sa.Column("inviter", sa.Text, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
)

authorizations = sa.Table(
    "authorizations",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("code", sa.String(16), nullable=False, unique=True),
    sa.Column("challenge", sa.Text, nullable=False),
    sa.Column("permissions", sa.JSON(none_as_null=True)),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("expires_at", Moment, nullable=False, index=True),
    sa.Column("user_name", sa.Text),
    sa.Column("approved", sa.Boolean),
)
