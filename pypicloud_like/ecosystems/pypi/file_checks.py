"""What an uploaded distribution has to satisfy: one named function per rule, in the order they are applied.

The checks of :data:`FILE_CHECKS` look at the file alone. No refusal may contain a phrase by which
clients recognise a file that is there already (``core/errors.py``: AlreadyExists).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PurePosixPath

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from pypicloud_like.core.errors import InvalidUpload
from pypicloud_like.ecosystems.pypi.distributions import Distribution
from pypicloud_like.ecosystems.pypi.entry_points import check_entry_points
from pypicloud_like.ecosystems.pypi.names import (
    WHEEL,
    is_valid_name,
    normalize,
    parse_version,
    same_version,
)
from pypicloud_like.registry.archives.limits import refused, shown

METADATA_VERSIONS = ("1.0", "1.1", "1.2", "2.1", "2.2", "2.3", "2.4", "2.5")
MAX_SPECIFIER = 500
MAX_SUMMARY = 512

Check = Callable[[Distribution], None]
"""Passes, or raises :class:`InvalidUpload`."""

_WHEEL_VERSION = re.compile(
    r"^Wheel-Version[ \t]*:[ \t]*([0-9]+)\.[0-9]+[ \t]*\r?$", re.MULTILINE | re.IGNORECASE
)


def check_metadata_version(distribution: Distribution) -> None:
    """A published version of core metadata; 2.0 never was one."""
    version = distribution.facts.get("metadata_version")
    if version is None:
        raise InvalidUpload("metadata_version", "missing in the file's metadata")
    if version not in METADATA_VERSIONS:
        raise InvalidUpload("metadata_version", f"{shown(version)} is none of {', '.join(METADATA_VERSIONS)}")


def check_name(distribution: Distribution) -> None:
    """The project's name in the metadata is valid, and the one in the file name."""
    name = distribution.facts.get("name")
    if name is None or not is_valid_name(name):
        raise InvalidUpload("name", f"{shown(name or '')} in the file's metadata is no valid project name")
    if normalize(name) != distribution.parsed.name:
        raise InvalidUpload("name", f"the file's metadata says {shown(name)}, its name says otherwise")


def check_version(distribution: Distribution) -> None:
    """The version in the metadata is one by PEP 440, and the one in the file name."""
    version = distribution.facts.get("version")
    if version is None or parse_version(version) is None:
        raise InvalidUpload("version", f"{shown(version or '')} in the file's metadata is no PEP 440 version")
    if not same_version(version, distribution.parsed.version):
        raise InvalidUpload("version", f"the file's metadata says {shown(version)}, its name says otherwise")


def check_requires_python(distribution: Distribution) -> None:
    """Requires-Python is a specifier: installers skip a file whose specifier they cannot read."""
    wanted = distribution.facts.get("requires_python")
    if wanted is None:
        return
    if len(wanted) > MAX_SPECIFIER:
        raise InvalidUpload("requires_python", f"longer than {MAX_SPECIFIER} characters")
    try:
        SpecifierSet(wanted)
    except InvalidSpecifier:
        raise InvalidUpload("requires_python", f"{shown(wanted)} is no version specifier") from None


def check_wheel_version(distribution: Distribution) -> None:
    """The file WHEEL names a version of the format that installers accept: 1.x."""
    if not distribution.is_wheel:
        return
    text = (distribution.file("WHEEL") or b"").decode("utf-8", "replace")
    found = _WHEEL_VERSION.search(text)
    if found is None or found[1] != "1":
        raise refused("the file WHEEL has no Wheel-Version that installers accept")


def check_license_files(distribution: Distribution) -> None:
    """Every License-File is there (PEP 639): in an sdist below its top folder, in a wheel below
    ``.dist-info/licenses``. Older metadata used the field without such a promise.
    """
    version = parse_version(distribution.facts.get("metadata_version", "0"))
    if version is None or version.release < (2, 4):
        return
    folder = f"{distribution.root}/licenses" if distribution.is_wheel else distribution.root
    for path in distribution.facts.get("license_files", ()):
        if f"{folder}/{PurePosixPath(path)}" not in distribution.names:
            raise refused(f"License-File {shown(path)} is not in {shown(folder)}")


def check_scripts(distribution: Distribution) -> None:
    """A wheel's entry_points.txt is well-formed."""
    raw = distribution.file("entry_points.txt")
    if distribution.is_wheel and raw is not None:
        check_entry_points(raw)


FILE_CHECKS: tuple[Check, ...] = (
    check_metadata_version,
    check_name,
    check_version,
    check_requires_python,
    check_wheel_version,
    check_license_files,
    check_scripts,
)


def proper_filename(distribution: Distribution) -> str:
    """The name today's build tools give such a file (PEP 625 for sdists, PEP 427 and 491 for wheels)."""
    parsed = distribution.parsed
    escaped = parsed.name.replace("-", "_")
    version = parse_version(parsed.version)
    if parsed.kind == WHEEL:
        _, _, rest = parsed.filename.split("-", 2)
        return f"{escaped}-{version}-{rest}"
    return f"{escaped}-{version}.tar.gz"


def check_proper_filename(distribution: Distribution) -> None:
    """The sdist is called exactly as PEP 625 says; applied where the settings are that strict."""
    proper = proper_filename(distribution)
    if not distribution.is_wheel and distribution.parsed.filename != proper:
        raise InvalidUpload("filename", f"an sdist of this project and version is called {proper}")


def warnings_of(distribution: Distribution) -> tuple[str, ...]:
    """What is accepted and yet not as it should be, one sentence each."""
    facts = distribution.facts
    proper = proper_filename(distribution)
    found = []
    if distribution.parsed.filename != proper:
        found.append(f"The file should be called {proper}")
    if len(facts.get("summary", "")) > MAX_SUMMARY:
        found.append(f"The summary is longer than {MAX_SUMMARY} characters")
    if "license" in facts and "license_expression" in facts:
        found.append("License and License-Expression exclude one another")
    if "description" in facts and "description_content_type" not in facts:
        found.append("The description has no Description-Content-Type")
    return tuple(found)
