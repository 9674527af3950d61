"""Publishing by ``deno publish``: the tarball, and the question how it went."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import BinaryIO

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.policy import Act
from pypicloud_like.core.errors import TooLarge
from pypicloud_like.core.ports import PublishingTask
from pypicloud_like.ecosystems.jsr import permissions, scopes
from pypicloud_like.ecosystems.jsr.api import task_json
from pypicloud_like.ecosystems.jsr.directory import Entry
from pypicloud_like.ecosystems.jsr.errors import (
    Disallowed,
    Malformed,
    Missing,
    Refused,
    Taken,
    TarballTooLarge,
)
from pypicloud_like.ecosystems.jsr.names import JSR, PackageName, checked, shown, without_hyphens
from pypicloud_like.ecosystems.jsr.paths import is_path
from pypicloud_like.ecosystems.jsr.publish import Duplicate, Order, publish_version
from pypicloud_like.ecosystems.jsr.shapes import JsrDuplicate, JsrTask
from pypicloud_like.ecosystems.jsr.versions import check_version
from pypicloud_like.ecosystems.jsr.views.common import packages_of, require_user
from pypicloud_like.http import answers
from pypicloud_like.http.forms import parse_query
from pypicloud_like.http.publishing import require_any_write, require_write
from pypicloud_like.registry.services import Services
from pypicloud_like.registry.spool import CHUNK, Spool


def new(request: Request) -> Response:
    """POST /api/scopes/{scope}/packages/{package}/versions/{version}?config=/deno.json, with the gzipped
    tarball as the body. The answer is the task at its end: whoever reads ``success`` need not ask again.
    """
    require_any_write(request, JSR)
    package = checked(request.matchdict["scope"], request.matchdict["package"])
    version = str(check_version(request.matchdict["version"]))
    config_path = _config_path(request)
    limit = request.services.settings.jsr.package_size
    if request.content_length is not None and request.content_length > limit:
        raise TarballTooLarge(limit)
    if request.headers.get("Content-Encoding", "").strip().lower() != "gzip":
        raise Refused("missingGzipContentEncoding", "The body has to be gzipped, and a header has to say so")
    only_new = require_write(request, package.project)
    order = Order(
        package=package,
        version=version,
        config_path=config_path,
        only_new=only_new,
        new_scope=_is_new_scope(request, package),
    )
    _check_room(request, package)
    with _received(request, limit) as tarball:
        permissions.check(request.caller.scope, package, version, tarball.sha256)
        try:
            task = publish_version(request.services, order, tarball, request.caller)
        except Duplicate as error:
            told: JsrDuplicate = {
                "code": error.error_code,
                "message": str(error),
                "task": _told(request.services, error.task),
            }
            return _uncached(answers.answer_json(told, status=400))
    return _uncached(answers.answer_json(_told(request.services, task)))


def status(request: Request) -> Response:
    """GET /api/publish_status/{id} and /api/publishing_tasks/{id}. Nobody has to log in: deno asks without
    its token, and ids cannot be guessed.
    """
    text: str = request.matchdict["id"]
    try:
        task_id = str(uuid.UUID(text))
    except ValueError:
        raise Malformed(f"'{shown(text)}' is no id of a publishing task") from None
    task = request.services.tasks.task(task_id)
    if task is None:
        raise Missing("publishNotFound", "There is no such publishing task")
    return _uncached(answers.answer_json(_told(request.services, task)))


def _told(services: Services, task: PublishingTask) -> JsrTask:
    person = services.people.person(task.user) if task.user is not None else None
    return task_json(task, person)


def _check_room(request: Request, package: PackageName) -> None:
    scopes.check_room_for_attempt(request.services, package.scope)
    if not request.services.cache.exists(package.project):
        there = packages_of(request, package.scope)
        _refuse_hyphen_twin(package, there)
        scopes.check_room_for_package(request.services, package.scope, there)


def _refuse_hyphen_twin(package: PackageName, there: Sequence[Entry]) -> None:
    for entry in there:
        twin = without_hyphens(entry.name.package) == without_hyphens(package.package)
        if twin and entry.name != package:
            raise Taken("packageAlreadyExists", f"The package {entry.name} exists already")


def _is_new_scope(request: Request, package: PackageName) -> bool:
    """Whether the scope is still to be made, which its first version does. Where anything of it is ours
    already, the version goes without: who may write one name does not get all the others.

    :raises LoginRequired: nobody would own it
    :raises Disallowed: people may not publish there
    """
    scope = request.services.scopes.scope(package.scope)
    if scope is None:
        require_user(request, Act.CREATE, package.project)
        return bool(request.caller.account.admin) or not scopes.is_begun(request.services, package.scope)
    if scope.ci_only and not request.caller.job:
        raise Disallowed(
            "scopeRequiresPublishingFromCI", f"@{scope.name} takes versions from automation only"
        )
    return False


def _config_path(request: Request) -> str:
    given = dict(parse_query(request.environ.get("QUERY_STRING", ""))).get("config")
    if given is None:
        raise Malformed("The parameter 'config' has to name the configuration in the package")
    path = given if given.startswith("/") else f"/{given}"
    if not is_path(path):
        raise Malformed(f"'{shown(given)}' cannot be the path of the configuration")
    return path


def _received(request: Request, limit: int) -> Spool:
    """The body as it was sent, still packed.

    :raises TarballTooLarge: it is above the limit
    :raises Malformed: it ends too early
    """
    length = request.content_length
    tarball = Spool(limit=limit, folder=request.services.settings.server.spool_dir)
    try:
        _copy(request.environ["wsgi.input"], length, tarball)
    except BaseException as error:
        tarball.close()
        if isinstance(error, TooLarge):
            raise TarballTooLarge(limit) from None
        raise
    return tarball


def _copy(source: BinaryIO, length: int | None, tarball: Spool) -> None:
    while chunk := source.read(CHUNK if length is None else min(CHUNK, length - tarball.size)):
        tarball.write(chunk)
    if length is not None and tarball.size < length:
        raise Malformed("The body ends before its Content-Length")


def _uncached(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
