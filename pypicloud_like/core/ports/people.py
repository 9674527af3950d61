"""The port of people as protocols number them, and of what they follow."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pypicloud_like.core.model import Project


@dataclass(frozen=True, slots=True)
class Person:
    """An account of any access backend, with the numbers by which protocols know it. ``since`` is aware,
    UTC: when it was first asked for.
    """

    id: int
    uuid: str
    name: str
    since: datetime


class People(Protocol):
    """Numbers are born when they are first asked for, and never given to somebody else."""

    def person(self, name: str) -> Person:
        """The person behind an account, which must exist."""

    def by_id(self, number: int) -> Person | None:
        """The person with this number."""

    def by_uuid(self, uuid: str) -> Person | None:
        """The person with this UUID."""

    def follow(self, name: str, project: Project, following: bool) -> None:
        """Follow a project, or no longer. Fine if it is so already."""

    def followed(self, name: str) -> Collection[Project]:
        """The projects that somebody follows."""
