"""Lists of crates: all of them, by search, by label, by owner, by dependency."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.core.errors import InvalidRequest, NotFound
from pypicloud_like.core.model import Project
from pypicloud_like.ecosystems.cargo import api
from pypicloud_like.ecosystems.cargo.directory import Entry, default_version
from pypicloud_like.ecosystems.cargo.list_shapes import Summary
from pypicloud_like.ecosystems.cargo.metadata import version_id
from pypicloud_like.ecosystems.cargo.names import CARGO, normalize
from pypicloud_like.ecosystems.cargo.shapes import (
    CrateBody,
    CrateDependency,
    CrateVersion,
    OneVersion,
    VersionsById,
)
from pypicloud_like.ecosystems.cargo.views.common import require_login
from pypicloud_like.ecosystems.cargo.views.counts import RECENT_DAYS
from pypicloud_like.ecosystems.cargo.views.crates import crates_of, known_crate
from pypicloud_like.ecosystems.cargo.views.labels import (
    categories,
    is_in,
    keywords,
    popular_categories,
    popular_keywords,
    readable_entries,
)
from pypicloud_like.ecosystems.cargo.views.paging import paged, query_of
from pypicloud_like.ecosystems.cargo.views.versions import versions_json
from pypicloud_like.http import answers

_SUMMARY = 10
_MOST_IDS = 200
_MOST_DIGITS = 15

Filter = Callable[[Entry], bool]
Order = Callable[[Entry], Any]


def crates(request: Request) -> Response:
    """GET /api/v1/crates with ``q``, ``sort``, ``category``, one of ``all_keywords``, ``keyword``,
    ``letter``, ``user_id``, ``team_id``, ``following``, ``ids[]``, and paging.
    """
    query = query_of(request)
    given = dict(query)
    words = given.get("q", "").strip()[:200].lower()
    filters = [_labelled(given), _narrowed(request, query)]
    if words:
        filters.append(lambda entry: _fits(entry, words))
    if given.get("include_yanked", "yes") != "yes":
        filters.append(lambda entry: not entry.yanked)
    found = [entry for entry in readable_entries(request) if all(fits(entry) for fits in filters)]
    order = _order(request, given.get("sort", "relevance" if words else "alphabetical"), words)
    found.sort(key=order)

    def told(page: Sequence[Entry]) -> list[CrateBody]:
        return crates_of(request, (entry.project for entry in page), wanted=normalize(words))

    return paged(request, "crates", found, told, links=True)


def reverse_dependencies(request: Request) -> Response:
    """GET /api/v1/crates/{crate}/reverse_dependencies: what the default versions of others need."""
    project, _ = known_crate(request)
    found = [entry for entry in readable_entries(request) if project.name in entry.needs]
    chosen: dict[str, Any] = {}

    def told(page: Sequence[Entry]) -> list[CrateDependency]:
        dependencies: list[CrateDependency] = []
        versions: list[CrateVersion] = []
        for entry in page:
            file = default_version(request.services.cache.described(entry.project))
            if file is not None:
                versions += versions_json(request, entry.project, [file])
                dependencies += [
                    each
                    for each in api.dependencies_json(file)
                    if normalize(each["crate_id"]) == project.name
                ]
        chosen["versions"] = versions
        return dependencies

    response = paged(request, "dependencies", found, told)
    return answers.answer_json(response.json | chosen)


def versions_by_id(request: Request) -> Response:
    """GET /api/v1/versions with ``ids[]``, repeated"""
    wanted = [value for name, value in query_of(request) if name == "ids[]"]
    if len(wanted) > _MOST_IDS or not all(map(_is_id, wanted)):
        raise InvalidRequest("", f"ids[] must be numbers, at most {_MOST_IDS}")
    return answers.answer_json(VersionsById(versions=_by_ids(request, {int(value) for value in wanted})))


def version_by_id(request: Request) -> Response:
    """GET /api/v1/versions/{id}"""
    text: str = request.matchdict["id"]
    found = _by_ids(request, {int(text)}) if _is_id(text) else []
    if not found:
        raise NotFound("version")
    return answers.answer_json(OneVersion(version=found[0]))


def summary(request: Request) -> Response:
    """GET /api/v1/summary: numbers, and the first ten by several orders."""
    entries = readable_entries(request)
    totals, recent = _downloads(request), _downloads(request, RECENT_DAYS)

    def first(order: Order) -> list[CrateBody]:
        return crates_of(request, (entry.project for entry in sorted(entries, key=order)[:_SUMMARY]))

    told: Summary = {
        "num_crates": len(entries),
        "num_downloads": sum(totals.get(entry.project, 0) for entry in entries),
        "new_crates": first(_newest),
        "most_downloaded": first(lambda entry: (-totals.get(entry.project, 0), entry.name)),
        "most_recently_downloaded": first(lambda entry: (-recent.get(entry.project, 0), entry.name)),
        "just_updated": first(_updated),
        "popular_keywords": keywords(request, popular_keywords(request)[:_SUMMARY]),
        "popular_categories": categories(request, popular_categories(request)[:_SUMMARY]),
    }
    return answers.answer_json(told)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS


def _labelled(given: Mapping[str, str]) -> Filter:
    slug = given.get("category", "").lower()
    return (lambda entry: is_in(entry, slug)) if slug else (lambda _entry: True)


def _narrowed(request: Request, query: Sequence[tuple[str, str]]) -> Filter:
    """The first of the ways to ask for some crates only. ``keywords`` is an older word for one of them."""
    given = dict(query)
    every = (given.get("all_keywords") or given.get("keyword") or given.get("keywords") or "").lower()
    if every:
        wanted = set(every.split()) if given.get("all_keywords") else {every}
        return lambda entry: wanted <= set(entry.keywords)
    if given.get("letter"):
        letter = normalize(given["letter"][0])
        return lambda entry: entry.project.name.startswith(letter)
    if given.get("team_id"):
        return lambda _entry: False
    if given.get("user_id") or given.get("following"):
        projects = _of_somebody(request, given)
        return lambda entry: entry.project in projects
    ids = {normalize(value) for name, value in query if name == "ids[]"}
    return (lambda entry: entry.project.name in ids) if ids else (lambda _entry: True)


def _of_somebody(request: Request, given: Mapping[str, str]) -> Collection[Project]:
    """What a user owns, or the caller follows."""
    if not given.get("user_id"):
        followed: Collection[Project] = request.services.people.followed(require_login(request))
        return followed
    return _owned_by(request, given["user_id"])


def _owned_by(request: Request, text: str) -> frozenset[Project]:
    person = request.services.people.by_id(int(text)) if text.isdecimal() and len(text) <= 10 else None
    if person is None:
        return frozenset()
    owned: frozenset[Project] = request.services.state.owned(person.name)
    return owned


def _fits(entry: Entry, words: str) -> bool:
    """The name has it, in any spelling, or all words stand somewhere."""
    return normalize(words) in entry.project.name or all(word in entry.words for word in words.split())


def _order(request: Request, sort: str, words: str) -> Order:
    match sort:
        case "downloads":
            totals = _downloads(request)
            return lambda entry: (-totals.get(entry.project, 0), entry.name)
        case "recent-downloads":
            recent = _downloads(request, RECENT_DAYS)
            return lambda entry: (-recent.get(entry.project, 0), entry.name)
        case "recent-updates":
            return _updated
        case "new":
            return _newest
        case "relevance":
            return lambda entry: (_rank(entry, words), entry.name)
    return lambda entry: entry.project.name


def _rank(entry: Entry, words: str) -> int:
    """The very name first, then names that have it, then keywords, then the rest."""
    wanted = normalize(words)
    if entry.project.name == wanted:
        return 0
    if entry.project.name.startswith(wanted):
        return 1
    if wanted in entry.project.name:
        return 2
    return 3 if words in entry.keywords else 4


def _newest(entry: Entry) -> tuple[float, str]:
    return -entry.created_at.timestamp(), entry.name


def _updated(entry: Entry) -> tuple[float, str]:
    return -entry.updated_at.timestamp(), entry.name


def _downloads(request: Request, days: int | None = None) -> Mapping[Project, int]:
    services = request.services
    since = None if days is None else services.clock().date() - timedelta(days=days - 1)
    counts: Mapping[Project, int] = services.downloads.by_project(CARGO, since=since)
    return counts


def _by_ids(request: Request, wanted: set[int]) -> list[CrateVersion]:
    told: list[CrateVersion] = []
    for entry in readable_entries(request):
        if not wanted.isdisjoint(entry.ids):
            files = request.services.cache.described(entry.project)
            told += versions_json(request, entry.project, [f for f in files if version_id(f) in wanted])
    return sorted(told, key=lambda each: each["id"])
