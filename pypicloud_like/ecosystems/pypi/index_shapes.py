"""The bodies of PyPI's own APIs as types: the simple API (PEP 691, 700, 714, 740, 792) and the JSON API."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired, TypedDict

from pypicloud_like.core.model import Status
from pypicloud_like.http.negotiate import SIMPLE_HTML, SIMPLE_JSON, TEXT_HTML
from pypicloud_like.http.openapi.kinds import Count, Moment, Open, Sha256, Uri
from pypicloud_like.http.openapi.operations import Content
from pypicloud_like.http.openapi.schemas import Is

SimpleMeta = TypedDict("SimpleMeta", {"api-version": str, "_last-serial": Count})
SimpleListed = TypedDict("SimpleListed", {"name": str, "_last-serial": Count})


class SimpleList(TypedDict):
    """The projects that the caller may read."""

    meta: SimpleMeta
    projects: list[SimpleListed]


class SimpleStatus(TypedDict):
    """The status of a project (PEP 792)."""

    status: Status
    reason: NotRequired[str]


class SimpleHashes(TypedDict, total=False):
    """Digests by their algorithm; none where an upstream tells none."""

    sha256: Sha256


SimpleFile = TypedDict(
    "SimpleFile",
    {
        "filename": str,
        "url": Uri,
        "hashes": SimpleHashes,
        "size": NotRequired[Count],
        "upload-time": NotRequired[Moment],
        "yanked": bool | str,
        "requires-python": NotRequired[str],
        "core-metadata": NotRequired[bool | SimpleHashes],
        "provenance": NotRequired[Uri],
    },
)
SimpleProject = TypedDict(
    "SimpleProject",
    {
        "meta": SimpleMeta,
        "name": str,
        "project-status": SimpleStatus,
        "versions": list[str],
        "files": list[SimpleFile],
    },
)


class SimpleFormat(TypedDict, total=False):
    """The form of the answer, where the Accept header cannot say it."""

    format: Annotated[str, Is(examples=[SIMPLE_JSON, SIMPLE_HTML, TEXT_HTML])]


LIST = Content({TEXT_HTML: None, SIMPLE_HTML: None, SIMPLE_JSON: SimpleList})
PROJECT = Content({TEXT_HTML: None, SIMPLE_HTML: None, SIMPLE_JSON: SimpleProject})
PROVENANCE = Content({"application/vnd.pypi.integrity.v1+json": Open})
"""A provenance object (PEP 740), as it was uploaded."""


class JsonDownloads(TypedDict):
    """Not counted here: -1, as PyPI has it."""

    last_day: int
    last_month: int
    last_week: int


class JsonInfo(TypedDict):
    """What the metadata of a release say."""

    author: str | None
    author_email: str | None
    bugtrack_url: None
    classifiers: list[str]
    description: str | None
    description_content_type: str | None
    docs_url: None
    download_url: str | None
    downloads: JsonDownloads
    dynamic: list[str] | None
    home_page: str | None
    keywords: str | None
    license: str | None
    license_expression: str | None
    license_files: list[str] | None
    maintainer: str | None
    maintainer_email: str | None
    name: str
    package_url: Uri
    platform: str | None
    project_url: Uri
    project_urls: dict[str, str] | None
    provides_extra: list[str] | None
    release_url: Uri
    requires_dist: list[str] | None
    requires_python: str | None
    summary: str | None
    version: str
    yanked: bool
    yanked_reason: str | None


class JsonRole(TypedDict):
    """Who owns a project."""

    role: Literal["Owner"]
    user: str


class JsonOwnership(TypedDict):
    """The owners of a project."""

    organization: None
    roles: list[JsonRole]


JsonFile = TypedDict(
    "JsonFile",
    {
        "comment_text": str,
        "core-metadata": bool | SimpleHashes,
        "digests": dict[str, str],
        "downloads": int,
        "filename": str,
        "has_sig": bool,
        "md5_digest": str | None,
        "packagetype": str,
        "python_version": str,
        "requires_python": str | None,
        "size": Count | None,
        "upload_time": str | None,
        "upload_time_iso_8601": Moment | None,
        "url": Uri,
        "yanked": bool,
        "yanked_reason": str | None,
    },
)


class _JsonAnswer(TypedDict):
    info: JsonInfo
    last_serial: Count
    ownership: JsonOwnership
    urls: list[JsonFile]
    vulnerabilities: list[Open]


class JsonRelease(_JsonAnswer):
    """A release. ``releases`` only where settings say so."""

    releases: NotRequired[dict[str, list[JsonFile]]]


class JsonProject(_JsonAnswer):
    """The release that speaks for a project, and the files of all of them."""

    releases: dict[str, list[JsonFile]]
