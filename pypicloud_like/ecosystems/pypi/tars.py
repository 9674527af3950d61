"""Source archives as ``.tar.gz``: one pass over the stream, every member checked, PKG-INFO kept."""

from __future__ import annotations

from itertools import takewhile
from typing import BinaryIO

from pypicloud_like.core.errors import InvalidUpload
from pypicloud_like.ecosystems.pypi.zips import ends_like_zip
from pypicloud_like.registry.archives.limits import (
    Contents,
    Kept,
    Tree,
    Unreadable,
    member_name,
    refused,
    shown,
)
from pypicloud_like.registry.archives.tar_records import Entry, GzipStream, Kind, read_entries


def read_tar_gz(source: BinaryIO, size: int, kept: Kept) -> Contents:
    """Walk a whole ``.tar.gz`` and read the files that ``kept`` names. Links are accepted if they lead
    to another place below the archive's top folder; they are not followed.

    :raises Unreadable: it is no gzip stream or no tar archive, or is cut off or damaged
    :raises InvalidUpload: it is a bomb, takes too long, or holds what is not accepted
    """
    if ends_like_zip(source, size):
        raise refused("both a tar and a zip archive")
    tree = Tree()
    found: dict[str, bytes] = {}
    regular: set[str] = set()
    for entry in read_entries(GzipStream(source, size), kept):
        name = tree.add(entry.raw_name, folder=entry.kind is Kind.FOLDER)
        if entry.kind is Kind.FILE:
            regular.add(name)
        else:
            _check_link(name, entry, regular)
        if entry.data is not None:
            found[name] = entry.data
    tree.finish()
    return Contents(tree.files, tree.folders, found)


def read_odd_tar_gz(source: BinaryIO, size: int, kept: Kept) -> Contents:
    """The files that ``kept`` names, and the names of those before the first header that is not understood:
    for files that were accepted long ago by another index. As bounded as :func:`read_tar_gz`.

    :raises Unreadable: it is no gzip stream or no tar archive, or is cut off or damaged
    """
    names: set[str] = set()
    found: dict[str, bytes] = {}
    try:
        for entry in read_entries(GzipStream(source, size), kept):
            name = entry.raw_name.decode("utf-8", "replace")
            names.add(name)
            if entry.data is not None:
                found.setdefault(name, entry.data)
    except Unreadable:
        raise
    except InvalidUpload:
        pass  # what came before the header that is refused is as good as it ever was
    return Contents(names, set(), found)


def _check_link(name: str, entry: Entry, regular: set[str]) -> None:
    """Whatever is unpacked later through or over a link must still come to lie below the top folder.

    A hard link names a file that came before it. The target of a symbolic link may climb only at its
    beginning: nothing lies below a link, so those steps leave real folders, and what they arrive at
    is inside. Steps down from there may pass other links, for each of which the same holds.
    """
    if entry.kind is Kind.HARDLINK:
        if member_name(entry.raw_target) not in regular:
            raise refused(f"{shown(name)} is a hard link to no earlier file of the archive")
        regular.add(name)
    if entry.kind is Kind.SYMLINK:
        _check_target(name, entry.raw_target.decode("utf-8", "replace"))


def _check_target(name: str, target: str) -> None:
    steps = [step for step in target.split("/") if step not in {"", "."}]
    rises = sum(1 for _ in takewhile(lambda step: step == "..", steps))
    depth = name.count("/")
    plain = target.isprintable() and "\\" not in target and not target.startswith("/")
    if not steps or not plain or rises >= depth or ".." in steps[rises:]:
        raise refused(f"{shown(name)} is a link that leads outside the folder of the archive")
