"""What is held from upstreams."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "upstream_documents",
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
        sa.Column("body", sa.LargeBinary),
        sa.UniqueConstraint("ecosystem", "project", "upstream", "kind", name="upstream_documents_key"),
    )
    op.create_table(
        "held_files",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("ecosystem", sa.String(16), nullable=False),
        sa.Column("project", _NAME, nullable=False),
        sa.Column("filename", _NAME, nullable=False),
        sa.Column("blob_key", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("last_used_at", sa.BigInteger, nullable=False),
        sa.Column("pinned", sa.Boolean, nullable=False),
        sa.Column("record", sa.Text, nullable=False),
        sa.UniqueConstraint("ecosystem", "project", "filename", name="held_files_name"),
    )
    op.create_index("held_files_used", "held_files", ["last_used_at"])
