"""How often somebody may fail to log in: per user name and per client address, over all processes."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache

from pypicloud_like.core.clock import Clock
from pypicloud_like.core.errors import TooManyAttempts
from pypicloud_like.core.ports import State
from pypicloud_like.core.spelling import normal_form

_MOST_SEEN = 10_000


class LoginLimits:
    """Counts failed logins in the state, and refuses further ones for a while.

    While a name or an address is blocked every attempt is refused before the password is looked at,
    so a right one cannot be told from a wrong one. A success clears nothing: otherwise whoever has an
    account of their own, or whose victim logs in often, could guess on for ever.

    :param limit: failures per user name, and per client address
    :param window: the seconds in which they are counted
    """

    def __init__(self, state: State, *, limit: int, window: int, clock: Clock) -> None:
        self._state = state
        self._limit = limit
        self._window = window
        self._clock = clock
        self._seen: dict[str, datetime] = {}

    def check(self, username: str, address: str | None) -> None:
        """:raises TooManyAttempts: one of the two is blocked"""
        for bucket in buckets(username, address):
            wait = self._state.blocked(bucket, limit=self._limit, window=self._window)
            self._remember(bucket, wait)
            if wait > 0:
                raise TooManyAttempts(wait)

    def suspects(self, username: str, address: str | None) -> bool:
        """Whether this process has seen a block of one of the two that may still hold. Costs nothing
        while nobody is blocked.
        """
        if not self._seen:
            return False
        now = self._clock()
        return any(self._seen.get(bucket, now) > now for bucket in buckets(username, address))

    def failed(self, username: str, address: str | None, *, known: bool) -> None:
        """Count and audit a failed attempt. The one that begins the block is itself answered as a failure.

        :param known: whether there is such a user. Another name is not kept: it may be a password typed
            into the wrong field
        """
        subject = normal_form(username) if known else "an unknown user"
        self._state.audit("login.failed", subject, actor=None, address=address)
        for bucket in buckets(username, address):
            was_blocked = self._state.count_failure(bucket, limit=self._limit, window=self._window) > 0
            wait = self._state.blocked(bucket, limit=self._limit, window=self._window)
            if wait and not was_blocked:
                whom = bucket if bucket.startswith("address:") else subject
                self._state.audit("login.limited", whom, actor=None, seconds=wait)
            self._remember(bucket, wait)

    def _remember(self, bucket: str, wait: int) -> None:
        if wait <= 0:
            self._seen.pop(bucket, None)
            return
        now = self._clock()
        if len(self._seen) >= _MOST_SEEN:
            self._seen = {name: until for name, until in list(self._seen.items()) if until > now}
        if len(self._seen) < _MOST_SEEN:
            self._seen[bucket] = now + timedelta(seconds=wait)


def buckets(username: str, address: str | None) -> Iterator[str]:
    """The names under which an attempt is counted. Without an address (a Unix socket) only the user's."""
    yield user_bucket(username)
    if address:
        yield address_bucket(address)


def user_bucket(username: str) -> str:
    """One bucket for all spellings of a user name. Whatever a client sends may stand in it."""
    return f"user:{normal_form(username)}"


@lru_cache(maxsize=4096)
def address_bucket(address: str) -> str:
    """One bucket for an IPv4 address, and for an IPv6 network of 64 bits: whoever has one of its
    addresses has them all (RFC 6177).
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return f"address:{address}"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is None:
            return f"address:{ipaddress.ip_network((parsed, 64), strict=False)}"
        parsed = parsed.ipv4_mapped
    return f"address:{parsed}"
