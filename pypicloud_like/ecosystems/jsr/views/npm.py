"""JSR packages for npm, pnpm and yarn, at ``/npm/``: what they ask for, and how errors are told to them."""

from __future__ import annotations

import json

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.policy import Act
from pypicloud_like.core.errors import LoginRequired, NotFound
from pypicloud_like.core.model import FileRecord, Project, ProjectRecord, Status
from pypicloud_like.core.ports import Cache
from pypicloud_like.ecosystems.jsr import metadata, modules
from pypicloud_like.ecosystems.jsr.errors import Missing
from pypicloud_like.ecosystems.jsr.module_shapes import NpmError, NpmRegistry, NpmWhoami
from pypicloud_like.ecosystems.jsr.names import PackageName
from pypicloud_like.ecosystems.jsr.npm import upstream
from pypicloud_like.ecosystems.jsr.npm.errors import StillConverting
from pypicloud_like.ecosystems.jsr.npm.names import (
    npm_name,
    package_named,
    plain_version_in,
    version_in,
)
from pypicloud_like.ecosystems.jsr.npm.packument import SIDECAR, Telling, is_offered, render_packument
from pypicloud_like.ecosystems.jsr.npm.workshop import Workshop
from pypicloud_like.ecosystems.jsr.profile import profile_of
from pypicloud_like.ecosystems.jsr.versions import newest_first
from pypicloud_like.ecosystems.jsr.views import upstream as upstream_views
from pypicloud_like.http import answers
from pypicloud_like.http.security import require
from pypicloud_like.http.urls import base_url
from pypicloud_like.registry.pages import Page, Rendering
from pypicloud_like.registry.serve import Answer, same_for_all
from pypicloud_like.registry.services import Services

DIALECT = "npm"
WORKSHOP = "pypicloud_like.npm_workshop"
"""Where the registry of the application has it."""


class _Unmade(Exception):
    """Versions have to be converted before a packument can tell of them."""

    def __init__(self, files: list[FileRecord]) -> None:
        super().__init__()
        self.files = files


def tell(request: Request, status: int, sentence: str, key: str) -> Response:
    """An error answer as npm's clients show it. They are asked for a token, not for a password: so they tell
    that it is the token that is wrong.
    """
    response = Response(json.dumps(NpmError(error=sentence, code=key)).encode(), status=status)
    response.headers["Content-Type"] = "application/json"
    if status == 401:
        realm = request.services.settings.access.realm.replace('"', "'")
        response.headers["WWW-Authenticate"] = (
            f'Bearer realm="{realm}", Basic realm="{realm}", charset="UTF-8"'
        )
    return response


def root(_request: Request) -> Response:
    """GET /npm/ and /npm/-/ping: that here is a registry (``npm ping``)."""
    return answers.answer_json(NpmRegistry())


def whoami(request: Request) -> Response:
    """GET /npm/-/whoami: whose token it is (``npm whoami``)."""
    if request.caller.name is None:
        raise LoginRequired
    return answers.answer_json(NpmWhoami(username=request.caller.name))


def packument(request: Request) -> Response:
    """GET /npm/@jsr/{scope}__{package}"""
    package = package_named(request.matchdict["name"])
    require(request, Act.READ, package.project)
    services: Services = request.services
    shared = services.guard.everyone_reads(package.project)
    source, stale = upstream_views.source_of(request, package), False
    if source is None:
        page = _packument(request, package)
    else:
        page, stale = _far_packument(request, package, source)
        shared = same_for_all(services, package.project)
    response = answers.page(request, page, shared=shared)
    if stale:
        answers.mark_stale(response)
    return response


def tarball(request: Request) -> Response:
    """GET /npm/@jsr/{scope}__{package}/-/{scope}__{package}-{version}.tgz"""
    package = package_named(request.matchdict["name"])
    require(request, Act.READ, package.project)
    return _tarball(request, package, version_in(request.matchdict["filename"], package))


def older_tarball(request: Request) -> Response:
    """GET /npm/~/{revision}/@jsr/{scope}__{package}/{version}.tgz, as lock files may have it"""
    package = package_named(request.matchdict["name"])
    require(request, Act.READ, package.project)
    return _tarball(request, package, plain_version_in(request.matchdict["filename"], package))


