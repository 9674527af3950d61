"""``serve``: the server."""

from __future__ import annotations

import logging
import shlex
import shutil
import sys
import tempfile
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from pypicloud_like import assembly
from pypicloud_like.cli import configuration, telling
from pypicloud_like.cli.balance import Shares
from pypicloud_like.cli.memory import give_back_large_blocks
from pypicloud_like.cli.server import Address, listen
from pypicloud_like.cli.site import Site, share_metrics
from pypicloud_like.cli.workers import Supervisor, Worker
from pypicloud_like.core.errors import Unavailable
from pypicloud_like.core.ports import MutableAccess
from pypicloud_like.http.urls import is_local
from pypicloud_like.logs.setup import make_safe
from pypicloud_like.registry.services import Services
from pypicloud_like.settings.model import MIB, Settings
from pypicloud_like.settings.parse import is_loopback

HOST = "127.0.0.1"
PORT = 6543
_MOST_WORKERS = 64
_log = logging.getLogger(__name__)


def arguments(parser: ArgumentParser) -> None:
    """Add the arguments."""
    configuration.add_arguments(parser)
    parser.add_argument("--host", default=HOST, help="the address to listen on (default: %(default)s)")
    parser.add_argument(
        "--port",
        type=_port,
        default=PORT,
        help="the port to listen on; 0 takes a free one (default: %(default)s)",
    )
    parser.add_argument(
        "--workers",
        type=_count,
        default=1,
        help="how many processes share the work; those that die are replaced (default: %(default)s)",
    )
    parser.add_argument(
        "--server",
        choices=("waitress", "granian"),
        default="waitress",
        help="the HTTP server; granian is an extra (default: %(default)s)",
    )


def run(args: Namespace) -> int:
    """Serve until told to stop."""
    give_back_large_blocks()
    settings = _for_address(configuration.read_settings(args), args.host)
    _set_up_logging(args.config, settings)
    configuration.tell_warnings(settings)
    _set_up_spool(settings)
    if args.server == "granian":
        from pypicloud_like.cli import rust  # noqa: PLC0415 - its library is an extra

        return rust.run(
            settings, host=args.host, port=args.port, workers=args.workers, announce=_announcer(args)
        )
    if args.workers > 1:
        return _serve_together(settings, args)
    site = Site(settings, begun=lambda services: _tell_of_administrators(services, args))
    site.serve(ready=lambda found: _announce(settings, found), host=args.host, port=args.port)
    return 0


def _serve_together(settings: Settings, args: Namespace) -> int:
    """Several processes on the same sockets. What a start may have to do is done once, before them."""
    lacks_administrator = False
    try:
        services = assembly.opened(settings)
    except Unavailable as error:  # each of them waits for it
        _log.warning("cannot serve yet: %s", error)
    else:
        lacks_administrator = _lacks_administrator(services)
        services.close()
        del services  # with what its storage holds open
    sockets = listen(args.host, args.port)
    addresses = [one.getsockname()[:2] for one in sockets]
    shares = Shares(args.workers)

    def ready() -> None:
        _announce(settings, addresses)
        if lacks_administrator:
            _tell_how_to_make_one(args)

    with telling.meeting_place() as folder:

        def work(worker: Worker) -> None:
            site = Site(settings, opened=lambda services: share_metrics(services, Path(folder)))
            site.serve(
                ready=lambda _: worker.ready(),
                sockets=sockets,
                lifeline=worker.lifeline,
                share=shares.of(worker.number),
            )

        return Supervisor(args.workers, work, grace=settings.server.grace, ready=ready).run()


def _for_address(settings: Settings, host: str) -> Settings:
    """The settings as they hold where this server listens: beyond this machine nobody becomes the first
    administrator by registering.
    """
    if is_local(host):
        return settings
    return replace(settings, access=replace(settings.access, first_admin_by_registration=False))


def _set_up_logging(config: str | None, settings: Settings) -> None:
    """The .ini file's logging sections if it has some, else one line each on standard error. Whatever their
    formats are, what is written is masked, and JSON if that is set.
    """
    loader = configuration.loader_of(config)[0] if config else None
    if loader is not None and "loggers" in loader.get_sections():
        loader.setup_logging()
    else:
        level = logging.DEBUG if settings.server.debug else logging.INFO
        logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
        logging.getLogger("pypicloud_like").setLevel(level)
    make_safe(settings)
    # one warning for every request that waits for a thread: costs a fifth of the throughput
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)


def _set_up_spool(settings: Settings) -> None:
    """Bodies that arrive, ours and the server's, lie in the spool folder and nowhere else."""
    spool = settings.server.spool_dir
    if spool is None:
        return
    spool.mkdir(mode=0o700, parents=True, exist_ok=True)
    tempfile.tempdir = str(spool)
    free = shutil.disk_usage(spool).free
    if free < settings.limits.body:
        _log.warning(
            "server.spool_dir = %s: has %d MiB free, one upload may take %d MiB",
            spool,
            free // MIB,
            settings.limits.body // MIB,
        )


def _announcer(args: Namespace) -> Callable[[Services, Sequence[Address]], None]:
    def announce(services: Services, addresses: Sequence[Address]) -> None:
        _announce(services.settings, addresses)
        _tell_of_administrators(services, args)

    return announce


def _tell_of_administrators(services: Services, args: Namespace) -> None:
    if _lacks_administrator(services):
        _tell_how_to_make_one(args)


def _lacks_administrator(services: Services) -> bool:
    return isinstance(services.access, MutableAccess) and not services.access.has_admin()


def _tell_how_to_make_one(args: Namespace) -> None:
    print(f"There is no administrator yet. Make one: {_command(args)}", flush=True)


def _announce(settings: Settings, addresses: Sequence[Address]) -> None:
    server = settings.server
    for host, port in addresses:
        print(f"Serving on http://{f'[{host}]' if ':' in host else host}:{port}/", flush=True)
    if server.public_url:
        print(f"Public address: {server.public_url}/", flush=True)
    elif not server.allowed_hosts and not all(is_loopback(host.partition("%")[0]) for host, _ in addresses):
        print(
            "Only requests for localhost are answered: set server.public_url or server.allowed_hosts",
            flush=True,
        )


def _command(args: Namespace) -> str:
    """The command that makes the first administrator on these very data."""
    program = Path(sys.argv[0])
    words = [program.name if shutil.which(program.name) == str(program) else str(program)]
    if program.name == "__main__.py":
        words = [sys.executable, "-m", "pypicloud_like.cli"]
    words += ["user", "add", "NAME", "--admin"]
    if args.config:
        words += ["--config", args.config]
    if args.data:
        words += ["--data", str(args.data)]
    return shlex.join(words)


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise ArgumentTypeError("must be a number from 0 to 65535")
    return int(text)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= _MOST_WORKERS:
        raise ArgumentTypeError(f"must be a number from 1 to {_MOST_WORKERS}")
    return int(text)
