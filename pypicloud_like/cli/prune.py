"""``prune``: let go of files held from upstreams that were used longest ago."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from datetime import timedelta

from pypicloud_like.cli import configuration
from pypicloud_like.cli.opening import opened
from pypicloud_like.cli.typed import argument
from pypicloud_like.core.errors import NotEnabled
from pypicloud_like.core.model import FileRecord
from pypicloud_like.settings import parse


def arguments(parser: ArgumentParser) -> None:
    """Add the arguments."""
    configuration.add_arguments(parser)
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--keep", type=argument(parse.size), metavar="SIZE", help="how much may stay (default: the setting)"
    )
    which.add_argument(
        "--unused-for",
        type=argument(parse.duration),
        metavar="TIME",
        help="what nobody asked for in that time",
    )
    parser.add_argument("--dry-run", action="store_true", help="only say what would go")


def run(args: Namespace) -> int:
    """Let go, naming each file."""
    with opened(args) as services:
        if services.upstreams is None:
            raise NotEnabled("An upstream")
        keeper = services.upstreams.keeper
        keep = services.settings.fallback.cache_limit if args.keep is None else args.keep
        before = None
        if args.unused_for is not None:
            before = services.clock() - timedelta(seconds=args.unused_for)
        gone = keeper.prune(keep=keep, before=before, tell=_tell, dry_run=args.dry_run)
        left = services.upstreams.held.use()
    print(f"{gone} files {'would go' if args.dry_run else 'went'}; {left.files} held, {left.size} bytes")
    return 0


def _tell(record: FileRecord) -> None:
    print(f"{record.project} {record.filename} {record.blob.size}")
