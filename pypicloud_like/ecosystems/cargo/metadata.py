"""What is known of one version of a crate, whoever says it: the manifest in its archive, or cargo beside it.

The facts of a crate's record are the JSON object that :meth:`Crate.facts` gives. Its texts are None where
the manifest says nothing:

``deps`` (list of objects as in an index line) · ``features`` (name → list; not split into ``features2``) ·
``links`` · ``rust_version`` · ``description`` · ``homepage`` · ``documentation`` · ``repository`` ·
``license`` · ``license_file`` · ``readme_file`` · ``keywords`` · ``categories`` · ``authors`` (lists) ·
``edition`` · ``has_lib`` (boolean) · ``bin_names`` (list). A change after the publish adds ``id``, see
:func:`version_id`.

The README's text is the sidecar :data:`README` of the file, as UTF-8.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pypicloud_like.core.model import FileRecord

README = "readme"
"""The sidecar with the README's text."""
CRATES_IO = "https://github.com/rust-lang/crates.io-index"
"""How manifests, lock files and index lines name crates.io, over whatever protocol it is read."""
KIND = "crate"

_KINDS = {"normal": 0, "build": 1, "dev": 2}


@dataclass(frozen=True, slots=True)
class Dependency:
    """One dependency. ``name`` is what the manifest calls it, ``package`` what it is called really if that
    is another name; ``registry`` is the address of its index, None for the one it is published to.
    """

    name: str
    requirement: str
    package: str | None = None
    features: tuple[str, ...] = ()
    optional: bool = False
    default_features: bool = True
    target: str | None = None
    kind: str = "normal"
    registry: str | None = None
    unstable: Mapping[str, Any] = field(default_factory=dict)
    """Fields that only unstable versions of cargo send, by their names in an index line."""

    @property
    def crate(self) -> str:
        """The crate that is meant."""
        return self.package or self.name

    def entry(self) -> dict[str, Any]:
        """The object in an index line (Cargo reference, "JSON schema")."""
        return {
            "name": self.name,
            "req": self.requirement,
            "features": list(self.features),
            "optional": self.optional,
            "default_features": self.default_features,
            "target": self.target,
            "kind": self.kind,
            "registry": self.registry,
            "package": self.package,
            **self.unstable,
        }

    @property
    def order(self) -> tuple[str, int, str]:
        """Of one name the normal ones come first: old versions of cargo mix up which of them is optional."""
        return self.name, _KINDS[self.kind], self.target or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crate:
    """One version of a crate as its manifest describes it."""

    name: str
    version: str
    dependencies: tuple[Dependency, ...] = ()
    features: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    links: str | None = None
    rust_version: str | None = None
    edition: str | None = None
    description: str | None = None
    homepage: str | None = None
    documentation: str | None = None
    repository: str | None = None
    license: str | None = None
    license_file: str | None = None
    readme_file: str | None = None
    authors: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    has_lib: bool = False
    bin_names: tuple[str, ...] = ()

    @property
    def filename(self) -> str:
        """What cargo calls its archive."""
        return f"{self.name}-{self.version}.crate"

    def facts(self) -> dict[str, Any]:
        """What its record says of it; see above."""
        return {
            "deps": [each.entry() for each in sorted(self.dependencies, key=lambda each: each.order)],
            "features": {name: list(self.features[name]) for name in sorted(self.features)},
            "links": self.links,
            "rust_version": self.rust_version,
            "edition": self.edition,
            "description": self.description,
            "homepage": self.homepage,
            "documentation": self.documentation,
            "repository": self.repository,
            "license": self.license,
            "license_file": self.license_file,
            "readme_file": self.readme_file,
            "authors": list(self.authors),
            "keywords": list(self.keywords),
            "categories": list(self.categories),
            "has_lib": self.has_lib,
            "bin_names": list(self.bin_names),
        }


def version_id(file: FileRecord) -> int:
    """The number of a version: the serial of its publish, whatever became of it later."""
    return int(file.facts.get("id", file.serial))


def with_id(file: FileRecord) -> Mapping[str, Any]:
    """The facts of a file that is about to change and so to get another serial."""
    return {**file.facts, "id": version_id(file)}
