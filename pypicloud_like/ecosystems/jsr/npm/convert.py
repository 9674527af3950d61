"""Converting a version for npm: modules import by npm's names, and nothing but JavaScript is run.

What is JavaScript already is only rewritten. TypeScript and JSX that users can reach goes through a
transpiler, which sees a copy of the sources in which everything from outside is a placeholder: so it needs no
network and reads no other file.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from pypicloud_like.ecosystems.jsr.dependencies import (
    Use,
    import_map,
    local_path,
    mapped,
    requirements,
    uses,
)
from pypicloud_like.ecosystems.jsr.exports import Exports, path_of
from pypicloud_like.ecosystems.jsr.lexer import TooMuchCode
from pypicloud_like.ecosystems.jsr.names import PackageName
from pypicloud_like.ecosystems.jsr.npm import layout
from pypicloud_like.ecosystems.jsr.npm.errors import Inconvertible
from pypicloud_like.ecosystems.jsr.npm.names import npm_dependencies, npm_specifier
from pypicloud_like.ecosystems.jsr.npm.prepare import Preparation, Prepared
from pypicloud_like.ecosystems.jsr.npm.rewrite import rewritten
from pypicloud_like.ecosystems.jsr.references import Kind, Reference, references
from pypicloud_like.ecosystems.jsr.specifiers import BadSpecifier
from pypicloud_like.ecosystems.jsr.tarball import Files

Transpile = Callable[[Prepared], Mapping[str, bytes]]
"""Gives the programs and declarations that were made of prepared sources, by their paths."""

_SELF_TYPES = re.compile(r"""^[ \t]*//[ \t]*@ts-self-types\s*=\s*["']?([^"'\s]+)""", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Version:
    """A published version with its sources. ``digest`` is one of all its files."""

    package: PackageName
    version: str
    files: Files
    exports: Exports
    config: Mapping[str, Any]
    license: str | None
    digest: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What an export of a package leads to: a program, its types, or both."""

    program: str | None
    types: str | None


@dataclass(frozen=True, slots=True)
class Converted:
    """The npm form of a version: its files, what its exports lead to, what it depends on."""

    files: Files
    entries: Mapping[str, Entry]
    dependencies: Mapping[str, str]


def convert(version: Version, transpile: Transpile) -> Converted:
    """Make the npm form of a version.

    :raises Inconvertible: it has none
    """
    try:
        return _Conversion(version).run(transpile)
    except TooMuchCode as error:
        raise Inconvertible(str(error)) from error
    except BadSpecifier as error:
        raise Inconvertible(f"it imports a package by a name that is none: {error}") from error


class _Conversion:
    def __init__(self, version: Version) -> None:
        self._version = version
        self._imports = import_map(version.config)
        self._uses = list(uses(version.files, version.exports, version.config))
        reached = (local_path(use, version.files) for use in self._uses)
        self._reached = {path_of(target) for target in version.exports.values()}
        self._reached.update(path for path in reached if path is not None)
        programs = ((path, layout.program_of(path)) for path in sorted(self._reached))
        self._programs = {path: program for path, program in programs if program is not None}

    def run(self, transpile: Transpile) -> Converted:
        layout.check_distinct(self._programs, self._reached)
        files = self._kept()
        if self._programs:
            files |= self._transpiled(transpile)
        for path, body in files.items():
            _check_specifiers(path, body)
        files.pop("/package.json", None)  # npm's form has one of its own
        return Converted(
            files=dict(sorted(files.items())),
            entries=self._entries(files),
            dependencies=npm_dependencies(requirements(self._uses), self._version.package),
        )

    def _kept(self) -> dict[str, bytes]:
        """The files that are not converted, with npm's names where they name modules."""
        kept: dict[str, bytes] = {}
        for path, body in self._version.files.items():
            if path in self._programs:
                continue
            try:
                kept[path] = self._renamed(path, body, self._imports) if layout.is_module(path) else body
            except (BadSpecifier, Inconvertible) as error:
                if path in self._reached:
                    raise Inconvertible(f"'{path}' cannot be converted: {error}") from error
        return kept

    def _transpiled(self, transpile: Transpile) -> dict[str, bytes]:
        """The programs and declarations of all sources that are converted."""
        preparation = Preparation(self._version.digest)
        made = transpile(self._prepared(preparation))
        found: dict[str, bytes] = {}
        for source, program in self._programs.items():
            if program not in made:
                raise Inconvertible(f"nothing was made of '{source}'")
            for path in (program, layout.declaration_of(program)):
                if path in made and path not in self._reached:
                    found[path] = self._renamed(path, preparation.restored(made[path]), {})
        return found

    def _prepared(self, preparation: Preparation) -> Prepared:
        sources = {}
        for path in sorted(self._reached):
            body = self._version.files[path]
            if layout.is_module(path) or path in self._programs:
                body = preparation.source(body, partial(self._inner, path))
            sources[path] = body
        return Prepared(
            name=str(self._version.package),
            version=self._version.version,
            exports=self._version.exports,
            options=preparation.options(self._version.config, self._outer),
            sources=sources,
        )

    def _inner(self, path: str, reference: Reference) -> tuple[str | None, str]:
        """For the transpiler: the file of the package that is named, or else what npm's form says."""
        target = mapped(reference.specifier, self._imports)
        local = self._local(path, reference, target)
        if local is not None and local in self._reached:
            return layout.relative(local, path), ""
        return None, reference.specifier if target.startswith(".") else self._outer(target)

    def _outer(self, specifier: str) -> str:
        target = mapped(specifier, self._imports)
        return npm_specifier(target) or target

    def _renamed(self, path: str, body: bytes, imports: Mapping[str, str]) -> bytes:
        """A module of npm's form, with the names that things have there."""

        def change(reference: Reference) -> str | None:
            if reference.kind is Kind.LIBRARY:
                return None
            target = mapped(reference.specifier, imports)
            local = self._local(path, reference, target)
            if local is None:
                other = npm_specifier(target) or target
                return other if other != reference.specifier else None
            new = self._programs.get(local, local)
            if reference.kind is not Kind.TYPES:
                new = layout.importable(new)
            if new == local and target == reference.specifier and not target.startswith("/"):
                return None
            return layout.relative(new, path)

        source = body.decode("utf-8", "surrogateescape")
        return rewritten(source, change).encode("utf-8", "surrogateescape")

    def _local(self, path: str, reference: Reference, target: str) -> str | None:
        return local_path(Use(path, reference, target), self._version.files)

    def _entries(self, files: Mapping[str, bytes]) -> Mapping[str, Entry]:
        """Each file is looked into once, however many names stand for it."""
        exports = self._version.exports
        by_path = {path: self._entry(path, files) for path in set(map(path_of, exports.values()))}
        return {name: by_path[path_of(target)] for name, target in exports.items()}

    def _entry(self, path: str, files: Mapping[str, bytes]) -> Entry:
        if layout.is_declaration(path):
            return Entry(None, path)
        program = self._programs.get(path, path)
        types = layout.declaration_of(program) if layout.is_module(program) else None
        said = _SELF_TYPES.search(files[program].decode("utf-8", "replace")) if types else None
        if said is not None:
            types = posixpath.normpath(posixpath.join(posixpath.dirname(program), said[1]))
        return Entry(program, types if types in files else None)


def _check_specifiers(path: str, body: bytes) -> None:
    """:raises Inconvertible: a module still has a specifier that only JSR's clients know"""
    if layout.is_module(path):
        for reference in references(body.decode("utf-8", "replace")):
            if reference.specifier.startswith(("jsr:", "npm:")):
                raise Inconvertible(f"'{path}' still imports '{reference.specifier}'")
