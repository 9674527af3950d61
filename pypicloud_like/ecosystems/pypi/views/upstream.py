"""Projects and files that are answered from an upstream, or from what is held of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.core.errors import MissingBytes, NotFound, RegistryError
from pypicloud_like.core.model import PYPI, FileRecord, Project, ProjectRecord, Status
from pypicloud_like.ecosystems.pypi import simple
from pypicloud_like.ecosystems.pypi.metadata import parse as parse_metadata
from pypicloud_like.ecosystems.pypi.names import WHEEL, normalize
from pypicloud_like.ecosystems.pypi.ours import last_serial
from pypicloud_like.ecosystems.pypi.releases import find_release, project_release, releases
from pypicloud_like.ecosystems.pypi.simple import METADATA
from pypicloud_like.ecosystems.pypi.upstream import (
    METADATA_KIND,
    METADATA_SUFFIX,
    Offer,
    held_files,
    metadata_of,
    offer,
    offered_file,
)
from pypicloud_like.http import answers
from pypicloud_like.http.counting import counted
from pypicloud_like.http.negotiate import Chosen
from pypicloud_like.http.urls import prefix
from pypicloud_like.registry.pages import Rendering
from pypicloud_like.registry.serve import Answer, same_for_all
from pypicloud_like.upstream.upstreams import Upstreams

THROUGH_US = frozenset({Answer.FETCH, Answer.MERGED, Answer.HELD})
"""Answers that show what is held from upstreams."""
METADATA_TYPE = "text/plain; charset=utf-8"


def project_page(request: Request, wanted: Project, chosen: Chosen, answer: Answer) -> Response:
    """A project's page where it is not of ours alone."""
    if answer is Answer.REDIRECT:
        return answers.redirect(_simple_elsewhere(request, wanted), status=302, private=True)
    if answer is Answer.HELD:
        return _held_page(request, wanted, chosen)
    if answer not in {Answer.FETCH, Answer.MERGED, Answer.LINKED}:
        raise NotFound(wanted.name)
    return _offered_page(request, wanted, chosen, answer)


def ours_beside(request: Request, wanted: Project, answer: Answer) -> list[FileRecord]:
    """The files of ours that the answer shows."""
    return [] if answer is Answer.FETCH else list(request.services.cache.described(wanted))


def merged(ours: Sequence[FileRecord], theirs: Sequence[FileRecord]) -> list[FileRecord]:
    """Both, ours in the place of theirs where the name or what may exist once is the same."""
    names = {file.filename for file in ours}
    identities = {file.identity for file in ours}
    return [
        *ours,
        *(file for file in theirs if file.filename not in names and file.identity not in identities),
    ]


def shows_held(request: Request) -> bool:
    """Whether lists show what is held from upstreams."""
    upstreams: Upstreams | None = request.services.upstreams
    return upstreams is not None and upstreams.fallback.mode in {"cache", "mirror"}


def held_projects(request: Request) -> tuple[Project, ...]:
    """Every project of which something is held from an upstream, and may be shown."""
    if not shows_held(request):
        return ()
    upstreams: Upstreams = request.services.upstreams
    return tuple(
        project for project in upstreams.held.projects(PYPI) if upstreams.allowed(project, normalize)
    )


