"""``Cargo.toml`` as it lies in an archive: normalised by cargo, or made by hand long ago."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pypicloud_like.core.errors import InvalidUpload
from pypicloud_like.ecosystems.cargo.metadata import CRATES_IO, Crate, Dependency
from pypicloud_like.ecosystems.cargo.names import shown
from pypicloud_like.ecosystems.cargo.versions import normal_requirement

MAX_MANIFEST = 1024 * 1024
MAX_WORK = 10_000_000
"""Of a manifest the dots of its most dotted line times all its dots. For each dot of a key the parser goes
once through all parts of that key and of the table it is in, so this bounds its time, whatever stands where.
"""

_TABLES = {
    "normal": ("dependencies",),
    "dev": ("dev-dependencies", "dev_dependencies"),
    "build": ("build-dependencies", "build_dependencies"),
}

Table = Mapping[str, Any]


def read_manifest(raw: bytes, files: Collection[str], own_indexes: Collection[str]) -> Crate:
    """The crate that a manifest describes.

    :param files: the paths of the crate's files, relative to the manifest
    :param own_indexes: the addresses that mean the registry it is published to
    :raises InvalidUpload: it is no manifest of a package, or not normalised
    """
    manifest = _parse(raw)
    package = _table(manifest, "package", "project")
    if not package:
        raise invalid("it has no [package]")
    if "patch" in manifest:
        raise invalid("[patch] has no place in a package")
    library = manifest.get("lib")
    return Crate(
        name=_text(package, "name") or "",
        version=_text(package, "version") or "",
        dependencies=tuple(_dependencies(manifest, own_indexes)),
        features=_features(manifest),
        links=_text(package, "links"),
        rust_version=_text(package, "rust-version"),
        edition=_text(package, "edition"),
        description=_text(package, "description"),
        homepage=_text(package, "homepage"),
        documentation=_text(package, "documentation"),
        repository=_text(package, "repository"),
        license=_text(package, "license"),
        license_file=_text(package, "license-file", "license_file"),
        readme_file=_readme(package, files),
        authors=_texts(package, "authors"),
        keywords=_texts(package, "keywords"),
        categories=_texts(package, "categories"),
        has_lib=library is not None or (package.get("autolib") is not False and "src/lib.rs" in files),
        bin_names=tuple(sorted(_binaries(manifest, package, files))),
    )


def invalid(reason: str) -> InvalidUpload:
    """The refusal of a manifest."""
    return InvalidUpload("", f"failed to parse Cargo.toml manifest file: {reason}")


def _parse(raw: bytes) -> Table:
    if len(raw) > MAX_MANIFEST:
        raise invalid(f"it is larger than {MAX_MANIFEST} bytes")
    try:
        text = raw.decode("utf-8")
        text = text.replace("\r\n", "\n")
        _refuse_laborious(text)
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise invalid(shown(str(error))) from None
    except (ValueError, RecursionError):
        raise invalid("it is not valid TOML in UTF-8") from None


def _refuse_laborious(text: str) -> None:
    """A key ends with its line, so no key has more parts than its line has dots; a line ends with a line feed
    and with nothing else (TOML 1.0, "Spec"). No line is passed over: the parser goes through a key before it
    finds that it is none.
    """
    dots = [line.count(".") for line in text.split("\n")]
    if max(dots) * sum(dots) > MAX_WORK:
        raise invalid("it has lines of too many parts")


def _dependencies(manifest: Table, own: Collection[str]) -> Iterator[Dependency]:
    yield from _of_target(manifest, None, own)
    for target, tables in _table(manifest, "target").items():
        if not isinstance(tables, Mapping):
            raise invalid("a target is no table")
        yield from _of_target(tables, target, own)


def _of_target(tables: Table, target: str | None, own: Collection[str]) -> Iterator[Dependency]:
    for kind, spellings in _TABLES.items():
        for name, given in _table(tables, *spellings).items():
            said = {"version": given} if isinstance(given, str) else given
            if not isinstance(said, Mapping):
                raise invalid(f"the dependency {shown(name)} is no table")
            if kind == "dev" and "version" not in said:
                continue  # known by its path alone: cargo leaves it out when it publishes
            yield _dependency(name, said, kind, target, own)


def _dependency(name: str, said: Table, kind: str, target: str | None, own: Collection[str]) -> Dependency:
    if "workspace" in said:
        raise invalid(f"the dependency {shown(name)} is inherited from a workspace")
    package = _text(said, "package")
    return Dependency(
        name=name,
        package=package if package != name else None,
        requirement=normal_requirement(_text(said, "version") or "*"),
        features=_texts(said, "features"),
        optional=said.get("optional") is True,
        default_features=said.get("default-features", said.get("default_features")) is not False,
        target=target,
        kind=kind,
        registry=_registry(said, own),
    )


def _registry(said: Table, own: Collection[str]) -> str | None:
    """Cargo writes the index of a registry that is not crates.io into a normalised manifest."""
    index = _text(said, "registry-index")
    if index is None:
        return CRATES_IO
    return None if index in own else index


def _features(manifest: Table) -> dict[str, tuple[str, ...]]:
    table = _table(manifest, "features")
    return {name: _texts(table, name) for name in table}


def _readme(package: Table, files: Collection[str]) -> str | None:
    """The README's path: named, or found under one of the names cargo looks for."""
    given = package.get("readme", True)
    if given is True:
        return next((name for name in ("README.md", "README.txt", "README") if name in files), None)
    return None if given is False else _text(package, "readme")


def _binaries(manifest: Table, package: Table, files: Collection[str]) -> set[str]:
    """Named ones, and those that cargo finds by the layout of folders unless told not to."""
    listed = manifest.get("bin", [])
    if not isinstance(listed, list) or not all(isinstance(each, Mapping) for each in listed):
        raise invalid("[[bin]] is no array of tables")
    names = {name for each in listed if (name := _text(each, "name"))}
    if package.get("autobins") is False:
        return names
    if "src/main.rs" in files and not listed:
        names.add(_text(package, "name") or "")
    for path in files:
        folder, _, rest = path.partition("src/bin/")
        if rest and not folder:
            first, _, last = rest.partition("/")
            if not last and first.endswith(".rs"):
                names.add(first.removesuffix(".rs"))
            elif last == "main.rs":
                names.add(first)
    return names


def _table(parent: Table, *spellings: str) -> Table:
    for spelling in spellings:
        found = parent.get(spelling)
        if found is not None:
            if not isinstance(found, Mapping):
                raise invalid(f"[{spelling}] is no table")
            return found
    return {}


def _text(table: Table, *spellings: str) -> str | None:
    for spelling in spellings:
        found = table.get(spelling)
        if found is not None:
            if isinstance(found, Mapping):
                raise invalid(f"`{spelling}` is inherited from a workspace")
            if not isinstance(found, str):
                raise invalid(f"`{shown(spelling)}` is no text")
            return checked_text(found)
    return None


def _texts(table: Table, key: str) -> tuple[str, ...]:
    found = table.get(key, [])
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise invalid(f"`{shown(key)}` is no array of texts")
    return tuple(map(checked_text, found))


def checked_text(text: str) -> str:
    """:raises InvalidUpload: it has a NUL, which no database takes, or half a surrogate pair"""
    if "\0" in text or any("\ud800" <= each <= "\udfff" for each in text):
        raise InvalidUpload("", f"a text is not valid Unicode: {shown(text)}")
    return text
