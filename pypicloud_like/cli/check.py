"""``check``: compare index, records and bytes, and mend what can be mended."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from pypicloud_like.cli import configuration
from pypicloud_like.cli.opening import opened
from pypicloud_like.registry.check import Finding, check


def arguments(parser: ArgumentParser) -> None:
    """Add the arguments."""
    configuration.add_arguments(parser)
    parser.add_argument("--verify", action="store_true", help="read and hash all bytes again")
    parser.add_argument(
        "--repair", action="store_true", help="write missing records again, remove bytes nothing refers to"
    )


def run(args: Namespace) -> int:
    """Print each finding as it is found; returns 1 if something is wrong that was not mended."""
    with opened(args) as services:
        findings = check(services, verify=args.verify, repair=args.repair, tell=_tell)
    print(f"{findings.files} files, {len(findings.found)} findings, {findings.repaired} mended")
    return 0 if findings.clean else 1


def _tell(finding: Finding) -> None:
    print(f"{finding.kind}: {finding.sentence}", flush=True)
