"""A wheel or an sdist, read: its name taken apart, its metadata, and what the checks need of the rest."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from pypicloud_like.core.errors import InvalidUpload
from pypicloud_like.ecosystems.pypi import metadata
from pypicloud_like.ecosystems.pypi.names import (
    WHEEL,
    ParsedName,
    normalize,
    parse_filename,
    same_version,
    split_stem,
)
from pypicloud_like.ecosystems.pypi.tars import read_tar_gz
from pypicloud_like.ecosystems.pypi.zips import read_zip
from pypicloud_like.registry.archives.limits import Contents, check_one_spelling, refused, shown

_WHEEL_FILES = ("METADATA", "WHEEL", "entry_points.txt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """One distribution as its own bytes describe it.

    ``root`` is the folder that metadata speaks of: the ``.dist-info`` folder of a wheel, the top folder
    of an sdist. ``names`` are all files, ``files`` the bytes of those that were read, both by full path.
    """

    parsed: ParsedName
    metadata: bytes
    facts: Mapping[str, Any]
    root: str
    names: Collection[str]
    files: Mapping[str, bytes]

    @property
    def is_wheel(self) -> bool:
        """Whether it is a wheel; else it is an sdist."""
        return self.parsed.kind == WHEEL

    def file(self, name: str) -> bytes | None:
        """The bytes of a file below the root that was read, None if there is none."""
        return self.files.get(f"{self.root}/{name}")


def read_distribution(filename: str, source: BinaryIO, size: int) -> Distribution:
    """Read a wheel, or an sdist as ``.tar.gz`` or ``.zip``, without unpacking it.

    :param source: seekable; its position does not matter and is changed
    :param size: its size in bytes
    :raises InvalidUpload: the name, the archive or the metadata in it is not acceptable
    """
    parsed = parse_filename(filename)
    read = _read_wheel if parsed.kind == WHEEL else _read_sdist
    return read(parsed, source, size)


def dist_info_of(names: Collection[str], suffix: str = ".dist-info") -> str | None:
    """The one folder in the root of a wheel that ends so, None if there is not exactly one."""
    folders = {name.partition("/")[0] for name in names if "/" in name}
    found = [folder for folder in folders if folder.lower().endswith(suffix)]
    return found[0] if len(found) == 1 else None


def is_wheel_file(name: str) -> bool:
    """Whether a member of a wheel is one that is read."""
    folder, _, file = name.partition("/")
    return file in _WHEEL_FILES and folder.endswith(".dist-info")


def is_package_info(name: str) -> bool:
    """Whether a member of an sdist is a PKG-INFO directly in a top folder."""
    folder, _, file = name.partition("/")
    return bool(folder) and file == "PKG-INFO"


def _read_wheel(parsed: ParsedName, source: BinaryIO, size: int) -> Distribution:
    contents = read_zip(source, size, is_wheel_file)
    root = dist_info_of(contents.names)
    if root is None:
        raise refused("a wheel has exactly one .dist-info folder")
    name, dash, version = root.removesuffix(".dist-info").rpartition("-")
    if not dash or normalize(name) != parsed.name or not same_version(version, parsed.version):
        expected = f"{parsed.written_name}-{parsed.version}.dist-info"
        raise refused(f"the metadata folder {shown(root)} is not called {expected}")
    for required in ("METADATA", "WHEEL", "RECORD"):
        _require(contents, f"{root}/{required}")
    return _described(parsed, root, f"{root}/METADATA", contents)


def _read_sdist(parsed: ParsedName, source: BinaryIO, size: int) -> Distribution:
    read = read_zip if parsed.extension == ".zip" else read_tar_gz
    contents = read(source, size, is_package_info)
    tops = {name.partition("/")[0] for names in (contents.names, contents.folders) for name in names}
    if len(tops) != 1:
        raise refused("an sdist has exactly one top folder")
    top = tops.pop()
    _require(contents, f"{top}/PKG-INFO")
    found = _described(parsed, top, f"{top}/PKG-INFO", contents)
    parsed = parse_filename(parsed.filename, project=normalize(found.facts.get("name", "")))
    _check_top(top, parsed)
    return _described(parsed, top, f"{top}/PKG-INFO", contents, found.facts)


def _check_top(top: str, parsed: ParsedName) -> None:
    try:
        name, version = split_stem(top, project=parsed.name)
    except InvalidUpload:
        name, version = "", ""
    if normalize(name) != parsed.name or not same_version(version, parsed.version):
        raise refused(
            f"the top folder {shown(top)} of the sdist is not called {parsed.written_name}-{parsed.version}"
        )


def _require(contents: Contents, path: str) -> None:
    check_one_spelling(contents.names, path)
    if path not in contents.names:
        raise refused(f"there is no {shown(path)}")


def _described(
    parsed: ParsedName,
    root: str,
    manifest: str,
    contents: Contents,
    facts: Mapping[str, Any] | None = None,
) -> Distribution:
    raw = contents.kept.get(manifest)
    if raw is None:
        raise refused(f"{shown(manifest)} is not a plain file")
    return Distribution(
        parsed=parsed,
        metadata=raw,
        facts=metadata.parse(raw) if facts is None else facts,
        root=root,
        names=contents.names,
        files=contents.kept,
    )
