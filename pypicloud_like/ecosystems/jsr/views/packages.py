"""Packages: listed, made, looked at, changed and removed; and what depends on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.policy import Act
from pypicloud_like.core.errors import NotFound
from pypicloud_like.core.model import Snapshot, Status
from pypicloud_like.core.ports import ScopeRecord
from pypicloud_like.core.records import time_text
from pypicloud_like.ecosystems.jsr import api, profile
from pypicloud_like.ecosystems.jsr.directory import Entry, entry_of
from pypicloud_like.ecosystems.jsr.errors import Disallowed, Malformed, Missing, Refused, Taken
from pypicloud_like.ecosystems.jsr.names import PackageName, check_package, checked, without_hyphens
from pypicloud_like.ecosystems.jsr.scopes import check_room_for_package
from pypicloud_like.ecosystems.jsr.shapes import JsrDependent, JsrNewest, JsrPackage, JsrStats
from pypicloud_like.ecosystems.jsr.versions import newest_first
from pypicloud_like.ecosystems.jsr.views.common import (
    answer,
    body_of,
    clamped,
    is_admin,
    is_staff,
    known_scope,
    nothing,
    only_key,
    packages_of,
    page_of,
    query_of,
    readable_packages,
    require_admin,
    require_member,
    require_user,
)
from pypicloud_like.http.security import require
from pypicloud_like.registry import curate
from pypicloud_like.registry.services import Services

_LONGEST_QUERY = 200
_MOST_VERSIONS = 10


def listed(request: Request) -> Response:
    """GET /api/packages with ``query``, ``limit``, ``page``"""
    words = query_of(request).get("query", "")[:_LONGEST_QUERY].lower().split()
    found = [
        entry
        for entry in readable_packages(request)
        if not entry.archived and all(word in entry.words for word in words)
    ]
    found.sort(key=lambda entry: (" ".join(words).removeprefix("@") not in entry.name.package, entry.name))
    return _page(request, found)


def in_scope(request: Request) -> Response:
    """GET /api/scopes/{scope}/packages; archived ones come last, and to admins only"""
    scope = known_scope(request)
    admin = is_admin(request, scope)
    found = [
        entry
        for entry in readable_packages(request)
        if entry.name.scope == scope.name and (admin or not entry.archived)
    ]
    found.sort(key=lambda entry: (entry.archived, entry.name))
    return _page(request, found)


def make(request: Request) -> Response:
    """POST of the same with ``package``: its name, for members"""
    scope = known_scope(request)
    user = require_member(request, scope, Act.CREATE)
    wanted = body_of(request).get("package")
    if not isinstance(wanted, str):
        raise Malformed("'package' must be the name of the package")
    name = PackageName(scope.name, check_package(wanted))
    there = packages_of(request, scope.name)
    for entry in there:
        if without_hyphens(entry.name.package) == without_hyphens(name.package):
            raise _taken(entry.name)
    check_room_for_package(request.services, scope.name, there)
    _make(request.services, name, user)
    return answer(_told(request, _entry(request, name)))


def get(request: Request) -> Response:
    """GET /api/scopes/{scope}/packages/{package}. A name that the caller may publish counts as there: its
    first version brings it into being, and nobody has to make it on a page before.
    """
    name = checked(request.matchdict["scope"], request.matchdict["package"])
    services, project = request.services, name.project
    if not services.cache.exists(project) and services.guard.may(
        request.caller, Act.WRITE, project, exists=False
    ):
        return answer(api.unborn_json(name, services.clock()), lasting=False)
    return answer(_told(request, known_package(request)))


def change(request: Request) -> Response:
    """PATCH of the same with just one of ``description``, ``githubRepository``, ``runtimeCompat``,
    ``isArchived``, ``readmeSource``, ``isFeatured``
    """
    entry = known_package(request)
    require_member(request, _scope_of(request, entry.name), Act.WRITE)
    body = body_of(request)
    keys = ("description", "githubRepository", "runtimeCompat", "isArchived", "readmeSource", "isFeatured")
    key = only_key(body, keys)
    user = _require_change(request, entry, key)
    if key == "isArchived":
        _archive(request, entry, body[key], user)
    else:
        if entry.archived:
            raise Refused("packageArchived", f"{entry.name} is archived")
        told = _facts(request, key, body[key])
        curate.describe(request.services, entry.project, lambda now: _with(now, told), actor=user)
    return answer(_told(request, _entry(request, entry.name)))


def remove(request: Request) -> Response:
    """DELETE of the same, if it has no versions. Its name stays ours."""
    entry = known_package(request)
    scope = _scope_of(request, entry.name)
    user = require_admin(request, scope, Act.DELETE)

    def without(now: Snapshot) -> Mapping[str, Any]:
        if any(not file.deleted for file in now.files.values()):
            raise Refused("packageNotEmpty", f"{entry.name} has versions")
        return {}

    curate.describe(request.services, entry.project, without, actor=user)
    return nothing()


def dependents(request: Request) -> Response:
    """GET /api/scopes/{scope}/packages/{package}/dependents with ``versions_per_package_limit``"""
    wanted = str(known_package(request).name)
    most = clamped(query_of(request), "versions_per_package_limit", _MOST_VERSIONS, _MOST_VERSIONS)

    def told(entry: Entry) -> JsrDependent:
        versions = newest_first(version for version, needs in entry.needs.items() if wanted in needs)
        return {
            "scope": entry.name.scope,
            "package": entry.name.package,
            "versions": versions[:most],
            "totalVersions": len(versions),
        }

    return page_of(request, _dependents(request, wanted), told)


def stats(request: Request) -> Response:
    """GET /api/stats: what came last"""
    entries = [entry for entry in readable_packages(request) if not entry.archived]
    newest = sorted(entries, key=lambda entry: (entry.created_at, entry.name), reverse=True)
    published = [entry for entry in entries if entry.newest is not None]
    updated = sorted(published, key=lambda entry: (entry.newest_at, entry.name), reverse=True)
    featured = [entry for entry in entries if entry.profile.featured_at is not None]
    return answer(
        JsrStats(
            newest=[_short(entry) for entry in newest[:10]],
            updated=[
                {
                    "scope": entry.name.scope,
                    "package": entry.name.package,
                    "version": entry.newest,
                    "description": entry.profile.description,
                }
                for entry in updated[:10]
            ],
            featured=[_short(entry) for entry in featured[:10]],
        )
    )


def known_package(request: Request) -> Entry:
    """The package of the address, which the caller may read.

    :raises NotFound: there is none, or they may not
    """
    name = checked(request.matchdict["scope"], request.matchdict["package"])
    require(request, Act.READ, name.project)
    return _entry(request, name)


def _entry(request: Request, name: PackageName) -> Entry:
    cache = request.services.cache
    project = name.project
    entry = entry_of(project, cache.record(project), cache.described(project))
    if entry is None:
        raise NotFound(str(project))
    return entry


def _page(request: Request, found: Sequence[Entry]) -> Response:
    counts = Counter(name for entry in readable_packages(request) for name in entry.needed)
    return page_of(request, found, lambda entry: api.package_json(entry, dependents=counts[str(entry.name)]))


def _told(request: Request, entry: Entry) -> JsrPackage:
    return api.package_json(entry, dependents=len(_dependents(request, str(entry.name))))


def _dependents(request: Request, name: str) -> list[Entry]:
    return [entry for entry in readable_packages(request) if name in entry.needed]


def _short(entry: Entry) -> JsrNewest:
    name = entry.name
    return {"scope": name.scope, "name": name.package, "description": entry.profile.description}


def _make(services: Services, name: PackageName, user: str) -> None:
    at = time_text(services.clock())

    def made(now: Snapshot) -> Mapping[str, Any]:
        told = dict(now.record.facts) if now.record is not None else {}
        if told.get("madeAt") or any(not file.deleted for file in now.files.values()):
            raise _taken(name)
        return told | {"madeAt": at}

    curate.describe(services, name.project, made, actor=user)


def _taken(name: PackageName) -> Taken:
    return Taken("packageAlreadyExists", f"The package {name} exists already")


def _scope_of(request: Request, name: PackageName) -> ScopeRecord:
    """The scope of a package. One that was published before there were scopes has none."""
    scope: ScopeRecord | None = request.services.scopes.scope(name.scope)
    if scope is None:
        raise Missing("scopeNotFound", f"There is no scope @{name.scope}: somebody has to make it first")
    return scope


def _require_change(request: Request, entry: Entry, key: str) -> str:
    scope = _scope_of(request, entry.name)
    if key == "description":
        return require_member(request, scope, Act.WRITE)
    if key == "isFeatured":
        user = require_user(request, Act.YANK, entry.project)
        if not is_staff(request):
            raise Disallowed("actorNotAuthorized", "Only staff can feature packages")
        return user
    return require_admin(request, scope, Act.YANK)


def _archive(request: Request, entry: Entry, archived: object, user: str) -> None:
    if not isinstance(archived, bool):
        raise Malformed("'isArchived' must be true or false")
    status = Status.ARCHIVED if archived else Status.ACTIVE
    curate.set_status(request.services, entry.project, status, reason="", actor=user)


def _facts(request: Request, key: str, value: object) -> Mapping[str, Any]:
    now = time_text(request.services.clock())
    match key:
        case "description":
            return {key: profile.check_description(value)}
        case "githubRepository":
            repository = profile.check_repository(value)
            return {key: None if repository is None else {**repository, "createdAt": now}}
        case "runtimeCompat":
            return {key: profile.check_runtimes(value)}
        case "readmeSource":
            if value not in profile.README_SOURCES:
                raise Malformed(f"'readmeSource' must be one of {', '.join(profile.README_SOURCES)}")
            return {key: value}
    if not isinstance(value, bool):
        raise Malformed("'isFeatured' must be true or false")
    return {"featuredAt": now if value else None}


def _with(now: Snapshot, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the record says with this added; what is None is not said any more."""
    facts = (dict(now.record.facts) if now.record is not None else {}) | dict(told)
    return {key: value for key, value in facts.items() if value is not None}
