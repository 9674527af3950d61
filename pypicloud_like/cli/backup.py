"""``backup``: a copy of people and packages in a folder, made while the server works; and again, of what is
new since.
"""

from __future__ import annotations

import gzip
import json
import sys
from argparse import ArgumentParser, Namespace
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from pypicloud_like import plugins
from pypicloud_like.cli import configuration, progress
from pypicloud_like.cli.opening import opened
from pypicloud_like.core.private_files import private_file
from pypicloud_like.core.records import time_text
from pypicloud_like.registry.backup import copy_packages
from pypicloud_like.settings.model import FileStorageSettings
from pypicloud_like.settings.secret import FILENAME

MANIFEST, STATE, STORAGE = "backup.json", "state.jsonl.gz", "storage"
FORMAT = 1


def arguments(parser: ArgumentParser) -> None:
    """Add the arguments."""
    configuration.add_arguments(parser)
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="where the backup is, or is to be")
    parser.add_argument(
        "--without-held", action="store_true", help="leave out what can be fetched from upstreams again"
    )


def run(args: Namespace) -> int:
    """Packages first and people after them: rights that were granted since are in the backup, and a project
    that became private meanwhile is private when it comes back.
    """
    folder: Path = args.folder.absolute()
    for each in (folder, folder / STORAGE):  # the folder may be somebody's who lets others in
        each.mkdir(mode=0o700, parents=True, exist_ok=True)
    manifest = folder / MANIFEST
    with opened(args) as services:
        begun = time_text(services.clock())
        services.changes.finish()
        target = plugins.open_storage(FileStorageSettings(folder / STORAGE))
        with progress.stages("objects") as tell:
            copied = copy_packages(
                services.storage,
                target,
                held=not args.without_held,
                tell=lambda done: tell("copied", done),
            )
        manifest.unlink(missing_ok=True)  # until all is there, this is no backup of any moment
        with private_file(folder / STATE) as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed:
            packed.writelines(line.encode() for line in services.state.dump())
        with suppress(FileNotFoundError):  # a server with a signing key of its settings has none
            _write(folder / FILENAME, (services.settings.server.data / FILENAME).read_bytes())
        told = {
            "format": FORMAT,
            "release": version("pypicloud-like"),
            "begun": begun,
            "ended": time_text(services.clock()),
            "serial": services.cache.serial(),
        }
    _write(manifest, (json.dumps(told, indent=1) + "\n").encode())
    for problem in copied.problems:
        print(f"pypicloud-like: {problem}", file=sys.stderr)
    print(f"{copied.copied} objects copied, {copied.present} were there; the state is in {folder / STATE}")
    return 1 if copied.problems else 0


def _write(path: Path, content: bytes) -> None:
    with private_file(path) as file:
        file.write(content)
