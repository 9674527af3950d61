"""The tables of the state database: people, their rights and credentials, and the audit.

Users of every access backend have tokens, sessions and owned projects here, so these know a user by
name only. Names are in normal form (:mod:`pypicloud_like.access.names`).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from pypicloud_like.db.engine import clock_table


class Moment(TypeDecorator[datetime]):
    """An aware time in UTC on every database; SQLite itself keeps no time zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; without the zone where the database would drop it anyway."""
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any | None, _dialect: Dialect) -> datetime | None:
        """Back to an aware time in UTC."""
        if value is None:
            return None
        moment: datetime = value if value.tzinfo else value.replace(tzinfo=UTC)
        return moment.astimezone(UTC)


metadata = sa.MetaData()

clock = clock_table(
    metadata, "state_clock", sa.Column("people", sa.BigInteger, nullable=False, server_default="0")
)
"""``people`` is what the clock said when users, groups, grants or the registration changed last."""

_COUNTED = sa.BigInteger().with_variant(sa.Integer, "sqlite")
"""SQLite counts rows up only for a plain INTEGER key."""

users = sa.Table(
    "users",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("uuid", sa.String(36), nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("password", sa.Text, nullable=False),
    sa.Column("admin", sa.Boolean, nullable=False),
    sa.Column("pending", sa.Boolean, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sqlite_autoincrement=True,  # the id of a removed user is never given again
)

groups = sa.Table("groups", metadata, sa.Column("name", sa.Text, primary_key=True))

memberships = sa.Table(
    "memberships",
    metadata,
    sa.Column("group_name", sa.ForeignKey(groups.c.name, ondelete="CASCADE"), primary_key=True),
    sa.Column("user_name", sa.ForeignKey(users.c.name, ondelete="CASCADE"), primary_key=True, index=True),
)

grants = sa.Table(
    "grants",
    metadata,
    sa.Column("ecosystem", sa.Text, primary_key=True),
    sa.Column("project", sa.Text, primary_key=True),
    sa.Column("kind", sa.String(5), primary_key=True),
    sa.Column("principal", sa.Text, primary_key=True),
    sa.Column("read", sa.Boolean, nullable=False),
    sa.Column("write", sa.Boolean, nullable=False),
)

owners = sa.Table(
    "owners",
    metadata,
    sa.Column("ecosystem", sa.Text, primary_key=True),
    sa.Column("project", sa.Text, primary_key=True),
    sa.Column("user_name", sa.Text, primary_key=True, index=True),
    sa.Column("since", Moment, nullable=False),
)

tokens = sa.Table(
    "tokens",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False, unique=True),
    sa.Column("owner", sa.Text, nullable=False, index=True),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("scope", sa.JSON, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("expires_at", Moment),
    sa.Column("last_used_at", Moment),
    sa.Column("revoked_at", Moment),
    sa.Column("publishers", sa.JSON(none_as_null=True)),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("user_name", sa.Text, nullable=False, index=True),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("expires_at", Moment, nullable=False, index=True),
)

settings = sa.Table(
    "settings",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("value", sa.JSON, nullable=False),
)

failures = sa.Table(
    "failures",
    metadata,
    sa.Column("bucket", sa.String(64), primary_key=True),
    sa.Column("times", sa.JSON, nullable=False),
    sa.Column("forget_at", Moment, nullable=False, index=True),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", _COUNTED, primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("actor", sa.Text),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("detail", sa.JSON, nullable=False),
    sqlite_autoincrement=True,
)
