"""The tables of the index: projects, files and the journal of changes. All of it can be rebuilt.

Columns that lists read come first and the large ``facts`` last, so that a scan of SQLite's rows need
not follow their overflow pages. Times are whole microseconds since 1970 in UTC, which every database
keeps exactly. Names sort by code point everywhere, as Python does.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from pypicloud_like.db.engine import clock_table

metadata = sa.MetaData()

clock = clock_table(metadata, "index_clock")

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""SQLite counts rows up only for a plain INTEGER key."""
_NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

projects = sa.Table(
    "projects",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("ecosystem", sa.String(16), nullable=False),
    sa.Column("name", _NAME, nullable=False),
    # the clock at the last commit that changed anything of the project
    sa.Column("touched", sa.BigInteger, nullable=False),
    # the highest serial of its rows
    sa.Column("serial", sa.BigInteger, nullable=False),
    # how many of its files are not deleted
    sa.Column("visible", sa.Integer, nullable=False),
    # how many of its files, tombstones included, are not from an upstream
    sa.Column("ours", sa.Integer, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    # serial, display name and case-folded summary of its newest visible file
    sa.Column("latest_serial", sa.BigInteger, nullable=False),
    sa.Column("latest_name", sa.Text),
    sa.Column("latest_summary", sa.Text),
    # when the oldest of its visible files was uploaded
    sa.Column("first_at", sa.BigInteger),
    # the project's own record; all of it is NULL or empty while there is none
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

files = sa.Table(
    "files",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("project_id", _ID, sa.ForeignKey(projects.c.id, name="files_project"), nullable=False),
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

changes = sa.Table(
    "changes",
    metadata,
    sa.Column("serial", _ID, primary_key=True, autoincrement=False),
    sa.Column("project_id", _ID, sa.ForeignKey(projects.c.id, name="changes_project"), nullable=False),
    sa.Column("action", sa.String(16), nullable=False),
    sa.Column("actor", sa.Text),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("identity", sa.Text, nullable=False),
    sa.Column("filename", sa.Text),
    sa.Column("version", sa.Text),
    sa.Column("sha256", sa.String(64)),
)

# has a row from when an empty index begins to be filled from storage until all of it is there
unfinished = sa.Table("index_unfinished", metadata, sa.Column("what", sa.String(32), primary_key=True))

_VISIBLE: dict[str, Any] = {
    "sqlite_where": sa.text("deleted = 0"),
    "postgresql_where": sa.text("NOT deleted"),
}
_DUE: dict[str, Any] = {"sqlite_where": sa.text("record_due = 1"), "postgresql_where": sa.text("record_due")}
"""SQLite uses a partial index only for queries that state its condition in the very same words: these are
how ``~column`` and ``column`` are rendered in a query."""

sa.Index("projects_touched", projects.c.touched)
sa.Index("projects_first", projects.c.first_at)
sa.Index("projects_due", projects.c.record_serial, **_DUE)
sa.Index("files_filename", files.c.project_id, files.c.filename, unique=True, **_VISIBLE)
sa.Index("files_version", files.c.project_id, files.c.version, **_VISIBLE)
sa.Index("files_latest", files.c.project_id, files.c.serial, **_VISIBLE)
sa.Index("files_first", files.c.project_id, files.c.uploaded_at, **_VISIBLE)
sa.Index("files_uploaded", files.c.uploaded_at, **_VISIBLE)
sa.Index("files_due", files.c.serial, **_DUE)
