"""Settings that are fine alone and impossible, or unwise, together."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from pypicloud_like.core.model import Right
from pypicloud_like.settings.database import sqlite_path
from pypicloud_like.settings.grants import BUILT_IN_IN_LISTS
from pypicloud_like.settings.model import (
    FileStorageSettings,
    MemoryStorageSettings,
    S3StorageSettings,
    Settings,
)

Tell = Callable[[str], None]


def check(settings: Settings, given: Collection[str], *, fault: Tell, warn: Tell) -> None:
    """Look at settings that belong together; ``given`` are the keys that were written."""
    _databases(settings, given, fault)
    _storage(settings, fault)
    _server(settings, fault)
    _sessions(settings, fault, warn)
    _access(settings, given, fault, warn)
    _crates(settings, fault)
    _upstreams(settings, given, fault, warn)
    _trust(settings, fault)


def _databases(settings: Settings, given: Collection[str], fault: Tell) -> None:
    index, state = sqlite_path(settings.index.url), sqlite_path(settings.state.url)
    if settings.cache is None and index is not None and index == state:
        fault("db.url, state.url: must be two files; the index may be deleted, the state must not")
    for key, database in (("db.pool_size", settings.index), ("state.pool_size", settings.state)):
        if key in given and database.pool_size < settings.server.threads:
            fault(
                f"{key} = {database.pool_size}: must not be below server.threads = {settings.server.threads}"
            )
    if isinstance(settings.storage, MemoryStorageSettings) and index is None and settings.cache is None:
        fault("pypi.storage = memory, db.url: bytes in memory belong to one process; use an SQLite index")


def _storage(settings: Settings, fault: Tell) -> None:
    storage = settings.storage
    if settings.server.accel_prefix and not isinstance(storage, FileStorageSettings):
        fault(f"server.accel_prefix = {settings.server.accel_prefix}: needs pypi.storage = file")
    if isinstance(storage, FileStorageSettings):
        _folders(storage.dir, settings, fault)
    if isinstance(storage, S3StorageSettings):
        if bool(storage.aws_access_key_id) != bool(storage.aws_secret_access_key):
            fault("storage.aws_access_key_id, storage.aws_secret_access_key: one is given without the other")
        elif storage.aws_session_token and not storage.aws_access_key_id:
            fault(
                "storage.aws_session_token: needs storage.aws_access_key_id and storage.aws_secret_access_key"
            )


def _folders(storage: Path, settings: Settings, fault: Tell) -> None:
    if storage == settings.server.data:
        fault(f"storage.dir = {storage}: must be a folder of its own, not the data folder")
    if storage == settings.server.spool_dir:
        fault(f"storage.dir = {storage}: must not be server.spool_dir")


def _server(settings: Settings, fault: Tell) -> None:
    limits = settings.limits
    if limits.body < limits.file:
        fault(f"limits.body = {limits.body}: must not be below limits.file = {limits.file}")
    if limits.description > limits.body:
        fault(f"limits.description = {limits.description}: must not be above limits.body = {limits.body}")
    if limits.url > limits.header:
        fault(f"limits.url = {limits.url}: must not be above limits.header = {limits.header}")


def _sessions(settings: Settings, fault: Tell, warn: Tell) -> None:
    url, secure = settings.server.public_url or "", settings.access.session_secure
    if secure and url.startswith("http:"):
        fault(f"session.secure = true: nobody could log in over server.public_url = {url}")
    if secure is False and url.startswith("https:"):
        warn("session.secure = false: login cookies may travel unencrypted")


def _access(settings: Settings, given: Collection[str], fault: Tell, warn: Tell) -> None:
    access = settings.access
    if "everyone" in access.default_write:
        warn("pypi.default_write: everyone may upload without a login")
    if access.backend != "config":
        return
    if not access.users:
        warn("pypi.auth = config: there are no user.<name> lines, nobody can log in")
    if "auth.first_admin_by_registration" in given and access.first_admin_by_registration:
        warn("auth.first_admin_by_registration: has no effect with pypi.auth = config")
    unknown = access.admins - access.users.keys()
    if unknown:
        fault(f"auth.admins: no such user: {', '.join(sorted(unknown))}")
    lists = {
        "pypi.default_read": access.default_read,
        "pypi.default_write": access.default_write,
        "pypi.allow_create_groups": access.create_groups or frozenset(),
        "pypi.allow_overwrite_groups": access.overwrite_groups,
        "pypi.allow_delete_groups": access.delete_groups,
        "pypi.cache_update": access.cache_update,
    }
    for key, groups in lists.items():
        missing = groups - BUILT_IN_IN_LISTS - access.groups.keys()
        if missing:
            fault(f"{key}: no such group: {', '.join(sorted(missing))}")


def _crates(settings: Settings, fault: Tell) -> None:
    access = settings.access
    if settings.cargo.auth_required != "never":
        return
    if "everyone" not in access.default_read:
        fault("cargo.auth_required = never: needs everyone in pypi.default_read, or cargo could read nothing")
    for project, grants in access.grants.items():
        if project.ecosystem == "cargo" and Right.READ not in grants.groups.get("everyone", ()):
            fault(f"cargo.auth_required = never: {project} is not readable by everyone")


def _upstreams(settings: Settings, given: Collection[str], fault: Tell, warn: Tell) -> None:
    fallback, threads = settings.fallback, settings.server.threads
    if "upstream.requests" in given and fallback.requests >= threads:
        fault(
            f"upstream.requests = {fallback.requests}: must be below server.threads = {threads},"
            " or all requests may wait for an upstream"
        )
    if fallback.mode == "none" and "pypi.upstreams" in given:
        warn("pypi.upstreams: has no effect with pypi.fallback = none")
    if fallback.mode == "redirect" and "pypi.upstreams" in given:
        warn("pypi.upstreams: redirects lead to pypi.fallback_base_url alone")
    for upstream in fallback.upstreams:
        if upstream.password and upstream.url.startswith("http:"):
            warn(f"upstream.{upstream.name}.url: its password travels unencrypted")


def _trust(settings: Settings, fault: Tell) -> None:
    for issuer in settings.trust.issuers:
        if not issuer.audience:
            fault(
                f"oidc.{issuer.name}.audience: must be given, or oidc.audience, or server.public_url:"
                " tokens that were made for others must not do here"
            )
