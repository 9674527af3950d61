"""The state in SQLite or PostgreSQL: tokens, sessions, owners, login limits, audit and locks."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from pypicloud_like.access import tokens as spelling
from pypicloud_like.core.clock import Clock, system_clock
from pypicloud_like.core.errors import Conflict, NotFound
from pypicloud_like.core.model import Project, Scope, Token
from pypicloud_like.core.ports import AuditEvent, Portion, Sought
from pypicloud_like.core.spelling import normal_form
from pypicloud_like.db.engine import Database
from pypicloud_like.db.migrate import open_database
from pypicloud_like.db.upsert import insert_into
from pypicloud_like.settings.model import DatabaseSettings
from pypicloud_like.state import dump, locks, notices, token_rows
from pypicloud_like.state.changes import Recorder
from pypicloud_like.state.failures import Failures
from pypicloud_like.state.kept import Kept
from pypicloud_like.state.scope_tables import scope_members, scopes
from pypicloud_like.state.tables import audit, owners, sessions, tokens
from pypicloud_like.state.tables import clock as state_clock
from pypicloud_like.state.uses import LastUses

SESSION_LIFETIME = 14 * 24 * 3600

_KEPT_CREDENTIALS = 10_000
_KEPT_OWNERS = 1_000


class SqlState:
    """The :class:`~pypicloud_like.core.ports.State` in a SQL database. Threads may share it.

    Live credentials and owners are kept in memory until the database's clock moves, so a warm look-up
    costs no SQL of its own. Opening a session or adding a token moves nothing: nobody can have asked
    for a secret before it was made, and what is not found is never kept.
    """

    def __init__(
        self, database: Database, *, clock: Clock = system_clock, session_lifetime: int = SESSION_LIFETIME
    ) -> None:
        self.database = database
        self._clock = clock
        self._session_lifetime = timedelta(seconds=session_lifetime)
        self._recorder = Recorder(database, clock)
        self._failures = Failures(database, clock)
        self._tokens: Kept[str, Token] = Kept(database.seen, limit=_KEPT_CREDENTIALS)
        self._sessions: Kept[str, tuple[str, datetime]] = Kept(database.seen, limit=_KEPT_CREDENTIALS)
        self._owned: Kept[str, frozenset[Project]] = Kept(database.seen, limit=_KEPT_OWNERS)
        self._owns: Kept[tuple[str, Project], bool] = Kept(database.seen, limit=_KEPT_CREDENTIALS)
        self._held: Kept[None, frozenset[Project]] = Kept(database.seen, limit=1)
        self._uses = LastUses(database)

    @classmethod
    def from_settings(
        cls,
        settings: DatabaseSettings,
        *,
        clock: Clock = system_clock,
        session_lifetime: int = SESSION_LIFETIME,
    ) -> SqlState:
        """Open the state, creating or upgrading it where needed. ``session_lifetime`` in seconds.

        :raises ConfigurationError: it was made by a newer release, or has no place
        :raises Unavailable: it cannot be reached
        """
        database = open_database(settings, clock=state_clock, family="state")
        return cls(database, clock=clock, session_lifetime=session_lifetime)

    def moved(self) -> int:
        """The clock of the database: moves with every change that a decision may depend on."""
        return self.database.seen()

    def add_token(
        self, owner: str, label: str, scope: Scope, *, expires_at: datetime | None
    ) -> tuple[str, Token]:
        """Mint a token. The secret (first item) is shown this once and stored only as a digest.

        :raises InvalidRequest: the label is not one short line, or the expiry is not ahead
        """
        now = self._clock()
        name, expiry = token_rows.checked_label(label), token_rows.checked_expiry(expires_at, now)
        secret = spelling.mint()
        token = Token(str(uuid.uuid4()), normal_form(owner), name, scope, now, expiry)
        row = token_rows.to_row(token, spelling.digest(secret))

        def work(connection: sa.Connection) -> None:
            connection.execute(token_rows.delete_dead(now))
            connection.execute(sa.insert(tokens).values(row))
            detail = {"token": token.id, "label": token.label, "scope": row["scope"]}
            self._recorder.note(connection, "token.add", token.owner, actor=token.owner, detail=detail)

        self.database.transact(work)
        return secret, token

    def token(self, secret: str) -> Token | None:
        """The live (not expired, not revoked) token with this secret. Its use is noted at most once a
        minute, by another thread.
        """
        digest = spelling.digest(secret)
        found = self._tokens.get(
            digest, lambda: self._read_token(digest) if spelling.looks_like_token(secret) else None
        )
        now = self._clock()
        if found is None or not token_rows.is_live(found, now):
            return None
        self._uses.note(found, now)
        return found

    def tokens(self, owner: str) -> Sequence[Token]:
        """The user's live tokens, newest first."""
        statement = (
            sa.select(tokens)
            .where(tokens.c.owner == normal_form(owner), tokens.c.revoked_at.is_(None))
            .order_by(tokens.c.created_at.desc(), tokens.c.id)
        )
        now = self._clock()
        with self.database.read(once=True) as connection:
            found = [token_rows.from_row(row) for row in connection.execute(statement)]
        return [token for token in found if token_rows.is_live(token, now)]

    def revoke_token(self, owner: str, token_id: str, *, actor: str | None) -> None:
        """:raises NotFound: the user has no such live token"""
        now = self._clock()
        name = normal_form(owner)

        def work(connection: sa.Connection) -> None:
            label = connection.scalar(
                sa.update(tokens)
                .where(
                    tokens.c.id == normal_form(token_id),
                    tokens.c.owner == name,
                    tokens.c.revoked_at.is_(None),
                    sa.or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > now),
                )
                .values(revoked_at=now)
                .returning(tokens.c.label)
            )
            if label is None:
                raise NotFound("Token")
            detail = {"token": token_id, "label": label}
            self._recorder.record_beside(connection, "token.revoke", name, actor=actor, **detail)

        self._recorder.change(work)

    def open_session(self, username: str) -> str:
        """A new session's secret for the cookie; stored only as a digest."""
        now = self._clock()
        name = normal_form(username)
        secret = secrets.token_urlsafe(32)
        row = {
            "digest": spelling.digest(secret),
            "user_name": name,
            "created_at": now,
            "expires_at": now + self._session_lifetime,
        }

        def work(connection: sa.Connection) -> None:
            connection.execute(sa.delete(sessions).where(sessions.c.expires_at <= now))
            connection.execute(sa.insert(sessions).values(row))
            self._recorder.note(connection, "session.open", name, actor=name, detail={})

        self.database.transact(work)
        return secret

    def session(self, secret: str) -> str | None:
        """The user name of a live session."""
        digest = spelling.digest(secret)
        found = self._sessions.get(digest, lambda: self._read_session(digest))
        return found[0] if found is not None and self._clock() < found[1] else None

    def close_session(self, secret: str) -> None:
        """End one session; fine if there is none."""
        self._end_sessions(sessions.c.digest == spelling.digest(secret), lambda user: user)

    def close_sessions(self, username: str, *, actor: str | None) -> None:
        """End all sessions of a user."""
        self._end_sessions(sessions.c.user_name == normal_form(username), lambda _user: actor)

    def owned(self, username: str) -> frozenset[Project]:
        """The projects a user owns (first publisher or added later), and the patterns of the scopes they are
        a member of. Additive: read and write.
        """
        name = normal_form(username)
        return self._owned.get(name, lambda: self._read_owned(name)) or frozenset()

    def owns(self, username: str, project: Project) -> bool:
        """Whether a project is among what a user owns, itself or by its scope."""
        name = normal_form(username)
        return bool(self._owns.get((name, project), lambda: self._read_owns(name, project)))

    def held(self) -> frozenset[Project]:
        """The patterns of all scopes, which are their members'."""
        return self._held.get(None, self._read_held) or frozenset()

    def owners(self, project: Project) -> Sequence[str]:
        """The names of a project's owners, sorted."""
        statement = sa.select(owners.c.user_name).where(
            owners.c.ecosystem == project.ecosystem, owners.c.project == project.name
        )
        with self.database.read(once=True) as connection:
            return sorted(connection.scalars(statement))

    def add_owner(self, project: Project, username: str, *, actor: str | None) -> None:
        """Fine if already an owner."""
        name = normal_form(username)
        row = {"ecosystem": project.ecosystem, "project": project.name, "user_name": name}

        def work(connection: sa.Connection) -> None:
            adding = insert_into(connection, owners).on_conflict_do_nothing().returning(owners.c.since)
            if connection.scalar(adding, row | {"since": self._clock()}) is not None:
                self._recorder.record_beside(connection, "owner.add", str(project), actor=actor, user=name)

        self._recorder.change(work)

    def remove_owner(self, project: Project, *usernames: str, actor: str | None) -> None:
        """All of these at once, or none. Fine for who is no owner.

        :raises Conflict: nobody would be left
        """
        unwanted = set(map(normal_form, usernames))
        of_project = (owners.c.ecosystem == project.ecosystem, owners.c.project == project.name)

        def work(connection: sa.Connection) -> None:
            names = set(connection.scalars(sa.select(owners.c.user_name).where(*of_project)))
            gone = sorted(names & unwanted)
            if gone and len(gone) == len(names):
                who = f"'{gone[0]}' is the only owner" if len(gone) == 1 else "These are all the owners"
                raise Conflict(f"{who}; add another one first")
            for name in gone:
                connection.execute(sa.delete(owners).where(*of_project, owners.c.user_name == name))
                self._recorder.record_beside(connection, "owner.remove", str(project), actor=actor, user=name)

        self._recorder.change(work)

    def count_failure(self, bucket: str, *, limit: int, window: int) -> int:
        """Count one failed attempt in a bucket (a user, an address); returns seconds to wait, 0 while
        at most ``limit`` happened in the last ``window`` seconds.
        """
        return self._failures.count(bucket, limit=limit, window=window)

    def blocked(self, bucket: str, *, limit: int, window: int) -> int:
        """Seconds to wait before another attempt may fail, 0 if none, without counting."""
        return self._failures.blocked(bucket, limit=limit, window=window)

    def audit(self, action: str, subject: str, *, actor: str | None, **detail: Any) -> None:
        """Record what someone did, on its own (changes made here record themselves)."""
        self.database.transact(
            lambda connection: self._recorder.note(connection, action, subject, actor=actor, detail=detail)
        )

    def audit_events(self, *, limit: int = 100, before: int | None = None) -> Sequence[AuditEvent]:
        """The newest audit rows (with an id below ``before``), newest first."""
        statement = sa.select(audit).order_by(audit.c.id.desc()).limit(limit)
        if before is not None:
            statement = statement.where(audit.c.id < before)
        with self.database.read(once=True) as connection:
            return [AuditEvent(**row) for row in connection.execute(statement).mappings()]

    def audited(self, sought: Sought, *, before: int | None = None, limit: int = 100) -> Portion[AuditEvent]:
        """Rows of the audit, the newest first, with ids below ``before``."""
        with self.database.read() as connection:
            return notices.audited(connection, sought, before, limit)

    def notice(self, name: str) -> Mapping[str, Any] | None:
        """What was said last by :meth:`put_notice`, by any process."""
        with self.database.read(once=True) as connection:
            return notices.read(connection, name)

    def put_notice(self, name: str, said: Mapping[str, Any]) -> None:
        """Let all processes know how some long work gets on."""
        self.database.transact(lambda connection: notices.write(connection, name, said))

    def lock(self, name: str) -> AbstractContextManager[bool]:
        """A named lock over all processes; gives False at once if somebody else holds it. Freed when
        its process dies.
        """
        return locks.hold(self.database, name)

    def dump(self) -> Iterator[str]:
        """All of it as lines; see :mod:`pypicloud_like.state.dump`."""
        self._uses.finish()
        return dump.dumped(self.database)

    def load(self, lines: Callable[[], Iterable[str]], *, replace: bool) -> int:
        """Put the rows of a dump in the place of all there are; returns how many.

        :raises Conflict: somebody lives here and is not to be replaced
        :raises InvalidRequest: it is no dump, or one of another schema, or not all of one
        """
        return dump.load(self.database, lines, replace=replace)

    def check(self) -> None:
        """:raises Unavailable: the database cannot be used now"""
        self.database.check()

    def close(self) -> None:
        """Write what is pending and let go of all connections."""
        self._uses.finish()
        self.database.close()

    def _end_sessions(self, which: sa.ColumnElement[bool], actor: Callable[[str], str | None]) -> None:
        def work(connection: sa.Connection) -> None:
            ended = connection.scalars(sa.delete(sessions).where(which).returning(sessions.c.user_name)).all()
            if ended:
                name, number = ended[0], len(ended)
                self._recorder.record_beside(
                    connection, "session.close", name, actor=actor(name), sessions=number
                )

        self._recorder.change(work)

    def _read_token(self, digest: str) -> Token | None:
        statement = sa.select(tokens).where(tokens.c.digest == digest, tokens.c.revoked_at.is_(None))
        with self.database.read(once=True) as connection:
            row = connection.execute(statement).one_or_none()
        return None if row is None else token_rows.from_row(row)

    def _read_session(self, digest: str) -> tuple[str, datetime] | None:
        statement = sa.select(sessions.c.user_name, sessions.c.expires_at).where(sessions.c.digest == digest)
        with self.database.read(once=True) as connection:
            row = connection.execute(statement).one_or_none()
        return None if row is None else (row.user_name, row.expires_at)

    def _read_owned(self, name: str) -> frozenset[Project]:
        statement = sa.select(owners.c.ecosystem, owners.c.project).where(owners.c.user_name == name)
        in_scopes = sa.select(scope_members.c.scope).where(scope_members.c.user_name == name)
        with self.database.read() as connection:
            found = {Project(row.ecosystem, row.project) for row in connection.execute(statement)}
            return frozenset(found.union(map(_pattern, connection.scalars(in_scopes))))

    def _read_owns(self, name: str, project: Project) -> bool:
        itself = sa.select(owners.c.since).where(
            owners.c.ecosystem == project.ecosystem,
            owners.c.project == project.name,
            owners.c.user_name == name,
        )
        asked: list[sa.Select[Any]] = [itself]
        if (scope := _scope_of(project)) is not None:
            members = sa.select(scope_members.c.scope)
            asked.append(members.where(scope_members.c.scope == scope, scope_members.c.user_name == name))
        with self.database.read(once=len(asked) == 1) as connection:
            return any(connection.execute(statement).first() is not None for statement in asked)

    def _read_held(self) -> frozenset[Project]:
        with self.database.read(once=True) as connection:
            return frozenset(map(_pattern, connection.scalars(sa.select(scopes.c.name))))


def _scope_of(project: Project) -> str | None:
    """The inverse of :func:`_pattern`, of any package in the scope as well."""
    scope, slash, _ = project.name.partition("/")
    return scope[1:] if slash and project.ecosystem == "jsr" else None


def _pattern(scope: str) -> Project:
    """All packages of a scope; only JSR has scopes."""
    return Project("jsr", f"@{scope}/*")
