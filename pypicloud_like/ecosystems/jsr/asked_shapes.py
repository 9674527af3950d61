"""What the JSR API is asked: bodies and queries of requests."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired, TypedDict

from pypicloud_like.ecosystems.jsr.shapes import JsrPermission, Uuid
from pypicloud_like.http.openapi.kinds import Moment
from pypicloud_like.http.openapi.schemas import Is

ScopeName = Annotated[str, Is(pattern="^[a-z][a-z0-9-]{1,18}[a-z0-9]$")]


PackageName = Annotated[str, Is(minLength=2, maxLength=58)]


class NewScope(TypedDict):
    """A scope."""

    scope: ScopeName
    description: NotRequired[str]


class ScopeChange(TypedDict, total=False):
    """Just one of these."""

    description: str | None
    ghActionsVerifyActor: bool
    requirePublishingFromCI: bool


class NewInvite(TypedDict, total=False):
    """Just one of these: the name of a user here, or their id."""

    githubLogin: str
    gitlabUsername: str
    id: Uuid


class MemberChange(TypedDict):
    """Whether a member is an admin of the scope."""

    isAdmin: bool


class NewJsrPackage(TypedDict):
    """The name of a package."""

    package: PackageName


class RepositoryName(TypedDict):
    """A repository on GitHub."""

    owner: str
    name: str


class RuntimeChange(TypedDict, total=False):
    """Where a package runs."""

    browser: bool | None
    deno: bool | None
    node: bool | None
    workerd: bool | None
    bun: bool | None


class JsrPackageChange(TypedDict, total=False):
    """Just one of these."""

    description: Annotated[str, Is(maxLength=250)]
    githubRepository: RepositoryName | None
    runtimeCompat: RuntimeChange
    isArchived: bool
    readmeSource: Literal["readme", "jsdoc"]
    isFeatured: bool


class JsrVersionChange(TypedDict):
    """Whether a version is yanked."""

    yanked: bool


class NewJsrToken(TypedDict):
    """A token; without permissions for everything with packages."""

    description: str
    expiresAt: NotRequired[Moment | None]
    permissions: NotRequired[list[JsrPermission] | None]


class NewAuthorization(TypedDict):
    """The SHA-256 of a secret in base64, and what is asked for."""

    challenge: Annotated[str, Is(pattern="^[A-Za-z0-9+/]{43}=$")]
    permissions: NotRequired[list[JsrPermission] | None]


class Exchange(TypedDict):
    """What was told at the beginning, and the secret."""

    exchangeToken: str
    verifier: str


class JsrPaging(TypedDict, total=False):
    """Which page."""

    limit: Annotated[int, Is(minimum=1, maximum=100)]
    page: Annotated[int, Is(minimum=1)]


class JsrSearch(JsrPaging, total=False):
    """What to find, and which page."""

    query: str


class DependentPaging(JsrPaging, total=False):
    """Which page, and how many versions of each."""

    versions_per_package_limit: Annotated[int, Is(minimum=1, maximum=10)]


class PublishQuery(TypedDict):
    """The path of the configuration in the tarball."""

    config: Annotated[str, Is(examples=["/deno.json"])]
