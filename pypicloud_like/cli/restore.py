"""``restore``: people and packages of a backup, on a server that has none."""

from __future__ import annotations

import gzip
import json
import sys
import zlib
from argparse import ArgumentParser, Namespace
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from pypicloud_like import plugins
from pypicloud_like.cli import configuration, progress
from pypicloud_like.cli.backup import FORMAT, MANIFEST, STATE, STORAGE
from pypicloud_like.cli.opening import opened
from pypicloud_like.core import keys
from pypicloud_like.core.errors import Conflict, InvalidRequest, NotFound
from pypicloud_like.core.private_files import private_file
from pypicloud_like.registry.backup import copy_packages
from pypicloud_like.registry.check import check
from pypicloud_like.registry.rebuild import rebuild
from pypicloud_like.registry.services import Services
from pypicloud_like.settings.model import FileStorageSettings
from pypicloud_like.settings.secret import FILENAME


def arguments(parser: ArgumentParser) -> None:
    """Add the arguments."""
    configuration.add_arguments(parser)
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="where the backup is")
    parser.add_argument(
        "--replace",
        action="store_true",
        help="put the people of the backup in the place of those that are here, and its packages beside",
    )


def run(args: Namespace) -> int:
    """People, packages, index; then look whether all is well. No server may run meanwhile."""
    folder: Path = args.folder.absolute()
    told = _manifest(folder)
    settings = configuration.read_settings(args)
    _require_whole(folder / STATE)
    _put_secret(folder / FILENAME, settings.server.data / FILENAME)
    with opened(args) as services:
        if not args.replace and any(True for _ in services.storage.list(keys.RECORDS)):
            raise Conflict("The storage has packages already; with --replace those of the backup come beside")
        rows = services.state.load(partial(_lines, folder / STATE), replace=args.replace)
        source = plugins.open_storage(FileStorageSettings(folder / STORAGE))
        with progress.stages("objects") as tell:
            copied = copy_packages(source, services.storage, tell=lambda done: tell("copied", done))
        report = rebuild(services)
        problems = [*copied.problems, *report.problems, *_faults(services)]
    for problem in problems:
        print(f"pypicloud-like: {problem}", file=sys.stderr)
    told_of = f"{copied.copied} objects, {rows} rows of the state, {report.projects} projects"
    print(f"{told_of}; as of {told['ended']}")
    return 1 if problems else 0


def _faults(services: Services) -> Iterator[str]:
    """What nothing refers to does no harm: a backup that was made several times has some of it."""
    for finding in check(services).found:
        if finding.kind not in {"orphan", "fetch"}:
            yield finding.sentence


def _manifest(folder: Path) -> Mapping[str, Any]:
    try:
        told = json.loads((folder / MANIFEST).read_bytes())
    except FileNotFoundError:
        raise NotFound(f"A complete backup in {folder}") from None
    except ValueError as error:
        raise InvalidRequest(MANIFEST, "is no JSON") from error
    if not isinstance(told, dict) or told.get("format") != FORMAT or "ended" not in told:
        raise InvalidRequest(MANIFEST, "is of no backup that this release knows")
    return told


def _lines(path: Path) -> Iterator[str]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            yield from file
    except (EOFError, zlib.error, gzip.BadGzipFile, UnicodeDecodeError) as error:
        raise InvalidRequest(path.name, "is damaged") from error


def _require_whole(path: Path) -> None:
    last = deque(_lines(path), maxlen=1)
    if not last or '"end"' not in last[0]:
        raise InvalidRequest(path.name, "is not all there")


def _put_secret(source: Path, target: Path) -> None:
    """Before the server makes another one."""
    with suppress(FileNotFoundError):
        content = source.read_bytes()
        target.parent.mkdir(parents=True, exist_ok=True)
        with private_file(target, replace=False) as file:
            file.write(content)
