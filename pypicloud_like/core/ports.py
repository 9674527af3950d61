"""The ports: what this index asks of storage, cache, access and state.

All are synchronous and safe to call from several threads. Backends know no web request; the command
line and the tests use the very same objects. Unless said otherwise a call raises
:class:`~pypicloud_like.core.errors.Unavailable` when its backend cannot be reached in time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Protocol, runtime_checkable

from pypicloud_like.core.model import (
    Account,
    Change,
    Entry,
    File,
    FileRecord,
    Grants,
    Listing,
    Project,
    ProjectRecord,
    Right,
    Scope,
    Snapshot,
    Token,
)


@dataclass(frozen=True, slots=True)
class Stat:
    """One object in storage; ``size`` in bytes, ``modified`` aware, UTC."""

    key: str
    size: int
    modified: datetime


class Storage(Protocol):
    """Bytes under keys. Knows nothing of packages.

    Keys are ``/``-separated ASCII paths made by :mod:`pypicloud_like.core.keys`.
    """

    def put(
        self,
        key: str,
        source: BinaryIO,
        *,
        size: int,
        sha256: str,
        content_type: str = "application/octet-stream",
    ) -> None:
        """Store ``size`` bytes from ``source`` (read from its present position), atomically and
        durably: after it returns they survive a crash, before it nothing is visible. Storing the
        same key with the same bytes again is fine; a caller never stores other bytes under a key.

        :raises NoSpace: the store is full
        :raises InvalidUpload: the source ends early or its digest is not ``sha256``
        """

    def open(self, key: str, *, start: int = 0, length: int | None = None) -> BinaryIO:
        """The bytes from ``start``, to be closed by the caller. A short store raises
        :class:`OSError` or :class:`Unavailable` while being read rather than ending early.

        :raises MissingBytes: there is no such object
        """

    def stat(self, key: str) -> Stat | None:
        """Size and time of an object, or None."""

    def delete(self, key: str) -> None:
        """Remove an object; fine if there is none."""

    def list(self, prefix: str) -> Iterator[Stat]:
        """All objects whose key starts with ``prefix`` (a folder ending in ``/``, or empty), those
        of one folder together. Foreign and half-written things are left out.
        """

    def url(self, key: str, *, filename: str, lifetime: int) -> str | None:
        """An address where a client may fetch the object for ``lifetime`` seconds, or None when
        this server has to send the bytes itself.
        """

    def path(self, key: str) -> Path | None:
        """The object as a file of this machine, or None; lets the WSGI server or a proxy send it."""

    def sweep(self, older_than: timedelta) -> int:
        """Remove what broken uploads of at least this age left behind and no key names: temporary files,
        open multipart uploads. Never touches one that is going on. Returns how many went.
        """

    def check(self) -> None:
        """:raises Unavailable: the store cannot be used now"""


Edit = Callable[[Snapshot], Sequence[Entry]]
"""Decides a change: gets the rows as they are inside the transaction, returns the new ones (serial
0; none at all for "nothing to do"), or raises, and then nothing is changed. Must be pure: it may be
called again after a lock or serialisation error."""


class Cache(Protocol):
    """The package index: everything known about every file. Derived from storage."""

    @property
    def birth(self) -> str:
        """A random id that an index is born with."""

    def serial(self) -> int:
        """The highest serial of any change, 0 in an empty index."""

    def moved(self) -> int:
        """A number that moves with every committed change of any process. Cheap."""

    def touched(self, project: Project) -> int:
        """A number that moves with every committed change of that project, by any process. Cheap:
        no SQL while nothing moved. Ask it *before* reading rows that are to be kept under it.
        """

    def projects(self, ecosystem: str) -> Sequence[Listing]:
        """All projects with a visible file that are not quarantined, by name."""

    def exists(self, project: Project) -> bool:
        """Whether the name is ours: a file of ours, a tombstone or a project record."""

    def record(self, project: Project) -> ProjectRecord | None:
        """The project's own record, if it was ever changed."""

    def files(self, project: Project) -> Sequence[File]:
        """Its visible (not deleted) files in no promised order."""

    def described(self, project: Project, version: str | None = None) -> Sequence[FileRecord]:
        """Its visible files with their facts, of one version (as stored) or all."""

    def file(self, project: Project, filename: str) -> FileRecord | None:
        """One visible file by its exact name."""

    def snapshot(self, project: Project, identities: Collection[str] | None) -> Snapshot:
        """The project's own record and its rows of these identities (None: all), tombstones included."""

    def newest_files(self, ecosystem: str, *, limit: int) -> Sequence[File]:
        """The visible files uploaded last, newest first."""

    def newest_projects(self, ecosystem: str, *, limit: int) -> Sequence[File]:
        """The first visible file of each of the projects that came last, newest first."""

    def all_files(self, ecosystem: str) -> Iterator[File]:
        """Every visible file, by project name and file name."""

    def search(
        self,
        ecosystem: str,
        *,
        name: Collection[str] = (),
        summary: Collection[str] = (),
        every: bool = False,
    ) -> Sequence[Project]:
        """Projects whose name or whose latest summary contains one of the words (all of them if
        ``every``; the two fields are joined by "or"), case-insensitively. No words match nothing.
        """

    def change(self, project: Project, edit: Edit, *, identities: Collection[str] | None) -> Sequence[Entry]:
        """Carry out one change in one write transaction: read the project's rows of these
        identities (None: all), let ``edit`` decide, write the rows it returns with one new serial
        each, the journal rows, and the mark that their records are due. Returns the entries as
        written. The unique constraint on the identity is the judge of races.

        :raises AlreadyExists: a filename of a visible file is taken by another identity
        """

    def due(self, project: Project | None = None, *, limit: int = 1000) -> Sequence[Entry]:
        """Entries whose record is still to be written to storage, oldest first."""

    def settle(self, entries: Collection[Entry]) -> None:
        """The records of these entries are in storage. The marks may be cleared later, with the
        next change: writing a record twice does no harm.
        """

    def serials(self, project: Project) -> Mapping[str, tuple[int, bool]]:
        """Identity → (serial, is the record due) of every row of a project, its own record and tombstones
        included.
        """

    def known_projects(self, ecosystem: str) -> Sequence[Project]:
        """Every project that has any row, visible or not."""

    def reconcile(self, entries: Collection[Entry]) -> int:
        """Take over entries read from records, each unless the row has this serial or a higher
        one. Journal rows that are missing are added. Serials given later are above all of them.
        Returns how many rows changed.
        """

    def forget(self, rows: Collection[tuple[Project, str, int]]) -> int:
        """Remove rows (project, identity, serial) that have no record, unless they changed or
        carry a mark. Returns how many went.
        """

    def raise_serial(self, least: int) -> None:
        """Serials given from now on are above ``least``."""

    def journal(self, *, after: int = 0, limit: int = 100, newest: bool = False) -> Sequence[Change]:
        """Journal rows above a serial, oldest first; or the newest ones, newest first."""

    def check(self) -> None:
        """:raises Unavailable: the database cannot be used now"""

    def close(self) -> None:
        """Write what is pending and let go of all connections."""


