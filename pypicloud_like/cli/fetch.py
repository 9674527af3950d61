"""``fetch``: hold what a requirements file needs, before anybody asks for it."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from tqdm import tqdm

from pypicloud_like.cli import configuration
from pypicloud_like.cli.opening import opened
from pypicloud_like.core.errors import NotEnabled
from pypicloud_like.core.model import Account, Caller
from pypicloud_like.ecosystems.pypi.fetching import Choice, fetch_all, requirements_in


def arguments(parser: ArgumentParser) -> None:
    """Add the arguments."""
    configuration.add_arguments(parser)
    parser.add_argument(
        "-r",
        "--requirements",
        type=Path,
        required=True,
        metavar="FILE",
        help="one requirement a line; best a lock file, for dependencies are not followed; - for stdin",
    )
    parser.add_argument("--pre", action="store_true", help="pre-releases too")
    parser.add_argument("--no-wheels", action="store_true", help="source archives where there are any")
    parser.add_argument("--all", action="store_true", help="every file of each release")


def run(args: Namespace) -> int:
    """Fetch, and say what could not be had; returns 1 if something could not."""
    text = sys.stdin.read() if str(args.requirements) == "-" else args.requirements.read_text("utf-8")
    wanted = list(requirements_in(text))
    choice = Choice(wheels=not args.no_wheels, prereleases=args.pre, everything=args.all)
    files = problems = 0
    with opened(args) as services:
        if services.upstreams is None or services.settings.fallback.mode not in {"cache", "mirror"}:
            raise NotEnabled("Fetching from an upstream index")
        rules = services.settings.access
        operator = Caller(Account("", admin=True, groups=rules.cache_update), via="command line")
        with tqdm(total=len(wanted), unit=" lines", disable=not sys.stderr.isatty(), file=sys.stderr) as bar:
            tell = bar.set_description
            for done in fetch_all(services, operator, wanted, choice, progress=tell):
                bar.update()
                files += len(done.files)
                if done.problem:
                    problems += 1
                    print(f"pypicloud-like: {done.requirement}: {done.problem}", file=sys.stderr)
    print(f"{files} files held for {len(wanted)} requirements, {problems} problems")
    return 1 if problems else 0
