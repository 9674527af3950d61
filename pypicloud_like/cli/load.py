"""``import``: merge users, groups, grants, trusted publishers and the catalogue of an export. Where people
stand in the .ini file, the lines to paste are printed instead.
"""

from __future__ import annotations

import gzip
import json
import sys
import zlib
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from pypicloud_like.access.dump import AclDump, parse_dump
from pypicloud_like.catalogue.dump import from_json
from pypicloud_like.cli import configuration
from pypicloud_like.cli.export import CATALOGUE
from pypicloud_like.cli.opening import mutable_access, opened
from pypicloud_like.core.errors import InvalidRequest, TooLarge
from pypicloud_like.core.model import PYPI, Project, Right
from pypicloud_like.registry import trusted_dump

LARGEST = 256 * 1024 * 1024
"""bytes of JSON"""
_GZIP = b"\x1f\x8b"


def arguments(parser: ArgumentParser) -> None:
    """Add the arguments."""
    configuration.add_arguments(parser)
    parser.add_argument(
        "-i",
        "--input",
        type=Path,
        metavar="FILE",
        help="the export, JSON or gzip JSON (default: from standard input)",
    )


def run(args: Namespace) -> int:
    """Read it, look whether all of it is sound, and merge it."""
    dump = dict(read_dump(args.input.read_bytes() if args.input else sys.stdin.buffer.read()))
    said = dump.pop(CATALOGUE, None)
    curated = None if said is None else from_json(said)
    publishers = trusted_dump.from_json(dump.pop(trusted_dump.KEY, []))
    people = parse_dump(dump)
    settings = configuration.read_settings(args)
    keeps_people = settings.access.backend != "config"
    if curated is not None or publishers or keeps_people:
        with opened(args) as services:
            if keeps_people:
                mutable_access(services).load(dump, actor=None)
            services.publishers.load(publishers, actor=None)
            if curated is not None:
                services.curation.load(curated, actor=None)
    if curated is not None:
        sentence = (
            f"Imported {len(curated.packages)} packages and {len(curated.grids)} grids of the catalogue"
        )
        print(sentence, file=sys.stdout if keeps_people else sys.stderr)
    if not keeps_people:
        return _print_lines(people)
    print(f"Imported {len(people.users)} users and {len(people.groups)} groups")
    return 0


def read_dump(raw: bytes) -> Mapping[str, Any]:
    """The JSON object in an export.

    :raises InvalidRequest: it is none
    :raises TooLarge: it is larger than any export could be
    """
    try:
        if raw.startswith(_GZIP):
            raw = _unpacked(raw)
        dump = json.loads(raw)
    except (OSError, EOFError, zlib.error, ValueError, RecursionError) as error:
        raise InvalidRequest("export", "must be JSON, or gzip JSON") from error
    if not isinstance(dump, dict):
        raise InvalidRequest("export", "must be a JSON object")
    return dump


def ini_lines(dump: AclDump) -> Iterator[str]:
    """The lines of an .ini file that say what the dump says."""
    for user in dump.users.values():
        yield f"user.{user.name} = {_escaped(user.password)}"
    admins = sorted(user.name for user in dump.users.values() if user.admin)
    if admins:
        yield f"auth.admins = {' '.join(admins)}"
    for group, members in sorted(dump.groups.items()):
        yield f"group.{group} = {' '.join(sorted(members & dump.users.keys()))}"
    for project, grants in sorted(dump.grants.items()):
        for kind, principals in (("user", grants.users), ("group", grants.groups)):
            for name, rights in sorted(principals.items()):
                yield f"package.{_spelled(project)}.{kind}.{name} = {_words(rights)}".rstrip()


def _print_lines(dump: AclDump) -> int:
    for line in ini_lines(dump):
        print(line)
    if dump.pending:
        names = ", ".join(sorted(dump.pending))
        print(f"pypicloud-like: left out, because they are pending: {names}", file=sys.stderr)
    return 0


def _unpacked(raw: bytes) -> bytes:
    with gzip.GzipFile(fileobj=BytesIO(raw)) as file:
        text = file.read(LARGEST + 1)
    if len(text) > LARGEST:
        raise TooLarge("The export", LARGEST)
    return text


def _spelled(project: Project) -> str:
    """As an .ini file spells it: a colon would end the key there."""
    return project.name if project.ecosystem == PYPI else f"{project.ecosystem}/{project.name}"


def _words(rights: frozenset[Right]) -> str:
    return ("r" if Right.READ in rights else "") + ("w" if Right.WRITE in rights else "")


def _escaped(value: str) -> str:
    return value.replace("%", "%%")
