"""One process that serves the application with waitress, from when all that it depends on is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pyramid.router import Router

from pypicloud_like import app, assembly
from pypicloud_like.cli import telling
from pypicloud_like.cli.proxies import WsgiApp, mind_proxies
from pypicloud_like.cli.server import Address, connections_allowed, serve
from pypicloud_like.cli.waiting import Waiting
from pypicloud_like.registry.measuring import families
from pypicloud_like.registry.services import Services
from pypicloud_like.settings.model import MIB, Settings

WATCHED = ("/alive", "/health", "/ready", "/metrics")
"""What supervisors and collectors of metrics ask for."""


class Site:
    """What is served, opened when that can be done: before the server listens or while it does.

    :param opened: called with the services once they are there
    :param begun: called with them once the server listens as well
    """

    def __init__(
        self,
        settings: Settings,
        *,
        opened: Callable[[Services], None] | None = None,
        begun: Callable[[Services], None] | None = None,
    ) -> None:
        self._settings = settings
        self._opened = opened
        self._begun = begun
        self._router: Router | None = None
        self._is_listening = False
        self._gauges: dict[str, Callable[[], float]] = {}

    def serve(self, *, ready: Callable[[Sequence[Address]], None], **where: Any) -> None:
        """Serve until told to stop.

        :param ready: called with the addresses when connections are accepted
        :param where: see :func:`pypicloud_like.cli.server.serve`
        :raises OSError: the address cannot be listened on
        """

        def listening(addresses: Sequence[Address]) -> None:
            self._is_listening = True
            ready(addresses)
            self._begin()

        prefix = urlsplit(self._settings.server.public_url or "").path
        waiting = Waiting(self._open)
        try:
            serve(
                waiting.begin(),
                waitress_options(self._settings),
                grace=self._settings.server.grace,
                ready=listening,
                watched=[prefix + path for path in WATCHED],
                gauges=self._gauges,
                **where,
            )
            waiting.end()
        finally:
            if self._router is not None:
                self._router.registry.services.close()

    def _open(self) -> WsgiApp:
        """The application. :raises Unavailable: not yet"""
        services = assembly.opened(self._settings)
        services.metrics.gauges = self._gauges
        if self._opened is not None:
            self._opened(services)
        self._router = app.make_wsgi(services)
        if self._is_listening:
            self._begin()
        server = self._settings.server
        return mind_proxies(self._router, trusted=server.trusted_proxies, count=server.trusted_proxy_count)

    def _begin(self) -> None:
        """What comes first, once it is both open and listening."""
        if self._router is None:
            return
        app.warm(self._router)
        if self._begun is not None:
            self._begun(self._router.registry.services)


def waitress_options(settings: Settings) -> dict[str, Any]:
    """The adjustments of waitress, which reads a whole request before the application sees it."""
    return {
        "threads": settings.server.threads,
        "connection_limit": connections_allowed(settings.server.connection_limit),
        "max_request_body_size": settings.limits.body,
        "max_request_header_size": settings.limits.header,
        "inbuf_overflow": MIB // 2,
        "outbuf_overflow": MIB,
        "outbuf_high_watermark": 2 * MIB,  # a body that is made as it goes waits for its client
        "channel_timeout": 60,
        "clear_untrusted_proxy_headers": False,  # mind_proxies does it, and remembers that it did
        "url_prefix": urlsplit(settings.server.public_url or "").path,
        "ident": "pypicloud-like",
        "log_socket_errors": False,
    }


def share_metrics(services: Services, folder: Path) -> None:
    """Tell the other processes of this server what this one counts, and ask them when somebody asks it."""
    telling.tell(folder, lambda: families(services))
    services.metrics.others = lambda: telling.ask(folder)
