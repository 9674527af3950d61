"""Trusted publishers in the state database."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from pypicloud_like.access import tokens as spelling
from pypicloud_like.core.clock import Clock, system_clock
from pypicloud_like.core.errors import Conflict, NotFound
from pypicloud_like.core.model import Project, Scope, Token
from pypicloud_like.core.ports.publishers import Publisher, Use
from pypicloud_like.core.spelling import normal_form
from pypicloud_like.db.engine import Database
from pypicloud_like.state import token_rows
from pypicloud_like.state.changes import Recorder
from pypicloud_like.state.kept import Kept
from pypicloud_like.state.publisher_tables import publishers, used_identities
from pypicloud_like.state.tables import tokens

_KEPT_ISSUERS = 100

p = publishers.c


class SqlPublishers:
    """The :class:`~pypicloud_like.core.ports.Publishers` port."""

    def __init__(self, database: Database, *, clock: Clock = system_clock) -> None:
        self._database = database
        self._clock = clock
        self._recorder = Recorder(database, clock)
        self._of_issuer: Kept[tuple[str, str], Sequence[Publisher]] = Kept(
            database.moved, limit=_KEPT_ISSUERS
        )

    def add(
        self, project: Project, issuer: str, claims: Mapping[str, str], *, creator: str, pending: bool
    ) -> Publisher:
        """See the port."""
        user, now = normal_form(creator), self._clock()
        new = Publisher(str(uuid.uuid4()), project, issuer, dict(claims), user, pending, now, {})

        def work(connection: sa.Connection) -> Publisher:
            if _is_there(connection, new):
                raise Conflict(f"{project} has a publisher with these claims already")
            self._insert(connection, new, actor=user)
            return new

        return self._recorder.change(work)

    def remove(self, project: Project, publisher_id: str, *, actor: str | None) -> None:
        """See the port."""
        which = sa.and_(_of(project), p.id == normal_form(publisher_id))

        def work(connection: sa.Connection) -> None:
            row = connection.execute(sa.select(publishers).where(which)).one_or_none()
            if row is None:
                raise NotFound("The publisher")
            connection.execute(sa.delete(publishers).where(which))
            ended = self._end_tokens(connection, row.id)
            detail = {"publisher": row.id, "issuer": row.issuer, "claims": row.claims, "tokens": ended}
            self._recorder.record(connection, "publisher.remove", str(project), actor=actor, **detail)

        self._recorder.change(work)

    def of_project(self, project: Project) -> Sequence[Publisher]:
        """See the port."""
        return self._read(_of(project))

    def of_creator(self, user: str) -> Sequence[Publisher]:
        """See the port."""
        return self._read(p.creator == normal_form(user))

    def of_issuer(self, ecosystem: str, issuer: str) -> Sequence[Publisher]:
        """See the port. Kept in memory: whoever has any identity token can make us look."""
        which = sa.and_(p.ecosystem == ecosystem, p.issuer == issuer)
        return self._of_issuer.get((ecosystem, issuer), lambda: self._read(which)) or []

    def every(self) -> Sequence[Publisher]:
        """See the port."""
        return self._read(sa.true())

    def mint(
        self, use: Use, *, owner: str, label: str, scope: Scope, expires_at: datetime
    ) -> tuple[str, Token]:
        """See the port."""
        now, secret = self._clock(), spelling.mint()
        ids = tuple(each.id for each in use.publishers)
        token = Token(
            str(uuid.uuid4()),
            normal_form(owner),
            token_rows.checked_label(label),
            scope,
            now,
            expires_at,
            publishers=ids,
        )
        row = token_rows.to_row(token, spelling.digest(secret))

        def work(connection: sa.Connection) -> None:
            self._use_up(connection, use, now)
            connection.execute(token_rows.delete_dead(now))
            connection.execute(sa.insert(tokens).values(row))
            detail = {"token": token.id, "scope": row["scope"], "expires": expires_at.isoformat()}
            self._note_use(connection, use, actor=token.owner, **detail)

        self._recorder.change(work)
        return secret, token

    def note(self, use: Use, *, owner: str) -> None:
        """See the port."""
        self._recorder.change(lambda connection: self._note_use(connection, use, actor=normal_form(owner)))

    def load(self, publishers: Sequence[Publisher], *, actor: str | None) -> int:
        """See the port."""

        def work(connection: sa.Connection) -> int:
            added = 0
            for each in publishers:
                if not _is_there(connection, each):  # be it that it was in what is loaded
                    self._insert(connection, each, actor=actor)
                    added += 1
            return added

        return self._recorder.change(work)

    def _insert(self, connection: sa.Connection, new: Publisher, *, actor: str | None) -> None:
        connection.execute(sa.insert(publishers).values(_values(new)))
        detail = {"publisher": new.id, "issuer": new.issuer, "claims": new.claims, "creator": new.creator}
        self._recorder.record(connection, "publisher.add", str(new.project), actor=actor, **detail)

    def _use_up(self, connection: sa.Connection, use: Use, now: datetime) -> None:
        """An identity token is used once. Changes wait for one another, so nobody comes in between."""
        u = used_identities.c
        connection.execute(sa.delete(used_identities).where(u.until < now))
        if connection.scalar(sa.select(u.until).where(u.digest == use.digest)) is not None:
            raise Conflict("This identity token has been used already")
        connection.execute(sa.insert(used_identities).values(digest=use.digest, until=use.until))

    def _note_use(self, connection: sa.Connection, use: Use, *, actor: str, **detail: Any) -> None:
        for publisher in use.publishers:
            values: dict[str, Any] = {"last_used_at": self._clock()}
            if publisher.id in use.pins:
                values["pinned"] = dict(use.pins[publisher.id])
            if publisher.id in use.settled:
                values["pending"] = False
            changed = sa.update(publishers).where(p.id == publisher.id).values(values)
            if connection.execute(changed).rowcount == 0:  # it was removed a moment ago
                raise NotFound("The publisher")
            told = {**detail, "publisher": publisher.id, "job": dict(use.told)}
            subject = str(publisher.project)
            self._recorder.note(connection, "publisher.use", subject, actor=actor, detail=told)
        if use.pins or use.settled:  # what the next decision depends on
            self._database.tick(connection)

    def _end_tokens(self, connection: sa.Connection, publisher_id: str) -> int:
        """End the tokens that jobs got by a publisher. They live for minutes, so they are few."""
        now = self._clock()
        living = sa.select(tokens.c.id, tokens.c.publishers).where(
            tokens.c.publishers.is_not(None), tokens.c.revoked_at.is_(None), tokens.c.expires_at > now
        )
        ids = [row.id for row in connection.execute(living) if publisher_id in (row.publishers or ())]
        connection.execute(sa.update(tokens).where(tokens.c.id.in_(ids)).values(revoked_at=now))
        return len(ids)

    def _read(self, which: sa.ColumnElement[bool]) -> Sequence[Publisher]:
        order = (p.ecosystem, p.project, p.created_at, p.id)
        with self._database.read(once=True) as connection:
            rows = connection.execute(sa.select(publishers).where(which).order_by(*order)).all()
        return [_publisher(row) for row in rows]


def _of(project: Project) -> sa.ColumnElement[bool]:
    return sa.and_(p.ecosystem == project.ecosystem, p.project == project.name)


def _is_there(connection: sa.Connection, new: Publisher) -> bool:
    same = sa.and_(_of(new.project), p.issuer == new.issuer, p.claims_digest == _digest(new.claims))
    return connection.scalar(sa.select(p.id).where(same)) is not None


def _digest(claims: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(dict(claims), sort_keys=True).encode()).hexdigest()


def _values(publisher: Publisher) -> dict[str, Any]:
    return {
        "id": publisher.id,
        "ecosystem": publisher.project.ecosystem,
        "project": publisher.project.name,
        "issuer": publisher.issuer,
        "claims": dict(publisher.claims),
        "claims_digest": _digest(publisher.claims),
        "creator": publisher.creator,
        "pending": publisher.pending,
        "pinned": dict(publisher.pinned),
        "created_at": publisher.created_at,
        "last_used_at": publisher.last_used_at,
    }


def _publisher(row: sa.Row[Any]) -> Publisher:
    return Publisher(
        row.id,
        Project(row.ecosystem, row.project),
        row.issuer,
        row.claims,
        row.creator,
        row.pending,
        row.created_at,
        row.pinned,
        row.last_used_at,
    )
