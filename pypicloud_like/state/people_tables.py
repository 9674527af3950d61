"""The tables of what people are known by outside, what they follow, and what is downloaded."""

from __future__ import annotations

import sqlalchemy as sa

from pypicloud_like.state.tables import Moment, metadata

people = sa.Table(
    "people",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("uuid", sa.String(36), nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("since", Moment, nullable=False),
    sqlite_autoincrement=True,  # the id of somebody who is gone is never given again
)

follows = sa.Table(
    "follows",
    metadata,
    sa.Column("person_id", sa.ForeignKey(people.c.id, ondelete="CASCADE"), primary_key=True),
    sa.Column("ecosystem", sa.Text, primary_key=True),
    sa.Column("project", sa.Text, primary_key=True),
)

downloads = sa.Table(
    "downloads",
    metadata,
    sa.Column("ecosystem", sa.Text, primary_key=True),
    sa.Column("project", sa.Text, primary_key=True),
    # days since 1970-01-01, UTC
    sa.Column("day", sa.Integer, primary_key=True),
    sa.Column("version", sa.Text, primary_key=True),
    sa.Column("count", sa.BigInteger, nullable=False),
)

download_totals = sa.Table(
    "download_totals",
    metadata,
    sa.Column("ecosystem", sa.Text, primary_key=True),
    sa.Column("project", sa.Text, primary_key=True),
    sa.Column("version", sa.Text, primary_key=True),
    sa.Column("count", sa.BigInteger, nullable=False),
)

downloaders = sa.Table(
    "downloaders",
    metadata,
    sa.Column("ecosystem", sa.Text, primary_key=True),
    sa.Column("project", sa.Text, primary_key=True),
    sa.Column("user_name", sa.Text, primary_key=True, index=True),
    # the last one on which they did, in days since 1970-01-01, UTC
    sa.Column("day", sa.Integer, nullable=False),
)

sa.Index("downloads_day", downloads.c.ecosystem, downloads.c.day)
