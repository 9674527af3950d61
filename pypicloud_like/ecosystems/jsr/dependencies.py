"""What a package needs, and what its modules name, found in its sources without running anything.

The modules that count are those that users can reach: the exports, and whatever they name by a relative
path. Tests and tools beside them may import what they like.
"""

from __future__ import annotations

import posixpath
import re
from collections import deque
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pypicloud_like.ecosystems.jsr.exports import Exports, path_of
from pypicloud_like.ecosystems.jsr.lexer import Patience
from pypicloud_like.ecosystems.jsr.references import Kind, Reference, references
from pypicloud_like.ecosystems.jsr.specifiers import BadSpecifier, Requirement, requirement_of

_CODE = (".ts", ".mts", ".cts", ".tsx", ".js", ".mjs", ".cjs", ".jsx")
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
_SLASH = re.compile("/")
_LONGEST_PREFIX = 500
"""Names of an import map that stand for the beginning of a specifier: none of packages is longer."""
_LONGEST_TARGET = 1000


@dataclass(frozen=True, slots=True)
class Use:
    """A module names another: ``path`` is its own path in the package, ``target`` the specifier once the
    package's import map has been asked.
    """

    path: str
    reference: Reference
    target: str


def uses(files: Mapping[str, bytes], exports: Exports, config: Mapping[str, Any]) -> Iterator[Use]:
    """What the modules name that are reached from the exports, in the order of reaching them.

    :param config: the package's configuration, for its import map
    :raises TooMuchCode: the modules are more than any that people write
    """
    imports = import_map(config)
    waiting = deque(dict.fromkeys(map(path_of, exports.values())))  # many names may stand for one file
    seen = set(waiting)
    if (jsx := _jsx_source(config)) is not None:
        yield Use("", Reference(jsx, Kind.TYPES), mapped(jsx, imports))
    patience = Patience()
    while waiting:
        path = waiting.popleft()
        if not path.endswith(_CODE):
            continue
        for reference in references(files[path].decode("utf-8", "replace"), patience):
            use = Use(path, reference, mapped(reference.specifier, imports))
            yield use
            reached = local_path(use, files)
            if reached is not None and reached not in seen:
                seen.add(reached)
                waiting.append(reached)


def requirements(found: Collection[Use]) -> list[Requirement]:
    """The packages of registries that are needed, each once, by name. A specifier that names none is none."""
    wanted: set[Requirement] = set()
    for use in found:
        if use.reference.kind is Kind.LIBRARY:
            continue
        try:
            requirement = requirement_of(use.target)
        except BadSpecifier:
            continue
        if requirement is not None:
            wanted.add(requirement)
    return sorted(wanted)


def import_map(config: Mapping[str, Any]) -> Mapping[str, str]:
    """The ``imports`` of a configuration, as far as they are texts that can be specifiers: what is imported
    by a part of a name carries all that it stands for.
    """
    imports = config.get("imports")
    if not isinstance(imports, dict):
        return {}
    return {
        name: target
        for name, target in imports.items()
        if isinstance(target, str) and len(target) <= _LONGEST_TARGET
    }


def mapped(specifier: str, imports: Mapping[str, str]) -> str:
    """What a specifier stands for: the whole name, or the longest prefix of it that ends in a slash (the
    HTML standard, "resolve a module specifier"). Deno also takes ``name/part`` for a part of the package
    that ``name`` stands for.
    """
    if specifier in imports:
        return imports[specifier]
    if specifier.startswith((".", "/")) or _SCHEME.match(specifier):
        return specifier
    # looked up by each beginning, not the other way round: both the map and the modules are somebody's
    slashes = [match.start() for match in _SLASH.finditer(specifier, 0, _LONGEST_PREFIX)][::-1]
    for at in slashes:
        target = imports.get(specifier[: at + 1])
        if target is not None:
            return target + specifier[at + 1 :]
    for at in slashes:
        target = imports.get(specifier[:at], "")
        if target.startswith(("jsr:", "npm:")):
            return target + specifier[at:]
    return specifier


def scheme_of(target: str) -> str | None:
    """The scheme of a specifier that is an address, in small letters."""
    match = _SCHEME.match(target)
    return match[1].lower() if match else None


def local_path(use: Use, files: Collection[str]) -> str | None:
    """The file of the package that is named, if it is one."""
    if not use.target.startswith(("./", "../", "/")):
        return None
    base = posixpath.dirname(use.path) if use.target.startswith(".") and use.path else "/"
    if use.target != use.reference.specifier and use.target.startswith("."):
        base = "/"  # an import map is relative to the configuration
    path = posixpath.normpath(posixpath.join(base, use.target.partition("?")[0].partition("#")[0]))
    return path if path in files else None


def _jsx_source(config: Mapping[str, Any]) -> str | None:
    options = config.get("compilerOptions")
    source = options.get("jsxImportSource") if isinstance(options, dict) else None
    return source if isinstance(source, str) else None