class Shown:
    """The files that a project's answers show where it is not of ours alone."""

    def __init__(self, request: Request, wanted: Project, answer: Answer) -> None:
        """Asks the upstream, if the answer is one that does.

        :raises NotFound: nobody has the project
        :raises UpstreamFailed, Unavailable: it cannot be told
        """
        self._request = request
        self._wanted = wanted
        self._answer = answer
        upstreams: Upstreams = request.services.upstreams
        self.offer = None if answer is Answer.HELD else offer(upstreams, wanted)
        theirs = held_files(upstreams, wanted) if answer is Answer.HELD else self._offered()
        self._files = merged(ours_beside(request, wanted, answer), theirs)
        if not self._files and self.offer is None:
            raise NotFound(wanted.name)
        held = tuple(file.filename for file in theirs) if answer is Answer.HELD else ()
        self.version: object = (answer, self.offer and self.offer.version, held)

    def record(self) -> ProjectRecord | None:
        """The project's status: ours for what is ours too, else the upstream's."""
        return _record(self._request, self._wanted, self._answer, self.offer)

    def names(self) -> Sequence[FileRecord]:
        """The files, not described."""
        return self._files

    def files(self, version: str | None) -> Sequence[FileRecord]:
        """The files, a wheel of one release (None: the one that speaks for the project) described by its
        own metadata.
        """
        known = releases(self._files)
        chosen = project_release(known) if version is None else find_release(version, known)
        wheel = next((file for file in chosen.files if file.kind == WHEEL), None) if chosen else None
        if wheel is None or wheel.origin is None:
            return self._files
        described = self._described(wheel)
        return [described if file is wheel else file for file in self._files]

    def _offered(self) -> Sequence[FileRecord]:
        return self.offer.files if self.offer is not None else ()

    def _described(self, wheel: FileRecord) -> FileRecord:
        services = self._request.services
        name = wheel.filename + METADATA_SUFFIX
        try:
            held = services.upstreams.held.file(self._wanted, name)
            if held is None and self._answer is not Answer.HELD:
                held = metadata_of(services.upstreams, services.storage, wheel)
            if held is None:
                return wheel
            with services.storage.open(held.blob.key) as source:
                facts = parse_metadata(source.read())
        except RegistryError:  # the answer is worth having without it
            return wheel
        return replace(wheel, facts=facts, summary=facts.get("summary"))


def download(request: Request, project: Project, name: str, answer: Answer) -> Response:
    """GET of a file, or of the metadata beside a wheel, that is not ours."""
    upstreams: Upstreams = request.services.upstreams
    if answer not in THROUGH_US:
        raise NotFound(name)
    record = request.services.cache.record(project)
    if record is not None and record.status is Status.QUARANTINED:
        raise NotFound(name)
    held = upstreams.held_file(project, name, normalize)
    if held is not None and (answer is Answer.HELD or _is_as_told(upstreams, held)):
        try:
            return _held_file(request, held)
        except MissingBytes:
            upstreams.keeper.let_go(held)
    if answer is Answer.HELD:
        raise NotFound(name)
    wheel = name.removesuffix(METADATA_SUFFIX)
    if wheel != name:
        file = upstreams.held_file(project, wheel, normalize) or offered_file(upstreams, project, wheel)
        return _held_file(request, metadata_of(upstreams, request.services.storage, file))
    return _arriving_file(request, upstreams, offered_file(upstreams, project, name))


def _is_as_told(upstreams: Upstreams, held: FileRecord) -> bool:
    """Whether a held file is the one that the project's page tells of. While the upstream cannot be asked, or
    does not list the file any more, it is.

    :raises NotFound: the upstream has quarantined the project
    """
    try:
        found = offer(upstreams, held.project)
    except RegistryError:
        return True
    if found is not None and found.record.status is Status.QUARANTINED:
        raise NotFound(held.filename)
    name = held.filename.removesuffix(METADATA_SUFFIX)
    for file in found.files if found is not None else ():
        if file.filename == name:
            told = file.blob if name == held.filename else file.sidecars.get(METADATA)
            return told is None or told.sha256 in {"", held.blob.sha256}
    return True


def json_elsewhere(request: Request, wanted: Project, rest: str) -> str:
    """Where the upstream of the mode ``redirect`` has its JSON API.

    :raises NotFound: it is a simple index alone; no other host is told the name
    """
    fallback = request.services.settings.fallback
    if fallback.simple_url or not _simple_elsewhere(request, wanted).startswith(f"{fallback.base_url}/"):
        raise NotFound(wanted.name)
    return f"{fallback.base_url}/pypi/{wanted.name}/{rest}"


def _simple_elsewhere(request: Request, wanted: Project) -> str:
    """The page of a project at the first upstream that may be asked for it."""
    upstreams: Upstreams = request.services.upstreams
    for upstream in upstreams.allowed(wanted, normalize):
        return f"{upstream.settings.url}{wanted.name}/"
    raise NotFound(wanted.name)


