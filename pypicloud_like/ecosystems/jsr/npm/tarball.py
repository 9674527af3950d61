"""The tarball that npm installs: always the same bytes for the same version."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pypicloud_like.ecosystems.jsr.npm.convert import Converted, Entry, Version
from pypicloud_like.ecosystems.jsr.npm.names import REVISION, npm_name
from pypicloud_like.ecosystems.jsr.tarball import Files

_TIME = 499162500
"""26 October 1985, which npm gives all files too: archives of other kinds cannot have the year 1970."""


@dataclass(frozen=True, slots=True)
class Digests:
    """How npm's clients know a tarball: ``integrity`` (Subresource Integrity, SHA-512), ``shasum`` (SHA-1,
    hexadecimal).
    """

    integrity: str
    shasum: str


def digests(tarball: bytes) -> Digests:
    """Both digests of a tarball."""
    sha512 = base64.b64encode(hashlib.sha512(tarball).digest()).decode()
    return Digests(f"sha512-{sha512}", hashlib.sha1(tarball, usedforsecurity=False).hexdigest())


def make_tarball(version: Version, converted: Converted) -> bytes:
    """The npm form of a version with its ``package.json``, packed."""
    manifest = json.dumps(package_json(version, converted), indent=2).encode() + b"\n"
    return _packed({"/package.json": manifest, **converted.files})


def package_json(version: Version, converted: Converted) -> Mapping[str, Any]:
    """What npm's form says of itself."""
    told: dict[str, Any] = {
        "name": npm_name(version.package),
        "version": version.version,
        "type": "module",
    }
    if version.license is not None:
        told["license"] = version.license
    first = converted.entries.get(".")
    if first is not None:  # for resolvers that do not know exports
        told |= {"main": first.program} if first.program else {}
        told |= {"types": first.types} if first.types else {}
        told |= {key: f".{told[key]}" for key in ("main", "types") if key in told}
    told["exports"] = {name: _conditions(entry) for name, entry in converted.entries.items()}
    told["dependencies"] = dict(converted.dependencies)
    told["_jsr_revision"] = REVISION
    return told


def _conditions(entry: Entry) -> Mapping[str, str]:
    """Types come first: the first condition that fits counts (Node.js, "Conditional exports")."""
    both = {"types": entry.types, "default": entry.program}
    return {name: f".{path}" for name, path in both.items() if path is not None}


def _packed(files: Files) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path, body in files.items():
            member = tarfile.TarInfo(f"package{path}")
            member.size, member.mtime, member.mode = len(body), _TIME, 0o644
            tar.addfile(member, io.BytesIO(body))
    return gzip.compress(raw.getvalue(), 9, mtime=0)
