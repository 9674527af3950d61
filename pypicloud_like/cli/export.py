"""``export``: users with their password hashes, groups and grants, in the shape of pypicloud's dump; beside
these trusted publishers, where there are any, and what people added to the catalogue.
"""

from __future__ import annotations

import gzip
import json
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from pypicloud_like.catalogue.dump import to_json
from pypicloud_like.cli import configuration
from pypicloud_like.cli.opening import opened
from pypicloud_like.core.private_files import private_file
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
    with private_file(args.output) as file:  # it holds password hashes
        file.write(gzip.compress(json.dumps(dump).encode(), mtime=0))
    print(f"Wrote {args.output}")
    return 0
