"""The port of trusted publishers: which automated jobs may publish a project without a kept secret."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pypicloud_like.core.model import Project, Scope, Token


@dataclass(frozen=True, slots=True)
class Publisher:
    """Jobs that may publish a project: those of which an issuer says these claims.

    ``issuer`` is a name of the settings; in the values of ``claims`` a ``*`` stands for anything. Such a job
    acts for ``creator`` and never may more than they. ``pending`` says that the project did not exist when
    the publisher was made. ``pinned`` are claims of the first job, which the later ones must have too. Times
    are aware, UTC.
    """

    id: str
    project: Project
    issuer: str
    claims: Mapping[str, str]
    creator: str
    pending: bool
    created_at: datetime
    pinned: Mapping[str, str]
    last_used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Use:
    """One use of publishers by a job that has proved who it is.

    ``digest`` stands for its identity token, which may be used once and is worth nothing after ``until``.
    ``pins`` are claims to be kept, by the ids of publishers; ``settled`` the ids of those whose project
    exists now. ``told`` is what the audit says of the job.
    """

    digest: str
    until: datetime
    publishers: Sequence[Publisher]
    pins: Mapping[str, Mapping[str, str]]
    settled: frozenset[str]
    told: Mapping[str, str]


class Publishers(Protocol):
    """Trusted publishers. Each change is one transaction with its audit row."""

    def add(
        self, project: Project, issuer: str, claims: Mapping[str, str], *, creator: str, pending: bool
    ) -> Publisher:
        """:raises Conflict: the project has one with these claims"""

    def remove(self, project: Project, publisher_id: str, *, actor: str | None) -> None:
        """Remove one, and end the tokens that jobs got by it.

        :raises NotFound: the project has none with this id
        """

    def of_project(self, project: Project) -> Sequence[Publisher]:
        """Those of a project, in the order in which they were made."""

    def of_creator(self, user: str) -> Sequence[Publisher]:
        """Those for which jobs act for this user, by project."""

    def of_issuer(self, ecosystem: str, issuer: str) -> Sequence[Publisher]:
        """Those of all projects of an ecosystem that trust this issuer."""

    def every(self) -> Sequence[Publisher]:
        """All of them, by project."""

    def mint(
        self, use: Use, *, owner: str, label: str, scope: Scope, expires_at: datetime
    ) -> tuple[str, Token]:
        """A token for a job, its secret first.

        :raises Conflict: the identity token was used before
        :raises NotFound: one of the publishers is gone
        """

    def note(self, use: Use, *, owner: str) -> None:
        """Note a use by an identity token that may be used again, for the user who vouches for the job.

        :raises NotFound: one of the publishers is gone
        """

    def load(self, publishers: Sequence[Publisher], *, actor: str | None) -> int:
        """Add what is not there yet (same project, issuer and claims), and say how many that were."""
