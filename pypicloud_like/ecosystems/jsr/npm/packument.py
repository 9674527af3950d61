"""What npm's clients are told of a package: its versions, where their tarballs are, what they depend on.

The form is that of npm's registry ("package metadata", the full document, which all clients take).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pypicloud_like.core.model import FileRecord
from pypicloud_like.core.records import time_text
from pypicloud_like.ecosystems.jsr.module_shapes import NpmPackument, NpmVersion
from pypicloud_like.ecosystems.jsr.names import PackageName
from pypicloud_like.ecosystems.jsr.npm.names import npm_name, tarball_path
from pypicloud_like.ecosystems.jsr.npm.tarball import Digests
from pypicloud_like.ecosystems.jsr.versions import latest_stable, newest_first

SIDECAR = "npm"
"""Of a version's record: its tarball, and in the facts what is told of it."""
BACKDATED = timedelta(days=7)
"""Beyond the age below which clients refuse what is new."""


@dataclass(frozen=True, slots=True)
class Telling:
    """What a packument says beside the versions. ``root`` is the registry's address with its last slash;
    ``deprecated`` is empty unless the package is.
    """

    package: PackageName
    root: str
    description: str = ""
    deprecated: str = ""
    backdated: bool = True


def facts_of(tarball: Digests, dependencies: Mapping[str, str]) -> Mapping[str, Any]:
    """What the facts of a version have under :data:`SIDECAR`."""
    return {
        "integrity": tarball.integrity,
        "shasum": tarball.shasum,
        "dependencies": dict(dependencies),
    }


def is_offered(file: FileRecord) -> bool:
    """Whether a version is told of at all: if it is not yanked, and has an npm form."""
    return file.yanked is None and SIDECAR in file.sidecars


def render_packument(telling: Telling, files: Iterable[FileRecord]) -> bytes:
    """The document about a package, of the versions that are offered."""
    by_version = {file.version: file for file in files if is_offered(file)}
    order = newest_first(by_version)[::-1]
    latest = latest_stable(order) or (order[-1] if order else None)
    told: NpmPackument = {
        "name": npm_name(telling.package),
        "description": telling.description,
        "dist-tags": {"latest": latest} if latest is not None else {},
        "versions": {version: _version(telling, by_version[version]) for version in order},
        "time": _times(telling, [by_version[version] for version in order]),
    }
    return json.dumps(told, separators=(",", ":")).encode()


def _version(telling: Telling, file: FileRecord) -> NpmVersion:
    npm = file.facts[SIDECAR]
    told: NpmVersion = {
        "name": npm_name(telling.package),
        "version": file.version,
        "description": telling.description,
        "type": "module",
        "dist": {
            "tarball": telling.root + tarball_path(telling.package, file.version),
            "shasum": npm["shasum"],
            "integrity": npm["integrity"],
        },
        "dependencies": npm["dependencies"],
    }
    if (licence := file.facts.get("license")) is not None:
        told["license"] = licence
    if telling.deprecated:
        told["deprecated"] = telling.deprecated
    return told


def _times(telling: Telling, files: list[FileRecord]) -> dict[str, str]:
    earlier = BACKDATED if telling.backdated else timedelta()
    times = {
        file.version: time_text(file.uploaded_at - (earlier if file.origin is None else timedelta()))
        for file in files
    }
    ends = {"created": min(times.values()), "modified": max(times.values())} if times else {}
    return ends | times
