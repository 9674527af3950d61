"""Turns at asking upstreams: of several threads and processes of a host that want the same, one asks, and
those that waited meanwhile find what it got or fail likewise.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from pypicloud_like.core.errors import RegistryError, UpstreamFailed
from pypicloud_like.core.turns import Turns
from pypicloud_like.upstream.claims import POLL, SILENCE, Claim, Claims

_MOST_FAILURES = 1000


class HostTurns:
    """A turn for each key. Threads share it, processes its claims."""

    def __init__(self, claims: Claims) -> None:
        self._claims = claims
        self._turns = Turns()
        self._lock = threading.Lock()
        self._failures: OrderedDict[Hashable, tuple[float, RegistryError]] = OrderedDict()

    @contextmanager
    def of(self, upstream: str, key: Hashable) -> Iterator[None]:
        """Have the turn of a key; what others got meanwhile is to be looked for first.

        :param upstream: which is asked
        :raises UpstreamFailed: of whoever asked while this one waited
        """
        began = time.monotonic()
        with self._turns.of(key):
            self._share_failure(key, began)
            claim = None
            try:
                claim = self._claim(upstream, key)
                yield
            except UpstreamFailed as error:
                self._remember_failure(key, error)
                if claim is not None:
                    claim.say_failed(error)
                raise
            finally:
                if claim is not None:
                    claim.close()

    def _claim(self, upstream: str, key: Hashable) -> Claim | None:
        """The claim of this thread, once others have ended; None if that cannot be, or they give no sign of
        life.

        :raises UpstreamFailed: they failed
        """
        while True:
            claim = self._claims.of("turn", key)
            if claim is None or claim.mine:
                return claim
            try:
                while not claim.is_over():
                    if claim.silence() > SILENCE:
                        return None
                    time.sleep(POLL)
                failure = claim.failure(upstream, str(key))
            finally:
                claim.close()
            if failure is not None:
                raise failure

    def _share_failure(self, key: Hashable, began: float) -> None:
        with self._lock:
            failed = self._failures.get(key)
        if failed is not None and failed[0] >= began:
            raise failed[1]

    def _remember_failure(self, key: Hashable, error: RegistryError) -> None:
        now = time.monotonic()
        with self._lock:
            self._failures[key] = now, error
            self._failures.move_to_end(key)
            while len(self._failures) > _MOST_FAILURES:
                self._failures.popitem(last=False)
