"""``export``: users with their password hashes, groups and grants, in the shape of pypicloud's dump; beside
these trusted publishers, where there are any, and what people added to the catalogue.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from pypicloud_like.catalogue.dump import to_json
from pypicloud_like.cli import configuration
from pypicloud_like.cli.opening import opened
from pypicloud_like.registry import trusted_dump

CATALOGUE = "catalogue"
"""Under this key it stands beside the parts that pypicloud knows, which takes no notice of others."""


def arguments(parser: ArgumentParser) -> None:
    """Add the arguments."""
    configuration.add_arguments(parser)
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="write gzip JSON there (default: JSON to stdout)"
    )


def run(args: Namespace) -> int:
    """Write the dump."""
    with opened(args) as services:
        dump = services.access.dump() | {CATALOGUE: to_json(services.curation.dump())}
        publishers = trusted_dump.to_json(services.publishers.every())
    if publishers:  # older releases know nothing of them
        dump[trusted_dump.KEY] = publishers
    if args.output is None:
        json.dump(dump, sys.stdout, indent=2)
        print()
        return 0
    _write(args.output, gzip.compress(json.dumps(dump).encode(), mtime=0))
    print(f"Wrote {args.output}")
    return 0


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, and readable by its owner only: it holds password hashes."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
