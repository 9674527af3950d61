"""Pages of upstreams: fetched once for many askers, asked again when they get old, served stale while the
upstream is down.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from pypicloud_like.core.clock import Clock
from pypicloud_like.core.errors import Unavailable, UpstreamFailed
from pypicloud_like.core.model import Project
from pypicloud_like.core.ports import Document, Held
from pypicloud_like.settings.model import FallbackSettings
from pypicloud_like.upstream.client import Client, Reply
from pypicloud_like.upstream.slots import Slots
from pypicloud_like.upstream.turns import HostTurns

log = logging.getLogger(__name__)

_KEPT_BYTES = 48 * 1024 * 1024
_PAUSE = timedelta(seconds=10)
"""How long an upstream that failed is left alone where there is something to serve instead."""
_GONE = frozenset({404, 410})
_BACK_THEN = timedelta(days=36500)

_Key = tuple[str, Project, str]


def _anything(_document: Document) -> None:
    """Believe what comes."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A page to be had from an upstream. ``kind`` tells apart several pages of one project; ``check``
    raises :class:`UpstreamFailed` for an answer that is no such page: it is never kept.
    """

    upstream: str
    project: Project
    kind: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    check: Callable[[Document], None] = _anything

    @property
    def key(self) -> _Key:
        """What the page is kept under."""
        return self.upstream, self.project, self.kind


@dataclass(frozen=True, slots=True)
class Page:
    """What an upstream says, and whether that is stale: it could not be asked again."""

    document: Document
    stale: bool = False


class Documents:
    """The pages of all upstreams. Threads share it."""

    def __init__(
        self,
        held: Held,
        fallback: FallbackSettings,
        *,
        stale_age: int,
        slots: Slots,
        turns: HostTurns,
        clock: Clock,
    ) -> None:
        self._held = held
        self._fallback = fallback
        self._stale_age = timedelta(seconds=stale_age)
        self._slots = slots
        self._clock = clock
        self._lock = threading.Lock()
        self._turns = turns
        self._kept: OrderedDict[_Key, Document] = OrderedDict()
        self._kept_bytes = 0
        self._failed: dict[str, datetime] = {}
        self.counts: Counter[str] = Counter()
        """How often a page was ``fresh``, ``confirmed``, ``fetched``, ``stale`` or ``failed``."""

    def get(self, client: Client, wanted: Wanted) -> Page:
        """The page as it is kept while it is fresh, else as the upstream has it now.

        :returns: a page whose document has no body where the upstream has no such project
        :raises UpstreamFailed, Unavailable: it cannot be asked now, and nothing young enough is kept
        """
        found = self._find(wanted.key)
        if found is not None and self._is_fresh(found):
            self.counts["fresh"] += 1
            return Page(found)
        if found is not None and found.body is not None and self._is_resting(wanted.upstream):
            return self._stale(found, UpstreamFailed(wanted.upstream, "it failed a moment ago"))
        try:
            with self._slots.one(), self._turns.of(wanted.upstream, wanted.key):
                found = self._find(wanted.key)
                if found is not None and self._is_fresh(found):
                    return Page(found)
                return Page(self._ask(client, wanted, found))
        except (UpstreamFailed, Unavailable) as error:
            return self._stale(found, error)

    def doubt(self, project: Project) -> int:
        """Ask again for all pages about a project when they are wanted next; how many are kept. Another
        process that has read one believes it until it gets old.
        """
        with self._lock:
            for key in [key for key in self._kept if key[1] == project]:
                self._kept_bytes -= _size(self._kept.pop(key))
        return self._held.doubt(project, before=self._clock() - timedelta(seconds=self._fallback.ttl))

    def _ask(self, client: Client, wanted: Wanted, found: Document | None) -> Document:
        try:
            reply = client.get(wanted.url, {**wanted.headers, **_conditions(found)})
            document = self._taken(wanted, found, reply)
        except UpstreamFailed as error:
            self._failed[wanted.upstream] = self._clock()
            self.counts["failed"] += 1
            log.warning("%s", error)
            raise
        self._failed.pop(wanted.upstream, None)
        self._keep(wanted.key, document)
        return document

    def _taken(self, wanted: Wanted, found: Document | None, reply: Reply) -> Document:
        now = self._clock()
        if reply.status == 304 and found is not None:
            self.counts["confirmed"] += 1
            return replace(found, checked_at=now)
        if reply.status != 200 and reply.status not in _GONE:
            raise UpstreamFailed(wanted.upstream, f"it answers {reply.status}")
        document = Document(
            wanted.upstream,
            wanted.project,
            wanted.kind,
            reply.body if reply.status == 200 else None,
            reply.headers.get("content-type", ""),
            reply.headers.get("etag"),
            reply.headers.get("last-modified"),
            reply.url,
            now,
            now,
        )
        if document.body is not None:
            wanted.check(document)
        self.counts["fetched"] += 1
        return document

    def _stale(self, found: Document | None, error: UpstreamFailed | Unavailable) -> Page:
        """What is kept, if it may still be shown.

        :raises UpstreamFailed, Unavailable: the given one, if it may not
        """
        if found is None or found.body is None or found.checked_at < self._clock() - self._stale_age:
            raise error
        self.counts["stale"] += 1
        return Page(found, stale=True)

    def _is_fresh(self, document: Document) -> bool:
        missing = document.body is None
        life = self._fallback.negative_ttl if missing else self._fallback.ttl
        return self._clock() - document.checked_at < timedelta(seconds=life)

    def _is_resting(self, upstream: str) -> bool:
        return self._clock() - self._failed.get(upstream, self._clock() - _BACK_THEN) < _PAUSE

    def _find(self, key: _Key) -> Document | None:
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
        if kept is not None and self._is_fresh(kept):
            return kept
        stored = self._held.document(*key)  # another process may have asked meanwhile
        if stored is None or (kept is not None and kept.checked_at >= stored.checked_at):
            return kept
        self._remember(key, stored)
        return stored

    def _keep(self, key: _Key, document: Document) -> None:
        self._remember(key, document)
        if document.body is None and self._held.document(*key) is None:
            return  # anybody can ask for any name: that there is none is not worth a row
        try:
            self._held.keep_document(document)
        except Unavailable as error:  # it was answered, and will be asked for again
            log.warning("a page of %s could not be kept: %s", key[0], error)

    def _remember(self, key: _Key, document: Document) -> None:
        with self._lock:
            self._kept_bytes -= _size(self._kept.pop(key, None))
            self._kept[key] = document
            self._kept_bytes += _size(document)
            while self._kept_bytes > _KEPT_BYTES and len(self._kept) > 1:
                _, gone = self._kept.popitem(last=False)
                self._kept_bytes -= _size(gone)


def _conditions(found: Document | None) -> dict[str, str]:
    if found is None or found.body is None:
        return {}
    conditions = {}
    if found.etag:
        conditions["If-None-Match"] = found.etag
    if found.last_modified:
        conditions["If-Modified-Since"] = found.last_modified
    return conditions


def _size(document: Document | None) -> int:
    return 0 if document is None else len(document.body or b"") + 1024
