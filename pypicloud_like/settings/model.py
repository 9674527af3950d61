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
    metrics: frozenset[str] = frozenset({"loopback", "admin"})
    """Who may read the metrics: ``loopback``, ``admin``, ``everyone``, addresses and networks."""


@dataclass(frozen=True, slots=True)
class LogSettings:
    """The log."""

    format: str = "text"
    """``text`` or ``json``."""
    requests: str = "changes"
    """Which requests are logged: ``none``, ``changes`` (what is no GET, HEAD or OPTIONS) or ``all``."""


@dataclass(frozen=True, slots=True)
class PypiSettings:
    """The Python side."""

    strict_sdist_names: bool = False
    releases_in_version_answer: bool = False
    not_acceptable: str = "html"
    """What an index page answers when nothing acceptable is offered: ``html`` or ``406``."""


@dataclass(frozen=True, slots=True)
class CargoSettings:
    """The cargo side."""

    auth_required: str = "auto"
    """Whether cargo is told to send a token with every request: ``auto``, ``always`` or ``never``."""
    strict_metadata: bool = False
    """Refuse what crates.io refuses and cargo does not need, instead of a warning."""
    index_aliases: tuple[str, ...] = ()
    """Other addresses of this index, as manifests have them."""


@dataclass(frozen=True, slots=True)
class JsrSettings:
    """The JSR side. Sizes in bytes."""

    created_at: str = "omit"
    """Whether clients are told when our versions were published: ``omit`` or ``real``."""
    package_size: int = 20 * MIB
    """Of the tarball, of its files together, and so of each of them."""
    refused_files: frozenset[str] = frozenset({".env", "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"})
    """Names, in lower case, of files that no package may have."""
    npm_time: str = "backdate"
    """When npm's clients are told that our versions were published: ``backdate`` or ``real``."""
    npm_seconds: int = 60
    npm_memory: int = 2048 * MIB
    """Bounds of converting one version for npm."""
    reserved_scopes: tuple[str, ...] = ()
    """Names that no scope may have, hyphens aside."""
    scope_limit: int = 100
    """Scopes that one user may make."""
    package_limit: int = 1000
    """Packages of one scope."""
    weekly_packages: int = 1000
    """New packages of one scope in seven days."""
    weekly_attempts: int = 10_000
    """Attempts to publish in one scope in seven days."""


@dataclass(frozen=True, slots=True)
class CatalogueSettings:
    """The catalogue. ``curators`` are groups that look after grids beside the administrators."""

    search_prefix: str = ""
    max_limit: int = 1000
    curators: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class UpstreamSettings:
    """One registry that is asked for what is not here. Times in seconds."""

    name: str
    ecosystem: str
    url: str
    """Where its index begins, with a last slash."""
    npm_url: str | None = None
    """Where a JSR registry speaks to npm, with a last slash; None if it does not."""
    username: str = ""
    password: Secret | None = None
    ca_file: Path | None = None
    timeout: float = 10.0
    """How long to wait for the next bytes of an answer."""
    allow: frozenset[str] = frozenset()
    """Patterns of the names it may be asked for; empty: all."""
    deny: frozenset[str] = frozenset()
    file_hosts: frozenset[str] = frozenset()
    """Hosts that its pages may link files on, beside its own."""
    minimum_age: int = 0
    minimum_age_except: frozenset[str] = frozenset()
    """``name`` or ``name==version`` to which the minimum age does not apply."""


@dataclass(frozen=True, slots=True)
class FallbackSettings:
    """What happens to names that are not here. Times in seconds, sizes in bytes."""

    mode: str = "none"
    """For Python projects: ``none``, ``redirect``, ``cache`` or ``mirror``."""
    mixing: bool = False
    """Projects marked as mixed show upstream files beside ours, whatever the mode."""
    base_url: str = "https://pypi.org"
    """Where ``redirect`` leads: a host that serves ``/simple/`` and ``/pypi/``."""
    simple_url: str | None = None
    """Where ``redirect`` leads instead: a simple index alone."""
    disallowed: frozenset[str] = frozenset()
    reserved: frozenset[str] = frozenset()
    """Patterns of names that are ours, files or not. ``cargo:acme-*`` means crates."""
    upstreams: tuple[UpstreamSettings, ...] = ()
    """Of all ecosystems, each ecosystem's in the order in which they are asked."""
    offline: bool = False
    ttl: int = 600
    negative_ttl: int = 60
    cache_limit: int = 20 * 1024 * MIB
    requests: int = 24
    """Requests that may wait for upstreams at once."""

    def of(self, ecosystem: str) -> tuple[UpstreamSettings, ...]:
        """The upstreams of one ecosystem."""
        return tuple(upstream for upstream in self.upstreams if upstream.ecosystem == ecosystem)


@dataclass(frozen=True, slots=True)
class IssuerSettings:
    """One issuer of identity tokens whose word counts here. ``timeout`` in seconds."""

    name: str
    url: str
    """Just what its tokens say in ``iss``."""
    audience: str
    """What its tokens must say in ``aud``."""
    kind: str = "other"
    """``github`` or ``gitlab`` for one that names claims as these do."""
    identity: tuple[str, ...] = ("sub",)
    """Claims of which every publisher has to say exactly what they are."""
    pinned: tuple[str, ...] = ()
    """Claims that are kept when a publisher is used first, and must be the same from then on."""
    key_hosts: frozenset[str] = frozenset()
    """Hosts that may have its keys, beside its own."""
    ca_file: Path | None = None
    timeout: float = 3.0


@dataclass(frozen=True, slots=True)
class TrustSettings:
    """Trusted publishing."""

    audience: str | None = None
    """What clients are told to ask issuers for; None: the public address without its scheme."""
    issuers: tuple[IssuerSettings, ...] = ()


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
    log: LogSettings = LogSettings()
    pypi: PypiSettings = PypiSettings()
    cargo: CargoSettings = CargoSettings()
    jsr: JsrSettings = JsrSettings()
    catalogue: CatalogueSettings = CatalogueSettings()
    fallback: FallbackSettings = FallbackSettings()
    trust: TrustSettings = TrustSettings()
    cache: PluginSettings | None = None
    """A package index of somebody else's; None: ours, in the database ``index``."""
    origins: tuple[Origin, ...] = ()
    warnings: tuple[str, ...] = ()
