"""What a package index is made of: plain, frozen data.

The words are the field's: a *project* is a name, a *release* one of its versions, a *file* an
artefact, a *key* the place where bytes lie. ``name`` is always normalised; ``display_name`` is the
spelling its publisher chose.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

PYPI = "pypi"
PROJECT_IDENTITY = "@project"
"""The identity under which a project's own record (not one of its files) is kept."""


@dataclass(frozen=True, slots=True, order=True)
class Project:
    """One name in one ecosystem. ``str()`` gives its spelling in access lists.

    A name that ends in ``*``, which no project may have, is a pattern: it stands for all projects whose names
    begin so. Scopes of tokens and the ownership of a JSR scope are told by patterns.
    """

    ecosystem: str
    name: str

    @property
    def space(self) -> Project | None:
        """The pattern of all that is in the scope of this name (``@acme/*``), None for a name without one."""
        scope, slash, _ = self.name.partition("/")
        return Project(self.ecosystem, f"{scope}/*") if slash else None

    def covers(self, other: Project) -> bool:
        """Whether this is the other project, or a pattern that stands for it."""
        if self.name.endswith("*"):
            return self.ecosystem == other.ecosystem and other.name.startswith(self.name[:-1])
        return self == other

    def __str__(self) -> str:
        return self.name if self.ecosystem == PYPI else f"{self.ecosystem}:{self.name}"


UNKNOWN_SIZE = -1
UNKNOWN_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""What stands for a size or an upload time that an upstream does not tell."""


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes in storage. ``size`` is in bytes, digests are lower-case hexadecimal.

    Bytes that an upstream has and that are not held have the key ``""``; what it does not tell of them is
    ``UNKNOWN_SIZE`` and an empty digest.
    """

    key: str
    size: int
    sha256: str
    md5: str | None = None
    blake2b_256: str | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a file that is not ours was fetched from."""

    upstream: str
    url: str
    fetched_at: datetime
    sha256: str | None = None


class Action(StrEnum):
    """What a change did. Kept in the record and in the journal."""

    UPLOAD = "upload"
    OVERWRITE = "overwrite"
    YANK = "yank"
    UNYANK = "unyank"
    DELETE = "delete"
    STATUS = "status"
    MIX = "mix"
    DESCRIBE = "describe"
    ATTACH = "attach"
    ADOPT = "adopt"
    FETCH = "fetch"


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who changed what, and when (aware, UTC)."""

    action: Action
    actor: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """What lists and pages need to know of one file.

    ``identity`` is what its ecosystem says may exist once in a project; ``sidecars`` are blobs that
    belong to the file (``metadata``: PEP 658, ``provenance``: PEP 740). ``yanked`` is None, or the
    reason (which may be empty). ``serial`` is 0 until the change is committed.
    """

    project: Project
    identity: str
    filename: str
    version: str
    kind: str
    blob: Blob
    uploaded_at: datetime
    stamp: Stamp
    display_name: str
    serial: int = 0
    sidecars: Mapping[str, Blob] = field(default_factory=dict)
    uploader: str | None = None
    requires_python: str | None = None
    summary: str | None = None
    yanked: str | None = None
    origin: Origin | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecord(File):
    """A file with everything that is known of it, as it stands in its storage record.

    ``facts`` is a JSON object in the words of the ecosystem: core metadata of a wheel, the index
    line of a crate. Only a FileRecord can be written, so nothing can be lost by writing.
    """

    facts: Mapping[str, Any] = field(default_factory=dict)


class Status(StrEnum):
    """Project status markers (PEP 792)."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    QUARANTINED = "quarantined"
    DEPRECATED = "deprecated"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectRecord:
    """What is known of a project beside its files. Changed, recorded and rebuilt as a file is."""

    project: Project
    stamp: Stamp
    serial: int = 0
    status: Status = Status.ACTIVE
    status_reason: str = ""
    mixed: bool = False
    display_name: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def identity(self) -> str:
        """The fixed identity of project records."""
        return PROJECT_IDENTITY


Entry = FileRecord | ProjectRecord
"""Whatever has a serial, a journal row and a record in storage."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a change sees of its project, read inside the change's own transaction.

    ``files`` maps identity to record, tombstones (``deleted``) included. ``exists`` says whether the name is
    ours, also by files that were not asked for.
    """

    record: ProjectRecord | None
    files: Mapping[str, FileRecord]
    exists: bool

    @property
    def entries(self) -> list[Entry]:
        """All of it."""
        return [*self.files.values(), *([self.record] if self.record else [])]


@dataclass(frozen=True, slots=True)
class Listing:
    """One line of a list of projects. ``serial`` is that of the project's last change."""

    project: Project
    display_name: str
    serial: int


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the journal."""

    serial: int
    project: Project
    action: Action
    actor: str | None
    at: datetime
    identity: str
    filename: str | None
    version: str | None
    sha256: str | None


class Right(StrEnum):
    """What may be granted on a project (pypicloud's two words)."""

    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class Grants:
    """The explicit grants on one project. As soon as one exists, the defaults do not apply."""

    users: Mapping[str, frozenset[Right]] = field(default_factory=dict)
    groups: Mapping[str, frozenset[Right]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Account:
    """A user as an access backend knows it. ``groups`` leaves out the built-in ones."""

    name: str
    admin: bool = False
    groups: frozenset[str] = frozenset()
    pending: bool = False
    created_at: datetime | None = field(default=None, compare=False)
    """when it was made, if the backend knows: an earlier account may have had this name"""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a token may do at most; never more than its owner may now.

    ``actions`` are values of :class:`~pypicloud_like.access.policy.Act`; ``projects``, which may be patterns,
    of None means every project. ``terms`` are demands beside these in the words of a protocol, as JSON texts;
    who checks them is that protocol's side.
    """

    actions: frozenset[str]
    projects: frozenset[Project] | None = None
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asking. ``via`` says how they proved it: anonymous, session, password or token."""

    account: Account | None = None
    via: str = "anonymous"
    scope: Scope | None = None
    credential: str | None = None
    """The id of the token or session used, for the audit and for logging out; never the secret."""
    job: bool = False
    """Whether it is an automated job, for which ``account`` vouches."""

    @property
    def name(self) -> str | None:
        """The user name, or None for anonymous."""
        return self.account.name if self.account else None


ANONYMOUS = Caller()


@dataclass(frozen=True, slots=True)
class Token:
    """An API token as it may be shown: never its secret. Times are aware, UTC.

    ``publishers`` are the ids of the trusted publishers by which a job got it; none if a person made it.
    """

    id: str
    owner: str
    label: str
    scope: Scope
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    publishers: tuple[str, ...] = ()
