"""Settings → backends → services: what a server and every command work with. Knows no web framework, so that
a command starts quickly.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping

from pypicloud_like import plugins
from pypicloud_like.access.guard import Guard
from pypicloud_like.access.passwords import Passwords
from pypicloud_like.core.clock import Clock, system_clock
from pypicloud_like.core.errors import Conflict, IdentityRefused, RegistryError
from pypicloud_like.core.ports import Access, Cache, Storage
from pypicloud_like.db.engine import Database
from pypicloud_like.ecosystems.cargo import described as cargo_described
from pypicloud_like.ecosystems.jsr import described as jsr_described
from pypicloud_like.ecosystems.pypi import described as pypi_described
from pypicloud_like.registry.change import Changes
from pypicloud_like.registry.described import Describe
from pypicloud_like.registry.pages import PageCache
from pypicloud_like.registry.rebuild import is_lost, rebuild
from pypicloud_like.registry.services import Services
from pypicloud_like.settings.model import AccessSettings, Settings
from pypicloud_like.settings.secret import load_secret
from pypicloud_like.state.authorizations import SqlAuthorizations
from pypicloud_like.state.curation import SqlCuration
from pypicloud_like.state.downloads import SqlDownloads
from pypicloud_like.state.people import SqlPeople
from pypicloud_like.state.publishers import SqlPublishers
from pypicloud_like.state.scopes import SqlScopes
from pypicloud_like.state.sql import SqlState
from pypicloud_like.state.tasks import SqlTasks
from pypicloud_like.trust.issuers import Issuers
from pypicloud_like.upstream.sql import SqlHeld
from pypicloud_like.upstream.upstreams import Upstreams

log = logging.getLogger(__name__)


def opened(settings: Settings) -> Services:
    """The services of a server that is about to serve: what a crash left undone is done, and an index
    that was lost is rebuilt first.

    :raises ConfigurationError: a backend is unknown or lacks its library
    :raises Unavailable: a database cannot be reached, or a storage that alone knows whether a new index is
        a lost one
    """
    services = build(settings)
    try:
        _make_good(services)
        for part in (services.cache, services.state):
            if isinstance(database := getattr(part, "database", None), Database):
                database.watch_closely()
    except BaseException:
        services.close()
        raise
    return services


def _make_good(services: Services) -> None:
    if services.issuers is not None:
        try:
            services.issuers.require_library()
        except IdentityRefused as error:  # all else goes on
            log.warning("oidc.issuers: %s", error)
    if is_lost(services):
        log.warning("the index is new or not whole and storage holds records: rebuilding before serving")
        _fill(services)
    else:
        _finish(services)


def _finish(services: Services) -> None:
    """Write the records that a crash left due. Pages are read without a storage, so it is not waited for."""
    try:
        services.changes.finish()
    except RegistryError as error:
        log.warning("records are due until a start with a storage, or a rebuild: %s", error)


def _fill(services: Services) -> None:
    """Rebuild a lost index, or wait for the process that is doing so."""
    while is_lost(services):
        try:
            report = rebuild(services)
        except Conflict:
            time.sleep(1)
        else:
            log.warning("rebuilt: %d projects, %d rows", report.projects, report.changed)
            return


def build(settings: Settings, *, clock: Clock = system_clock) -> Services:
    """Bring all backends together. Opens the databases and brings their schema up to date.

    :raises ConfigurationError: a backend is unknown or lacks its library
    :raises Unavailable: a database cannot be reached
    """
    if settings.server.spool_dir is not None:
        settings.server.spool_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    storage = plugins.open_storage(settings.storage)
    cache = _cache(settings)
    state = SqlState.from_settings(
        settings.state, clock=clock, session_lifetime=settings.access.session_lifetime
    )
    access = _access(settings.access, state.database, clock)
    secret = settings.access.signing_key
    return Services(
        settings=settings,
        storage=storage,
        cache=cache,
        state=state,
        access=access,
        guard=Guard(access, state, rules=settings.access, clock=clock),
        changes=Changes(storage, cache),
        pages=PageCache(settings.limits.page_cache),
        clock=clock,
        people=SqlPeople(state.database, clock=clock),
        downloads=SqlDownloads(state.database, clock=clock),
        tasks=SqlTasks(state.database, clock=clock),
        scopes=SqlScopes(state.database, clock=clock),
        authorizations=SqlAuthorizations(state.database, clock=clock),
        curation=SqlCuration(state.database, clock=clock),
        publishers=SqlPublishers(state.database, clock=clock),
        issuers=Issuers(settings.trust, clock=clock) if settings.trust.issuers else None,
        secret=secret.encode() if secret else load_secret(settings.server.data),
        upstreams=_upstreams(settings, storage, clock),
    )


def describers() -> Mapping[str, Describe]:
    """Ecosystem → what tells the catalogue of its projects."""
    return {
        "pypi": pypi_described.describe,
        "cargo": cargo_described.describe,
        "jsr": jsr_described.describe,
    }


def _upstreams(settings: Settings, storage: Storage, clock: Clock) -> Upstreams | None:
    if settings.fallback.mode == "none" and not settings.fallback.upstreams:
        return None
    held = SqlHeld.from_settings(settings.index, clock=clock)
    return Upstreams(settings, held, storage, clock=clock)


def _cache(settings: Settings) -> Cache:
    plugin = settings.cache
    chosen = plugins.find("cache", plugin.name if plugin else "sql")
    cache: Cache = chosen.from_settings(plugin or settings.index)
    return cache


def _access(rules: AccessSettings, database: Database, clock: Clock) -> Access:
    passwords = Passwords(time_cost=rules.hash_rounds)
    backend = plugins.find("access", rules.backend)
    access: Access = backend.from_settings(rules, passwords=passwords, database=database, clock=clock)
    return access
