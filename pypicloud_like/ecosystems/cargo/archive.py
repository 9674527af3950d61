"""Reading a ``.crate`` (a gzipped tar) without unpacking it, every member checked as crates.io checks it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from pypicloud_like.core.errors import InvalidUpload
from pypicloud_like.ecosystems.cargo.names import shown
from pypicloud_like.registry.archives.limits import Tree
from pypicloud_like.registry.archives.tar_records import Entry, GzipStream, Kind, read_entries

MANIFEST = "Cargo.toml"
_ACCEPTED_MANIFESTS = frozenset({MANIFEST, "cargo.toml"})
"""Archives of old versions of cargo have the second."""


@dataclass(frozen=True, slots=True)
class Contents:
    """``files`` are the paths of all files below the top folder, ``kept`` the bytes of those that were
    wanted; ``manifest`` is the path of the one manifest.
    """

    files: Collection[str]
    kept: Mapping[str, bytes]
    manifest: str


def read_crate(
    source: BinaryIO, size: int, top: str, *, wanted: Callable[[str], bool] = lambda _path: False
) -> Contents:
    """Walk a whole archive and read its manifest.

    :param size: its size in bytes, which bounds what it may unpack to
    :param top: the folder that everything has to lie in, ``NAME-VERSION``
    :param wanted: says of which other files, by their path below the top folder, the bytes are kept
    :raises InvalidUpload: it is no such archive, a bomb, or has anything in it that has no place there
    """
    tree = Tree()
    kept: dict[str, bytes] = {}

    def is_kept(name: str) -> bool:
        folder, _, path = name.partition("/")
        return folder == top and (is_manifest(path) or wanted(path))

    for entry in read_entries(GzipStream(source, size), is_kept):
        check_kind(entry)
        name = tree.add(entry.raw_name, folder=entry.kind is Kind.FOLDER)
        check_place(name, top, folder=entry.kind is Kind.FOLDER)
        if entry.data is not None:
            kept[name.removeprefix(f"{top}/")] = entry.data
    tree.finish()
    files = {name.removeprefix(f"{top}/") for name in tree.files}
    folders = {name.removeprefix(f"{top}/") for name in tree.folders}
    return Contents(files, kept, one_manifest(files, folders))


def is_manifest(path: str) -> bool:
    """Whether a file system that ignores case would take this for the crate's manifest."""
    return path.lower() == MANIFEST.lower()


def check_kind(entry: Entry) -> None:
    """Files and folders only: links could lead out of the folder a crate is unpacked to.

    :raises InvalidUpload: it is neither
    """
    if entry.kind not in {Kind.FILE, Kind.FOLDER}:
        name = shown(entry.raw_name.decode("utf-8", "replace"))
        raise InvalidUpload("", f"unexpected tar entry type ({entry.kind.value}) found: {name}")


def check_place(name: str, top: str, *, folder: bool) -> None:
    """:raises InvalidUpload: a member lies outside the one top folder"""
    if not (name.startswith(f"{top}/") or (folder and name == top)):
        raise InvalidUpload("", f"invalid path found: {shown(name)}; everything has to lie in {shown(top)}/")


def one_manifest(files: Collection[str], folders: Collection[str]) -> str:
    """The path of the manifest in the top folder.

    :raises InvalidUpload: there is none, more than one, one in an odd spelling, or a folder is called so
    """
    found = sorted(path for path in (*files, *folders) if is_manifest(path))
    if not any(path in files for path in found):
        raise InvalidUpload("", "uploaded tarball is missing a Cargo.toml manifest file")
    if len(found) > 1:
        raise InvalidUpload(
            "", f"uploaded tarball contains more than one `Cargo.toml` manifest file: {found}"
        )
    if found[0] not in _ACCEPTED_MANIFESTS:
        raise InvalidUpload(
            "", f"uploaded tarball `{found[0]}` must be named `Cargo.toml` with that exact casing"
        )
    return found[0]
