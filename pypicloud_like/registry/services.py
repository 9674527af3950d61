"""Everything long-lived, in one frozen bundle: built by ``assembly``, used by views, commands, tests."""

from __future__ import annotations

from dataclasses import dataclass, field

from pypicloud_like.access.guard import Guard
from pypicloud_like.core.clock import Clock
from pypicloud_like.core.model import File, Project
from pypicloud_like.core.ports import (
    Access,
    Authorizations,
    Cache,
    Curation,
    Downloads,
    People,
    Publishers,
    PublishingTasks,
    Scopes,
    State,
    Storage,
)
from pypicloud_like.core.recent import Recent
from pypicloud_like.registry.change import Changes
from pypicloud_like.registry.metrics import Metrics
from pypicloud_like.registry.pages import PageCache
from pypicloud_like.registry.probes import Probes
from pypicloud_like.settings.model import Settings
from pypicloud_like.trust.issuers import Issuers
from pypicloud_like.upstream.upstreams import Upstreams


@dataclass(frozen=True, slots=True)
class Services:
    """What a unit of work may use. Threads share it."""

    settings: Settings
    storage: Storage
    cache: Cache
    state: State
    access: Access
    guard: Guard
    changes: Changes
    pages: PageCache
    clock: Clock
    people: People
    downloads: Downloads
    tasks: PublishingTasks
    scopes: Scopes
    authorizations: Authorizations
    curation: Curation
    publishers: Publishers
    secret: bytes
    """Signs what is handed out unsaved, such as registration tokens."""
    upstreams: Upstreams | None = None
    """None where nothing is ever asked for elsewhere."""
    issuers: Issuers | None = None
    """None where no issuer of identity tokens is trusted."""
    known_names: Recent[Project, tuple[int, tuple[bool, bool]]] = field(
        default_factory=lambda: Recent(10_000), repr=False
    )
    """Of names asked for last: as of which change, whether they exist here, and are mixed."""
    known_files: Recent[tuple[Project, str], tuple[int, File]] = field(
        default_factory=lambda: Recent(10_000), repr=False
    )
    """Of files asked for last that may be handed out: as of which change of their project, and they."""
    metrics: Metrics = field(default_factory=Metrics, repr=False)
    probes: Probes = field(default_factory=Probes, repr=False)

    def close(self) -> None:
        """Write what is pending and let go of all connections."""
        if self.upstreams is not None:
            self.upstreams.close()
        if self.issuers is not None:
            self.issuers.close()
        self.downloads.close()
        self.cache.close()
        self.state.close()
