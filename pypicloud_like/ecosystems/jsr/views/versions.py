"""Versions of a package: listed, looked at, yanked, and what they depend on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.policy import Act
from pypicloud_like.core.errors import NotFound
from pypicloud_like.core.model import FileRecord, Status
from pypicloud_like.core.ports import Cache, Person
from pypicloud_like.ecosystems.jsr import api, modules
from pypicloud_like.ecosystems.jsr.directory import Entry
from pypicloud_like.ecosystems.jsr.errors import Disallowed, Malformed, Missing, Refused
from pypicloud_like.ecosystems.jsr.names import PackageName, checked
from pypicloud_like.ecosystems.jsr.shapes import JsrPublishedVersion, JsrUser, JsrVersion
from pypicloud_like.ecosystems.jsr.versions import check_version, latest_stable, newest_first
from pypicloud_like.ecosystems.jsr.views.common import (
    answer,
    body_of,
    is_staff,
    nothing,
    readable_packages,
    require_admin,
    require_user,
)
from pypicloud_like.ecosystems.jsr.views.packages import known_package
from pypicloud_like.http.security import require
from pypicloud_like.registry import curate
from pypicloud_like.registry.semver import parse
from pypicloud_like.registry.services import Services


def listed(request: Request) -> Response:
    """GET /api/scopes/{scope}/packages/{package}/versions: the highest first"""
    entry = known_package(request)
    services: Services = request.services
    files = {file.version: file for file in services.cache.described(entry.project)}
    totals = services.downloads.totals(entry.project)
    told: list[JsrPublishedVersion] = []
    for newer, version in enumerate(newest_first(files)):
        file = files[version]
        shown = api.version_json(file, newer=newer, downloads=totals.get(version, 0))
        told.append({**shown, "user": _publisher(services, file)})
    return answer(told)


def get(request: Request) -> Response:
    """GET /api/scopes/{scope}/packages/{package}/versions/{version}, which may be ``latest``"""
    return answer(_told(request, _version(request)))


def change(request: Request) -> Response:
    """PATCH of the same with ``yanked``, for admins of the scope"""
    file = _version(request)
    name = checked(request.matchdict["scope"], request.matchdict["package"])
    user = _require_admin_of(request, name, Act.YANK)
    wanted = body_of(request).get("yanked")
    if not isinstance(wanted, bool):
        raise Malformed("'yanked' must be true or false")
    _refuse_archived(request.services.cache, name)
    services = request.services
    if wanted and file.yanked is None:
        curate.yank(services, [file], reason="", actor=user)
    elif not wanted:
        curate.unyank(services, [file], actor=user)
    return answer(_told(request, _version(request)))


def remove(request: Request) -> Response:
    """DELETE of the same, for staff, if nothing depends on it. Its number stays used."""
    file = _version(request)
    name = checked(request.matchdict["scope"], request.matchdict["package"])
    user = require_user(request, Act.DELETE, name.project)
    if not is_staff(request):
        raise Disallowed("actorNotAuthorized", "Only staff can delete a version")
    if any(_depends(entry, name) for entry in readable_packages(request) if entry.name != name):
        raise Refused("deleteVersionHasDependents", f"Other packages depend on {name}")
    curate.delete(request.services, [file], actor=user)
    return nothing()


def dependencies(request: Request) -> Response:
    """GET /api/scopes/{scope}/packages/{package}/versions/{version}/dependencies"""
    needed: Sequence[Mapping[str, Any]] = _version(request).facts.get("dependencies", ())
    return answer([api.dependency_json(each) for each in needed])


def _version(request: Request) -> FileRecord:
    """The version of the address.

    :raises NotFound: it is not there, or the caller may not know of it
    """
    name = checked(request.matchdict["scope"], request.matchdict["package"])
    text: str = request.matchdict["version"]
    if text != "latest":
        text = str(check_version(text))
    require(request, Act.READ, name.project)
    cache: Cache = request.services.cache
    if text == "latest":
        text = _latest(cache, name)
    return modules.version_file(cache, name.project, text)


def _latest(cache: Cache, name: PackageName) -> str:
    files = cache.files(name.project)
    if not files or not modules.is_offered(cache, name.project):
        raise NotFound(str(name.project))
    latest = latest_stable(file.version for file in files if file.yanked is None)
    if latest is None:
        raise Missing("packageVersionNotFound", f"{name} has no stable version")
    return latest


def _told(request: Request, file: FileRecord) -> JsrVersion:
    services = request.services
    mine = parse(file.version)
    newer = sum(parse(each.version) > mine for each in services.cache.files(file.project))
    downloads = services.downloads.totals(file.project).get(file.version, 0)
    return api.version_json(file, newer=newer, downloads=downloads)


def _publisher(services: Services, file: FileRecord) -> JsrUser | None:
    account = services.access.account(file.uploader) if file.uploader is not None else None
    person: Person | None = services.people.person(account.name) if account is not None else None
    return None if person is None else api.user_json(person)


def _require_admin_of(request: Request, name: PackageName, act: Act) -> str:
    scope = request.services.scopes.scope(name.scope)
    if scope is None:
        raise Missing("scopeNotFound", f"There is no scope @{name.scope}: somebody has to make it first")
    return require_admin(request, scope, act)


def _refuse_archived(cache: Cache, name: PackageName) -> None:
    record = cache.record(name.project)
    if record is not None and record.status is Status.ARCHIVED:
        raise Refused("packageArchived", f"{name} is archived")


def _depends(entry: Entry, name: PackageName) -> bool:
    return str(name) in entry.needed
