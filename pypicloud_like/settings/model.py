"""All settings as frozen dataclasses, one per topic. After start no code reads a string key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pypicloud_like.core.model import Grants, Project

MIB = 1024 * 1024


class Secret(str):
    """A text that hides itself when printed or logged with ``repr``."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'********'" if self else "''"


@dataclass(frozen=True, slots=True)
class FileStorageSettings:
    """``pypi.storage = file``"""

    dir: Path


@dataclass(frozen=True, slots=True)
class S3StorageSettings:
    """``pypi.storage = s3``. Times in seconds."""

    bucket: str
    prefix: str = ""
    endpoint_url: str | None = None
    region_name: str | None = None
    addressing_style: str = "auto"
    aws_access_key_id: str | None = None
    aws_secret_access_key: Secret | None = None
    aws_session_token: Secret | None = None
    signature_version: str | None = None
    checksums: str = "when_supported"
    """``when_supported``, or ``when_required`` for older S3-compatible stores."""
    verify: bool | str = True
    """Whether to check the certificate, or the path of a CA file."""
    connect_timeout: float = 3.0
    read_timeout: float = 10.0
    max_attempts: int = 3
    max_pool_connections: int = 16
    redirect: bool = True
    """Send clients to presigned addresses; otherwise stream the bytes through this server."""
    expire_after: int = 300
    server_side_encryption: str | None = None
    storage_class: str | None = None
    object_acl: str | None = None
    create_bucket: bool = False


@dataclass(frozen=True, slots=True)
class MemoryStorageSettings:
    """``pypi.storage = memory``: for tests and trials; gone when the process ends."""


@dataclass(frozen=True, slots=True)
class PluginSettings:
    """A backend of somebody else's: its dotted name and the string settings of its topic."""

    name: str
    options: Mapping[str, str] = field(default_factory=dict)


StorageSettings = FileStorageSettings | S3StorageSettings | MemoryStorageSettings | PluginSettings


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """One database. ``timeout`` in seconds is how long a connection or a lock is waited for."""

    url: str
    pool_size: int = 16
    timeout: int = 10


@dataclass(frozen=True, slots=True)
class AccessSettings:
    """Who may do what. The group lists may hold ``everyone``, ``authenticated`` and ``admin``."""

    backend: str = "sql"
    default_read: frozenset[str] = frozenset({"authenticated"})
    default_write: frozenset[str] = frozenset()
    overwrite_groups: frozenset[str] = frozenset()
    delete_groups: frozenset[str] = frozenset({"authenticated"})
    cache_update: frozenset[str] = frozenset({"authenticated"})
    create_groups: frozenset[str] | None = None
    """Who may publish a name that does not exist yet, and then owns it; None: default writers."""
    admins: frozenset[str] = frozenset()
    users: Mapping[str, Secret] = field(default_factory=dict)
    """config backend: name → password hash"""
    groups: Mapping[str, frozenset[str]] = field(default_factory=dict)
    grants: Mapping[Project, Grants] = field(default_factory=dict)
    realm: str = "pypi"
    signing_key: Secret | None = None
    token_expire: int = 7 * 24 * 3600
    """life of registration tokens, seconds"""
    first_admin_by_registration: bool = False
    session_lifetime: int = 14 * 24 * 3600
    session_secure: bool | None = None
    """None: secure when the public URL is https"""
    failures: int = 10
    failure_window: int = 300
    allow_reuse_of_deleted: bool = False
    hash_rounds: int | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    """The ``auth.*`` keys of a backend of somebody else's, unread."""


@dataclass(frozen=True, slots=True)
class LimitSettings:
    """Sizes in bytes."""

    file: int = 1024 * MIB
    body: int = 1025 * MIB
    json: int = MIB
    form_field: int = MIB
    description: int = 2 * MIB
    form_fields: int = 500
    header: int = 64 * 1024
    url: int = 8 * 1024
    page_cache: int = 96 * MIB


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Where this server is, and how it is reached."""

    data: Path
    public_url: str | None = None
    """Scheme, host and mount prefix, without a last slash; None: taken from the request's Host if allowed."""
    allowed_hosts: frozenset[str] = frozenset()
    """Hosts accepted when there is no public URL; loopback names always are."""
    trusted_proxies: frozenset[str] = frozenset()
    spool_dir: Path | None = None
    accel_prefix: str | None = None
    """X-Accel-Redirect prefix under which nginx serves the storage folder (file storage only)."""
    package_max_age: int = 31536000
    stale_age: int = 24 * 3600
    cors_origins: frozenset[str] = frozenset()
    debug: bool = False
    threads: int = 4
    """Requests carried out at once by ``serve``; the database pools are at least this large."""
    connection_limit: int = 512
    """Connections ``serve`` keeps open at once, idle ones included."""
    grace: int = 30
    """Seconds that running requests get to finish when ``serve`` is asked to stop."""
    trusted_proxy_count: int = 1
    """How many proxies stand in front, each adding one hop to the forwarding headers."""


@dataclass(frozen=True, slots=True)
class PypiSettings:
    """The Python side."""

    strict_sdist_names: bool = False
    releases_in_version_answer: bool = False
    not_acceptable: str = "html"
    """What an index page answers when nothing acceptable is offered: ``html`` or ``406``."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where one setting came from, for ``show-config``."""

    key: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything, as the composition root gets it."""

    server: ServerSettings
    storage: StorageSettings
    index: DatabaseSettings
    state: DatabaseSettings
    access: AccessSettings
    limits: LimitSettings = LimitSettings()
    pypi: PypiSettings = PypiSettings()
    cache: PluginSettings | None = None
    """A package index of somebody else's; None: ours, in the database ``index``."""
    origins: tuple[Origin, ...] = ()
    warnings: tuple[str, ...] = ()
