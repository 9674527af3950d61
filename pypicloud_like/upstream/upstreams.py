"""All upstreams of a server: who may be asked, what is held of them, and what is on its way."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir
from typing import Any, BinaryIO, TypeVar

from pypicloud_like.core.clock import Clock
from pypicloud_like.core.errors import Unavailable, UpstreamFailed
from pypicloud_like.core.model import FileRecord, Project
from pypicloud_like.core.ports import Document, Held, Storage
from pypicloud_like.core.recent import Recent
from pypicloud_like.settings.model import FallbackSettings, Settings, UpstreamSettings
from pypicloud_like.upstream.claims import Claim, Claims, Silent
from pypicloud_like.upstream.client import Client
from pypicloud_like.upstream.documents import Documents, Page, Wanted
from pypicloud_like.upstream.following import Following, follow
from pypicloud_like.upstream.keeping import Keeper
from pypicloud_like.upstream.names import Normalize, is_allowed, is_old_enough, is_reserved, may_be_told
from pypicloud_like.upstream.slots import Slots
from pypicloud_like.upstream.transfers import Transfer
from pypicloud_like.upstream.turns import HostTurns

_MOST_TRANSFERS = 64
_PARSED = 64
_SMALL = 256 * 1024
T = TypeVar("T")

_Key = tuple[Project, str, str]


@dataclass(frozen=True, slots=True)
class Upstream:
    """One of them, with its connections."""

    settings: UpstreamSettings
    client: Client

    @property
    def name(self) -> str:
        """Its name in the settings."""
        return self.settings.name


class ArrivingBody:
    """The bytes of a transfer as a WSGI body. Holds a place among those that wait until it is closed."""

    def __init__(self, transfer: Transfer | Following, size: int | None, place: ExitStack) -> None:
        self.size = size
        self._transfer = transfer
        self._place = place

    def __iter__(self) -> Iterator[bytes]:
        return self._transfer.read()

    def close(self) -> None:
        """Leave the transfer, which goes on."""
        self._place.close()


class Upstreams:
    """What every ecosystem uses of its upstreams. Threads share it."""

    def __init__(self, settings: Settings, held: Held, storage: Storage, *, clock: Clock) -> None:
        self.fallback: FallbackSettings = settings.fallback
        self.held = held
        self.keeper = Keeper(storage, held, limit=settings.fallback.cache_limit)
        self.slots = Slots(settings.fallback.requests)
        self._spool_dir = settings.server.spool_dir
        self._claims = Claims((self._spool_dir or Path(gettempdir())) / "fetching", index=settings.index.url)
        self.turns = HostTurns(self._claims)
        self.documents = Documents(
            held,
            settings.fallback,
            stale_age=settings.server.stale_age,
            slots=self.slots,
            turns=self.turns,
            clock=clock,
        )
        self.clock = clock
        self.counts: Counter[str] = Counter()
        """How often a file was ``held``, ``fetched`` or ``joined`` (somebody else fetched it already)."""
        self._all = tuple(Upstream(each, Client(each)) for each in settings.fallback.upstreams)
        self._lock = threading.Lock()
        self._transfers: dict[_Key, Transfer] = {}
        self._parsed: Recent[tuple[object, ...], Any] = Recent(_PARSED)

    def of(self, ecosystem: str) -> Sequence[Upstream]:
        """The upstreams of an ecosystem, in the order in which they are asked."""
        return [upstream for upstream in self._all if upstream.settings.ecosystem == ecosystem]

    def named(self, name: str) -> Upstream:
        """The upstream of this name.

        :raises UpstreamFailed: the settings no longer know it
        """
        found = next((upstream for upstream in self._all if upstream.name == name), None)
        if found is None:
            raise UpstreamFailed(name, "the settings do not know it any more")
        return found

    def allowed(self, project: Project, normalize: Normalize) -> Sequence[Upstream]:
        """The upstreams that may be asked for a name, in order; none at all if it is ours by the settings
        or may not leave this server.
        """
        if not may_be_told(project, self.fallback, normalize):
            return ()
        return [
            upstream
            for upstream in self.of(project.ecosystem)
            if is_allowed(project, upstream.settings, normalize)
        ]

    def stands(self, held: FileRecord, normalize: Normalize) -> bool:
        """Whether a held file may still be shown: its upstream may still be asked for the name, and it is old
        enough. Settings may have changed since it was fetched.
        """
        if held.origin is None:
            return False
        for upstream in self.allowed(held.project, normalize):
            if upstream.name == held.origin.upstream:
                return is_old_enough(
                    held.project.name,
                    held.version,
                    held.uploaded_at,
                    upstream.settings,
                    now=self.clock(),
                    normalize=normalize,
                )
        return False

    def held_files(self, project: Project, normalize: Normalize) -> Sequence[FileRecord]:
        """The held files of a project that may still be shown."""
        return [file for file in self.held.files(project) if self.stands(file, normalize)]

    def held_file(self, project: Project, filename: str, normalize: Normalize) -> FileRecord | None:
        """One of them by its exact name."""
        held = self.held.file(project, filename)
        return held if held is not None and self.stands(held, normalize) else None

    def served(self, held: FileRecord) -> None:
        """Note that a file that was held already is given to somebody: a hit."""
        self.held.used(held.project, held.filename)
        with self._lock:
            self.counts["held"] += 1

    def is_reserved(self, project: Project, normalize: Normalize) -> bool:
        """Whether a name is ours by the settings."""
        return is_reserved(project, self.fallback, normalize)

    def page(self, upstream: Upstream, wanted: Wanted) -> Page:
        """A page, as :meth:`Documents.get` gives it.

        :raises UpstreamFailed, Unavailable: it cannot be had
        """
        return self.documents.get(upstream.client, wanted)

    def parsed(self, document: Document, parse: Callable[[Document], T]) -> T:
        """What ``parse`` makes of a page, kept as long as it is asked for."""
        key = (document.upstream, document.project, document.kind, document.fetched_at)
        kept = self._parsed.get(key)
        if kept is None:
            kept = parse(document)
            self._parsed.put(key, kept)
        found: T = kept
        return found

    def arriving(self, wanted: FileRecord) -> ArrivingBody | FileRecord:
        """The body of a file, to be sent while it arrives; or what is held of it, if it has come meanwhile.

        :raises UpstreamFailed, NotFound, Unavailable: it does not begin to
        """
        with ExitStack() as place:
            place.enter_context(self.slots.one())
            transfer = self._transfer(wanted)
            if isinstance(transfer, Following) and _is_small(transfer.size()):
                transfer.leave()
                transfer = self._whole(wanted)
            if isinstance(transfer, FileRecord):
                return transfer
            place.callback(transfer.leave)
            size = transfer.size()
            if isinstance(transfer, Transfer) and _is_small(size):
                transfer.wait()  # so that a wrong one is told by a status and not by a broken connection
            return ArrivingBody(transfer, size, place.pop_all())

    def fetch(self, wanted: FileRecord) -> FileRecord:
        """A file that is held after this, fetched if it is not yet.

        :raises UpstreamFailed, NotFound, Unavailable, NoSpace: it cannot be had
        """
        held = self._held(wanted)
        if held is not None:
            return held
        with self.slots.one():
            return self.fetch_in_place(wanted)

    def fetch_in_place(self, wanted: FileRecord) -> FileRecord:
        """The same for those that have a place of :attr:`slots`."""
        transfer = self._whole(wanted)
        if isinstance(transfer, FileRecord):
            return transfer
        transfer.leave()
        held = self.held.file(wanted.project, wanted.filename)
        if held is None:
            assert wanted.origin is not None
            raise UpstreamFailed(
                wanted.origin.upstream, "the file came and is not kept: no digest is told of it"
            )
        return held

    def _whole(self, wanted: FileRecord) -> Transfer | FileRecord:
        """A file that is held, or the transfer by which it has come, to be left by the caller."""
        alone = False
        while True:
            transfer = self._transfer(wanted, alone=alone)
            if isinstance(transfer, FileRecord):
                return transfer
            with ExitStack() as unused:
                unused.callback(transfer.leave)
                try:
                    transfer.wait()
                except Silent:
                    alone = True
                if isinstance(transfer, Transfer):
                    unused.pop_all()
                    return transfer

    def _held(self, wanted: FileRecord) -> FileRecord | None:
        """The file, if it is held with the digest that it should have."""
        held = self.held.file(wanted.project, wanted.filename)
        return held if held is not None and wanted.blob.sha256 in {"", held.blob.sha256} else None

    def _transfer(self, wanted: FileRecord, *, alone: bool = False) -> Transfer | Following | FileRecord:
        """The transfer of a file, begun now or by somebody before, joined for the caller, who has to leave
        it; or the file, if somebody else's transfer ended since the caller saw that it is not held.

        :param alone: without looking at other processes
        :raises Unavailable: too many are going on
        :raises UpstreamFailed, NotFound, Unavailable, NoSpace: that of another process failed just now
        """
        while True:
            with self._lock:
                transfer = self._joined(wanted)
            if transfer is not None:
                return transfer
            claim = None if alone else self._claim(wanted)
            if claim is None or claim.mine:
                return self._begun(wanted, claim)
            try:
                following = follow(claim, wanted)
            except Silent:
                alone = True
                continue
            if following is not None:
                with self._lock:
                    self.counts["joined"] += 1
                return following

    def _joined(self, wanted: FileRecord) -> Transfer | None:
        transfer = self._transfers.get(_key(wanted))
        if transfer is not None:
            self.counts["joined"] += 1
            transfer.join()
        return transfer

    def _claim(self, wanted: FileRecord) -> Claim | None:
        """None for a file of which no digest is known: it is not kept, and others cannot be given it."""
        return self._claims.of("file", *_key(wanted)) if wanted.blob.sha256 else None

    def _begun(self, wanted: FileRecord, claim: Claim | None) -> Transfer | FileRecord:
        """A new transfer, unless the file came before it was claimed."""
        with ExitStack() as unused:
            if claim is not None:
                unused.callback(claim.close)
            held = self._held(wanted)
            if held is not None:
                return held
            with self._lock:
                transfer = self._joined(wanted)
                if transfer is not None:
                    return transfer
                transfer = self._begin(wanted, claim)
            unused.pop_all()
            return transfer

    def _begin(self, wanted: FileRecord, claim: Claim | None) -> Transfer:
        if len(self._transfers) >= _MOST_TRANSFERS:
            raise Unavailable("upstream")
        assert wanted.origin is not None
        client = self.named(wanted.origin.upstream).client
        most = self.fallback.cache_limit
        try:
            transfer = Transfer(client, wanted, claim, spool_dir=self._spool_dir, most=most)
        except OSError as error:
            raise Unavailable("spool") from error
        transfer.join()

        def keep(source: BinaryIO, size: int, sha256: str) -> None:
            self.keeper.keep(wanted, source, size, sha256)

        def ended() -> None:
            with self._lock:
                self._transfers.pop(_key(wanted), None)

        transfer.start(keep, ended)
        self._transfers[_key(wanted)] = transfer  # before it ends, since that takes the lock
        self.counts["fetched"] += 1
        return transfer

    def close(self) -> None:
        """Write what is pending and let go of all connections."""
        self._claims.close()
        self.held.close()
        for upstream in self._all:
            upstream.client.close()


def _is_small(size: int | None) -> bool:
    return size is not None and 0 <= size <= _SMALL


def _key(wanted: FileRecord) -> _Key:
    return wanted.project, wanted.filename, wanted.blob.sha256
