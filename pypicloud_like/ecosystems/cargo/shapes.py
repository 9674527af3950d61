"""The bodies of the crates.io HTTP API as types, but for lists: the code is checked against them, and
described by them.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from pypicloud_like.http.openapi.kinds import Count, Day, Moment, Sha256, Uri


class CargoErrorDetail(TypedDict):
    """A sentence for people."""

    detail: str


class CargoError(TypedDict):
    """What went wrong."""

    errors: list[CargoErrorDetail]
    code: str
    error: str
    message: str


class CrateLinks(TypedDict):
    """Where more is said of a crate."""

    version_downloads: Uri
    versions: Uri | None
    owners: Uri
    owner_team: Uri
    owner_user: Uri
    reverse_dependencies: Uri


class CrateBody(TypedDict):
    """A crate."""

    id: str
    name: str
    updated_at: Moment
    created_at: Moment
    versions: list[int] | None
    keywords: list[str] | None
    categories: list[str] | None
    badges: list[str]
    downloads: Count
    recent_downloads: Count
    default_version: str
    num_versions: Count
    yanked: bool
    max_version: str
    newest_version: str
    max_stable_version: str | None
    description: str | None
    homepage: str | None
    documentation: str | None
    repository: str | None
    links: CrateLinks
    exact_match: bool
    trustpub_only: bool


class CrateUser(TypedDict):
    """A user."""

    id: int
    login: str
    name: str | None
    avatar: str | None
    url: str
    github_username_matches: bool
    created_at: Moment


class CrateOwner(CrateUser):
    """An owner of a crate."""

    kind: Literal["user"]


class VersionLinks(TypedDict):
    """Where more is said of a version."""

    dependencies: Uri
    version_downloads: Uri
    authors: Uri


class CrateVersion(TypedDict):
    """A version of a crate."""

    id: int
    crate: str
    num: str
    dl_path: Uri
    readme_path: Uri
    updated_at: Moment
    created_at: Moment
    downloads: Count
    features: dict[str, list[str]]
    yanked: bool
    yank_message: str | None
    lib_links: str | None
    license: str | None
    links: VersionLinks
    crate_size: Count
    published_by: CrateUser | None
    audit_actions: list[str]
    checksum: Sha256
    rust_version: str | None
    has_lib: bool | None
    bin_names: list[str]
    edition: str | None
    description: str | None
    homepage: str | None
    documentation: str | None
    repository: str | None
    trustpub_data: None
    linecounts: None


class CrateDependency(TypedDict):
    """What a version needs."""

    id: int
    version_id: int
    crate_id: str
    req: str
    optional: bool
    default_features: bool
    features: list[str]
    target: str | None
    kind: str
    downloads: Count


class CrateKeyword(TypedDict):
    """A keyword."""

    id: str
    keyword: str
    created_at: Moment
    crates_cnt: Count


class CrateCategory(TypedDict):
    """A category."""

    id: str
    slug: str
    category: str
    description: str
    created_at: Moment
    crates_cnt: Count


class CategoryTree(CrateCategory):
    """A category with those above and below it."""

    subcategories: list[CrateCategory]
    parent_categories: list[CrateCategory]


class CategorySlug(TypedDict):
    """The name of a category."""

    id: str
    slug: str
    description: str


class VersionDay(TypedDict):
    """Downloads of a version on a day."""

    version: int
    downloads: Count
    date: Day


class RestDay(TypedDict):
    """Downloads of all other versions on a day."""

    date: Day
    downloads: Count


class OneCrate(TypedDict):
    """A crate with what was asked for besides."""

    crate: CrateBody
    versions: list[CrateVersion] | None
    keywords: list[CrateKeyword] | None
    categories: list[CrateCategory] | None


class VersionsById(TypedDict):
    """Versions of any crates."""

    versions: list[CrateVersion]


class OneVersion(TypedDict):
    """A version."""

    version: CrateVersion


class RestDownloads(TypedDict):
    """The downloads of versions that have no line of their own."""

    extra_downloads: list[RestDay]


class CrateDownloads(TypedDict):
    """The downloads of a crate by day."""

    version_downloads: list[VersionDay]
    meta: RestDownloads
    versions: NotRequired[list[CrateVersion]]


class VersionDownloads(TypedDict):
    """The downloads of a version by day."""

    version_downloads: list[VersionDay]


class Dependencies(TypedDict):
    """What a version needs."""

    dependencies: list[CrateDependency]


class AuthorNames(TypedDict):
    """Manifests need no authors any more."""

    names: list[str]


class Authors(TypedDict):
    """The authors of a version."""

    users: list[CrateUser]
    meta: AuthorNames


class Owners(TypedDict):
    """The owners of a crate."""

    users: list[CrateOwner]


class Teams(TypedDict):
    """Groups own nothing here, their members do."""

    teams: list[CrateOwner]


class Done(TypedDict):
    """It is so now."""

    ok: bool
    msg: NotRequired[str]


class Following(TypedDict):
    """Whether the caller follows a crate."""

    following: bool


class OneKeyword(TypedDict):
    """A keyword."""

    keyword: CrateKeyword


class OneCategory(TypedDict):
    """A category."""

    category: CategoryTree


class PublishWarnings(TypedDict):
    """What is questionable about a crate that was taken."""

    invalid_categories: list[str]
    invalid_badges: list[str]
    other: list[str]


class Published(TypedDict):
    """A crate that was taken."""

    crate: CrateBody | None
    warnings: PublishWarnings


class DownloadAddress(TypedDict):
    """Where an archive is."""

    url: Uri


class Nothing(TypedDict):
    """It is done, and there is nothing to say."""


IndexConfig = TypedDict("IndexConfig", {"dl": Uri, "api": Uri, "auth-required": NotRequired[bool]})