class Access(Protocol):
    """Who someone is and what is granted. Deciding is :mod:`pypicloud_like.access.policy`'s job."""

    @property
    def name(self) -> str:
        """The backend's name as in the settings."""

    def moved(self) -> int:
        """A number that moves whenever users, groups or grants change, in any process. Cheap."""

    def identify(self, username: str, password: str) -> Account | None:
        """The account, if the password is right and the account may log in. Costs the same time
        for an unknown user.
        """

    def account(self, username: str) -> Account | None:
        """The account without a password, None if unknown or pending."""

    def accounts(self) -> Sequence[Account]:
        """All approved accounts by name."""

    def groups(self) -> Mapping[str, Collection[str]]:
        """Group → members, the built-in groups left out."""

    def grants(self) -> Mapping[Project, Grants]:
        """All explicit grants. Kept in memory between changes."""

    def check(self) -> None:
        """:raises Unavailable: the backend cannot be used now"""


@runtime_checkable
class MutableAccess(Access, Protocol):
    """An access backend that can be changed over the API. Changes and their audit row are one
    transaction; ``actor`` is who did it.
    """

    def has_admin(self) -> bool:
        """Whether any approved administrator exists."""

    def registration(self) -> bool:
        """Whether newcomers may register themselves."""

    def set_registration(self, allowed: bool, *, actor: str | None) -> None:
        """Switch registration on or off."""

    def add_user(
        self, name: str, password: str, *, admin: bool = False, pending: bool = False, actor: str | None
    ) -> None:
        """:raises Conflict: the name exists or is pending
        :raises InvalidRequest: the name or password is not acceptable
        """

    def add_first_admin(self, name: str, password: str) -> bool:
        """Create the first administrator; False, and nothing done, if one exists. Of two at once one wins."""

    def remove_user(self, name: str, *, actor: str | None) -> None:
        """Remove a user with memberships, grants, tokens and sessions; fine if unknown."""

    def set_password(self, name: str, password: str, *, actor: str | None) -> None:
        """Also ends the user's sessions. :raises NotFound: no such user"""

    def set_admin(self, name: str, admin: bool, *, actor: str | None) -> None:
        """:raises NotFound: no such user"""

    def pending_users(self) -> Sequence[str]:
        """Names waiting for approval."""

    def approve_user(self, name: str, *, actor: str | None) -> None:
        """:raises NotFound: no such user"""

    def add_group(self, name: str, *, actor: str | None) -> None:
        """:raises Conflict: the group exists
        :raises InvalidRequest: the name is reserved or not acceptable
        """

    def remove_group(self, name: str, *, actor: str | None) -> None:
        """Remove a group with its grants; fine if unknown."""

    def add_member(self, group: str, user: str, *, actor: str | None) -> None:
        """:raises NotFound: no such user or group"""

    def remove_member(self, group: str, user: str, *, actor: str | None) -> None:
        """Fine if not a member."""

    def grant(self, project: Project, kind: str, principal: str, right: Right, *, actor: str | None) -> None:
        """``kind`` is ``user`` or ``group``. The project need not exist yet.

        :raises NotFound: no such user or group (the built-in groups exist)
        """

    def revoke(self, project: Project, kind: str, principal: str, right: Right, *, actor: str | None) -> None:
        """Fine if it was not granted."""

    def dump(self) -> dict[str, Any]:
        """Everything, in the shape of pypicloud's ACL export, password hashes included."""

    def load(self, dump: Mapping[str, Any], *, actor: str | None) -> None:
        """Merge an ACL export; never removes. Existing users keep their password.

        :raises InvalidRequest: the dump is malformed; nothing is changed
        """


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

    def close_sessions(self, username: str) -> None:
        """End all sessions of a user."""

    def owned(self, username: str) -> frozenset[Project]:
        """The projects a user owns (first publisher or added later). Additive: read and write. Kept in
        memory between changes.
        """

    def owners(self, project: Project) -> Sequence[str]:
        """The names of a project's owners, sorted."""

    def add_owner(self, project: Project, username: str, *, actor: str | None) -> None:
        """Fine if already an owner."""

    def count_failure(self, bucket: str, *, limit: int, window: int) -> int:
        """Count one failed attempt in a bucket (a user, an address); returns seconds to wait, 0 while
        at most ``limit`` happened in the last ``window`` seconds. The one that fills the bucket makes
        ``moved()`` move: no process may go on believing what it verified before.
        """

    def blocked(self, bucket: str, *, limit: int, window: int) -> int:
        """Seconds to wait before another attempt, 0 if none, without counting."""

    def clear_failures(self, bucket: str) -> None:
        """Forget the failures of a bucket."""

    def audit(self, action: str, subject: str, *, actor: str | None, **detail: Any) -> None:
        """Record what someone did, on its own (changes made here record themselves)."""

    def audit_events(self, *, limit: int = 100, before: int | None = None) -> Sequence[AuditEvent]:
        """The newest audit rows, newest first."""

    def lock(self, name: str) -> AbstractContextManager[bool]:
        """A named lock over all processes; gives False at once if somebody else holds it. Freed when its
        process dies.
        """

    def check(self) -> None:
        """:raises Unavailable: the database cannot be used now"""

    def close(self) -> None:
        """Let go of all connections."""
