"""The tables of trusted publishers and of identity tokens that were used."""

from __future__ import annotations

import sqlalchemy as sa

from pypicloud_like.state.tables import Moment, metadata

publishers = sa.Table(
    "publishers",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("ecosystem", sa.String(16), nullable=False),
    sa.Column("project", sa.Text, nullable=False),
    sa.Column("issuer", sa.Text, nullable=False),
    sa.Column("claims", sa.JSON, nullable=False),
    # of the claims, for comparing them: databases do not compare JSON
    sa.Column("claims_digest", sa.String(64), nullable=False),
    sa.Column("creator", sa.Text, nullable=False, index=True),
    sa.Column("pending", sa.Boolean, nullable=False),
    sa.Column("pinned", sa.JSON, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("last_used_at", Moment),
    sa.UniqueConstraint("ecosystem", "project", "issuer", "claims_digest"),
)

sa.Index("publishers_issuer", publishers.c.ecosystem, publishers.c.issuer)

used_identities = sa.Table(
    "used_identities",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("until", Moment, nullable=False, index=True),
)