def _offered_page(request: Request, wanted: Project, chosen: Chosen, answer: Answer) -> Response:
    services = request.services
    touched = services.cache.touched(wanted)
    found = offer(services.upstreams, wanted)
    if found is None and answer is Answer.FETCH:
        raise NotFound(wanted.name)

    def render() -> Rendering:
        record = _record(request, wanted, answer, found)
        files = merged(ours_beside(request, wanted, answer), found.files if found is not None else ())
        return _rendering(request, wanted, chosen, record, files, direct=answer is Answer.LINKED)

    key = (answer, wanted, chosen.kind, prefix(request))
    page = services.pages.get(key, (touched, found and found.version), render)
    shared = same_for_all(services, wanted)
    response = answers.page(request, page, vary="Accept", shared=shared, content_type=chosen.media_type)
    if found is not None and found.stale:
        answers.mark_stale(response)
    return response


def _held_page(request: Request, wanted: Project, chosen: Chosen) -> Response:
    """What is held, and ours beside it if it is mixed; not kept, for it is small and changes."""
    services = request.services
    files = merged(services.cache.described(wanted), held_files(services.upstreams, wanted))
    record = services.cache.record(wanted)
    if not files and record is None:
        raise NotFound(wanted.name)
    rendering = _rendering(request, wanted, chosen, record, files)
    page = answers.rendered(rendering)
    shared = same_for_all(services, wanted)
    return answers.page(request, page, vary="Accept", shared=shared, content_type=chosen.media_type)


def _record(request: Request, wanted: Project, answer: Answer, found: Offer | None) -> ProjectRecord | None:
    """The project's status: ours for what is ours too, else the upstream's."""
    if answer is Answer.FETCH:
        return found.record if found is not None else None
    record: ProjectRecord | None = request.services.cache.record(wanted)
    return record


def _rendering(
    request: Request,
    wanted: Project,
    chosen: Chosen,
    record: ProjectRecord | None,
    files: Sequence[FileRecord],
    *,
    direct: bool = False,
) -> Rendering:
    renderer = simple.render_project_json if chosen.kind == "json" else simple.render_project_html
    body = renderer(
        wanted,
        record,
        files,
        prefix=prefix(request),
        last_serial=last_serial(request.services.cache, wanted),
        public_url=request.services.settings.server.public_url,
        direct=direct,
    )
    return Rendering(body, chosen.media_type)


def _held_file(request: Request, held: FileRecord) -> Response:
    is_metadata = held.kind == METADATA_KIND
    response = answers.stored_file(
        request,
        held.blob,
        filename=held.filename,
        modified=held.uploaded_at,
        shared=request.services.guard.everyone_reads(held.project),
        content_type=METADATA_TYPE if is_metadata else "application/octet-stream",
        direct=is_metadata,
        lasting=False,
    )
    request.services.upstreams.served(held)
    return response if is_metadata else counted(request, response, held)


def _arriving_file(request: Request, upstreams: Upstreams, wanted: FileRecord) -> Response:
    """A file on its way in: to be read while it arrives; a part of it only when all is there."""
    if request.method == "HEAD" and wanted.blob.size >= 0 and wanted.blob.sha256:
        return answers.announced_file(
            request,
            wanted.blob,
            filename=wanted.filename,
            modified=wanted.uploaded_at,
            shared=request.services.guard.everyone_reads(wanted.project),
        )
    if request.method == "HEAD" or (request.headers.get("Range") and wanted.blob.sha256):
        return _held_file(request, upstreams.fetch(wanted))
    arriving = upstreams.arriving(wanted)
    if isinstance(arriving, FileRecord):
        return _held_file(request, arriving)
    answer = answers.arriving_file(
        request,
        arriving,
        wanted.blob,
        filename=wanted.filename,
        modified=wanted.uploaded_at,
        shared=request.services.guard.everyone_reads(wanted.project),
    )
    return counted(request, answer, wanted)
