"""The port of publishing tasks: how each attempt to publish a version went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from pypicloud_like.core.model import Project


class TaskStatus(StrEnum):
    """How far an attempt is. The last two are its end."""

    PENDING = "pending"
    PROCESSING = "processing"
    PROCESSED = "processed"
    SUCCESS = "success"
    FAILURE = "failure"


LIVE = frozenset({TaskStatus.PENDING, TaskStatus.PROCESSING, TaskStatus.PROCESSED})
"""Of one version at most one attempt is in such a state."""


@dataclass(frozen=True, slots=True)
class PublishingTask:
    """One attempt. ``error`` is a code and a sentence, if and only if it failed. Times are aware, UTC."""

    id: str
    project: Project
    version: str
    user: str | None
    status: TaskStatus
    error: tuple[str, str] | None
    created_at: datetime
    updated_at: datetime


class PublishingTasks(Protocol):
    """Attempts to publish. Threads and processes may share them."""

    def begin(self, project: Project, version: str, *, user: str | None) -> tuple[PublishingTask, bool]:
        """A new attempt, pending, and True; or the one that is going on, and False. One that has not moved
        for long belonged to a process that died: it fails with the code ``stale`` and stops nobody.
        """

    def advance(
        self, task_id: str, status: TaskStatus, *, error: tuple[str, str] | None = None
    ) -> PublishingTask:
        """Note how far an attempt is.

        :raises NotFound: there is no such attempt
        """

    def task(self, task_id: str) -> PublishingTask | None:
        """One attempt."""

    def newest(self, project: Project, *, version: str | None = None, limit: int) -> Sequence[PublishingTask]:
        """The attempts at a project, or at one version of it, newest first."""

    def attempts(self, ecosystem: str, prefix: str, *, since: datetime) -> int:
        """How many attempts began since then at projects whose names begin so."""
