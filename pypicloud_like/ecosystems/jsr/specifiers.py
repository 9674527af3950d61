"""Specifiers of ``jsr:`` and ``npm:`` modules, taken apart."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pypicloud_like.ecosystems.jsr.names import JSR, PackageName, is_known_form

NPM = "npm"

_PACKAGE = r"@(?P<scope>[^/@]+)/(?P<name>[^/@]+)"
_JSR = re.compile(rf"jsr:/?{_PACKAGE}(?:@(?P<constraint>[^/]*))?(?:/(?P<path>.*))?\Z", re.DOTALL)
_NPM = re.compile(
    r"npm:/?(?P<full>(?:@[^/@]+/)?[^/@]+)(?:@(?P<constraint>[^/]*))?(?:/(?P<path>.*))?\Z", re.DOTALL
)
_NPM_NAME = re.compile(r"(?:@[a-z0-9~-][a-z0-9._~-]*/)?[a-zA-Z0-9~-][a-zA-Z0-9._~-]*\Z", re.ASCII)
_LONGEST_NPM = 214
_CONSTRAINT = re.compile(r"[\x20-\x7e]{1,200}\Z")
_SUB_PATH = re.compile(r"[\x21-\x7e]{1,500}\Z")


@dataclass(frozen=True, slots=True, order=True)
class Requirement:
    """A package of a registry that a module needs. ``constraint`` is empty where the source has none;
    ``path`` is the part of the package, empty for the package itself.
    """

    kind: str
    name: str
    constraint: str
    path: str


class BadSpecifier(ValueError):
    """A specifier of a registry that names no package. ``kind`` is the registry's."""

    def __init__(self, kind: str, sentence: str) -> None:
        super().__init__(sentence)
        self.kind = kind


def requirement_of(specifier: str) -> Requirement | None:
    """What a specifier of ``jsr:`` or ``npm:`` needs; None for any other.

    :raises BadSpecifier: it is of a registry and cannot be taken apart
    """
    if specifier.startswith("jsr:"):
        return _read(JSR, _JSR.match(specifier))
    if specifier.startswith("npm:"):
        return _read(NPM, _NPM.match(specifier))
    return None


def _read(kind: str, match: re.Match[str] | None) -> Requirement:
    if match is None:
        form = "jsr:@scope/name@version" if kind == JSR else "npm:name@version"
        raise BadSpecifier(kind, f"it has to look like '{form}'")
    constraint = (match["constraint"] or "").strip()
    path = match["path"] or ""
    if kind == JSR:
        package = PackageName(match["scope"], match["name"])
        name = str(package)
        valid = is_known_form(package)
    else:
        name = match["full"]
        valid = len(name) <= _LONGEST_NPM and _NPM_NAME.match(name) is not None
    if not valid:
        raise BadSpecifier(kind, "no package can be called so")
    if constraint and not _CONSTRAINT.match(constraint):
        raise BadSpecifier(kind, "its version has characters that no version has")
    if path and not _SUB_PATH.match(path):
        raise BadSpecifier(kind, "its path has characters that no path has")
    return Requirement(kind, name, constraint, path)
