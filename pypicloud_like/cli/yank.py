"""``yank``: mark a release or a file so that installers pass it over (PEP 592), or take that back."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from pypicloud_like.cli import configuration
from pypicloud_like.cli.opening import opened
from pypicloud_like.core.model import PYPI, Project
from pypicloud_like.ecosystems.pypi.names import normalize
from pypicloud_like.ecosystems.pypi.releases import meant
from pypicloud_like.registry import curate


def arguments(parser: ArgumentParser) -> None:
    """Add the arguments."""
    configuration.add_arguments(parser)
    parser.add_argument("project", metavar="PROJECT")
    parser.add_argument("version", metavar="VERSION", help="a version, or the name of one file")
    parser.add_argument("--reason", default="", help="what installers tell their users")
    parser.add_argument("--undo", action="store_true", help="take the mark off again")


def run(args: Namespace) -> int:
    """Yank and say what was."""
    with opened(args) as services:
        files = meant(services.cache, Project(PYPI, normalize(args.project)), args.version)
        if args.undo:
            curate.unyank(services, files, actor=None)
        else:
            curate.yank(services, files, reason=args.reason, actor=None)
    for file in files:
        print(f"{'Restored' if args.undo else 'Yanked'} {file.filename}")
    return 0
