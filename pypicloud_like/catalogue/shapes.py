"""The bodies of the catalogue as types: the code is checked against them, and described by them."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired, TypedDict

from pypicloud_like.catalogue.paging import DEFAULT
from pypicloud_like.catalogue.rules import CATEGORY_TITLE, LARGEST_ID, LONG, TITLE
from pypicloud_like.http.openapi.kinds import Count, Uri
from pypicloud_like.http.openapi.schemas import Is

NaiveTime = Annotated[str, Is(pattern="^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?$")]
"""A moment in UTC that does not say so, as the reference has it."""


class Root(TypedDict):
    """Where the lists are."""

    packages: Uri
    search: Uri
    grids: Uri
    categories: Uri


class CatalogueCategory(TypedDict):
    """What packages are sorted into."""

    id: int
    title: str
    slug: str
    description: str
    title_plural: str
    show_pypi: bool
    created: NaiveTime | None
    modified: NaiveTime | None


class CatalogueGrid(TypedDict):
    """Packages side by side; those that the caller may see."""

    id: int
    title: str
    slug: str
    description: str
    is_locked: bool
    packages: list[Uri]
    header: bool
    created: NaiveTime | None
    modified: NaiveTime | None


class CataloguePackage(TypedDict):
    """A package of the index, or one from outside that an administrator added to compare with."""

    category: Uri
    grids: list[Uri]
    id: int
    title: str
    slug: str
    last_updated: NaiveTime | None
    last_fetched: NaiveTime | None
    repo_url: str
    pypi_version: str | None
    created: NaiveTime | None
    modified: NaiveTime | None
    repo_forks: Count
    repo_description: str
    pypi_url: str
    documentation_url: str | None
    repo_watchers: Count
    commits_over_52: list[int]
    participants: list[str]


class _Page(TypedDict):
    count: Count
    next: Uri | None
    previous: Uri | None


class CategoryPage(_Page):
    """A part of the list of categories."""

    results: list[CatalogueCategory]


class GridPage(_Page):
    """A part of the list of grids."""

    results: list[CatalogueGrid]


class PackagePage(_Page):
    """A part of the list of packages."""

    results: list[CataloguePackage]


class Found(TypedDict):
    """A package or grid as a search shows it."""

    description: str
    title: str
    created: NaiveTime | None
    modified: NaiveTime | None
    weight: int
    item_type: Literal["package", "grid"]
    title_no_prefix: str
    slug: str
    slug_no_prefix: str
    clean_title: str
    category: str
    absolute_url: str
    repo_watchers: Count
    repo_forks: Count
    pypi_downloads: Count
    usage: Count
    participants: str
    last_committed: NaiveTime | None
    last_released: NaiveTime | None


class CatalogueError(TypedDict):
    """What went wrong."""

    detail: str


class GridFeature(TypedDict):
    """A row of a comparison; ``cells`` by the id of the package."""

    id: int
    title: str
    description: str
    cells: dict[str, str]


class CuratedGrid(CatalogueGrid):
    """A grid with its rows."""

    features: list[GridFeature]


class Window(TypedDict, total=False):
    """Which part of a list. Values that are none, or more than this server's limit, are replaced, never
    refused.
    """

    limit: Annotated[int, Is(minimum=1, default=DEFAULT)]
    offset: Count
    format: Literal["json"]


class Query(TypedDict, total=False):
    """What to find."""

    q: str
    format: Literal["json"]


class Format(TypedDict, total=False):
    """The form of the answer, of which there is one."""

    format: Literal["json"]


_Line = Annotated[str, Is(minLength=1, maxLength=TITLE)]
_ShortLine = Annotated[str, Is(minLength=1, maxLength=CATEGORY_TITLE)]
_ShortText = Annotated[str, Is(maxLength=CATEGORY_TITLE)]
_Long = Annotated[str, Is(maxLength=LONG)]
_CategoryKey = Annotated[int, Is(minimum=1, maximum=LARGEST_ID)] | str
"""The id or the slug of one."""
_Slug = Annotated[str, Is(pattern="^[A-Za-z0-9_-]{1,50}$")]


class CategoryChange(TypedDict, total=False):
    """What is to be said of a category."""

    title: _ShortLine
    slug: _Slug
    title_plural: _ShortText
    description: _Long
    show_pypi: bool


class NewCategory(TypedDict):
    """A category; what is left out is made of the title."""

    title: _ShortLine
    slug: NotRequired[_Slug]
    title_plural: NotRequired[_ShortText]
    description: NotRequired[_Long]
    show_pypi: NotRequired[bool]


class NewPackage(TypedDict):
    """A package from outside."""

    title: _Line
    category: _CategoryKey
    slug: NotRequired[_Slug]
    repo_url: NotRequired[Uri]
    documentation_url: NotRequired[Uri]


class PackageChange(TypedDict, total=False):
    """What is to be said of a package; null forgets what was said."""

    title: _Line | None
    category: _CategoryKey
    repo_url: Uri | None
    documentation_url: Uri | None
    deprecated: bool


class GridChange(TypedDict, total=False):
    """What is to be said of a grid."""

    title: _Line
    slug: _Slug
    description: _Long
    header: bool
    is_locked: bool


class NewGrid(TypedDict):
    """A grid; the slug is made of the title where none is given."""

    title: _Line
    slug: NotRequired[_Slug]
    description: NotRequired[_Long]
    header: NotRequired[bool]
    is_locked: NotRequired[bool]


class NewFeature(TypedDict):
    """A row of a comparison."""

    title: _Line
    description: NotRequired[_Long]


class FeatureChange(TypedDict, total=False):
    """What is to be said of a row."""

    title: _Line
    description: _Long


class Cell(TypedDict):
    """What is said of a package in a row; an empty text takes it back."""

    text: _Long
