"""The bodies of lists in the crates.io HTTP API: pages of crates, versions and labels."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from pypicloud_like.ecosystems.cargo.shapes import (
    CategorySlug,
    CrateBody,
    CrateCategory,
    CrateKeyword,
    CrateVersion,
    Dependencies,
)
from pypicloud_like.http.openapi.kinds import Count


class Track(TypedDict):
    """A line of compatible versions."""

    highest: str


class CrateTotal(TypedDict):
    """How many there are in all."""

    total: Count


class CratePages(CrateTotal):
    """How many there are in all, and the queries of the pages around this one."""

    next_page: str | None
    prev_page: str | None


class VersionPages(CratePages):
    """The same, with the lines of compatible versions if they were asked for."""

    release_tracks: NotRequired[dict[str, Track]]


class Crates(TypedDict):
    """A page of crates."""

    crates: list[CrateBody]
    meta: CratePages


class CrateVersions(TypedDict):
    """Versions of a crate."""

    versions: list[CrateVersion]
    meta: VersionPages


class ReverseDependencies(Dependencies):
    """What needs a crate, and the versions that do."""

    versions: list[CrateVersion]
    meta: CrateTotal


class Keywords(TypedDict):
    """A page of keywords."""

    keywords: list[CrateKeyword]
    meta: CrateTotal


class Categories(TypedDict):
    """A page of categories."""

    categories: list[CrateCategory]
    meta: CrateTotal


class CategorySlugs(TypedDict):
    """The names of all categories."""

    category_slugs: list[CategorySlug]


class Summary(TypedDict):
    """Numbers, and the first ten by several orders."""

    num_crates: Count
    num_downloads: Count
    new_crates: list[CrateBody]
    most_downloaded: list[CrateBody]
    most_recently_downloaded: list[CrateBody]
    just_updated: list[CrateBody]
    popular_keywords: list[CrateKeyword]
    popular_categories: list[CrateCategory]


class MirrorFound(TypedDict):
    """A crate that is held of an upstream."""

    name: str
    max_version: str
    description: str


class MirrorCrates(TypedDict):
    """Crates that are held of an upstream."""

    crates: list[MirrorFound]
    meta: CrateTotal
