"""``rebuild``: bring the index in line with storage; ``--adopt`` takes in files that lie there."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from pathlib import Path

from pypicloud_like import plugins
from pypicloud_like.cli import configuration, progress
from pypicloud_like.cli.opening import opened
from pypicloud_like.core.errors import NotFound
from pypicloud_like.core.ports import Storage
from pypicloud_like.ecosystems.cargo.adopter import CargoAdopter
from pypicloud_like.ecosystems.pypi.adopter import PypiAdopter
from pypicloud_like.registry import jobs
from pypicloud_like.registry.adopt import EveryKind, adopt
from pypicloud_like.registry.check import Finding, check
from pypicloud_like.registry.services import Services
from pypicloud_like.settings.model import FileStorageSettings


def arguments(parser: ArgumentParser) -> None:
    """Add the arguments."""
    configuration.add_arguments(parser)
    parser.add_argument("--verify", action="store_true", help="then read and hash all bytes again")
    parser.add_argument(
        "--yes", action="store_true", help="remove rows that storage does not explain even if they are many"
    )
    parser.add_argument(
        "--adopt",
        metavar="PREFIX",
        help="then give files below this prefix of the storage records; they stay in place ('' for all)",
    )
    parser.add_argument(
        "--from",
        dest="folder",
        type=Path,
        metavar="DIR",
        help="with --adopt: copy them from this folder instead, PREFIX being relative to it",
    )


def run(args: Namespace) -> int:
    """Rebuild, adopt, verify, and report: an index that knows all records first adopts nothing twice."""
    with opened(args) as services:
        steps = [_rebuild(services, confirmed=args.yes)]
        if args.adopt is not None or args.folder is not None:
            steps.append(_adopt(services, args.adopt or "", _source(args.folder)))
        if args.verify:
            steps.append(_verify(services))
        return 0 if all(steps) else 1


def _rebuild(services: Services, *, confirmed: bool) -> bool:
    with progress.stages("records") as tell:
        report = jobs.rebuild(services, actor=None, confirmed=confirmed, tell=tell)
    print(
        f"{report.projects} projects, {report.records} records, {report.changed} rows changed,"
        f" {report.removed} removed"
    )
    _complain(report.problems)
    if report.doubtful:
        _complain(["`rebuild --yes` removes them"])
    return not report.problems


def _adopt(services: Services, prefix: str, source: Storage | None) -> bool:
    with progress.stages("files") as tell:
        report = adopt(
            services,
            EveryKind(PypiAdopter(), CargoAdopter.of(services)),
            prefix=prefix,
            source=source,
            progress=lambda done: tell("adopted", done),
        )
    print(f"{report.adopted} files adopted, {report.present} known, {report.foreign} of no known kind")
    _complain(report.problems)
    return not report.problems


def _source(folder: Path | None) -> Storage | None:
    """Another folder of this machine as a storage to adopt from."""
    if folder is None:
        return None
    if not folder.is_dir():
        raise NotFound(f"The folder {folder}")
    return plugins.open_storage(FileStorageSettings(folder.absolute()))


def _verify(services: Services) -> bool:
    findings = check(services, verify=True, tell=_tell)
    print(f"{findings.files} files verified, {len(findings.found)} findings")
    return findings.clean


def _tell(finding: Finding) -> None:
    print(f"{finding.kind}: {finding.sentence}", flush=True)


def _complain(problems: Iterable[str]) -> None:
    for problem in problems:
        print(f"pypicloud-like: {problem}", file=sys.stderr)
