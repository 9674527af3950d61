"""What administrators ask of the audit and the journal: some of the rows, the newest first, in portions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from pypicloud_like.core.model import Project

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sought:
    """Which rows are wanted; None: any. Times are aware, ``since`` included, ``until`` not. In the audit
    ``action`` may end in ``*`` and ``subject`` is a part of the subject. Only the journal knows
    of ``project``, only the audit of ``subject``.
    """

    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    project: Project | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Portion(Generic[T]):
    """Some rows, the newest first. ``before`` is where the next portion begins, None at the end."""

    rows: Sequence[T]
    before: int | None
