"""One version of a crate in the crates.io HTTP API."""

from __future__ import annotations

from collections.abc import Iterable

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.policy import Act
from pypicloud_like.core.errors import InvalidRequest, NotFound
from pypicloud_like.core.model import FileRecord, Project
from pypicloud_like.core.ports import Person
from pypicloud_like.ecosystems.cargo import api
from pypicloud_like.ecosystems.cargo.metadata import README, version_id, with_id
from pypicloud_like.ecosystems.cargo.shapes import (
    Authors,
    CrateVersion,
    Dependencies,
    OneVersion,
    VersionDownloads,
)
from pypicloud_like.ecosystems.cargo.views.common import (
    requested_crate,
    requested_version,
)
from pypicloud_like.ecosystems.cargo.views.counts import counts_until, until
from pypicloud_like.http import answers
from pypicloud_like.http.forms import parse_json_object, read_body
from pypicloud_like.http.security import require
from pypicloud_like.registry import curate

_LONGEST_MESSAGE = 1000


def version(request: Request) -> Response:
    """GET /api/v1/crates/{crate}/{version}"""
    file = _version(request)
    (told,) = versions_json(request, file.project, [file])
    return answers.answer_json(OneVersion(version=told))


def change_version(request: Request) -> Response:
    """PATCH /api/v1/crates/{crate}/{version} with ``version``: ``yanked`` and ``yank_message``. The answer
    is the version, so only who may read that may ask for it.
    """
    project = requested_crate(request)
    require(request, Act.YANK, project)
    require(request, Act.READ, project)
    file = requested_version(request, project)
    services = request.services
    said = parse_json_object(read_body(request, services.settings.limits.json) or b"{}").get("version")
    yanked, message = _yank_of(said, file)
    if yanked:
        curate.yank(services, [file], reason=message, actor=request.caller.name, facts=with_id)
    else:
        curate.unyank(services, [file], actor=request.caller.name, facts=with_id)
    return version(request)


def dependencies(request: Request) -> Response:
    """GET /api/v1/crates/{crate}/{version}/dependencies"""
    return answers.answer_json(Dependencies(dependencies=api.dependencies_json(_version(request))))


def authors(request: Request) -> Response:
    """GET /api/v1/crates/{crate}/{version}/authors: what crates.io says since manifests need none."""
    _version(request)
    return answers.answer_json(Authors(users=[], meta={"names": []}))


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
    counts = counts_until(request, file.project, until(request))
    days = [api.day_json(version_id(file), each) for each in counts if each.version == file.version]
    return answers.answer_json(VersionDownloads(version_downloads=days))


def versions_json(request: Request, project: Project, files: Iterable[FileRecord]) -> list[CrateVersion]:
    """These versions of a crate as objects."""
    services = request.services
    totals = services.downloads.totals(project)
    known: dict[str, Person | None] = {}
    told: list[CrateVersion] = []
    for file in files:
        name = file.uploader
        if name is not None and name not in known:
            known[name] = services.people.person(name) if services.access.account(name) else None
        publisher = known.get(name) if name is not None else None
        told.append(api.version_json(file, downloads=totals.get(file.version, 0), publisher=publisher))
    return told


def _yank_of(said: object, file: FileRecord) -> tuple[bool, str]:
    """Whether a version is to be yanked, and why.

    :raises InvalidRequest: that is not what is said, or makes no sense
    """
    if not isinstance(said, dict) or not said.keys() & {"yanked", "yank_message"}:
        raise InvalidRequest("", "the body must have a `version` with `yanked` or `yank_message`")
    yanked = said.get("yanked", file.yanked is not None)
    message = said.get("yank_message", file.yanked)
    if not isinstance(yanked, bool) or not isinstance(message, str | None):
        raise InvalidRequest("", "`yanked` must be true or false, and `yank_message` a text")
    if not yanked and said.get("yank_message") is not None:
        raise InvalidRequest("", "a version that is not yanked has no `yank_message`")
    if message is not None and (len(message) > _LONGEST_MESSAGE or not message.isprintable()):
        raise InvalidRequest("", f"`yank_message` must be one line of at most {_LONGEST_MESSAGE} characters")
    return yanked, message or ""


def _version(request: Request) -> FileRecord:
    project = requested_crate(request)
    require(request, Act.READ, project)
    return requested_version(request, project)
