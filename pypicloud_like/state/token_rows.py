"""Tokens as rows of the state database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from pypicloud_like.access.tokens import scope_from_json, scope_to_json
from pypicloud_like.core.errors import InvalidRequest
from pypicloud_like.core.model import Token
from pypicloud_like.state.tables import tokens

_LONGEST_LABEL = 100
_DEAD_STAY = timedelta(days=30)


def to_row(token: Token, digest: str) -> dict[str, Any]:
    """The row of a new token."""
    return {
        "id": token.id,
        "digest": digest,
        "owner": token.owner,
        "label": token.label,
        "scope": scope_to_json(token.scope),
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "publishers": list(token.publishers) or None,
    }


def from_row(row: sa.Row[Any]) -> Token:
    """The inverse of :func:`to_row`, without the digest."""
    return Token(
        id=row.id,
        owner=row.owner,
        label=row.label,
        scope=scope_from_json(row.scope),
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        publishers=tuple(row.publishers or ()),
    )


def is_live(token: Token, now: datetime) -> bool:
    """Whether a token that is not revoked has not expired."""
    return token.expires_at is None or now < token.expires_at


def checked_label(text: str) -> str:
    """What a token may be called.

    :raises InvalidRequest: it is not one short line
    """
    label = text.strip()
    if not 0 < len(label) <= _LONGEST_LABEL or not label.isprintable():
        raise InvalidRequest("label", f"must be one line of 1 to {_LONGEST_LABEL} characters")
    return label


def checked_expiry(moment: datetime | None, now: datetime) -> datetime | None:
    """When a token ends, in UTC.

    :raises InvalidRequest: it is not ahead, or so far that no calendar has it
    """
    if moment is None:
        return None
    try:
        known = moment.astimezone(UTC)
    except OverflowError:  # the last year of calendars, in a zone that is behind
        raise InvalidRequest("expires", "must be before the year 9999") from None
    if known <= now:
        raise InvalidRequest("expires", "must be in the future")
    return known


def delete_dead(now: datetime) -> sa.Delete:
    """Forget tokens that have long been expired or revoked; the audit keeps their story."""
    before = now - _DEAD_STAY
    return sa.delete(tokens).where(sa.or_(tokens.c.expires_at < before, tokens.c.revoked_at < before))
