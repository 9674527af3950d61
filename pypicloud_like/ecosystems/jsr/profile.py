"""What people say of a package beside its versions: kept in the project's record, and so rebuilt with it.

The facts of the record are the JSON object ``madeAt`` (time) · ``description`` · ``githubRepository``
(``owner``, ``name``, ``createdAt``) · ``runtimeCompat`` (runtime → true or false) · ``readmeSource`` ·
``featuredAt`` (time). What is not said is not there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pypicloud_like.core.model import ProjectRecord
from pypicloud_like.core.records import time_from
from pypicloud_like.ecosystems.jsr.errors import Malformed

RUNTIMES = ("browser", "deno", "node", "workerd", "bun")
README_SOURCES = ("readme", "jsdoc")
LONGEST_DESCRIPTION = 250
_GITHUB_NAME = re.compile(r"(?!\.\.?\Z)[A-Za-z0-9._-]{1,100}\Z")
"""It becomes part of an address."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What is said of a package. ``made_at`` is None for one that nobody made before publishing it."""

    description: str = ""
    repository: Mapping[str, Any] | None = None
    runtimes: Mapping[str, bool] = field(default_factory=dict)
    readme_source: str = "readme"
    made_at: datetime | None = None
    featured_at: datetime | None = None

    @property
    def repository_url(self) -> str:
        """The address of the repository, empty for none."""
        told = self.repository
        return f"https://github.com/{told['owner']}/{told['name']}" if told else ""


def profile_of(record: ProjectRecord | None) -> Profile:
    """The profile that a project's record has."""
    told: Mapping[str, Any] = record.facts if record is not None else {}
    return Profile(
        description=str(told.get("description", "")),
        repository=told.get("githubRepository"),
        runtimes=told.get("runtimeCompat", {}),
        readme_source=str(told.get("readmeSource", "readme")),
        made_at=_time(told.get("madeAt")),
        featured_at=_time(told.get("featuredAt")),
    )


def check_description(value: object) -> str:
    """The description of a package: one line.

    :raises Malformed: it is none, too long, or has control characters
    """
    if not isinstance(value, str):
        raise Malformed("'description' must be a text")
    text = " ".join(value.strip().splitlines())
    if len(text) > LONGEST_DESCRIPTION or not text.isprintable():
        raise Malformed(f"'description' must have at most {LONGEST_DESCRIPTION} printable characters")
    return text


def check_repository(value: object) -> Mapping[str, str] | None:
    """The repository on GitHub, ``owner`` and ``name``, or None.

    :raises Malformed: it is neither
    """
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise Malformed("'githubRepository' must be an object with 'owner' and 'name', or null")
    owner, name = value.get("owner"), value.get("name")
    for part in (owner, name):
        if not isinstance(part, str) or not _GITHUB_NAME.match(part):
            raise Malformed("'githubRepository' must have 'owner' and 'name'")
    return {"owner": str(owner), "name": str(name)}


def check_runtimes(value: object) -> Mapping[str, bool]:
    """Where a package runs; runtimes of which nothing is known are left out.

    :raises Malformed: it is no such object
    """
    if not isinstance(value, Mapping) or not value.keys() <= set(RUNTIMES):
        raise Malformed(f"'runtimeCompat' must be an object with some of {', '.join(RUNTIMES)}")
    if not all(known is None or isinstance(known, bool) for known in value.values()):
        raise Malformed("what 'runtimeCompat' says must be true, false or null")
    return {name: known for name, known in value.items() if known is not None}


def _time(text: object) -> datetime | None:
    return time_from(text) if isinstance(text, str) else None
