"""granian, an HTTP server in Rust, in place of waitress: ``serve --server granian``."""

from __future__ import annotations

import atexit
import multiprocessing.process
import multiprocessing.util
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from pypicloud_like import app, assembly
from pypicloud_like.cli import telling
from pypicloud_like.cli.front import front
from pypicloud_like.cli.proxies import WsgiApp, mind_proxies
from pypicloud_like.cli.server import Address
from pypicloud_like.cli.site import share_metrics
from pypicloud_like.registry.services import Services
from pypicloud_like.settings.model import Settings

_HEADER_SECONDS = 15
"""for a client to send its headers"""


def run(
    settings: Settings,
    *,
    host: str,
    port: int,
    workers: int,
    announce: Callable[[Services, Sequence[Address]], None],
) -> int:
    """Serve until told to stop. Processes that die are replaced.

    :raises SystemExit: granian is not installed
    """
    try:
        from granian.constants import HTTPModes, Interfaces  # noqa: PLC0415
        from granian.http import HTTP1Settings  # noqa: PLC0415
        from granian.server import Server  # noqa: PLC0415
    except ImportError:
        sys.exit("granian is not installed: pip install 'pypicloud-like[granian]'")
    services = assembly.opened(settings)
    try:
        announce(services, [(host, port)])
    finally:
        services.close()
    with telling.meeting_place() as folder:
        server = Server(
            "pypicloud_like.wsgi:app",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            http=HTTPModes.http1,
            websockets=False,
            workers=workers,
            blocking_threads=settings.server.threads,
            backpressure=settings.server.connection_limit,
            http1_settings=HTTP1Settings(
                header_read_timeout=_HEADER_SECONDS * 1000, max_buffer_size=max(8192, settings.limits.header)
            ),
            respawn_failed_workers=True,
            workers_kill_timeout=settings.server.grace,
            log_enabled=False,
        )
        server.serve(target_loader=lambda: worker(settings, Path(folder)), wrap_loader=False)
    return 0


def worker(settings: Settings, folder: Path | None = None) -> WsgiApp:
    """The application as a process of granian's, or of another WSGI server's, serves it.

    :param folder: where the processes of this server tell one another what they count; None for nowhere
    """
    services = assembly.opened(settings)
    parent = multiprocessing.parent_process()
    if parent is not None:
        # such processes end without what is done at exit
        multiprocessing.util.Finalize(None, services.close, exitpriority=1)
        threading.Thread(target=_end_with, args=(parent,), name="end-with-parent", daemon=True).start()
    else:
        atexit.register(services.close)
    if folder is not None:
        share_metrics(services, folder)
    router = app.make_wsgi(services)
    app.warm(router)
    minded = mind_proxies(
        router, trusted=settings.server.trusted_proxies, count=settings.server.trusted_proxy_count
    )
    return front(minded, settings)


def _end_with(parent: multiprocessing.process.BaseProcess) -> None:
    """Stop when the process is gone that keeps the workers alive: whatever takes its place needs the port."""
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
