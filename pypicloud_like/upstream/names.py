"""Which names an upstream may hear of, and which of its files are old enough: pure decisions."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from pypicloud_like.core.model import PYPI, UNKNOWN_TIME, Project
from pypicloud_like.settings.model import FallbackSettings, UpstreamSettings

Normalize = Callable[[str], str]


def matches(name: str, patterns: Collection[str], normalize: Normalize) -> bool:
    """Whether a normalised name is one of these names or patterns, however they are spelled.

    The parts of a pattern between its stars are normalised one by one.
    """
    return any(fnmatchcase(name, normal_pattern(pattern, normalize)) for pattern in patterns)


def normal_pattern(pattern: str, normalize: Normalize) -> str:
    """A pattern as names are spelled; what else is special to the matcher means itself."""
    parts = [normalize(part) if part else "" for part in pattern.split("*")]
    return "*".join(part.replace("[", "[[]").replace("?", "[?]") for part in parts)


def is_reserved(project: Project, fallback: FallbackSettings, normalize: Normalize) -> bool:
    """Whether a name is ours by the settings, whatever is here."""
    mine = [
        name for ecosystem, name in map(_taken_apart, fallback.reserved) if ecosystem == project.ecosystem
    ]
    return matches(project.name, mine, normalize)


def may_be_told(project: Project, fallback: FallbackSettings, normalize: Normalize) -> bool:
    """Whether any upstream may hear of a name, as far as settings go."""
    if is_reserved(project, fallback, normalize):
        return False
    refused = fallback.disallowed if project.ecosystem == PYPI else ()
    return not matches(project.name, refused, normalize)


def is_allowed(project: Project, upstream: UpstreamSettings, normalize: Normalize) -> bool:
    """Whether this upstream may be asked for a name."""
    if upstream.allow and not matches(project.name, upstream.allow, normalize):
        return False
    return not matches(project.name, upstream.deny, normalize)


def is_old_enough(
    name: str,
    version: str,
    uploaded_at: datetime,
    upstream: UpstreamSettings,
    *,
    now: datetime,
    normalize: Normalize,
) -> bool:
    """Whether a file has cooled down. One of unknown age never has."""
    if not upstream.minimum_age:
        return True
    for exception in upstream.minimum_age_except:
        wanted, _, only = exception.partition("==")
        if matches(name, [wanted], normalize) and only in {"", version}:
            return True
    return uploaded_at != UNKNOWN_TIME and uploaded_at <= now - timedelta(seconds=upstream.minimum_age)


def _taken_apart(pattern: str) -> tuple[str, str]:
    ecosystem, colon, name = pattern.partition(":")
    return (ecosystem, name) if colon else (PYPI, pattern)
