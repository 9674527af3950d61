"""One crate in the crates.io HTTP API, and who follows it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from urllib.parse import urlencode

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.policy import Act
from pypicloud_like.core.errors import InvalidRequest, NotFound
from pypicloud_like.core.model import FileRecord, Project
from pypicloud_like.ecosystems.cargo import api
from pypicloud_like.ecosystems.cargo.directory import entry_of
from pypicloud_like.ecosystems.cargo.list_shapes import CrateVersions, VersionPages
from pypicloud_like.ecosystems.cargo.metadata import version_id
from pypicloud_like.ecosystems.cargo.shapes import CrateBody, CrateDownloads, Done, Following, OneCrate, Teams
from pypicloud_like.ecosystems.cargo.views import labels
from pypicloud_like.ecosystems.cargo.views.common import (
    is_offered,
    requested_crate,
    require_login,
)
from pypicloud_like.ecosystems.cargo.views.counts import RECENT_DAYS, counts_until, until
from pypicloud_like.ecosystems.cargo.views.paging import DEFAULT, MOST, number_of, query_of
from pypicloud_like.ecosystems.cargo.views.versions import versions_json
from pypicloud_like.http import answers
from pypicloud_like.http.security import require
from pypicloud_like.registry.semver import parse

_NEWEST = 5
"""How many versions have a line of their own among a crate's downloads; the rest is added up."""
_INCLUDES = frozenset(
    {"versions", "keywords", "categories", "badges", "downloads", "default_version", "full"}
)


def crate_new(request: Request) -> Response:
    """GET /api/v1/crates/new: a crate may be called so."""
    request.matchdict["crate"] = "new"
    return crate(request)


def crate(request: Request) -> Response:
    """GET /api/v1/crates/{crate} with ``include``"""
    project, files = known_crate(request)
    wanted = _includes(request)
    everything = "full" in wanted
    told: OneCrate = {
        "crate": _crate_json(request, project, files),
        "versions": None,
        "keywords": None,
        "categories": None,
    }
    if everything or "versions" in wanted:
        told["versions"] = versions_json(request, project, api.newest_first(files))
    entry = entry_of(project, files)
    assert entry is not None
    if everything or "keywords" in wanted:
        told["keywords"] = labels.keywords(request, entry.keywords)
    if everything or "categories" in wanted:
        told["categories"] = labels.categories(request, entry.categories)
    return answers.answer_json(told)


def versions(request: Request) -> Response:
    """GET /api/v1/crates/{crate}/versions with ``sort`` (semver, date), ``nums[]``,
    ``include=release_tracks``; in pages if ``per_page`` is given, each of which tells the query of the next
    """
    project, files = known_crate(request)
    query = query_of(request)
    nums = {value for name, value in query if name == "nums[]"}
    chosen = [file for file in files if not nums or file.version in nums]
    if dict(query).get("sort") == "date":
        ordered = api.newest_first(chosen)
    else:
        ordered = sorted(chosen, key=lambda file: parse(file.version), reverse=True)
    page, next_page = _page(query, ordered)
    meta: VersionPages = {"total": len(ordered), "next_page": next_page, "prev_page": None}
    if "release_tracks" in dict(query).get("include", "").split(","):
        meta["release_tracks"] = api.release_tracks(files)
    return answers.answer_json(CrateVersions(versions=versions_json(request, project, page), meta=meta))


def crate_downloads(request: Request) -> Response:
    """GET /api/v1/crates/{crate}/downloads with ``include=versions``: the highest versions one by one, the
    rest together.
    """
    project, files = known_crate(request)
    counts = counts_until(request, project, until(request))
    shown = sorted(files, key=lambda file: parse(file.version), reverse=True)[:_NEWEST]
    numbers = {file.version: version_id(file) for file in shown}
    told: CrateDownloads = {
        "version_downloads": [
            api.day_json(numbers[each.version], each) for each in counts if each.version in numbers
        ],
        "meta": {"extra_downloads": api.rest_json(each for each in counts if each.version not in numbers)},
    }
    if "versions" in dict(query_of(request)).get("include", "").split(","):
        told["versions"] = versions_json(request, project, shown)
    return answers.answer_json(told)


