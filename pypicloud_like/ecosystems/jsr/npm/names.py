"""Names in npm's world: of packages, of tarballs, of what a module imports and what a package depends on.

The scheme is that of JSR's "npm compatibility layer": ``@scope/name`` is ``@jsr/scope__name``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import quote

from pypicloud_like.core.errors import NotFound
from pypicloud_like.ecosystems.jsr.names import JSR, PackageName, name_of, requested
from pypicloud_like.ecosystems.jsr.specifiers import Requirement, requirement_of
from pypicloud_like.ecosystems.jsr.versions import version_of

SCOPE = "@jsr"
REVISION = 11
"""Of the layout of packages, as their ``package.json`` tells it (``_jsr_revision``) and the older address of
a tarball has it.
"""
_ENDING = ".tgz"


def npm_name(package: PackageName) -> str:
    """``@jsr/scope__name``"""
    return f"{SCOPE}/{_joined(package)}"


def package_named(name: str) -> PackageName:
    """The package that ``scope__name`` stands for.

    :raises NotFound: nothing can be called so
    """
    scope, _, package = name.partition("__")
    return requested(scope, package)


def tarball_path(package: PackageName, version: str) -> str:
    """Where a tarball is below the registry's root, in the layout that all registries of npm have."""
    return f"{npm_name(package)}/-/{_joined(package)}-{quote(version)}{_ENDING}"


def version_in(filename: str, package: PackageName) -> str:
    """The version that a tarball's file name tells: ``scope__name-1.0.0.tgz``.

    :raises NotFound: it is no such name
    """
    return plain_version_in(filename.removeprefix(f"{_joined(package)}-"), package)


def plain_version_in(filename: str, package: PackageName) -> str:
    """The same of the older layout: ``1.0.0.tgz``.

    :raises NotFound: it is no such name
    """
    version = filename.removesuffix(_ENDING)
    if version == filename or version_of(version) is None:
        raise NotFound(str(package.project))
    return version


def npm_specifier(target: str) -> str | None:
    """What a module of npm's world says in the place of a ``jsr:`` or ``npm:`` specifier; None for any other.

    :raises BadSpecifier: it is of a registry and names no package
    """
    requirement = requirement_of(target)
    if requirement is None:
        return None
    name = npm_dependency(requirement)
    return f"{name}/{requirement.path}" if requirement.path else name


def npm_dependency(requirement: Requirement) -> str:
    """The name under which npm knows a package that is needed."""
    if requirement.kind != JSR:
        return requirement.name
    package = name_of(requirement.name)
    assert package is not None  # a requirement has the name of a package
    return npm_name(package)


def npm_dependencies(needed: Iterable[Requirement], own: PackageName) -> Mapping[str, str]:
    """The ``dependencies`` of a ``package.json``. npm knows one range of a package: of several the last one
    counts, as text. A package does not depend on itself.
    """
    told = {npm_dependency(each): each.constraint or "*" for each in sorted(needed)}
    told.pop(npm_name(own), None)
    return told


def _joined(package: PackageName) -> str:
    return f"{package.scope}__{package.package}"
