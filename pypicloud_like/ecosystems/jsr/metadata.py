"""What is told of packages and versions, as bytes, and what a version's record says.

The facts of a version's record are the JSON object that :func:`facts` gives:

``exports`` (name → path) · ``dependencies`` (objects with ``kind`` ``jsr`` or ``npm``, ``name``,
``constraint``, ``path``; sorted) · ``license`` (text or null) · ``readme`` (path or null) · ``config``
(path) · ``files`` and ``bytes`` (how many).

A version consists of two blobs: the *pack*, which is all its files one after the other in the order of the
manifest, and as the sidecar :data:`MANIFEST` the bytes of ``<version>_meta.json``. They are made once: their
digest stands in the lock files of everybody who uses the version.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pypicloud_like.core.model import File
from pypicloud_like.core.records import time_text
from pypicloud_like.ecosystems.jsr.exports import Exports
from pypicloud_like.ecosystems.jsr.module_shapes import (
    ManifestFile,
    ModuleManifest,
    ModuleMeta,
    ModuleVersion,
)
from pypicloud_like.ecosystems.jsr.names import PackageName
from pypicloud_like.ecosystems.jsr.specifiers import Requirement
from pypicloud_like.ecosystems.jsr.tarball import Files
from pypicloud_like.ecosystems.jsr.versions import latest_stable, newest_first

KIND = "module"
MANIFEST = "meta"
JSON = "application/json"

_README = re.compile(r"/readme(?:\.(?:md|markdown|txt))?\Z", re.IGNORECASE)


def pack_name(version: str) -> str:
    """The file name of a version, for people who look into the storage."""
    return f"{version}.pack"


def render_manifest(files: Files, exports: Exports) -> bytes:
    """``<version>_meta.json``: every file with its size and digest, and the exports. It is the same for the
    same files, whoever makes it, and is never made again.
    """
    manifest = {
        path: ManifestFile(size=len(body), checksum=f"sha256-{hashlib.sha256(body).hexdigest()}")
        for path, body in files.items()
    }
    return _to_bytes(ModuleManifest(manifest=manifest, exports=dict(exports)))


def render_package(package: PackageName, files: Iterable[File], *, real_times: bool) -> bytes:
    """``meta.json`` of a package: its versions, which of them are yanked, and the latest.

    :param real_times: tell when versions of ours were published; of others it is told always
    """
    by_version = {file.version: file for file in files}
    offered = [version for version, file in by_version.items() if file.yanked is None]
    told: ModuleMeta = {
        "scope": package.scope,
        "name": package.package,
        "latest": latest_stable(offered),
        "versions": {
            version: _version(by_version[version], real_times) for version in newest_first(by_version)
        },
    }
    return _to_bytes(told)


def facts(
    files: Files,
    exports: Exports,
    needed: Sequence[Requirement],
    *,
    config_path: str,
    licence: str | None,
) -> Mapping[str, Any]:
    """What the record of a version says of it."""
    return {
        "exports": dict(exports),
        "dependencies": [
            {"kind": each.kind, "name": each.name, "constraint": each.constraint, "path": each.path}
            for each in needed
        ],
        "license": licence,
        "readme": readme_of(files),
        "config": config_path,
        "files": len(files),
        "bytes": sum(map(len, files.values())),
    }


def readme_of(paths: Iterable[str]) -> str | None:
    """The path of the README in the package's root."""
    return next((path for path in sorted(paths) if _README.match(path)), None)


def _version(file: File, real_times: bool) -> ModuleVersion:
    told: ModuleVersion = {}
    if file.yanked is not None:
        told["yanked"] = True
    if real_times or file.origin is not None:
        told["createdAt"] = time_text(file.uploaded_at)
    return told


def _to_bytes(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
