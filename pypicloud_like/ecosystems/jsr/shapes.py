"""The bodies of the JSR API as types: the code is checked against them, and described by them."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired, TypedDict

from pypicloud_like.core.ports import TaskStatus
from pypicloud_like.http.openapi.kinds import Count, Moment, Uri
from pypicloud_like.http.openapi.schemas import Is

Uuid = Annotated[str, Is(format="uuid")]


class JsrError(TypedDict):
    """What went wrong: the sentence is shown to people, the code is for programs."""

    code: str
    message: str
    error: str


class JsrUser(TypedDict):
    """A user as everybody may see them."""

    id: Uuid
    name: str
    avatarUrl: str
    githubId: None
    gitlabId: None
    createdAt: Moment
    updatedAt: Moment


class JsrMyself(JsrUser):
    """A user as they see themselves."""

    email: None
    isBlocked: bool
    isStaff: bool
    scopeUsage: Count
    scopeLimit: Count
    inviteCount: Count
    newerTicketMessagesCount: Count


class JsrScope(TypedDict):
    """A scope as everybody may see it."""

    scope: str
    description: str
    createdAt: Moment
    updatedAt: Moment


class JsrQuotas(TypedDict):
    """How much of its limits a scope uses."""

    packageUsage: Count
    packageLimit: Count
    newPackagePerWeekUsage: Count
    newPackagePerWeekLimit: Count
    publishAttemptsPerWeekUsage: Count
    publishAttemptsPerWeekLimit: Count


class JsrFullScope(JsrScope):
    """A scope as its admins see it."""

    creator: JsrUser
    quotas: JsrQuotas
    ghActionsVerifyActor: bool
    requirePublishingFromCI: bool


class JsrMember(TypedDict):
    """A membership."""

    scope: str
    user: JsrUser
    isAdmin: bool
    createdAt: Moment
    updatedAt: Moment


class JsrInvite(TypedDict):
    """An invite."""

    scope: str
    targetUser: JsrUser
    inviter: JsrUser
    requestingUser: JsrUser
    createdAt: Moment
    updatedAt: Moment


class JsrRepository(TypedDict):
    """A repository, as the members of a scope named it."""

    id: int
    owner: str
    name: str
    createdAt: Moment | None
    updatedAt: Moment | None


class JsrPackage(TypedDict):
    """A package. It has no score here."""

    scope: str
    name: str
    description: str
    runtimeCompat: dict[str, bool]
    githubRepository: JsrRepository | None
    createdAt: Moment
    updatedAt: Moment
    versionCount: Count
    dependencyCount: Count
    dependentCount: Count
    score: None
    latestVersion: str | None
    whenFeatured: Moment | None
    isArchived: bool
    readmeSource: str


class JsrVersion(TypedDict):
    """A version."""

    scope: str
    name: str
    package: str
    version: str
    yanked: bool
    usesNpm: bool
    newerVersionsCount: Count
    lifetimeDownloadCount: Count
    rekorLogId: None
    license: str | None
    readmePath: str | None
    createdAt: Moment
    updatedAt: Moment


class JsrPublishedVersion(JsrVersion):
    """A version and who published it."""

    user: JsrUser | None


class JsrDependency(TypedDict):
    """What a version depends on."""

    kind: Literal["jsr", "npm"]
    name: str
    constraint: str
    path: str
    fallbackUrl: None


class JsrDependent(TypedDict):
    """What depends on a package, in which versions."""

    scope: str
    package: str
    versions: list[str]
    totalVersions: Count


class JsrTaskError(TypedDict):
    """Why a version was not published."""

    code: str
    message: str


class JsrTask(TypedDict):
    """A publishing task."""

    id: Uuid
    status: TaskStatus
    error: JsrTaskError | None
    userId: Uuid | None
    user: JsrUser | None
    packageScope: str
    packageName: str
    packageVersion: str
    createdAt: Moment
    updatedAt: Moment


class JsrDuplicate(TypedDict):
    """A refusal to publish what is published already or on its way, with that task."""

    code: str
    message: str
    error: NotRequired[str]
    task: NotRequired[JsrTask]


class JsrPackages(TypedDict):
    """A page of packages."""

    items: list[JsrPackage]
    total: Count


class JsrDependents(TypedDict):
    """A page of dependents."""

    items: list[JsrDependent]
    total: Count


class JsrNewest(TypedDict):
    """A package at a glance."""

    scope: str
    name: str
    description: str


class JsrUpdated(TypedDict):
    """A version at a glance."""

    scope: str
    package: str
    version: str | None
    description: str


class JsrStats(TypedDict):
    """What came last."""

    newest: list[JsrNewest]
    updated: list[JsrUpdated]
    featured: list[JsrNewest]


class JsrPermission(TypedDict):
    """What a token may publish: any package of a scope, one package, or one version with one tarball."""

    permission: Literal["package/publish"]
    scope: str
    package: NotRequired[str]
    version: NotRequired[str]
    tarballHash: NotRequired[Annotated[str, Is(pattern="^sha256-[0-9a-f]{64}$")]]


class JsrToken(TypedDict):
    """A token without its secret."""

    id: Uuid
    description: str
    userId: Uuid
    type: Literal["personal"]
    expiresAt: Moment | None
    permissions: list[JsrPermission] | None
    createdAt: Moment
    updatedAt: Moment


class JsrMadeToken(TypedDict):
    """A token with its secret, which is told once."""

    secret: str
    token: JsrToken


class JsrAuthorization(TypedDict):
    """What a program shows a person, and what it asks with."""

    verificationUrl: Uri
    code: str
    exchangeToken: str
    pollInterval: Count
    expiresAt: Moment


class JsrAuthorizationDetails(TypedDict):
    """What a program asks for."""

    code: str
    permissions: list[JsrPermission] | None
    expiresAt: Moment


class JsrExchanged(TypedDict):
    """A token, and whose it is."""

    token: str
    user: JsrUser
