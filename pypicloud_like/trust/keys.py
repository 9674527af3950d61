"""The public keys of an issuer: found by OpenID Connect Discovery 1.0 (section 4), kept for a while.

Nothing that a token says decides what is fetched, only that: a key that is not known is looked for once a
minute at most. Few requests wait for an issuer at a time, the others are told to come again.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pypicloud_like.core.clock import Clock
from pypicloud_like.core.errors import Unavailable, UpstreamFailed
from pypicloud_like.settings.model import IssuerSettings, UpstreamSettings
from pypicloud_like.trust.identity import refused
from pypicloud_like.upstream.client import Client

log = logging.getLogger(__name__)

FRESH = timedelta(hours=1)
"""How long keys are believed without asking."""
STALE = timedelta(hours=24)
"""How long they are while the issuer cannot be asked."""
AGAIN = timedelta(minutes=1)
"""How long nobody asks again for a key that was not there."""
PAUSE = timedelta(seconds=10)
"""How long an issuer that failed is left alone."""

_SECONDS = 10.0
_DOCUMENT_BYTES = 256 * 1024
_MOST_KEYS = 100
_WAITING = 2
_WELL_KNOWN = "/.well-known/openid-configuration"
_SIGNING = {None, "sig"}

Key = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Found:
    """What an issuer said, and when."""

    keys: Sequence[Key]
    at: datetime

    def key(self, kid: str | None, kind: str) -> Key | None:
        """The key of this id; where a token names none, the only one of its type."""
        fitting = [key for key in self.keys if key.get("kty") == kind and key.get("use") in _SIGNING]
        if kid is None:
            return fitting[0] if len(fitting) == 1 else None
        return next((key for key in fitting if key.get("kid") == kid), None)


class Keys:
    """The keys of one issuer. Threads share it."""

    def __init__(self, issuer: IssuerSettings, *, clock: Clock) -> None:
        self._issuer = issuer
        self._clock = clock
        self._client = Client(
            UpstreamSettings(
                issuer.name,
                "oidc",
                issuer.url,
                ca_file=issuer.ca_file,
                timeout=issuer.timeout,
                file_hosts=issuer.key_hosts,
            )
        )
        self._found: _Found | None = None
        self._failed_at: datetime | None = None
        self._turn = threading.Lock()
        self._places = threading.BoundedSemaphore(_WAITING)

    def find(self, kid: str | None, kind: str) -> Key:
        """The key of this id and type (``RSA``, ``EC``, ``OKP``).

        :raises IdentityRefused: the issuer has none
        :raises Unavailable: the issuer cannot be asked now
        """
        now, found = self._clock(), self._found
        key = found.key(kid, kind) if found is not None else None
        if found is None or now - found.at >= (FRESH if key is not None else AGAIN):
            try:
                key = self._fetched(found, now).key(kid, kind)
            except Unavailable:
                if found is None or key is None or now - found.at >= STALE:
                    raise
        if key is None:
            raise refused("is signed with a key that its issuer does not have")
        return key

    def close(self) -> None:
        """Let go of all connections."""
        self._client.close()

    def _fetched(self, before: _Found | None, now: datetime) -> _Found:
        if not self._places.acquire(blocking=False):
            raise Unavailable("issuer of the identity token", retry_after=2)
        try:
            with self._turn:
                if self._found is not None and self._found is not before:
                    return self._found  # somebody else asked meanwhile
                if self._failed_at is not None and now - self._failed_at < PAUSE:
                    raise Unavailable("issuer of the identity token", retry_after=10)
                self._found = self._ask(now)
                return self._found
        finally:
            self._places.release()

    def _ask(self, now: datetime) -> _Found:
        try:
            address = self._document(self._issuer.url.rstrip("/") + _WELL_KNOWN)
            if address.get("issuer") != self._issuer.url:
                raise self._failure("its discovery document is another issuer's")
            where = address.get("jwks_uri")
            if not isinstance(where, str):
                raise self._failure("its discovery document does not say where its keys are")
            keys = self._document(where).get("keys")
            if not isinstance(keys, list) or len(keys) > _MOST_KEYS:
                raise self._failure("its keys are no list, or too many")
        except UpstreamFailed as error:
            self._failed_at = now
            log.warning("the keys of the issuer '%s' cannot be had: %s", self._issuer.name, error)
            raise Unavailable("issuer of the identity token", retry_after=10) from error
        self._failed_at = None
        return _Found([key for key in keys if isinstance(key, dict)], now)

    def _document(self, url: str) -> dict[str, Any]:
        reply = self._client.get(url, {"Accept": "application/json"}, limit=_DOCUMENT_BYTES, seconds=_SECONDS)
        if reply.status != 200:
            raise self._failure(f"it answers {reply.status}")
        try:
            found = json.loads(reply.body)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise self._failure("its answer is no JSON object")
        return found

    def _failure(self, what: str) -> UpstreamFailed:
        return UpstreamFailed(self._issuer.name, what)
