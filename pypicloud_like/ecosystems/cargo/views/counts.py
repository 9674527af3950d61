"""Downloads by day, as the crates.io HTTP API asks for them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from pyramid.request import Request

from pypicloud_like.core.errors import InvalidRequest
from pypicloud_like.core.model import Project
from pypicloud_like.core.ports import DayCount
from pypicloud_like.ecosystems.cargo.views.paging import query_of

RECENT_DAYS = 90

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z", re.ASCII)
"""Without the weeks that ISO 8601 knows besides."""


def counts_until(request: Request, project: Project, last: date) -> Sequence[DayCount]:
    """The downloads of the 90 days that end with ``last``."""
    since = last - timedelta(days=RECENT_DAYS - 1)
    counts: Sequence[DayCount] = request.services.downloads.daily(project, since=since, until=last)
    return counts


def until(request: Request) -> date:
    """The day that ``before_date`` names, or today.

    :raises InvalidRequest: it is no day
    """
    text = dict(query_of(request)).get("before_date")
    if text is None:
        today: date = request.services.clock().date()
        return today
    try:
        until = date.fromisoformat(text) if _DAY.match(text) else None
    except ValueError:
        until = None
    if until is None or until.year < 1971:
        raise InvalidRequest("", "before_date must be a date such as 2026-01-31")
    return until
