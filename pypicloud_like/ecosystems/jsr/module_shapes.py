"""What deno and npm read: the documents of packages, which are no part of the JSR API."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired, TypedDict

from pypicloud_like.http.openapi.kinds import Count, Moment, Uri
from pypicloud_like.http.openapi.schemas import Is


class ModuleVersion(TypedDict, total=False):
    """A version in ``meta.json``."""

    yanked: bool
    createdAt: Moment


class ModuleMeta(TypedDict):
    """``meta.json``."""

    scope: str
    name: str
    latest: str | None
    versions: dict[str, ModuleVersion]


class ManifestFile(TypedDict):
    """A file of a version."""

    size: Count
    checksum: Annotated[str, Is(pattern="^sha256-[0-9a-f]{64}$")]


class ModuleManifest(TypedDict):
    """``<version>_meta.json``, as it was made when the version was published."""

    manifest: dict[str, ManifestFile]
    exports: dict[str, str]


class NpmError(TypedDict):
    """What went wrong."""

    error: str
    code: str


class NpmRegistry(TypedDict):
    """That here is a registry."""


class NpmWhoami(TypedDict):
    """Whose token it is."""

    username: str


class NpmDist(TypedDict):
    """Where a tarball is."""

    tarball: Uri
    shasum: str
    integrity: str


class NpmVersion(TypedDict):
    """A version for npm."""

    name: str
    version: str
    description: str
    type: Literal["module"]
    dist: NpmDist
    dependencies: dict[str, str]
    license: NotRequired[str]
    deprecated: NotRequired[str]


NpmPackument = TypedDict(
    "NpmPackument",
    {
        "name": str,
        "description": str,
        "dist-tags": dict[str, str],
        "versions": dict[str, NpmVersion],
        "time": dict[str, Moment],
    },
)
