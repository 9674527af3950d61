"""The bodies of pypicloud's package API, and of what administrators are told of upstreams, as types."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired, TypedDict

from pypicloud_like.core.model import Status
from pypicloud_like.http.openapi.kinds import Count, Flag, Sha256, Uri
from pypicloud_like.http.openapi.schemas import Is
from pypicloud_like.registry.serve import Answer


class PackageOrigin(TypedDict):
    """Where a file was cached from."""

    upstream: str
    url: str


class PackageMetadata(TypedDict, total=False):
    """What the index keeps of a file; what is unknown is left out."""

    summary: str
    requires_python: str
    hash_sha256: Sha256
    hash_md5: str
    uploader: str


class PackageFile(TypedDict):
    """A file as pypicloud tells it; ``last_modified`` in UNIX seconds, ``warnings`` just after an upload."""

    name: str
    filename: str
    version: str
    last_modified: int
    url: Uri
    summary: str | None
    yanked: bool
    origin: NotRequired[PackageOrigin]
    metadata: PackageMetadata
    warnings: NotRequired[list[str]]


class PackageFiles(TypedDict):
    """The files of a package, the newest version first; ``write`` tells whether the caller may upload."""

    packages: list[PackageFile]
    write: bool


class PackageSummary(TypedDict):
    """A package with its newest versions."""

    name: str
    summary: str | None
    last_modified: int
    stable: str | None
    unstable: str | None


class PackageNames(TypedDict):
    """The packages that the caller may read."""

    packages: list[str]


class PackageSummaries(TypedDict):
    """The same, described."""

    packages: list[PackageSummary]


class Verbosity(TypedDict, total=False):
    """Whether packages are described."""

    verbose: Flag


class UploadForm(TypedDict):
    """The legacy upload form; further fields are core metadata, which has to agree with the file."""

    content: Annotated[str, Is(format="binary")]
    name: NotRequired[str]
    version: NotRequired[str]
    sha256_digest: NotRequired[str]
    md5_digest: NotRequired[str]
    blake2_256_digest: NotRequired[str]
    attestations: NotRequired[str]


class FetchRequest(TypedDict):
    """Lines as in a requirements file."""

    requirements: str
    wheel: NotRequired[Flag]
    prerelease: NotRequired[Flag]


class FetchProblem(TypedDict):
    """A line that nothing was found for."""

    requirement: str
    message: str


class Fetched(TypedDict):
    """What is held now."""

    pkgs: list[PackageFile]
    problems: list[FetchProblem]


class Reason(TypedDict, total=False):
    """Why."""

    reason: Annotated[str, Is(maxLength=1000)]


class Yanked(TypedDict):
    """The files that are yanked."""

    yanked: list[str]
    reason: str


class Unyanked(TypedDict):
    """The files that are yanked no more."""

    unyanked: list[str]


class ProjectStatus(TypedDict):
    """The status of a project (PEP 792)."""

    status: Status
    reason: str


class NewStatus(TypedDict):
    """The status that a project is to have."""

    status: Status
    reason: NotRequired[Annotated[str, Is(maxLength=1000)]]


class Mixed(TypedDict):
    """Whether files of an upstream are shown beside ours."""

    mixed: bool


class MixedMark(TypedDict):
    """Whether they are to be shown."""

    mixed: Flag


class About(TypedDict, total=False):
    """Whom it is about; nobody who is logged in where it is left out."""

    user: str


class Allowed(TypedDict):
    """Whether somebody may, and by which rule."""

    allowed: bool
    rule: str


class Rights(TypedDict):
    """What somebody may do."""

    read: Allowed
    write: Allowed


class ExplainedFile(TypedDict):
    """Whether a file is here."""

    filename: str
    here: Literal["ours", "held"] | None
    origin: str | None
    sha256: Sha256 | None


class Explanation(TypedDict):
    """Why somebody sees what they see."""

    project: str
    user: str | None
    rights: Rights
    answered: Answer
    exists_here: bool
    file: NotRequired[ExplainedFile]


class Asked(TypedDict, total=False):
    """Names of ours that an upstream may be told now, for once."""

    ask: list[str]


class Confusable(TypedDict):
    """A name that we and an upstream have."""

    project: str
    asked: bool


class ConfusionProblem(TypedDict):
    """A name that could not be asked about."""

    project: str
    message: str


class Confusion(TypedDict):
    """Names that could be confused."""

    confusable: list[Confusable]
    problems: list[ConfusionProblem]


class UpstreamListed(TypedDict):
    """An upstream."""

    name: str
    ecosystem: str
    url: str


class Holding(TypedDict):
    """How much is held of upstreams, and how much may be."""

    files: Count
    bytes: Count
    limit: Count


class Upstreams(TypedDict):
    """The upstreams, and how often what was needed."""

    mode: str
    offline: bool
    upstreams: list[UpstreamListed]
    held: Holding
    pages: dict[str, Count]
    files: dict[str, Count]


class Pinned(TypedDict):
    """Whether what is held of a project is kept for good."""

    project: str
    pinned: bool
    files: Count


class OidcError(TypedDict):
    """Why no token is given."""

    code: str
    description: str


class OidcRefused(TypedDict):
    """The same, as PyPI tells it."""

    message: str
    errors: list[OidcError]


class OidcAudience(TypedDict):
    """What a job is to ask its issuer for."""

    audience: str


class OidcToken(TypedDict):
    """The identity token of a job; or the upload token that it gives back."""

    token: str


class OidcMinted(TypedDict):
    """An upload token, told this once. ``expires`` in seconds since 1970."""

    success: Literal[True]
    token: str
    expires: int


class Nothing(TypedDict):
    """That is all."""


class Message(TypedDict):
    """A sentence."""

    message: str
