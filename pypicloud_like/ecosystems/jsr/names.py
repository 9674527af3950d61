"""Names of scopes and packages: the rules of JSR, and how a package is called in access lists."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pypicloud_like.core.errors import NotFound
from pypicloud_like.core.model import Project
from pypicloud_like.ecosystems.jsr.errors import Malformed

JSR = "jsr"
"""The ecosystem's word in keys, records and access lists."""
MIN_NAME = 2
MAX_SCOPE = 20
MAX_PACKAGE = 58

_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*\Z", re.ASCII)
_KNOWN_ELSEWHERE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z", re.ASCII)
_BOTH = re.compile(r"@([^/@]+)/([^/@]+)\Z")


@dataclass(frozen=True, slots=True, order=True)
class PackageName:
    """A package by its scope (without ``@``) and its own name."""

    scope: str
    package: str

    def __str__(self) -> str:
        return f"@{self.scope}/{self.package}"

    @property
    def project(self) -> Project:
        """The project it is in the model."""
        return Project(JSR, str(self))


def is_scope_name(name: str) -> bool:
    """Whether a scope may be called so when it is made: small letters, digits and single hyphens, a letter
    first, 2 to 20 characters.
    """
    return MIN_NAME <= len(name) <= MAX_SCOPE and _NAME.match(name) is not None


def is_package_name(name: str) -> bool:
    """The same of a package, which may have 58 characters."""
    return MIN_NAME <= len(name) <= MAX_PACKAGE and _NAME.match(name) is not None


def is_known_form(name: PackageName) -> bool:
    """Whether a package may be called so on any registry: elsewhere names may begin with a digit."""
    fits = len(name.scope) <= MAX_SCOPE and len(name.package) <= MAX_PACKAGE
    return fits and all(_KNOWN_ELSEWHERE.match(part) for part in (name.scope, name.package))


def without_hyphens(name: str) -> str:
    """What two scopes, or two packages of one scope, must not have in common."""
    return name.replace("-", "")


def check_scope(name: str) -> str:
    """The name of a scope, as it is.

    :raises Malformed: no scope may be called so
    """
    if not is_scope_name(name):
        raise Malformed(
            f"'{shown(name)}' is no name of a scope: 2 to 20 small letters, digits and single hyphens,"
            " beginning with a letter"
        )
    return name


def check_package(name: str) -> str:
    """The name of a package without its scope, as it is.

    :raises Malformed: no package may be called so
    """
    if not is_package_name(name):
        raise Malformed(
            f"'{shown(name)}' is no name of a package: 2 to 58 small letters, digits and single hyphens,"
            " beginning with a letter"
        )
    return name


def checked(scope: str, package: str) -> PackageName:
    """Scope and package of an address below ``/api/``.

    :raises Malformed: one of them is no such name
    """
    return PackageName(check_scope(scope), check_package(package))


def requested(scope: str, package: str) -> PackageName:
    """Scope and package of a module's address.

    :raises NotFound: nothing can be called so
    """
    name = PackageName(scope, package)
    if not is_known_form(name):
        raise NotFound(str(name.project)[:200])
    return name


def name_of(text: str) -> PackageName | None:
    """The package that ``@scope/name`` spells; None for any other text."""
    match = _BOTH.match(text)
    name = PackageName(match[1], match[2]) if match else None
    return name if name is not None and is_known_form(name) else None


def package_of(project: Project) -> PackageName:
    """The inverse of :attr:`PackageName.project`."""
    scope, _, package = project.name.removeprefix("@").partition("/")
    return PackageName(scope, package)


def shown(text: str) -> str:
    """A hostile text as it may stand in a refusal: short and printable."""
    return "".join(character if character.isprintable() else "?" for character in text[:80])
