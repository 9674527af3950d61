"""Tarballs as ``deno publish`` makes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.support.raw_archives import END_OF_TAR, gzipped, tar_member

MOD = b"export const one: number = 1;\n"


def config(name: str = "@acme/demo", version: str = "1.0.0", **more: Any) -> bytes:
    """A configuration; what is None is left out."""
    said = {"name": name, "version": version, "exports": "./mod.ts", "license": "MIT", **more}
    return json.dumps({key: value for key, value in said.items() if value is not None}).encode()


def members(files: Mapping[str, bytes | str]) -> bytes:
    """Regular files without access rights, times and owners."""
    return b"".join(
        tar_member(
            name.encode(), body.encode() if isinstance(body, str) else body, mode=b"0000000\0", kind=b"\0"
        )
        for name, body in files.items()
    )


def tarball(files: Mapping[str, bytes | str], *raw: bytes) -> bytes:
    """A gzipped tarball of these files and of raw members behind them."""
    return gzipped(members(files) + b"".join(raw) + END_OF_TAR)


def a_package(
    name: str = "@acme/demo",
    version: str = "1.0.0",
    files: Mapping[str, bytes | str] | None = None,
    **more: Any,
) -> bytes:
    """A package that may be published: one module if nothing else is said."""
    return tarball({"deno.json": config(name, version, **more), **(files or {"mod.ts": MOD})})
