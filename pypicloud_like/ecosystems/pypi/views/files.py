"""Downloads: files, their metadata (PEP 658) and their provenance (PEP 740)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.policy import Act
from pypicloud_like.core.errors import NotFound
from pypicloud_like.core.model import File, Project
from pypicloud_like.core.ports import Cache
from pypicloud_like.ecosystems.pypi.names import normalize
from pypicloud_like.ecosystems.pypi.ours import is_quarantined
from pypicloud_like.ecosystems.pypi.simple import METADATA, PROVENANCE
from pypicloud_like.ecosystems.pypi.upstream import METADATA_SUFFIX
from pypicloud_like.ecosystems.pypi.views import upstream
from pypicloud_like.ecosystems.pypi.views.simple import requested_project
from pypicloud_like.http import answers
from pypicloud_like.http.counting import counted
from pypicloud_like.http.security import require
from pypicloud_like.registry.serve import Answer, answer_for


def download(request: Request) -> Response:
    """GET /api/package/{project}/{filename}, and {filename}.metadata beside each wheel."""
    project = requested_project(request)
    require(request, Act.READ, project)
    name: str = request.matchdict["filename"]
    answer = answer_for(request.services, request.caller, project, normalize)
    if answer is Answer.OURS:
        return _our_file(request, project, name, repeatable=True)
    if answer is not Answer.FETCH:
        with suppress(NotFound):
            return _our_file(request, project, name, repeatable=False)
    return upstream.download(request, project, name, answer)


def _our_file(request: Request, project: Project, name: str, *, repeatable: bool) -> Response:
    rules = request.services.settings.access
    shared = request.services.guard.everyone_reads(project)
    if name.endswith(METADATA_SUFFIX):
        file = found(request, project, name.removesuffix(METADATA_SUFFIX))
        blob = file.sidecars.get(METADATA)
        if blob is None:
            raise NotFound(name)
        kind = upstream.METADATA_TYPE
    else:
        file = found(request, project, name)
        blob, kind = file.blob, "application/octet-stream"
    is_file = blob is file.blob
    answer = answers.stored_file(
        request,
        blob,
        filename=name,
        modified=file.uploaded_at,
        shared=shared,
        content_type=kind,
        direct=not is_file,
        lasting=not (rules.overwrite_groups or rules.allow_reuse_of_deleted),
        repeatable=repeatable,
    )
    return counted(request, answer, file) if is_file else answer


def provenance(request: Request) -> Response:
    """GET /integrity/{project}/{version}/{filename}/provenance"""
    project = requested_project(request)
    require(request, Act.READ, project)
    file = found(request, project, request.matchdict["filename"])
    blob = file.sidecars.get(PROVENANCE)
    if blob is None or file.version != request.matchdict["version"]:
        raise NotFound("Provenance")
    return answers.stored_file(
        request,
        blob,
        filename=f"{file.filename}.provenance",
        modified=file.uploaded_at,
        shared=request.services.guard.everyone_reads(project),
        content_type="application/vnd.pypi.integrity.v1+json",
        direct=True,
        lasting=False,
    )


def found(request: Request, project: Project, filename: str) -> File:
    """A visible file of that very project, without its facts.

    :raises NotFound: it has no such file, or offers none
    """
    cache: Cache = request.services.cache
    known = request.services.known_files
    touched = cache.touched(project)  # before the rows: what is kept under it is never older
    kept: tuple[int, File] | None = known.get((project, filename))
    if kept is not None and kept[0] == touched:
        return kept[1]
    record = cache.file(project, filename)
    if record is None or is_quarantined(cache, project):
        raise NotFound(filename if cache.exists(project) else project.name)
    file = replace(record, facts={})  # which may be large
    known.put((project, filename), (touched, file))
    return file
