"""Points at which a server process kills itself, as if the power failed there.

They are put around functions of the product from outside, in a child process of a test; the product knows
nothing of them. A process with the points in it goes on as usual until a file is written that names a point
and how often it is still to be passed.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, BinaryIO

from pypicloud_like import app
from pypicloud_like.cache.sql import SqlCache
from pypicloud_like.core import keys
from pypicloud_like.db.engine import Database
from pypicloud_like.registry import rebuild
from pypicloud_like.state.sql import SqlState
from pypicloud_like.storage import files
from pypicloud_like.storage.files import FileStorage
from pypicloud_like.storage.s3 import S3Storage
from pypicloud_like.upstream.sql import SqlHeld

CHANGE = (
    "index.before", "index.inside", "index.after", "record.before", "record.half", "record.after",
    "settle.after", "answer.before",
)  # fmt: skip
"""Every change of a package passes these."""
BYTES = ("bytes.before", "bytes.half", "bytes.after")
NAMED = ("bytes.named", "record.named")
"""Between giving a file its name and flushing its folder: files in a folder only."""
OWNER = ("owner.before", "owner.after")
REMOVAL = ("removal.before", "removal.after")
FETCH = (
    "held.before",
    "held.half",
    "held.after",
    "held_record.half",
    "held_record.after",
    "row.before",
    "row.after",
)
REBUILD = ("rebuild.before", "rebuild.inside", "rebuild.after", "rebuild.raised")

BATCH = 3
"""Records that a rebuild takes over at a time in these processes, so that small ones have several batches."""


class Stops:
    """Puts the points into this process. ``orders`` is the file to be looked at."""

    def __init__(self, orders: Path) -> None:
        self._orders = orders
        self._passed: dict[str, int] = {}

    def reach(self, point: str) -> None:
        """Here is a point: end if it is the one that was ordered."""
        try:
            wanted, _, left = self._orders.read_text().partition(" ")
        except FileNotFoundError:
            return
        if wanted != point:
            return
        self._passed[point] = self._passed.get(point, 0) + 1
        if self._passed[point] >= int(left):
            os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(60)  # the signal ends it before

    def install(self) -> None:
        """Put all points in."""
        rebuild.BATCH = BATCH
        for storage in (FileStorage, S3Storage):
            self._around_put(storage)
            self._around_removal(storage)
        self._around_naming()
        self._around_transactions()
        for owner, name, point in (
            (SqlCache, "change", "index"),
            (SqlCache, "settle", "settle"),
            (SqlCache, "reconcile", "rebuild"),
            (SqlState, "add_owner", "owner"),
            (SqlHeld, "keep", "row"),
        ):
            self._around(owner, name, point)
        self._around(SqlCache, "raise_serial", "raise", after="rebuild.raised")
        self._around_answers()

    def _around(self, owner: Any, name: str, point: str, *, after: str = "") -> None:
        inner = getattr(owner, name)

        @wraps(inner)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            self.reach(f"{point}.before")
            result = inner(*args, **kwargs)
            self.reach(after or f"{point}.after")
            return result

        setattr(owner, name, wrapped)

    def _around_put(self, storage: Any) -> None:
        inner = storage.put

        @wraps(inner)
        def put(itself: Any, key: str, source: BinaryIO, *, size: int, **rest: Any) -> None:
            kind = kind_of(key)
            self.reach(f"{kind}.before")
            inner(itself, key, _Halves(source, size, lambda: self.reach(f"{kind}.half")), size=size, **rest)
            self.reach(f"{kind}.after")

        storage.put = put

    def _around_removal(self, storage: Any) -> None:
        inner = storage.delete

        @wraps(inner)
        def delete(itself: Any, key: str) -> None:
            if kind_of(key) == "bytes":
                self.reach("removal.before")
            inner(itself, key)
            if kind_of(key) == "bytes":
                self.reach("removal.after")

        storage.delete = delete

    def _around_naming(self) -> None:
        inner = files._name

        @wraps(inner)
        def name(temporary: Any, folder: int, last: str, *rest: Any) -> None:
            inner(temporary, folder, last, *rest)
            self.reach("record.named" if last.endswith(".json") else "bytes.named")

        files._name = name

    def _around_transactions(self) -> None:
        """Inside a transaction of the index, when all is written and nothing committed."""
        inner = Database.transact

        @wraps(inner)
        def transact(itself: Database, work: Callable[[Any], Any]) -> Any:
            point = "rebuild.inside" if work.__module__.endswith("reconciling") else "index.inside"

            def to_its_end(connection: Any) -> Any:
                result = work(connection)
                if itself._clock.name == "index_clock":
                    self.reach(point)
                return result

            return inner(itself, to_its_end)

        Database.transact = transact  # type: ignore[method-assign]

    def _around_answers(self) -> None:
        """When all is done but the client has not heard of it."""
        inner = app.make_wsgi

        def make_wsgi(services: Any) -> Any:
            application = inner(services)

            def answering(environ: dict[str, Any], start_response: Any) -> Any:
                answer = application(environ, start_response)
                if environ["REQUEST_METHOD"] != "GET":
                    self.reach("answer.before")
                return answer

            answering.registry = application.registry  # type: ignore[attr-defined] # as a router has it
            return answering

        app.make_wsgi = make_wsgi


def kind_of(key: str) -> str:
    """What lies under a key."""
    if key.startswith(keys.FILES):
        return "bytes"
    if key.startswith(keys.HELD):
        return "held_record" if key.endswith(keys.HELD_RECORD) else "held"
    return "record" if key.startswith(keys.RECORDS) else "other"


class _Halves:
    """A source that gives its bytes in two halves, and says so in between, each time it is read."""

    def __init__(self, source: BinaryIO, size: int, half: Callable[[], None]) -> None:
        self._source = source
        self._first = max(1, size // 2)
        self._half = half
        self._given = False

    def read(self, size: int = -1) -> bytes:
        if not self._given:
            self._given = True
            return self._source.read(self._first if size < 0 else min(size, self._first))
        self._half()
        return self._source.read(size)

    def readinto(self, buffer: Any) -> int:
        piece = self.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def seek(self, *args: int) -> int:
        self._given = False
        return self._source.seek(*args)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)
