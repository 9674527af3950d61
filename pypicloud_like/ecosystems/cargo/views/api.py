"""The crates.io HTTP API about one crate, and who follows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.policy import Act
from pypicloud_like.core.errors import InvalidRequest, NotFound
from pypicloud_like.core.model import FileRecord, Project
from pypicloud_like.core.ports import DayCount, Person
from pypicloud_like.ecosystems.cargo import api
from pypicloud_like.ecosystems.cargo.directory import entry_of
from pypicloud_like.ecosystems.cargo.metadata import README, version_id
from pypicloud_like.ecosystems.cargo.views import labels
from pypicloud_like.ecosystems.cargo.views.common import (
    is_offered,
    requested_crate,
    requested_version,
    require_login,
)
from pypicloud_like.http import answers
from pypicloud_like.http.forms import parse_query
from pypicloud_like.http.security import require
from pypicloud_like.registry.semver import parse

RECENT_DAYS = 90
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
    project, files = _crate(request)
    wanted = _includes(request)
    everything = "full" in wanted
    told: dict[str, Any] = {"crate": _crate_json(request, project, files), "versions": None}
    told |= {"keywords": None, "categories": None}
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
    """GET /api/v1/crates/{crate}/versions with ``sort`` (semver, date) and ``nums[]``"""
    project, files = _crate(request)
    query = list(parse_query(request.environ.get("QUERY_STRING", "")))
    nums = {value for name, value in query if name == "nums[]"}
    chosen = [file for file in files if not nums or file.version in nums]
    if dict(query).get("sort") == "date":
        ordered = api.newest_first(chosen)
    else:
        ordered = sorted(chosen, key=lambda file: parse(file.version), reverse=True)
    told = {"versions": versions_json(request, project, ordered), "meta": {"total": len(ordered)}}
    return answers.answer_json(told)


def version(request: Request) -> Response:
    """GET /api/v1/crates/{crate}/{version}"""
    file = _version(request)
    (told,) = versions_json(request, file.project, [file])
    return answers.answer_json({"version": told})


def dependencies(request: Request) -> Response:
    """GET /api/v1/crates/{crate}/{version}/dependencies"""
    return answers.answer_json({"dependencies": api.dependencies_json(_version(request))})


def authors(request: Request) -> Response:
    """GET /api/v1/crates/{crate}/{version}/authors: what crates.io says since manifests need none."""
    _version(request)
    return answers.answer_json({"users": [], "meta": {"names": []}})


def readme(request: Request) -> Response:
    """GET /api/v1/crates/{crate}/{version}/readme: the text as its author wrote it."""
    file = _version(request)
    blob = file.sidecars.get(README)
    if blob is None:
        raise NotFound(f"crate `{file.display_name}` version `{file.version}` has no readme")
    return answers.stored_file(
        request,
        blob,
        filename=f"{file.filename}.md",
        modified=file.uploaded_at,
        shared=request.services.guard.everyone_reads(file.project),
        content_type="text/plain; charset=utf-8",
        direct=True,
        lasting=False,
    )


def version_downloads(request: Request) -> Response:
    """GET /api/v1/crates/{crate}/{version}/downloads with ``before_date``"""
    file = _version(request)
    counts = [
        count for count in _counts(request, file.project, _until(request)) if count.version == file.version
    ]
    return answers.answer_json(
        {"version_downloads": [api.day_json(version_id(file), each) for each in counts]}
    )


def crate_downloads(request: Request) -> Response:
    """GET /api/v1/crates/{crate}/downloads with ``include=versions``: the highest versions one by one, the
    rest together.
    """
    project, files = _crate(request)
    counts = _counts(request, project, _until(request))
    shown = sorted(files, key=lambda file: parse(file.version), reverse=True)[:_NEWEST]
    numbers = {file.version: version_id(file) for file in shown}
    told: dict[str, Any] = {
        "version_downloads": [
            api.day_json(numbers[each.version], each) for each in counts if each.version in numbers
        ],
        "meta": {"extra_downloads": api.rest_json(each for each in counts if each.version not in numbers)},
    }
    if "versions" in dict(parse_query(request.environ.get("QUERY_STRING", ""))).get("include", "").split(","):
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
    project, _ = _crate(request)
    followed = request.services.people.followed(name)
    return answers.answer_json({"following": project in followed})


def user(request: Request) -> Response:
    """GET /api/v1/users/{login}: by name, else by number. Users are known to those who are logged in."""
    require_login(request)
    services, wanted = request.services, request.matchdict["login"]
    account = services.access.account(wanted)
    person: Person | None = services.people.person(account.name) if account is not None else None
    if person is None and wanted.isdecimal():
        person = services.people.by_id(int(wanted[:12]))
    if person is None or services.access.account(person.name) is None:
        raise NotFound("user")
    return answers.answer_json({"user": api.user_json(person)})


def owner_teams(request: Request) -> Response:
    """GET /api/v1/crates/{crate}/owner_team: groups own nothing here, their members do."""
    _crate(request)
    return answers.answer_json({"teams": []})


def crate_of(request: Request, project: Project, *, exact: bool = False) -> dict[str, Any]:
    """A crate as lists show it."""
    files = request.services.cache.described(project)
    return _crate_json(request, project, files, full=False, exact=exact)


def _crate(request: Request) -> tuple[Project, Sequence[FileRecord]]:
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


def _version(request: Request) -> FileRecord:
    project = requested_crate(request)
    require(request, Act.READ, project)
    return requested_version(request, project)


def _crate_json(
    request: Request, project: Project, files: Sequence[FileRecord], *, full: bool = True, exact: bool = False
) -> dict[str, Any]:
    services = request.services
    today = services.clock().date()
    counts = services.downloads.daily(project, since=today - timedelta(days=RECENT_DAYS - 1), until=today)
    recent = sum(each.count for each in counts)
    return api.crate_json(
        files, totals=services.downloads.totals(project), recent=recent, full=full, exact=exact
    )


def versions_json(request: Request, project: Project, files: Iterable[FileRecord]) -> list[Mapping[str, Any]]:
    """These versions of a crate as objects."""
    services = request.services
    totals = services.downloads.totals(project)
    known: dict[str, Person | None] = {}
    told: list[Mapping[str, Any]] = []
    for file in files:
        name = file.uploader
        if name is not None and name not in known:
            known[name] = services.people.person(name) if services.access.account(name) else None
        publisher = known.get(name) if name is not None else None
        told.append(api.version_json(file, downloads=totals.get(file.version, 0), publisher=publisher))
    return told


def _includes(request: Request) -> frozenset[str]:
    text = dict(parse_query(request.environ.get("QUERY_STRING", ""))).get("include", "full")
    wanted = frozenset(text.split(",")) if text else frozenset()
    unknown = sorted(wanted - _INCLUDES)
    if unknown:
        raise InvalidRequest(
            "", f"invalid component for ?include= (expected one of {', '.join(sorted(_INCLUDES))})"
        )
    return wanted


def _counts(request: Request, project: Project, until: date) -> Sequence[DayCount]:
    since = until - timedelta(days=RECENT_DAYS - 1)
    counts: Sequence[DayCount] = request.services.downloads.daily(project, since=since, until=until)
    return counts


def _until(request: Request) -> date:
    text = dict(parse_query(request.environ.get("QUERY_STRING", ""))).get("before_date")
    if text is None:
        today: date = request.services.clock().date()
        return today
    try:
        until = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        until = None
    if until is None or until.year < 1971:
        raise InvalidRequest("", "before_date must be a date such as 2026-01-31")
    return until


def _follow(request: Request, *, following: bool) -> Response:
    name = require_login(request)
    project, _ = _crate(request)
    request.services.people.follow(name, project, following)
    return answers.answer_json({"ok": True})
