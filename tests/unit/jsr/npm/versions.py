"""Versions to be converted, and a transpiler that needs no program."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from pypicloud_like.ecosystems.jsr.names import PackageName
from pypicloud_like.ecosystems.jsr.npm.convert import Converted, Version, convert
from pypicloud_like.ecosystems.jsr.npm.prepare import Prepared

PACKAGE = PackageName("acme", "demo")


def a_version(files: Mapping[str, str], exports: Mapping[str, str] | None = None, **config) -> Version:
    """A version of ``@acme/demo`` with these files; its first file is what it exports, if nothing is said."""
    named = {f"/{name}": body.encode() for name, body in files.items()}
    return Version(
        package=PACKAGE,
        version="1.0.0",
        files=dict(sorted(named.items())),
        exports=exports or {".": f"./{next(iter(files))}"},
        config=config,
        license="MIT",
        digest=hashlib.sha256(repr(sorted(named.items())).encode()).hexdigest(),
    )


class Recorder:
    """Makes the same text of every source, and keeps what it got."""

    def __init__(self, *, declares: bool = True) -> None:
        self.prepared: Prepared | None = None
        self.declares = declares

    def __call__(self, prepared: Prepared) -> Mapping[str, bytes]:
        self.prepared = prepared
        made: dict[str, bytes] = {}
        for path, body in prepared.sources.items():
            for ending, program, types in (
                (".ts", ".js", ".d.ts"),
                (".tsx", ".js", ".d.ts"),
                (".mts", ".mjs", ".d.mts"),
                (".jsx", ".js", ".d.ts"),
            ):
                if path.endswith(ending) and not path.endswith(".d.ts"):
                    made[path.removesuffix(ending) + program] = body
                    if self.declares:
                        made[path.removesuffix(ending) + types] = body
        return made

    def text(self, path: str) -> str:
        """A source as it got it, without its first line."""
        assert self.prepared is not None
        return self.prepared.sources[path].decode().partition("\n")[2]


def refuse(_prepared: Prepared) -> Mapping[str, bytes]:
    """For versions that need no transpiler."""
    raise AssertionError("nothing was to be transpiled")


def converted(files: Mapping[str, str], exports: Mapping[str, str] | None = None, **config) -> Converted:
    """A version of JavaScript, converted."""
    return convert(a_version(files, exports, **config), refuse)


def text_of(found: Converted, path: str) -> str:
    """A file of what was made."""
    return found.files[path].decode()
