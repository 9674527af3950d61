"""Everything long-lived, in one frozen bundle. Built by ``app.build``, used by views, commands, tests."""

from __future__ import annotations

from dataclasses import dataclass

from pypicloud_like.access.guard import Guard
from pypicloud_like.core.clock import Clock
from pypicloud_like.core.ports import Access, Cache, State, Storage
from pypicloud_like.registry.change import Changes
from pypicloud_like.registry.pages import PageCache
from pypicloud_like.settings.model import Settings


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
    secret: bytes
    """Signs what is handed out unsaved, such as registration tokens."""

    def close(self) -> None:
        """Write what is pending and let go of all connections."""
        self.cache.close()
        self.state.close()
