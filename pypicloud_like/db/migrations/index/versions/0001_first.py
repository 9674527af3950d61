"""The first tables of the index."""

import uuid
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_VISIBLE: dict[str, Any] = {
    "sqlite_where": sa.text("deleted = 0"),
    "postgresql_where": sa.text("NOT deleted"),
}
_DUE: dict[str, Any] = {"sqlite_where": sa.text("record_due = 1"), "postgresql_where": sa.text("record_due")}


def upgrade() -> None:
    """Create everything; the clock starts at 0 with a new birth."""
    clock = op.create_table(
        "index_clock",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
        sa.Column("birth", sa.String(32), nullable=False),
    )
    op.bulk_insert(clock, [{"id": 1, "value": 0, "birth": uuid.uuid4().hex}])
    _create_projects()
    _create_files()
    _create_changes()


def _create_projects() -> None:
    op.create_table(
        "projects",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("ecosystem", sa.String(16), nullable=False),
        sa.Column("name", _NAME, nullable=False),
        sa.Column("touched", sa.BigInteger, nullable=False),
        sa.Column("serial", sa.BigInteger, nullable=False),
        sa.Column("visible", sa.Integer, nullable=False),
        sa.Column("ours", sa.Integer, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("latest_serial", sa.BigInteger, nullable=False),
        sa.Column("latest_name", sa.Text),
        sa.Column("latest_summary", sa.Text),
        sa.Column("first_at", sa.BigInteger),
        sa.Column("record_serial", sa.BigInteger),
        sa.Column("record_due", sa.Boolean, nullable=False),
        sa.Column("action", sa.String(16)),
        sa.Column("actor", sa.Text),
        sa.Column("at", sa.BigInteger),
        sa.Column("status_reason", sa.Text, nullable=False),
        sa.Column("mixed", sa.Boolean, nullable=False),
        sa.Column("display_name", sa.Text),
        sa.Column("facts", sa.Text),
        sa.UniqueConstraint("ecosystem", "name", name="projects_name"),
    )
    op.create_index("projects_touched", "projects", ["touched"])
    op.create_index("projects_first", "projects", ["first_at"])
    op.create_index("projects_due", "projects", ["record_serial"], **_DUE)


def _create_files() -> None:
    op.create_table(
        "files",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("project_id", _ID, sa.ForeignKey("projects.id", name="files_project"), nullable=False),
        sa.Column("serial", sa.BigInteger, nullable=False),
        sa.Column("deleted", sa.Boolean, nullable=False),
        sa.Column("record_due", sa.Boolean, nullable=False),
        sa.Column("identity", _NAME, nullable=False),
        sa.Column("filename", _NAME, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("display_name", sa.Text, nullable=False),
        sa.Column("uploaded_at", sa.BigInteger, nullable=False),
        sa.Column("uploader", sa.Text),
        sa.Column("requires_python", sa.Text),
        sa.Column("yanked", sa.Text),
        sa.Column("blob_key", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("md5", sa.String(32)),
        sa.Column("blake2b_256", sa.String(64)),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("actor", sa.Text),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("summary", sa.Text),
        sa.Column("origin", sa.Text),
        sa.Column("sidecars", sa.Text),
        sa.Column("facts", sa.Text, nullable=False),
        sa.UniqueConstraint("project_id", "identity", name="files_identity"),
    )
    op.create_index("files_filename", "files", ["project_id", "filename"], unique=True, **_VISIBLE)
    op.create_index("files_version", "files", ["project_id", "version"], **_VISIBLE)
    op.create_index("files_latest", "files", ["project_id", "serial"], **_VISIBLE)
    op.create_index("files_first", "files", ["project_id", "uploaded_at"], **_VISIBLE)
    op.create_index("files_uploaded", "files", ["uploaded_at"], **_VISIBLE)
    op.create_index("files_due", "files", ["serial"], **_DUE)


def _create_changes() -> None:
    op.create_table(
        "changes",
        sa.Column("serial", _ID, primary_key=True, autoincrement=False),
        sa.Column("project_id", _ID, sa.ForeignKey("projects.id", name="changes_project"), nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("actor", sa.Text),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("identity", sa.Text, nullable=False),
        sa.Column("filename", sa.Text),
        sa.Column("version", sa.Text),
        sa.Column("sha256", sa.String(64)),
    )
