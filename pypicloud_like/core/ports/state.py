"""The state port: what every access backend shares about people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from pypicloud_like.core.model import Project, Scope, Token
from pypicloud_like.core.ports.looking_back import Portion, Sought


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One row of the audit of people's doings; ``at`` aware, UTC."""

    id: int
    at: datetime
    action: str
    actor: str | None
    subject: str
    detail: Mapping[str, Any]


class State(Protocol):
    """The truth about people that every access backend shares: tokens, sessions, owners, audit."""

    def moved(self) -> int:
        """A number that moves whenever something here changes that a decision may depend on."""

    def add_token(
        self, owner: str, label: str, scope: Scope, *, expires_at: datetime | None
    ) -> tuple[str, Token]:
        """Mint a token. The secret (first item) is shown this once and stored only as a digest."""

    def token(self, secret: str) -> Token | None:
        """The live (not expired, not revoked) token with this secret."""

    def tokens(self, owner: str) -> Sequence[Token]:
        """The user's live tokens, newest first."""

    def revoke_token(self, owner: str, token_id: str, *, actor: str | None) -> None:
        """:raises NotFound: the user has no such live token"""

    def open_session(self, username: str) -> str:
        """A new session's secret for the cookie; stored only as a digest."""

    def session(self, secret: str) -> str | None:
        """The user name of a live session."""

    def close_session(self, secret: str) -> None:
        """End one session; fine if there is none."""

    def close_sessions(self, username: str, *, actor: str | None) -> None:
        """End all sessions of a user."""

    def owned(self, username: str) -> frozenset[Project]:
        """The projects a user owns (first publisher or added later), and the patterns of the scopes they are
        a member of. Additive: read and write. Kept in memory between changes.
        """

    def owns(self, username: str, project: Project) -> bool:
        """Whether a project is among what a user owns, itself or by its scope. Kept in memory between
        changes; costs the same however much they own.
        """

    def held(self) -> frozenset[Project]:
        """The patterns of all scopes, which are their members'. Kept in memory between changes."""

    def owners(self, project: Project) -> Sequence[str]:
        """The names of a project's owners, sorted."""

    def add_owner(self, project: Project, username: str, *, actor: str | None) -> None:
        """Fine if already an owner."""

    def remove_owner(self, project: Project, *usernames: str, actor: str | None) -> None:
        """All of these at once, or none. Fine for who is no owner.

        :raises Conflict: nobody would be left
        """

    def count_failure(self, bucket: str, *, limit: int, window: int) -> int:
        """Count one failed attempt in a bucket (a user, an address); returns seconds to wait, 0 while
        at most ``limit`` happened in the last ``window`` seconds. The one that fills the bucket makes
        ``moved()`` move: no process may go on believing what it verified before.
        """

    def blocked(self, bucket: str, *, limit: int, window: int) -> int:
        """Seconds to wait before another attempt, 0 if none, without counting."""

    def audit(self, action: str, subject: str, *, actor: str | None, **detail: Any) -> None:
        """Record what someone did, on its own (changes made here record themselves)."""

    def audit_events(self, *, limit: int = 100, before: int | None = None) -> Sequence[AuditEvent]:
        """The newest audit rows, newest first."""

    def audited(self, sought: Sought, *, before: int | None = None, limit: int = 100) -> Portion[AuditEvent]:
        """Rows of the audit, the newest first, with ids below ``before``. At most ``limit``; fewer, and more
        to come, where many have to be looked through.
        """

    def notice(self, name: str) -> Mapping[str, Any] | None:
        """What was said last by :meth:`put_notice`, by any process."""

    def put_notice(self, name: str, said: Mapping[str, Any]) -> None:
        """Let all processes know how some long work gets on. No decision depends on it."""

    def lock(self, name: str) -> AbstractContextManager[bool]:
        """A named lock over all processes; gives False at once if somebody else holds it. Freed when its
        process dies.
        """

    def dump(self) -> Iterator[str]:
        """All of it, of one moment, as lines of JSON that :meth:`load` of any backend reads; what lives for
        a while only (sessions, failures) left out.
        """

    def load(self, lines: Callable[[], Iterable[str]], *, replace: bool) -> int:
        """Put the rows of a dump in the place of all there are; returns how many.

        :param lines: gives the lines, from the first one each time
        :raises Conflict: somebody lives here and is not to be replaced
        :raises InvalidRequest: it is no dump, or one of another schema, or not all of one
        """

    def check(self) -> None:
        """:raises Unavailable: the database cannot be used now"""

    def close(self) -> None:
        """Let go of all connections."""
