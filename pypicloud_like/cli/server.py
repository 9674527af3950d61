"""waitress, started for us and stopped with manners: who is being answered gets the answer."""

from __future__ import annotations

import logging
import resource
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer, create_server

from pypicloud_like.cli.proxies import WsgiApp
from pypicloud_like.core.errors import InvalidRequest

_log = logging.getLogger(__name__)

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_LAST_WORDS = 2.0
"""seconds for threads to notice that they were cut off"""
_FILES_FOR_OURSELVES = 64
"""descriptors for databases, storage, logs"""

Address = tuple[str, int]


def serve(
    app: WsgiApp,
    options: Mapping[str, Any],
    *,
    grace: int,
    ready: Callable[[Sequence[Address]], None],
) -> None:
    """Serve until SIGTERM or SIGINT; then stop accepting, and return when all requests that had begun
    are answered, or after ``grace`` seconds. A second signal ends the process at once.

    :param options: waitress's adjustments
    :param ready: called with the addresses when connections are accepted
    :raises OSError: an address cannot be listened on
    """
    sockets: dict[int, Any] = {}
    server = _listen(app, options, sockets)
    listeners = [item for item in sockets.values() if isinstance(item, BaseWSGIServer)]
    with _stop_signals(listeners[0].pull_trigger) as is_stopping:
        ready([(item.effective_host, int(item.effective_port)) for item in listeners])
        while not is_stopping():
            wasyncore.loop(timeout=1.0, use_poll=True, map=sockets, count=1)
        for listener in listeners:
            # not listener.close(): it would take away what wakes this loop when an answer is ready
            wasyncore.dispatcher.close(listener)
        _drain(sockets, grace)
    server.task_dispatcher.shutdown(cancel_pending=True, timeout=_LAST_WORDS)
    wasyncore.close_all(sockets)


def _listen(app: WsgiApp, options: Mapping[str, Any], sockets: dict[int, Any]) -> Any:
    where = f"{options['host']}:{options['port']}"
    try:
        return create_server(app, map=sockets, **options)
    except OSError as error:
        raise OSError(error.errno, error.strerror, where) from error
    except ValueError as error:  # what it says when the name of a host is not known
        raise InvalidRequest("host", f"cannot listen on {where}: {error}") from error


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


@contextmanager
def _stop_signals(wake: Callable[[], None]) -> Iterator[Callable[[], bool]]:
    """Whether a stop signal came; its handler only notes it, because anything may be under way."""
    stopping = False

    def note(_number: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        wake()

    before = {number: signal.signal(number, note) for number in _SIGNALS}
    try:
        yield lambda: stopping
    finally:
        if not stopping:
            for number, handler in before.items():
                signal.signal(number, handler)


def _drain(sockets: dict[int, Any], grace: int) -> None:
    deadline = time.monotonic() + grace
    wasyncore.loop(timeout=0, use_poll=True, map=sockets, count=1)  # what was sent already, had begun
    while True:
        channels = [item for item in sockets.values() if isinstance(item, HTTPChannel)]
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
        wasyncore.loop(timeout=min(0.2, left), use_poll=True, map=sockets, count=1)


def _is_busy(channel: Any) -> bool:
    """A request is being read or carried out, or its answer is not yet sent."""
    return bool(channel.requests or channel.request is not None or channel.total_outbufs_len)
