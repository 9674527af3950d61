"""Real distributions made in memory."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from tests.support.raw_archives import a_tar, a_zip, gzipped


class Built(NamedTuple):
    """A file as a client would send it."""

    filename: str
    content: bytes

    @property
    def size(self) -> int:
        return len(self.content)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def digests(self) -> dict[str, str]:
        return {
            "md5": hashlib.md5(self.content).hexdigest(),
            "sha256": self.sha256,
            "blake2b_256": hashlib.blake2b(self.content, digest_size=32).hexdigest(),
        }

    def stream(self) -> io.BytesIO:
        return io.BytesIO(self.content)


def core_metadata(
    name: str,
    version: str,
    *,
    requires_python: str | None = None,
    metadata: Mapping[str, str | Iterable[str]] | None = None,
    description: str = "",
) -> bytes:
    """METADATA or PKG-INFO. ``metadata`` is header → value or values; it replaces what is there."""
    fields: dict[str, Any] = {"Metadata-Version": "2.1", "Name": name, "Version": version}
    if requires_python is not None:
        fields["Requires-Python"] = requires_python
    fields.update(metadata or {})
    lines = []
    for header, values in fields.items():
        lines += [f"{header}: {value}" for value in ([values] if isinstance(values, str) else values)]
    return ("\n".join(lines) + "\n" + (f"\n{description}" if description else "")).encode()


def a_wheel(
    name: str = "foo",
    version: str = "1.0",
    *,
    requires_python: str | None = None,
    metadata: Mapping[str, str | Iterable[str]] | None = None,
    description: str = "",
    files: Mapping[str, bytes] | None = None,
    tags: str = "py3-none-any",
    build: str = "",
    without: Iterable[str] = (),
    filename: str | None = None,
    dist_info: str | None = None,
    stored: bool = False,
) -> Built:
    """A wheel that installs. ``files`` are added (or replace others) by their path in the archive,
    where ``{dist_info}`` stands for that folder; ``without`` leaves out files of the same notation.
    """
    escaped = _escaped(name)
    folder = dist_info or f"{escaped}-{version}.dist-info"
    members = {
        f"{escaped}/__init__.py": f'__version__ = "{version}"\n'.encode(),
        f"{folder}/METADATA": core_metadata(
            name, version, requires_python=requires_python, metadata=metadata, description=description
        ),
        f"{folder}/WHEEL": b"Wheel-Version: 1.0\nGenerator: builders\nRoot-Is-Purelib: true\n"
        + f"Tag: {tags}\n".encode(),
    }
    members.update({path.format(dist_info=folder): data for path, data in (files or {}).items()})
    members[f"{folder}/RECORD"] = _record(members, f"{folder}/RECORD")
    for path in without:
        del members[path.format(dist_info=folder)]
    middle = f"-{build}" if build else ""
    return Built(filename or f"{escaped}-{version}{middle}-{tags}.whl", a_zip(members, stored=stored))


def an_sdist(
    name: str = "foo",
    version: str = "1.0",
    *,
    requires_python: str | None = None,
    metadata: Mapping[str, str | Iterable[str]] | None = None,
    description: str = "",
    files: Mapping[str, bytes] | None = None,
    extension: str = ".tar.gz",
    top: str | None = None,
    filename: str | None = None,
    without: Iterable[str] = (),
) -> Built:
    """An sdist that builds with setuptools. ``files`` and ``without`` are paths below the top folder."""
    escaped = _escaped(name)
    stem = f"{escaped}-{version}"
    folder = stem if top is None else top
    members = {
        "PKG-INFO": core_metadata(
            name, version, requires_python=requires_python, metadata=metadata, description=description
        ),
        "pyproject.toml": b'[build-system]\nrequires = ["setuptools"]\n'
        b'build-backend = "setuptools.build_meta"\n',
        "setup.cfg": f"[metadata]\nname = {name}\nversion = {version}\n".encode()
        + f"[options]\npackages = {escaped}\n".encode(),
        f"{escaped}/__init__.py": b"",
    }
    members.update(files or {})
    for path in without:
        del members[path]
    members = {f"{folder}/{path}": data for path, data in members.items()}
    content = a_zip(members) if extension == ".zip" else gzipped(a_tar(members))
    return Built(filename or stem + extension, content)


def _escaped(name: str) -> str:
    return re.sub(r"[-_.]+", "_", name).lower()


def _record(members: Mapping[str, bytes], path: str) -> bytes:
    lines = []
    for name, data in members.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        lines.append(f"{name},sha256={digest},{len(data)}\n")
    return "".join([*lines, f"{path},,\n"]).encode()


def cargo_toml(
    name: str = "demo",
    version: str = "0.1.0",
    *,
    package: Mapping[str, Any] | None = None,
    rest: str = "",
) -> str:
    """A manifest as cargo normalises it: ``package`` adds keys to ``[package]`` (None leaves one out),
    ``rest`` is what follows it.
    """
    said = {"edition": "2021", "name": name, "version": version, "description": "A demo", "license": "MIT"}
    said |= dict(package or {})
    lines = [f"{key} = {json.dumps(value)}" for key, value in said.items() if value is not None]
    return "[package]\n" + "\n".join(lines) + f"\n{rest}"


def a_crate(
    name: str = "demo",
    version: str = "0.1.0",
    *,
    manifest: str | None = None,
    package: Mapping[str, Any] | None = None,
    rest: str = "",
    files: Mapping[str, bytes] | None = None,
    top: str | None = None,
) -> Built:
    """A crate as ``cargo package`` makes it. ``files`` are paths below the top folder."""
    text = cargo_toml(name, version, package=package, rest=rest) if manifest is None else manifest
    members = {"Cargo.toml": text.encode(), "src/lib.rs": b"pub fn hello() {}\n", **(files or {})}
    folder = f"{name}-{version}" if top is None else top
    content = gzipped(a_tar({f"{folder}/{path}": data for path, data in members.items()}))
    return Built(f"{name}-{version}.crate", content)
