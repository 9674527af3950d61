"""waitress, started for us and stopped with manners: who is being answered gets the answer."""

from __future__ import annotations

import logging
import resource
import signal
import socket
import time
from collections.abc import Callable, Collection, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

from waitress import wasyncore
from waitress.server import create_server

from pypicloud_like.cli.balance import Share, Shares
from pypicloud_like.cli.lanes import Lanes
from pypicloud_like.cli.loop import Loop, wake_for
from pypicloud_like.cli.proxies import WsgiApp
from pypicloud_like.cli.refusals import Channel
from pypicloud_like.cli.workers import Lifeline
from pypicloud_like.storage._durable import MOST_HELD

_log = logging.getLogger(__name__)

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_PATIENCE = 60.0
"""seconds after which a client that does not read its answer is gone"""
_LOOK_ROUND = 1.0
"""seconds after which every connection is looked at"""
_LAST_WORDS = 2.0
"""seconds for threads to notice that they were cut off"""
_FILES_FOR_OURSELVES = 64 + MOST_HELD
"""descriptors for databases, storage, logs, and for the folders that the storage remembers"""

Address = tuple[str, int]


def serve(
    app: WsgiApp,
    options: Mapping[str, Any],
    *,
    host: str = "",
    port: int = 0,
    sockets: Sequence[socket.socket] | None = None,
    lifeline: socket.socket | None = None,
    share: Share | None = None,
    grace: int,
    ready: Callable[[Sequence[Address]], None],
    watched: Collection[str] = (),
    gauges: MutableMapping[str, Callable[[], float]] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT; then stop accepting, and return when all requests that had begun
    are answered, or after ``grace`` seconds. A second signal ends the process at once.

    :param options: waitress's adjustments, but for the address
    :param sockets: what is bound already, instead of an address
    :param lifeline: a connection whose end ends this server as well
    :param share: of the connections to all servers on the same sockets; without it there are no others
    :param ready: called with the addresses when connections are accepted
    :param watched: paths that are answered even while all threads are busy
    :param gauges: gets what may be asked of the server from now on
    :raises OSError: the address cannot be listened on
    """
    share = share or Shares(1).of(1)
    polled = Loop(share)
    lanes = Lanes(options["threads"], watched)
    if gauges is not None:
        gauges.update(_gauges(lanes, polled))
    server = create_server(
        app, map=polled, sockets=sockets or listen(host, port), _dispatcher=lanes, **options
    )
    listeners = polled.listeners()
    for listener in listeners:
        listener.channel_class = Channel
        listener.pull_trigger = wake_for(polled, listener)
    patience = float(options.get("channel_timeout", _PATIENCE))
    with _stop_signals(polled) as is_stopping:
        if lifeline is not None:
            Lifeline(lifeline, polled)
        share.begin()
        ready([(item.effective_host, int(item.effective_port)) for item in listeners])
        looked = 0.0
        while not is_stopping():
            now = time.monotonic()
            is_due = now - looked >= _LOOK_ROUND
            if is_due:
                looked = now
                _drop_stalled(polled, time.time() - patience)
            polled.once(_LOOK_ROUND, everywhere=is_due)
        for listener in listeners:
            # not listener.close(): it would take away what wakes this loop when an answer is ready
            wasyncore.dispatcher.close(listener)
        share.leave()
        _drain(polled, grace)
    server.task_dispatcher.shutdown(cancel_pending=True, timeout=_LAST_WORDS)
    wasyncore.close_all(polled)


def _gauges(lanes: Lanes, polled: Loop) -> dict[str, Callable[[], float]]:
    return {
        "connections": lambda: len(polled.channels()),
        "threads": lambda: len(lanes.threads),
        "threads_busy": lambda: lanes.active_count,
        "queue": lambda: len(lanes.queue),
    }


def listen(host: str, port: int) -> list[socket.socket]:
    """Sockets bound to every address that the host has.

    :raises OSError: there is no such host, or an address is taken or not ours
    """
    where = f"{host}:{port}"
    bound: list[socket.socket] = []
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, address in dict.fromkeys((item[0], item[4]) for item in found):
            one = socket.socket(family, socket.SOCK_STREAM)
            bound.append(one)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:  # the address :: is not to take 0.0.0.0 as well
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            one.bind(address)
            one.listen()
    except OSError as error:
        for one in bound:
            one.close()
        raise OSError(error.errno, error.strerror, where) from error
    return bound


def connections_allowed(wanted: int) -> int:
    """How many connections this process may have open: up to three descriptors each (the socket, the
    body coming in, the answer going out). Asks the system for more descriptors first.
    """
    needed = 3 * wanted + _FILES_FOR_OURSELVES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY:
        return wanted
    return min(wanted, max(8, (soft - _FILES_FOR_OURSELVES) // 3))


def _drop_stalled(polled: Loop, before: float) -> None:
    """Close connections whose client has read nothing of its answer since this time, or had long enough to
    read why it was refused.

    waitress marks them, but looks at the mark only when the client reads again; and the thread that makes the
    answer as it is read would wait with it.
    """
    for channel in polled.channels():
        is_stalled = channel.total_outbufs_len and channel.last_activity < before
        if is_stalled or channel.is_over:
            channel.handle_close()


class _Bell(wasyncore.dispatcher):  # type: ignore[misc]  # waitress has no types
    """Wakes the loop when a signal arrives, whichever thread the system gives it to."""

    def __init__(self, polled: dict[int, Any]) -> None:
        inner, self.outer = socket.socketpair()
        self.outer.setblocking(False)
        super().__init__(inner, map=polled)

    def writable(self) -> bool:
        return False

    def handle_read(self) -> None:
        self.recv(4096)

    def close(self) -> None:
        self.outer.close()
        super().close()


@contextmanager
def _stop_signals(polled: dict[int, Any]) -> Iterator[Callable[[], bool]]:
    """Whether a stop signal came; its handler only notes it, because anything may be under way."""
    stopping = False

    def note(_number: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_DFL)

    bell = _Bell(polled)
    before = signal.set_wakeup_fd(bell.outer.fileno(), warn_on_full_buffer=False)
    for number in _SIGNALS:
        signal.signal(number, note)
    try:
        yield lambda: stopping
    finally:
        signal.set_wakeup_fd(before)
        bell.close()


def _drain(polled: Loop, grace: int) -> None:
    deadline = time.monotonic() + grace
    polled.once(0, everywhere=True)  # what was sent already, had begun
    while True:
        channels = polled.channels()
        busy = [channel for channel in channels if _is_busy(channel)]
        for channel in channels:
            if channel not in busy:
                channel.will_close = True
        left = deadline - time.monotonic()
        if not channels:
            return
        if left <= 0:
            _log.warning("%d connections were cut off", len(busy))
            return
        polled.once(min(0.2, left), everywhere=True)


def _is_busy(channel: Any) -> bool:
    """A request is being read or carried out, or its answer is not yet sent."""
    return bool(channel.requests or channel.request is not None or channel.total_outbufs_len)
