"""Reading the tarball of a package: in memory, within bounds, and nothing is ever unpacked.

Deno writes regular files only, without access rights or times; nothing of that is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import BinaryIO

from pypicloud_like.core.errors import InvalidUpload
from pypicloud_like.ecosystems.jsr.errors import Failed
from pypicloud_like.ecosystems.jsr.names import shown
from pypicloud_like.ecosystems.jsr.paths import check_path, normal_path
from pypicloud_like.registry.archives.tar_records import (
    Entry,
    GzipStream,
    Kind,
    MemberTooLarge,
    OddMember,
    read_entries,
)

MAX_FILES = 10_000

Files = Mapping[str, bytes]
"""The files of a package: their paths, which begin with a slash, and their bytes. In the order of paths."""


def read_tarball(source: BinaryIO, size: int, *, limit: int) -> Files:
    """All files of a gzipped tarball, their paths checked one by one.

    :param size: its size in bytes, packed
    :param limit: how many bytes one file, and all together, may have
    :raises Failed: ``linkInTarball``, ``invalidEntryType``, ``invalidPath``, ``invalidGitPath``,
        ``fileTooLarge``, ``packageTooLarge``, ``caseInsensitiveDuplicatePath`` or ``invalidTarball``
    """
    files: dict[str, bytes] = {}
    left = limit
    for entry in _entries(source, size, limit):
        if entry.kind is Kind.FOLDER:
            continue
        path = normal_path(entry.raw_name)
        check_kind(entry, path)
        check_path(path)
        if path in files:
            raise Failed("caseInsensitiveDuplicatePath", f"The file '{shown(path)}' is there twice")
        left -= entry.size
        if left < 0:
            raise Failed("packageTooLarge", f"The files of the package have more than {limit} bytes together")
        if len(files) == MAX_FILES:
            raise Failed("packageTooLarge", f"The package has more than {MAX_FILES} files")
        files[path] = entry.data or b""
    return dict(sorted(files.items()))


def check_kind(entry: Entry, path: str) -> None:
    """:raises Failed: it is a link, which could lead anywhere"""
    if entry.kind is not Kind.FILE:
        raise Failed("linkInTarball", f"'{shown(path)}' is a {entry.kind.value}; only files can be published")


def _entries(source: BinaryIO, size: int, limit: int) -> Iterator[Entry]:
    """The members, and what is wrong with the archive in JSR's words."""
    try:
        yield from read_entries(GzipStream(source, size), lambda _name: True, largest=limit)
    except MemberTooLarge:
        raise Failed("fileTooLarge", f"A file of the package has more than {limit} bytes") from None
    except OddMember as error:
        raise Failed("invalidEntryType", f"The tarball cannot be published: {error.reason}") from None
    except InvalidUpload as error:
        raise Failed("invalidTarball", f"The tarball cannot be read: {error.reason}") from None
