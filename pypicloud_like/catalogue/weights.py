"""How heavy a search result is: the formula of the Django Packages API v4, as pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

MOST_EACH = 20
WITHOUT_PACKAGES = 100
"""What the heaviest package weighs if there is none."""
_RELEASE_AGE = timedelta(days=365)
_COMMIT_AGES = ((timedelta(days=90), 20), (timedelta(days=182), 10), (timedelta(days=365), 5))


@dataclass(frozen=True, slots=True)
class Facts:
    """What a package is weighed by. ``downloads`` are those of 30 days; times are aware."""

    documented: bool
    described: bool
    forks: int
    watchers: int
    downloads: int
    usage: int
    released_at: datetime | None
    committed_at: datetime | None
    deprecated: bool


def weigh_package(facts: Facts, now: datetime) -> int:
    """0 to 160. Of a deprecated package only documentation and activity count."""
    weight = MOST_EACH * facts.documented + _activity(facts.committed_at, now)
    if facts.deprecated:
        return weight
    fresh = facts.released_at is not None and now - facts.released_at < _RELEASE_AGE
    weight += MOST_EACH * facts.described + MOST_EACH * fresh
    counts = (facts.forks, facts.watchers, facts.downloads // 1000, facts.usage)
    return weight + sum(min(count, MOST_EACH) for count in counts)


def weigh_grid(heaviest: int, *, locked: bool, header: bool, filled: bool) -> int:
    """By the weight of the heaviest package: a sixth less always, and for each thing that is missing."""
    steps = 1 + (not locked) + (not header) + (not filled)
    return heaviest * (6 - steps) // 6


def _activity(committed_at: datetime | None, now: datetime) -> int:
    if committed_at is None:
        return 0
    age = now - committed_at
    return next((points for limit, points in _COMMIT_AGES if age < limit), 0)
