"""Rendered pages, kept as bytes within a bound, plain and compressed.

A page is kept under a key and holds for one *version* of what it shows: the caller takes the version
before it reads the rows, so a page may be newer than its version says, never older.
"""

from __future__ import annotations

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import partial
from threading import Lock

from pypicloud_like.core.turns import Turns

_OVERHEAD = 1024
"""What an entry costs beside its bytes, about: key, tags, the objects themselves."""
_SMALLEST_COMPRESSED = 1000
"""Smaller bodies fit into one packet anyway."""
_COMPRESSION = 6


@dataclass(frozen=True, slots=True)
class Rendering:
    """What rendering gives. ``serial`` is that of the last change shown, for the header that tells it."""

    body: bytes
    content_type: str
    serial: int | None = None


class Page:
    """One rendered page. Its entity tags are strong, with quotes, and the same in every process that
    renders the same bytes; those of the plain and the compressed body differ.
    """

    __slots__ = ("_compressed", "_grown", "_gzip", "_lock", "body", "content_type", "etag", "serial")

    def __init__(self, rendering: Rendering, grown: Callable[[Page, int], None] | None = None) -> None:
        self.body = rendering.body
        self.content_type = rendering.content_type
        self.serial = rendering.serial
        self.etag = f'"{hashlib.sha256(rendering.body).hexdigest()[:32]}"'
        self._gzip: bytes | None = None
        self._compressed = False
        self._grown = grown
        self._lock = Lock()

    @property
    def gzip(self) -> bytes | None:
        """The compressed body, made when first asked for; None where compressing gains nothing."""
        if not self._compressed:
            with self._lock:
                if not self._compressed:
                    self._gzip = _compress(self.body)
                    self._compressed = True
                    if self._gzip is not None and self._grown is not None:
                        self._grown(self, len(self._gzip))
        return self._gzip

    @property
    def gzip_etag(self) -> str:
        """The entity tag of the compressed body."""
        return f'{self.etag[:-1]}-gzip"'


@dataclass(slots=True)
class _Kept:
    page: Page
    version: Hashable
    size: int


class PageCache:
    """The pages used last, at most ``limit_bytes`` of them. Safe to use from several threads."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._lock = Lock()
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._used = 0
        self._turns = Turns()

    @property
    def used_bytes(self) -> int:
        """What the kept pages take: plain and compressed bodies and an allowance for each page."""
        return self._used

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable, version: Hashable, render: Callable[[], Rendering]) -> Page:
        """The page under ``key`` as of ``version``, rendered if it is not kept.

        Of one key one thread renders at a time while others wait for it; other keys go on meanwhile.
        A page larger than the limit is given and not kept. What ``render`` raises goes to its caller,
        nothing is kept of it, and the next thread in line renders.
        """
        page = self.find(key, version)
        return page if page is not None else self._make(key, version, render)

    def put(self, key: Hashable, version: Hashable, rendering: Rendering) -> Page:
        """Keep what was rendered by somebody who arranged for turns, or for none, and give the page."""
        page = Page(rendering, partial(self._grow, key))
        self._keep(key, version, page)
        return page

    def find(self, key: Hashable, version: Hashable) -> Page | None:
        """The page under ``key`` as of ``version``, if it is kept."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is None or kept.version != version:
                return None
            self._kept.move_to_end(key)
            return kept.page

    def _make(self, key: Hashable, version: Hashable, render: Callable[[], Rendering]) -> Page:
        with self._turns.of(key):
            page = self.find(key, version)
            return page if page is not None else self.put(key, version, render())

    def _keep(self, key: Hashable, version: Hashable, page: Page) -> None:
        size = len(page.body) + _OVERHEAD
        with self._lock:
            self._drop(key)
            if size <= self._limit:
                self._kept[key] = _Kept(page, version, size)
                self._used += size
                self._shrink()

    def _grow(self, key: Hashable, page: Page, extra: int) -> None:
        """Count the compressed body, which came to be after the page was kept."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is None or kept.page is not page:
                return
            if kept.size + extra > self._limit:
                self._drop(key)
                return
            kept.size += extra
            self._used += extra
            self._kept.move_to_end(key)
            self._shrink()

    def _drop(self, key: Hashable) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._used -= kept.size

    def _shrink(self) -> None:
        """Let go of the pages unused for longest until the rest is within the limit."""
        while self._used > self._limit:
            _, kept = self._kept.popitem(last=False)
            self._used -= kept.size


def _compress(body: bytes) -> bytes | None:
    if len(body) < _SMALLEST_COMPRESSED:
        return None
    packed = gzip.compress(body, _COMPRESSION, mtime=0)
    return packed if len(packed) < len(body) else None
