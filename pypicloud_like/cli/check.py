"""``check``: compare index, records and bytes, and mend what can be mended."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from datetime import timedelta

from pypicloud_like.cli import configuration
from pypicloud_like.cli.opening import opened
from pypicloud_like.cli.typed import argument
from pypicloud_like.registry.check import ORPHAN_AGE, Finding, check
from pypicloud_like.registry.repair import OLDEST_IN_USE, Done, carry_out, plan
from pypicloud_like.settings import parse


def arguments(parser: ArgumentParser) -> None:
    """Add the arguments."""
    configuration.add_arguments(parser)
    parser.add_argument("--verify", action="store_true", help="read and hash all bytes again")
    parser.add_argument(
        "--repair",
        action="store_true",
        help="print a plan, then do that and nothing else: write missing records again, remove what"
        " nothing refers to",
    )
    parser.add_argument(
        "--older-than",
        type=argument(lambda text: timedelta(seconds=parse.duration(text))),
        default=ORPHAN_AGE,
        metavar="TIME",
        help="how old what nothing refers to must be to count (default: 24h)",
    )


def run(args: Namespace) -> int:
    """Print each finding as it is found, and the plan before anything is done; returns 1 if something is
    wrong that was not mended.
    """
    if args.repair and args.older_than < OLDEST_IN_USE:
        print(
            "pypicloud-like: warning: uploads that are going on look like leftovers while they are young:"
            " is no server running?",
            file=sys.stderr,
        )
    with opened(args) as services:
        findings = check(services, verify=args.verify, orphan_age=args.older_than, tell=_tell)
        steps = plan(findings)
        if steps:
            print("The plan:" if args.repair else "With --repair:")
            for number, step in enumerate(steps, 1):
                print(f"  {number}. {step}")
        done = carry_out(services, steps, tell=_tell_done) if args.repair else ()
    mended = sum(not one.skipped for one in done)
    print(f"{findings.files} files, {len(findings.found)} findings, {mended} mended")
    return 0 if mended == len(findings.found) else 1


def _tell(finding: Finding) -> None:
    print(f"{finding.kind}: {finding.sentence}", flush=True)


def _tell_done(done: Done) -> None:
    print(f"skipped: {done.step}: {done.skipped}" if done.skipped else f"done: {done.step}", flush=True)
