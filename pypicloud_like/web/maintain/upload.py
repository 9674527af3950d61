"""Uploading by the browser: files that say themselves what they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.policy import Act
from pypicloud_like.core.errors import InvalidRequest, RegistryError
from pypicloud_like.core.model import Action, FileRecord, Project, Stamp
from pypicloud_like.http.errors import status_of
from pypicloud_like.http.multiparts import SentFile, read_multipart
from pypicloud_like.http.publishing import require_write
from pypicloud_like.http.security import CSRF_FIELD, require_csrf_field
from pypicloud_like.http.urls import base_url
from pypicloud_like.registry.publish import Published, Terms, publish
from pypicloud_like.registry.received import RECEIVERS, Receiver
from pypicloud_like.registry.services import Services
from pypicloud_like.web.browse.common import presenters
from pypicloud_like.web.pages import page
from pypicloud_like.web.people import person, require_person, to_login

_FILES = ("file", "second", "third", "fourth", "fifth")
"""The form's fields. A wheel and an sdist of one release, or a few wheels, go at once."""


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one file: where it is now, or what was wrong."""

    filename: str
    page: str = ""
    name: str = ""
    fault: str = ""
    status: int = 200
    changed: bool = True


def form(request: Request) -> Response:
    """GET /upload"""
    return to_login(request) if person(request) is None else _page(request, [])


def upload(request: Request) -> Response:
    """POST /upload with up to five files; each is judged by itself."""
    require_person(request)
    services: Services = request.services
    limits = services.settings.limits
    files = dict.fromkeys(_FILES, limits.file)
    with read_multipart(request, limits, services.settings.server.spool_dir, files=files) as sent:
        require_csrf_field(request, sent.get(CSRF_FIELD))
        chosen = [each for each in sent.files.values() if each.filename]
        if not chosen:
            return _page(request, [], fault="Choose a file first.", status=400)
        return _page(request, [_received(request, each) for each in chosen])


def _received(request: Request, sent: SentFile) -> Done:
    try:
        done = _publish(request, sent)
    except RegistryError as error:
        return Done(sent.filename, fault=str(error), status=status_of(error))
    file: FileRecord = done.record
    presenter = presenters(request)[file.project.ecosystem]
    return Done(
        file.filename,
        page=presenter.page(file.display_name, file.version),
        name=f"{file.display_name} {file.version}",
        changed=done.changed,
    )


def _publish(request: Request, sent: SentFile) -> Published:
    services: Services = request.services
    caller = request.caller
    receiver, project = _receiver(request, sent.filename)
    only_new = require_write(request, project)
    stamp = Stamp(Action.UPLOAD, caller.name, services.clock())
    received = receiver.receive(services, sent.filename, sent.spool, stamp, base_url(request))
    if received.draft.project != project:
        raise InvalidRequest("filename", f"the file belongs to {received.draft.project}")
    return publish(
        services,
        received.draft,
        sent.spool,
        sidecars=received.sidecars,
        terms=Terms(
            overwrite=received.replaceable and services.guard.may(caller, Act.OVERWRITE, project),
            revive=services.settings.access.allow_reuse_of_deleted,
            only_new=only_new,
        ),
        caller=caller,
        judge=received.judge,
    )


def _receiver(request: Request, filename: str) -> tuple[Receiver, Project]:
    known: Mapping[str, Receiver] = request.registry[RECEIVERS]
    for receiver in known.values():
        project = receiver.locate(filename)
        if project is not None:
            return receiver, project
    raise InvalidRequest("filename", "is that of no wheel, sdist or crate")


def _page(request: Request, done: list[Done], *, fault: str = "", status: int = 200) -> Response:
    faults = [each.status for each in done if each.fault]
    return page(
        request,
        "maintain/upload.jinja2",
        status=max(faults, default=status),
        done=done,
        fault=fault,
        fields=_FILES,
        largest=request.services.settings.limits.file,
    )
