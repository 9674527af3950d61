"""The tables of what is held from upstreams. They live in the index's database, and may go with it.

Times are whole microseconds since 1970 in UTC.
"""

from __future__ import annotations

import sqlalchemy as sa

from pypicloud_like.db.index_tables import metadata

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

documents = sa.Table(
    "upstream_documents",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("ecosystem", sa.String(16), nullable=False),
    sa.Column("project", _NAME, nullable=False),
    sa.Column("upstream", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("content_type", sa.Text, nullable=False),
    sa.Column("etag", sa.Text),
    sa.Column("last_modified", sa.Text),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("fetched_at", sa.BigInteger, nullable=False),
    sa.Column("checked_at", sa.BigInteger, nullable=False),
    # compressed; NULL where the upstream said that there is no such thing
    sa.Column("body", sa.LargeBinary),
    sa.UniqueConstraint("ecosystem", "project", "upstream", "kind", name="upstream_documents_key"),
)

held = sa.Table(
    "held_files",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("ecosystem", sa.String(16), nullable=False),
    sa.Column("project", _NAME, nullable=False),
    sa.Column("filename", _NAME, nullable=False),
    sa.Column("blob_key", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("last_used_at", sa.BigInteger, nullable=False),
    sa.Column("pinned", sa.Boolean, nullable=False),
    # the file's record as it stands beside its bytes
    sa.Column("record", sa.Text, nullable=False),
    sa.UniqueConstraint("ecosystem", "project", "filename", name="held_files_name"),
)

sa.Index("held_files_used", held.c.last_used_at)
