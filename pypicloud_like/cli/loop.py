"""The loop over all connections, at a cost that does not grow with those that are idle.

waitress asks every connection before every poll what it waits for, and wakes its loop after every answer.
Here a connection is asked when something happened to it, stays registered for reading meanwhile, and the
loop is woken only for what the thread that made the answer could not finish.
"""

from __future__ import annotations

import select
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer

from pypicloud_like.cli.balance import Share

_READ = select.POLLIN | select.POLLPRI
_FAULTS = select.POLLERR | select.POLLHUP | select.POLLNVAL
_A_MOMENT = 0.005
"""Seconds for which a new connection is left to other workers that have fewer."""

_serving = threading.local()
"""Which connection this thread carries out a request of."""


class Loop(dict[int, Any]):
    """What is open, by descriptor: waitress's map, which tells when something is added or goes.

    One thread calls :meth:`once`; others only :meth:`look_at` and :meth:`is_armed`.

    :param share: of the connections that come to its sockets
    """

    def __init__(self, share: Share) -> None:
        super().__init__()
        self._poll = select.poll()
        self._armed: dict[int, int] = {}
        self._waiting: deque[int] = deque()
        self._share = share
        self._connections = 0
        self._left: dict[int, float] = {}

    def __setitem__(self, descriptor: int, item: Any) -> None:
        super().__setitem__(descriptor, item)
        self.look_at(descriptor)
        self._count(item, 1)

    def __delitem__(self, descriptor: int) -> None:
        item = self[descriptor]
        super().__delitem__(descriptor)
        self._set(descriptor, 0)
        self._count(item, -1)

    def listeners(self) -> list[BaseWSGIServer]:
        """The sockets that take connections."""
        return [item for item in self.values() if isinstance(item, BaseWSGIServer)]

    def channels(self) -> list[HTTPChannel]:
        """The connections. Copied at once: the loop opens and closes some meanwhile."""
        return [item for item in list(self.values()) if isinstance(item, HTTPChannel)]

    def look_at(self, descriptor: int) -> None:
        """Ask this one before the next poll what it waits for. The loop must be woken if it sleeps."""
        self._waiting.append(descriptor)

    def is_armed(self, descriptor: int) -> bool:
        """Whether a request that arrives there is noticed without asking."""
        return bool(self._armed.get(descriptor, 0) & select.POLLIN)

    def once(self, timeout: float, *, everywhere: bool = False) -> None:
        """Wait for events, for so many seconds at most, and handle them.

        :param everywhere: ask all that is open what it waits for: somebody else may have changed it
        """
        if everywhere:
            self._waiting.extend(self)
        while self._waiting:
            descriptor = self._waiting.popleft()
            item = self.get(descriptor)
            if item is not None and descriptor not in self._left:
                self._arm(descriptor, item)
        if self._left:
            timeout = min(timeout, _A_MOMENT)
            self._take_back()
        for descriptor, events in self._poll.poll(int(1000 * timeout)):
            item = self.get(descriptor)
            if item is not None and not (item.accepting and self._leave(descriptor)):
                self._handle(descriptor, item, events)

    def _count(self, item: Any, more: int) -> None:
        if isinstance(item, HTTPChannel):
            self._connections += more
            self._share.note(self._connections)

    def _leave(self, descriptor: int) -> bool:
        """Leave what waits at a listener to other workers for a moment, if one has fewer connections."""
        if self._share.is_least():
            return False
        self._set(descriptor, 0)
        self._left[descriptor] = time.monotonic() + _A_MOMENT
        return True

    def _take_back(self) -> None:
        """Look again at the listeners whose moment is over."""
        now = time.monotonic()
        for descriptor in [descriptor for descriptor, until in self._left.items() if until <= now]:
            del self._left[descriptor]
            item = self.get(descriptor)
            if item is not None:
                self._arm(descriptor, item)
                if any(waiting == descriptor for waiting, _ in self._poll.poll(0)):
                    self._share.waited_in_vain()

    def _handle(self, descriptor: int, item: Any, events: int) -> None:
        wanted = _wanted(item)
        if not events & wanted and not (wanted and events & _FAULTS):
            # From a client that did not wait for its answer, or just got it. It is not listened to until the
            # thread that serves it says so; which may have been between the question and this line.
            self._set(descriptor, 0)
            if item.readable():
                self._arm(descriptor, item)
            return
        unsent = _unsent(item)
        wasyncore.readwrite(item, events & (wanted | _FAULTS))
        now = self.get(descriptor)
        if now is not None and now is item and unsent and unsent == _unsent(item) and item.requests:
            # the thread that serves it is sending right now, and will say if it could not send all
            self._set(descriptor, self._armed.get(descriptor, 0) & _READ)
        elif now is not None:
            self._arm(descriptor, now)

    def _arm(self, descriptor: int, item: Any) -> None:
        """Register it for what it waits for. Reading once registered stays so: a client rarely sends anything
        while it waits, and then events say so.
        """
        self._set(descriptor, _wanted(item) | (self._armed.get(descriptor, 0) & _READ))

    def _set(self, descriptor: int, flags: int) -> None:
        if flags == self._armed.get(descriptor, 0):
            return
        if flags:
            self._armed[descriptor] = flags
            self._poll.register(descriptor, flags)
        else:
            del self._armed[descriptor]
            self._poll.unregister(descriptor)


def serving(channel: HTTPChannel, work: Callable[[], None]) -> None:
    """Carry out a request of a connection in this thread."""
    _serving.channel = channel
    try:
        work()
    finally:
        _serving.channel = None


def wake_for(loop: Loop, listener: BaseWSGIServer) -> Callable[[], None]:
    """What takes the place of a listener's ``pull_trigger``: wakes the loop where it has something to do."""

    def pull() -> None:
        channel = getattr(_serving, "channel", None)
        if channel is not None:
            left = channel.total_outbufs_len or channel.will_close or channel.close_when_flushed
            descriptor = channel._fileno  # noqa: SLF001 - gone once it is closed, unlike that of its socket
            if descriptor is not None:
                if not left and loop.is_armed(descriptor):
                    return
                loop.look_at(descriptor)
        listener.trigger.pull_trigger()

    return pull


def _unsent(item: Any) -> int:
    """Bytes of answers that wait for the client to take them."""
    count: int = getattr(item, "total_outbufs_len", 0)
    return count


def _wanted(item: Any) -> int:
    """The events that it can do something with now."""
    flags = _READ if item.readable() else 0
    # what takes connections is never written to
    return flags | select.POLLOUT if item.writable() and not item.accepting else flags
