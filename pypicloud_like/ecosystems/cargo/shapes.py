"""The bodies of the crates.io HTTP API as types: the code is checked against them, and described by them."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired, TypedDict

from pypicloud_like.http.openapi.kinds import Count, Day, Moment, Sha256, Uri
from pypicloud_like.http.openapi.schemas import Is


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


class OneCrate(TypedDict):
    """A crate with what was asked for besides."""

    crate: CrateBody
    versions: list[CrateVersion] | None
    keywords: list[CrateKeyword] | None
    categories: list[CrateCategory] | None


class CrateVersions(TypedDict):
    """Versions of a crate."""

    versions: list[CrateVersion]
    meta: VersionPages


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


class ReverseDependencies(Dependencies):
    """What needs a crate, and the versions that do."""

    versions: list[CrateVersion]
    meta: CrateTotal


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


class OwnersChange(TypedDict, total=False):
    """Logins, as ``users`` or ``owners``."""

    users: Annotated[list[str], Is(maxItems=10)]
    owners: Annotated[list[str], Is(maxItems=10)]


class Done(TypedDict):
    """It is so now."""

    ok: bool
    msg: NotRequired[str]


class Following(TypedDict):
    """Whether the caller follows a crate."""

    following: bool


class Keywords(TypedDict):
    """A page of keywords."""

    keywords: list[CrateKeyword]
    meta: CrateTotal


class OneKeyword(TypedDict):
    """A keyword."""

    keyword: CrateKeyword


class Categories(TypedDict):
    """A page of categories."""

    categories: list[CrateCategory]
    meta: CrateTotal


class OneCategory(TypedDict):
    """A category."""

    category: CategoryTree


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


class OneUser(TypedDict):
    """A user."""

    user: CrateUser


class UserStats(TypedDict):
    """The downloads of all that a user owns."""

    total_downloads: Count


class CrateMyself(CrateUser):
    """Oneself."""

    email: str | None
    email_verified: bool
    email_verification_sent: bool
    is_admin: bool
    publish_notifications: bool


class OwnedCrate(TypedDict):
    """A crate that one owns."""

    id: int
    name: str
    email_notifications: bool


class Me(TypedDict):
    """Oneself, and what one owns."""

    user: CrateMyself
    owned_crates: list[OwnedCrate]


class More(TypedDict):
    """Whether there are more."""

    more: bool


class Updates(TypedDict):
    """Versions of the crates that one follows."""

    versions: list[CrateVersion]
    meta: More


class CargoToken(TypedDict):
    """A token without its secret."""

    id: str
    name: str
    created_at: Moment
    last_used_at: Moment | None
    expired_at: Moment | None
    crate_scopes: list[str] | None
    endpoint_scopes: list[str] | None


class NewCargoToken(CargoToken):
    """A token with its secret, which is told once."""

    token: str


class CargoTokens(TypedDict):
    """One's tokens."""

    api_tokens: list[CargoToken]


class OneCargoToken(TypedDict):
    """A token."""

    api_token: CargoToken


class MadeCargoToken(TypedDict):
    """A token that was just made."""

    api_token: NewCargoToken


class AskedCargoToken(TypedDict):
    """What a token is to be for; without scopes for everything with packages."""

    name: str
    crate_scopes: NotRequired[list[str] | None]
    endpoint_scopes: NotRequired[
        list[Literal["publish-new", "publish-update", "yank", "change-owners"]] | None
    ]
    expired_at: NotRequired[Moment | None]


class CargoTokenRequest(TypedDict):
    """The token that is wanted."""

    api_token: AskedCargoToken


class PublishWarnings(TypedDict):
    """What is questionable about a crate that was taken."""

    invalid_categories: list[str]
    invalid_badges: list[str]
    other: list[str]


class Published(TypedDict):
    """A crate that was taken."""

    crate: CrateBody | None
    warnings: PublishWarnings


class YankMark(TypedDict, total=False):
    """Whether a version is yanked, and why."""

    yanked: bool
    yank_message: Annotated[str, Is(maxLength=1000)] | None


class VersionChange(TypedDict):
    """What is to be said of a version."""

    version: YankMark


class DownloadAddress(TypedDict):
    """Where an archive is."""

    url: Uri


class Nothing(TypedDict):
    """It is done, and there is nothing to say."""


IndexConfig = TypedDict("IndexConfig", {"dl": Uri, "api": Uri, "auth-required": NotRequired[bool]})


class JobIdentity(TypedDict):
    """The identity token of a job."""

    jwt: str


class JobToken(TypedDict):
    """What a job may publish with, for a short while; told this once."""

    token: str


class MirrorFound(TypedDict):
    """A crate that is held of an upstream."""

    name: str
    max_version: str
    description: str


class MirrorCrates(TypedDict):
    """Crates that are held of an upstream."""

    crates: list[MirrorFound]
    meta: CrateTotal


class Paging(TypedDict, total=False):
    """Which page."""

    page: Annotated[int, Is(minimum=1)]
    per_page: Annotated[int, Is(minimum=1, maximum=100)]


class LabelPaging(Paging, total=False):
    """Which page, in which order."""

    sort: Literal["alpha", "crates"]


CrateQuery = TypedDict(
    "CrateQuery",
    {
        "q": str,
        "sort": Literal[
            "alphabetical", "relevance", "downloads", "recent-downloads", "recent-updates", "new"
        ],
        "page": Annotated[int, Is(minimum=1)],
        "per_page": Annotated[int, Is(minimum=1, maximum=100)],
        "category": str,
        "all_keywords": str,
        "keyword": str,
        "letter": str,
        "user_id": Annotated[int, Is(minimum=0)],
        "team_id": Annotated[int, Is(minimum=0)],
        "following": str,
        "include_yanked": Literal["yes", "no"],
        "ids[]": list[str],
    },
    total=False,
)
VersionQuery = TypedDict(
    "VersionQuery",
    {
        "sort": Literal["semver", "date"],
        "per_page": Annotated[int, Is(minimum=1, maximum=100)],
        "seek": str,
        "include": Literal["release_tracks", ""],
        "nums[]": list[str],
    },
    total=False,
)
IdQuery = TypedDict("IdQuery", {"ids[]": list[int]}, total=False)


class IncludeQuery(TypedDict, total=False):
    """What to tell beside the crate, separated by commas."""

    include: str


class DownloadQuery(TypedDict, total=False):
    """The last day; versions are told with ``include=versions``."""

    before_date: Day
    include: str


class DayQuery(TypedDict, total=False):
    """The last day."""

    before_date: Day


class MirrorQuery(Paging, total=False):
    """What to find, and which page."""

    q: str
