"""``make-config``: one of the ready-made .ini files, to start from."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from pypicloud_like import assets
from pypicloud_like.cli import configuration
from pypicloud_like.core.errors import Conflict

KINDS = ("development", "production", "team", "container")


def arguments(parser: ArgumentParser) -> None:
    """Add the arguments."""
    configuration.add_arguments(parser)
    parser.add_argument(
        "-k",
        "--kind",
        choices=KINDS,
        default="production",
        help="what it is for (default: %(default)s); team is PostgreSQL and S3",
    )
    parser.add_argument("--force", action="store_true", help="replace the file if it exists")
    parser.add_argument("file", nargs="?", type=Path, help="where to write it (default: standard output)")


def run(args: Namespace) -> int:
    """Write or print it."""
    text = (assets.config_dir() / f"{args.kind}.ini").read_text(encoding="utf-8")
    if args.file is None:
        sys.stdout.write(text)
        return 0
    try:
        with args.file.open("w" if args.force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise Conflict(f"{args.file} exists; --force replaces it") from error
    print(f"Wrote {args.file}. Start with: pypicloud-like serve --config {args.file}")
    return 0
