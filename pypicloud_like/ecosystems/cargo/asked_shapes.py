"""What the crates.io HTTP API is asked: bodies and queries of requests."""

from __future__ import annotations

from typing import Annotated, Literal, TypedDict

from pypicloud_like.http.openapi.kinds import Day
from pypicloud_like.http.openapi.schemas import Is


class OwnersChange(TypedDict, total=False):
    """Logins, as ``users`` or ``owners``."""

    users: Annotated[list[str], Is(maxItems=10)]
    owners: Annotated[list[str], Is(maxItems=10)]


class YankMark(TypedDict, total=False):
    """Whether a version is yanked, and why."""

    yanked: bool
    yank_message: Annotated[str, Is(maxLength=1000)] | None


class VersionChange(TypedDict):
    """What is to be said of a version."""

    version: YankMark


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
