"""What becomes of each file of a package: which are converted, and how they are called then."""

from __future__ import annotations

import posixpath

from pypicloud_like.ecosystems.jsr.npm.errors import Inconvertible

_CONVERTED = {".ts": ".js", ".tsx": ".js", ".jsx": ".js", ".mts": ".mjs"}
_DECLARED = {".js": ".d.ts", ".mjs": ".d.mts"}
_RUN = {".d.ts": ".js", ".d.mts": ".mjs"}
"""What a program imports so that the compiler reads a declaration."""


def is_declaration(path: str) -> bool:
    """Whether a file has types alone."""
    return path.endswith((".d.ts", ".d.mts", ".d.cts"))


def is_module(path: str) -> bool:
    """Whether a file is a module of npm's world, which may name others."""
    return path.endswith((".js", ".mjs")) or is_declaration(path)


def program_of(path: str) -> str | None:
    """The path of the JavaScript that a source is converted to; None if it stays as it is."""
    stem, ending = posixpath.splitext(path)
    if is_declaration(path) or ending not in _CONVERTED:
        return None
    return stem + _CONVERTED[ending]


def declaration_of(program: str) -> str:
    """Where TypeScript looks for the types of JavaScript: beside it."""
    stem, ending = posixpath.splitext(program)
    return stem + _DECLARED.get(ending, ".d.ts")


def importable(path: str) -> str:
    """How a module imports a file: no program may import a declaration by its own name."""
    for ending, program in _RUN.items():
        if path.endswith(ending):
            return path.removesuffix(ending) + program
    return path


def check_distinct(converted: dict[str, str], reached: set[str]) -> None:
    """:raises Inconvertible: two modules that users reach would be called alike"""
    seen: dict[str, str] = {path: path for path in reached if path not in converted}
    for source, program in converted.items():
        other = seen.setdefault(program, source)
        if other != source:
            raise Inconvertible(f"'{other}' and '{source}' would both be called '{program}'")


def relative(path: str, base: str) -> str:
    """How a module names another one; both are paths in the package."""
    found = posixpath.relpath(path, posixpath.dirname(base))
    return found if found.startswith("../") else f"./{found}"
