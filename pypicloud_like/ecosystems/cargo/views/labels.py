"""Keywords and categories of crates, counted over what the caller may read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.core.errors import NotFound
from pypicloud_like.ecosystems.cargo import api
from pypicloud_like.ecosystems.cargo.directory import Entry
from pypicloud_like.ecosystems.cargo.list_shapes import CategorySlugs
from pypicloud_like.ecosystems.cargo.names import CARGO
from pypicloud_like.ecosystems.cargo.shapes import (
    CategorySlug,
    CategoryTree,
    CrateCategory,
    CrateKeyword,
    OneCategory,
    OneKeyword,
)
from pypicloud_like.ecosystems.cargo.views.common import every_crate
from pypicloud_like.ecosystems.cargo.views.paging import paged, query_of
from pypicloud_like.http import answers

Labels = Callable[[Entry], Iterable[str]]


def keyword_list(request: Request) -> Response:
    """GET /api/v1/keywords with ``sort`` (alpha, crates) and paging"""
    known = _counted(request, lambda entry: entry.keywords)
    return paged(request, "keywords", _ordered(request, known), lambda page: keywords(request, page))


def keyword(request: Request) -> Response:
    """GET /api/v1/keywords/{keyword}"""
    wanted = request.matchdict["keyword"].lower()
    (told,) = keywords(request, [wanted])
    if not told["crates_cnt"]:
        raise NotFound(f"keyword `{wanted[:50]}`")
    return answers.answer_json(OneKeyword(keyword=told))


def category_list(request: Request) -> Response:
    """GET /api/v1/categories: those at the top, with ``sort`` (alpha, crates) and paging"""
    known = _counted(request, lambda entry: {slug.partition("::")[0] for slug in entry.categories})
    return paged(request, "categories", _ordered(request, known), lambda page: categories(request, page))


def category(request: Request) -> Response:
    """GET /api/v1/categories/{category}: with those above and below it"""
    wanted = request.matchdict["category"].lower()
    every = _slugs(request)
    if wanted not in every:
        raise NotFound(f"category `{wanted[:100]}`")
    below = sorted(slug for slug in every if slug.startswith(f"{wanted}::"))
    parts = wanted.split("::")
    above = ["::".join(parts[:depth]) for depth in range(1, len(parts))]
    (one,) = categories(request, [wanted])
    told: CategoryTree = {
        **one,
        "subcategories": categories(request, below),
        "parent_categories": categories(request, above),
    }
    return answers.answer_json(OneCategory(category=told))


def category_slugs(request: Request) -> Response:
    """GET /api/v1/category_slugs"""
    slugs = [CategorySlug(id=slug, slug=slug, description="") for slug in sorted(_slugs(request))]
    return answers.answer_json(CategorySlugs(category_slugs=slugs))


def keywords(request: Request, wanted: Iterable[str]) -> list[CrateKeyword]:
    """These keywords as objects."""
    counts = _counted(request, lambda entry: entry.keywords)
    since = _since(request)
    return [api.keyword_json(each, counts.get(each, 0), since) for each in wanted]


def categories(request: Request, wanted: Iterable[str]) -> list[CrateCategory]:
    """These categories as objects; one counts what is below it too."""
    readable = readable_entries(request)
    since = _since(request)
    return [api.category_json(each, sum(is_in(entry, each) for entry in readable), since) for each in wanted]


def popular_keywords(request: Request) -> list[str]:
    """Those of most crates first."""
    return _by_count(_counted(request, lambda entry: entry.keywords))


def popular_categories(request: Request) -> list[str]:
    """Those of most crates first; one that is below another is not counted for that."""
    return _by_count(_counted(request, lambda entry: entry.categories))


def is_in(entry: Entry, slug: str) -> bool:
    """Whether a crate is in a category or one below it."""
    return any(each == slug or each.startswith(f"{slug}::") for each in entry.categories)


def readable_entries(request: Request) -> Sequence[Entry]:
    """The crates that the caller may read, by name."""
    reads = request.services.guard.readable(request.caller, CARGO)
    return [entry for entry in every_crate(request) if entry.project in reads]


def _slugs(request: Request) -> set[str]:
    """Every category that is used, and those above it."""
    found: set[str] = set()
    for entry in readable_entries(request):
        for slug in entry.categories:
            parts = slug.split("::")
            found.update("::".join(parts[:depth]) for depth in range(1, len(parts) + 1))
    return found


def _counted(request: Request, labels: Labels) -> Mapping[str, int]:
    return Counter(label for entry in readable_entries(request) for label in labels(entry))


def _ordered(request: Request, counts: Mapping[str, int]) -> list[str]:
    return _by_count(counts) if dict(query_of(request)).get("sort") == "crates" else sorted(counts)


def _by_count(counts: Mapping[str, int]) -> list[str]:
    return sorted(counts, key=lambda label: (-counts[label], label))


def _since(request: Request) -> datetime:
    """Labels have no birthday here: that of the oldest crate stands for it."""
    return min((entry.created_at for entry in readable_entries(request)), default=request.services.clock())