def _packument(request: Request, package: PackageName) -> Page:
    """The packument once all versions that can be converted are."""
    services: Services = request.services
    workshop: Workshop = request.registry[WORKSHOP]
    address = f"{base_url(request)}/npm/"
    project = package.project
    for _ in range(2):
        version = services.cache.touched(project), workshop.failed(project)
        try:
            return services.pages.get(
                (project, "npm", address), version, lambda: _render(services, workshop, package, address)
            )
        except _Unmade as unmade:
            workshop.make(unmade.files)
    raise StillConverting  # a version was published meanwhile


def _far_packument(request: Request, package: PackageName, source: Answer) -> tuple[Page, bool]:
    """The packument of a package that is not ours, and whether it is stale."""
    services: Services = request.services
    assert services.upstreams is not None
    address = f"{base_url(request)}/npm/"
    if source is Answer.HELD:
        body = upstream.held_packument(services.upstreams, package, address)
        return answers.rendered(Rendering(body, metadata.JSON)), False
    found = upstream.offer(services.upstreams, package)
    if found is None:
        raise NotFound(str(package.project))

    def render() -> Rendering:
        return Rendering(upstream.rendered(package, address, found), metadata.JSON)

    return services.pages.get((package.project, "far npm", address), found.key, render), found.stale


def _render(services: Services, workshop: Workshop, package: PackageName, address: str) -> Rendering:
    cache: Cache = services.cache
    by_version = {file.version: file for file in cache.described(package.project)}
    if not by_version or not modules.is_offered(cache, package.project):
        raise NotFound(str(package.project))
    files = [by_version[version] for version in newest_first(by_version)]
    wanted = [file for file in files if file.yanked is None and SIDECAR not in file.sidecars]
    unmade = [file for file in wanted if workshop.failure(file) is None]
    if unmade:
        raise _Unmade(unmade)
    if not any(map(is_offered, files)):
        raise _nothing(workshop, package, wanted)
    record = cache.record(package.project)
    telling = Telling(
        package,
        address,
        description=profile_of(record).description,
        deprecated=_deprecation(record),
        backdated=services.settings.jsr.npm_time == "backdate",
    )
    return Rendering(render_packument(telling, files), metadata.JSON)


def _deprecation(record: ProjectRecord | None) -> str:
    """What installers say of a package that is deprecated."""
    if record is None or record.status is not Status.DEPRECATED:
        return ""
    return record.status_reason or "This package is deprecated"


def _nothing(workshop: Workshop, package: PackageName, wanted: list[FileRecord]) -> NotFound:
    """Why there is no version for npm at all, told by the newest one."""
    if not wanted:
        return Missing("npmNoVersion", f"Every version of {npm_name(package)} is yanked")
    why = workshop.failure(wanted[0])
    return Missing(
        "npmNoVersion", f"No version of {npm_name(package)} is there for npm: {why or 'it is not converted'}"
    )


def _tarball(request: Request, package: PackageName, version: str) -> Response:
    """A tarball, converted now if nobody has asked before. Those of yanked versions stay: lock files name
    them.
    """
    services: Services = request.services
    project = package.project
    source = upstream_views.source_of(request, package)
    if source is None:
        file = _converted(request, project, version)
        blob = file.sidecars[SIDECAR]
    else:
        assert services.upstreams is not None
        file = upstream.tarball(services.upstreams, package, version, asking=source is Answer.FETCH)
        blob = file.blob
    answer = answers.stored_file(
        request,
        blob,
        filename=f"{package.scope}__{package.package}-{version}.tgz",
        modified=file.uploaded_at,
        shared=services.guard.everyone_reads(project),
        direct=True,
        lasting=not services.settings.access.allow_reuse_of_deleted,
    )
    if request.method == "GET" and answer.status_int == 200:
        services.downloads.count(project, version, user=request.caller.name)
    return answer


def _converted(request: Request, project: Project, version: str) -> FileRecord:
    """A version with its npm form.

    :raises NotFound: there is no such version, or it has none
    """
    cache, workshop = request.services.cache, request.registry[WORKSHOP]
    file = modules.version_file(cache, project, version)
    if SIDECAR in file.sidecars:
        return file
    workshop.make([file], urgent=True)
    file = modules.version_file(cache, project, version)
    if SIDECAR not in file.sidecars:
        why = workshop.failure(file) or "it is not converted"
        raise Missing("npmNoVersion", f"{project.name}@{version} is not there for npm: {why}")
    return file