def follow(request: Request) -> Response:
    """PUT /api/v1/crates/{crate}/follow"""
    return _follow(request, following=True)


def unfollow(request: Request) -> Response:
    """DELETE of the same"""
    return _follow(request, following=False)


def following(request: Request) -> Response:
    """GET /api/v1/crates/{crate}/following"""
    name = require_login(request)
    project, _ = known_crate(request)
    followed = request.services.people.followed(name)
    return answers.answer_json(Following(following=project in followed))


def owner_teams(request: Request) -> Response:
    """GET /api/v1/crates/{crate}/owner_team: groups own nothing here, their members do."""
    known_crate(request)
    return answers.answer_json(Teams(teams=[]))


def crates_of(request: Request, projects: Iterable[Project], *, wanted: str = "") -> list[CrateBody]:
    """Crates as lists show them; one that was deleted a moment ago is left out.

    :param wanted: the normal form of the name that somebody searched for
    """
    described = ((each, request.services.cache.described(each)) for each in projects)
    return [
        _crate_json(request, project, files, full=False, exact=project.name == wanted)
        for project, files in described
        if files
    ]


def known_crate(request: Request) -> tuple[Project, Sequence[FileRecord]]:
    """The crate of the address with its versions.

    :raises NotFound: there is none, or the caller may not know of it
    """
    project = requested_crate(request)
    require(request, Act.READ, project)
    cache = request.services.cache
    files = cache.described(project)
    if not files or not is_offered(cache, project):
        raise NotFound(str(project))
    return project, files


def _crate_json(
    request: Request, project: Project, files: Sequence[FileRecord], *, full: bool = True, exact: bool = False
) -> CrateBody:
    services = request.services
    today = services.clock().date()
    counts = services.downloads.daily(project, since=today - timedelta(days=RECENT_DAYS - 1), until=today)
    recent = sum(each.count for each in counts)
    return api.crate_json(
        files, totals=services.downloads.totals(project), recent=recent, full=full, exact=exact
    )


def _page(
    query: Sequence[tuple[str, str]], ordered: Sequence[FileRecord]
) -> tuple[Sequence[FileRecord], str | None]:
    """The versions after the one that ``seek`` names, and the query of what comes after these.

    :raises InvalidRequest: the query asks for no possible page
    """
    given = dict(query)
    if "page" in given:
        raise InvalidRequest("", "pages of versions have no number: go on by `meta.next_page`")
    start = 0
    if "seek" in given:
        passed = [place for place, file in enumerate(ordered) if file.version == given["seek"]]
        if not passed:
            raise InvalidRequest("", "invalid seek parameter")
        start = passed[0] + 1
    if "per_page" not in given:
        return ordered[start:], None
    page = ordered[start : start + number_of(query, "per_page", DEFAULT, MOST)]
    if start + len(page) >= len(ordered):
        return page, None
    others = [(name, value) for name, value in query if name != "seek"]
    return page, "?" + urlencode([*others, ("seek", page[-1].version)])


def _includes(request: Request) -> frozenset[str]:
    text = dict(query_of(request)).get("include", "full")
    wanted = frozenset(text.split(",")) if text else frozenset()
    unknown = sorted(wanted - _INCLUDES)
    if unknown:
        raise InvalidRequest(
            "", f"invalid component for ?include= (expected one of {', '.join(sorted(_INCLUDES))})"
        )
    return wanted


def _follow(request: Request, *, following: bool) -> Response:
    name = require_login(request)
    project, _ = known_crate(request)
    request.services.people.follow(name, project, following)
    return answers.answer_json(Done(ok=True))
