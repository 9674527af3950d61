"""``show-config``: every setting in effect and where it came from, secrets masked."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from pypicloud_like.cli import configuration


def arguments(parser: ArgumentParser) -> None:
    """Add the arguments."""
    configuration.add_arguments(parser)
    parser.add_argument("--changed", action="store_true", help="leave out what has its default")


def run(args: Namespace) -> int:
    """Print one line each, as an .ini file would have it, the source behind."""
    settings = configuration.read_settings(args)
    for origin in settings.origins:
        if args.changed and origin.source == "default":
            continue
        source = args.config if origin.source == "ini" and args.config else origin.source
        print(f"{origin.key} = {origin.value}".rstrip() + f"  # {source}")
    configuration.tell_warnings(settings)
    return 0
