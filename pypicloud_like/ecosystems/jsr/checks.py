"""What a package must be like to be published: each rule a function, with the code JSR has for it.

Rules of paths are in :mod:`~pypicloud_like.ecosystems.jsr.paths`, those of the tarball and of exports in
modules called so.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from itertools import islice
from typing import Any

from pypicloud_like.ecosystems.jsr import jsonc
from pypicloud_like.ecosystems.jsr.dependencies import Use, scheme_of
from pypicloud_like.ecosystems.jsr.errors import Failed
from pypicloud_like.ecosystems.jsr.lexer import TooMuchCode
from pypicloud_like.ecosystems.jsr.names import JSR, PackageName, shown
from pypicloud_like.ecosystems.jsr.references import Kind
from pypicloud_like.ecosystems.jsr.specifiers import BadSpecifier, Requirement, requirement_of

MAX_CONFIG = 1024 * 1024
MOST_USES = 100_000
MOST_NEEDED = 2_000
_LICENSE_FILE = re.compile(r"/(?:LICEN[CS]E|COPYING(?:\.LESSER)?)(?:[.-][A-Za-z0-9._-]*)?\Z", re.IGNORECASE)
_SCHEMES = frozenset({"file", "data", "node", "bun", "virtual", "cloudflare", "jsr", "npm"})
"""What modules may be imported from; all else is fetched over the network from wherever it says."""
_BANNED_LIBRARY_REFERENCES = "banned are <reference lib> and <reference no-default-lib>"

Config = Mapping[str, Any]


def read_config(files: Mapping[str, bytes], path: str) -> Config:
    """The package's configuration.

    :param path: where it is in the package, as the client says
    :raises Failed: ``missingConfigFile``, ``invalidConfigFile``
    """
    raw = files.get(path)
    if raw is None:
        raise Failed("missingConfigFile", f"The configuration '{shown(path)}' is not in the package")
    if len(raw) > MAX_CONFIG:
        raise _invalid_config(path, f"it is larger than {MAX_CONFIG} bytes")
    if not raw.strip():
        raise _invalid_config(path, "it is empty")
    try:
        config = jsonc.parse(raw.decode("utf-8"))
    except UnicodeDecodeError:
        raise _invalid_config(path, "it is not UTF-8") from None
    except ValueError as error:
        raise _invalid_config(path, str(error)) from None
    if not isinstance(config, dict):
        raise _invalid_config(path, "it is no JSON object")
    return config


def check_name(config: Config, package: PackageName) -> None:
    """:raises Failed: the configuration is another package's (``configFileNameMismatch``)"""
    said = config.get("name")
    if said != str(package):
        name = f"'{shown(said)}'" if isinstance(said, str) else "not there"
        raise Failed(
            "configFileNameMismatch", f"The name in the configuration is {name}, but published is '{package}'"
        )


def check_version(config: Config, version: str) -> None:
    """A configuration without a version leaves it to the client.

    :raises Failed: it is another one (``configFileVersionMismatch``)
    """
    said = config.get("version")
    if said is not None and said != version:
        raise Failed(
            "configFileVersionMismatch",
            f"The version in the configuration is '{shown(str(said))}', but published is '{version}'",
        )


def license_of(config: Config, paths: Iterable[str]) -> str | None:
    """What the configuration says of the licence; None where a file of the package says it.

    :raises Failed: neither does (``missingLicense``), or it is no text (``invalidLicense``)
    """
    said = config.get("license")
    if said is None:
        if not any(_LICENSE_FILE.match(path) for path in paths):
            raise Failed(
                "missingLicense",
                "The package says nothing of its licence: add `license` to the configuration"
                ' (for your own use "UNLICENSED") or a file LICENSE',
            )
        return None
    if not isinstance(said, str) or not said.strip() or len(said) > 250 or not said.isprintable():
        raise Failed("invalidLicense", "`license` in the configuration has to be a short text")
    return said.strip()


def check_graph(found: Iterable[Use]) -> list[Use]:
    """What the modules of a package name, if that is not more than a server can keep in mind.

    :raises Failed: it is (``graphError``)
    """
    try:
        kept = list(islice(found, MOST_USES + 1))
    except TooMuchCode as error:
        raise Failed("graphError", f"The modules of the package cannot be read: {error}") from None
    if len(kept) > MOST_USES:
        raise Failed("graphError", f"The modules of the package import more than {MOST_USES} times together")
    return kept


def check_needed(needed: Collection[Requirement]) -> None:
    """:raises Failed: they are so many that nobody could install them (``graphError``)"""
    if len(needed) > MOST_NEEDED:
        raise Failed("graphError", f"The package imports more than {MOST_NEEDED} different dependencies")


def check_common_js(paths: Iterable[str]) -> None:
    """:raises Failed: a module that users can reach is CommonJS by its name (``commonJs``)"""
    for path in paths:
        if path.endswith((".cjs", ".cts")):
            raise Failed("commonJs", f"'{shown(path)}' is a CommonJS module; a package has ES modules only")


def check_assertions(found: Collection[Use]) -> None:
    """:raises Failed: attributes are given in the form that has been withdrawn (``bannedImportAssertion``)"""
    for use in found:
        if use.reference.asserted:
            raise Failed(
                "bannedImportAssertion",
                f"'{shown(use.path)}' imports '{shown(use.reference.specifier)}' with `assert`;"
                " write `with` instead",
            )


def check_directives(found: Collection[Use]) -> None:
    """:raises Failed: a module changes the types of all others (``bannedTripleSlashDirectives``)"""
    for use in found:
        if use.reference.kind is Kind.LIBRARY:
            raise Failed(
                "bannedTripleSlashDirectives",
                f"'{shown(use.path)}' has a directive that is not allowed; {_BANNED_LIBRARY_REFERENCES}",
            )


def check_external(found: Collection[Use]) -> None:
    """:raises Failed: something is imported from an address of its own (``invalidExternalImport``)"""
    for use in found:
        scheme = scheme_of(use.target) if use.reference.kind is not Kind.LIBRARY else None
        if scheme is not None and scheme not in _SCHEMES:
            raise Failed(
                "invalidExternalImport",
                f"'{shown(use.path)}' imports '{shown(use.target)}'; a package may import from 'jsr:',"
                " 'npm:', 'node:', 'data:' and its own files",
            )


def check_requirements(found: Collection[Use]) -> None:
    """:raises Failed: a ``jsr:`` or ``npm:`` specifier is none (``invalidJsrSpecifier``,
    ``invalidNpmSpecifier``) or leaves the version open (``missingConstraint``)
    """
    for use in found:
        if use.reference.kind is Kind.LIBRARY:
            continue
        try:
            requirement = requirement_of(use.target)
        except BadSpecifier as error:
            code = "invalidJsrSpecifier" if error.kind == JSR else "invalidNpmSpecifier"
            raise Failed(code, f"'{shown(use.path)}' imports '{shown(use.target)}': {error}") from None
        if requirement is not None and not requirement.constraint:
            raise Failed(
                "missingConstraint",
                f"'{shown(use.path)}' imports '{shown(use.target)}' without saying which versions;"
                f" write '{requirement.kind}:{requirement.name}@^1'",
            )


def _invalid_config(path: str, why: str) -> Failed:
    return Failed("invalidConfigFile", f"The configuration '{shown(path)}' cannot be read: {why}")
