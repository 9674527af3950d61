"""Looks into a distribution and says what the index has to know of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from pypicloud_like.core.errors import InvalidUpload, RegistryError
from pypicloud_like.ecosystems.pypi import metadata
from pypicloud_like.ecosystems.pypi.distributions import (
    dist_info_of,
    is_package_info,
    is_wheel_file,
    read_distribution,
)
from pypicloud_like.ecosystems.pypi.file_checks import FILE_CHECKS, check_proper_filename, warnings_of
from pypicloud_like.ecosystems.pypi.names import (
    SDIST,
    WHEEL,
    ParsedName,
    normalize,
    parse_filename,
    same_version,
)
from pypicloud_like.ecosystems.pypi.tars import read_odd_tar_gz
from pypicloud_like.ecosystems.pypi.zips import read_odd_zip
from pypicloud_like.registry.archives.limits import Contents, Unreadable, refused, unreadable

_BEGINNINGS = {
    ".tar.bz2": b"BZh",
    ".tar.xz": b"\xfd7zXZ\0",
    ".tar.z": b"\x1f\x9d",
    ".exe": b"MZ",
    ".msi": b"\xd0\xcf\x11\xe0",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What a distribution says of itself.

    ``project`` is the normalised name, ``display_name`` as the metadata spells it; ``version`` is as in
    the metadata; ``kind`` is ``sdist`` or ``bdist_wheel`` (adopted files: also older ones);
    ``python_version`` is ``source`` or a wheel's python tag; ``identity`` is what may exist once in
    the project; ``facts`` is a JSON object (:func:`metadata.parse`); ``metadata_bytes`` are those of a
    wheel's METADATA, exactly (PEP 658), None for everything else.
    """

    project: str
    display_name: str
    version: str
    kind: str
    python_version: str
    identity: str
    requires_python: str | None = None
    summary: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    metadata_bytes: bytes | None = None
    warnings: tuple[str, ...] = ()


def inspect(filename: str, source: BinaryIO, size: int, *, strict_sdist_names: bool = False) -> Inspection:
    """Look into an uploaded file: read it within limits and apply every check that needs nothing else.

    :param source: seekable, binary; read from wherever needed, left anywhere
    :param size: bytes in ``source``
    :param strict_sdist_names: refuse sdists that are not called as PEP 625 says, instead of a warning
    :raises InvalidUpload: whatever is wrong with its name or its bytes
    """
    try:
        distribution = read_distribution(filename, source, size)
        for check in FILE_CHECKS:
            check(distribution)
        if strict_sdist_names:
            check_proper_filename(distribution)
        warnings = warnings_of(distribution)
    except (RegistryError, OSError):
        raise
    except Exception as error:  # whatever a parser makes of hostile bytes is the bytes' fault
        raise refused(f"cannot be read ({type(error).__name__})") from error
    raw = distribution.metadata if distribution.is_wheel else None
    return _inspection(distribution.parsed, distribution.facts, raw, warnings)


def inspect_legacy(filename: str, source: BinaryIO, size: int) -> Inspection:
    """Look into a file that another index accepted long ago. Its name has to be sound and its bytes
    of the kind the name says; beyond that what can be learned from it is taken, and where it has no
    metadata, or metadata of something else, name and version are those of the file name and ``facts``
    is empty.

    :raises Unreadable: the bytes are no archive of their kind, or are cut off
    :raises InvalidUpload: the name is not that of a distribution
    """
    try:
        return inspect(filename, source, size)
    except Unreadable:
        raise
    except InvalidUpload:
        parsed = parse_filename(filename, older_kinds=True)
    raw = None
    try:
        raw = _odd_metadata(parsed, source, size)
        facts = metadata.parse(raw) if raw is not None else {}
    except (Unreadable, OSError):
        raise
    except Exception:  # noqa: BLE001  # a file is adopted for its name; what cannot be read in it is left out
        facts = {}
    name = normalize(str(facts.get("name", "")))
    if parsed.kind == SDIST and name:
        parsed = parse_filename(filename, project=name, older_kinds=True)
    if name != parsed.name or not same_version(str(facts.get("version", "")), parsed.version):
        raw, facts = None, {}
    return _inspection(parsed, facts, raw if parsed.kind == WHEEL else None, ())


def _inspection(
    parsed: ParsedName, facts: Mapping[str, Any], raw: bytes | None, warnings: tuple[str, ...]
) -> Inspection:
    return Inspection(
        project=parsed.name,
        display_name=facts.get("name", parsed.written_name),
        version=facts.get("version", parsed.version),
        kind=parsed.kind,
        python_version=parsed.python_version,
        identity=parsed.identity,
        requires_python=facts.get("requires_python"),
        summary=facts.get("summary"),
        facts=facts,
        metadata_bytes=raw,
        warnings=warnings,
    )


def _odd_metadata(parsed: ParsedName, source: BinaryIO, size: int) -> bytes | None:
    """METADATA or PKG-INFO of a file whose layout is not what it should be, None if there is none."""
    extension = parsed.extension.lower()
    if extension in {".whl", ".zip", ".egg"}:
        wanted = is_wheel_file if parsed.kind == WHEEL else is_package_info
        return _manifest(parsed, read_odd_zip(source, size, wanted))
    if extension in {".tar.gz", ".tgz"}:
        return _manifest(parsed, read_odd_tar_gz(source, size, is_package_info))
    source.seek(0)
    if not source.read(8).startswith(_BEGINNINGS.get(extension, b"")) or size == 0:
        raise unreadable(f"not a {extension} file")
    return None


def _manifest(parsed: ParsedName, contents: Contents) -> bytes | None:
    if parsed.kind == WHEEL:
        return contents.kept.get(f"{dist_info_of(contents.names)}/METADATA")
    found = [raw for name, raw in sorted(contents.kept.items()) if parsed.kind == SDIST]
    return found[0] if len(found) == 1 else None
