"""The mirror: crates of other registries through this server, for ``[source.crates-io] replace-with``."""

from __future__ import annotations

import json

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.policy import Act
from pypicloud_like.core.errors import Forbidden, LoginRequired, MissingBytes, NotFound
from pypicloud_like.core.model import ANONYMOUS, FileRecord, Project
from pypicloud_like.ecosystems.cargo import index as own_index
from pypicloud_like.ecosystems.cargo import mirror
from pypicloud_like.ecosystems.cargo.list_shapes import MirrorFound
from pypicloud_like.ecosystems.cargo.names import CARGO, index_path, is_valid_name, normalize, project_of
from pypicloud_like.ecosystems.cargo.shapes import IndexConfig
from pypicloud_like.ecosystems.cargo.views.common import requested_crate
from pypicloud_like.ecosystems.cargo.views.download import CONTENT_TYPE
from pypicloud_like.ecosystems.cargo.views.paging import paged, query_of
from pypicloud_like.http import answers
from pypicloud_like.http.counting import counted
from pypicloud_like.http.security import require
from pypicloud_like.http.urls import base_url
from pypicloud_like.registry.pages import Rendering
from pypicloud_like.registry.serve import Answer, answer_for, same_for_all
from pypicloud_like.upstream.upstreams import Upstreams

_SERVED = frozenset({Answer.FETCH, Answer.MERGED, Answer.HELD})


def configuration(request: Request) -> Response:
    """GET /cargo/mirror/config.json: ours, never the upstream's."""
    _upstreams(request)
    services = request.services
    auth_required = not services.guard.may(ANONYMOUS, Act.CACHE_UPDATE)
    if auth_required and request.caller.account is None:
        raise LoginRequired
    base = base_url(request) + mirror.MIRROR_PATH
    document: IndexConfig = {"dl": f"{base}/crates", "api": base}
    if auth_required:
        document["auth-required"] = True
    page = answers.rendered(Rendering(json.dumps(document).encode(), "application/json"))
    return answers.page(request, page, shared=not auth_required)


def index(request: Request) -> Response:
    """GET /cargo/mirror/{path}: the lines of a crate as its upstream has them."""
    path: str = request.matchdict["path"]
    name = path.rpartition("/")[2]
    if not is_valid_name(name) or index_path(name) != path:
        raise NotFound("crate")
    project = project_of(name)
    require(request, Act.READ, project)
    upstreams, answer = _upstreams(request), _answer(request, project)
    if answer is Answer.HELD:
        return _held_index(request, upstreams, project, name)
    found = mirror.offer(upstreams, project, name)
    if found is None:
        raise NotFound(str(project))

    def render() -> Rendering:
        return Rendering(b"".join(line.raw for line in found.lines), own_index.CONTENT_TYPE)

    page = request.services.pages.get((project, "mirror", name), found.key, render)
    response = answers.page(request, page, shared=same_for_all(request.services, project))
    if found.stale:
        answers.mark_stale(response)
    return response


def download(request: Request) -> Response:
    """GET /cargo/mirror/crates/{crate}/{version}/download"""
    project = requested_crate(request)
    require(request, Act.READ, project)
    upstreams, source = _upstreams(request), _answer(request, project)
    name, version = request.matchdict["crate"], request.matchdict["version"]
    held = upstreams.held_file(project, mirror.filename_of(name, version), normalize)
    if held is not None and (source is Answer.HELD or mirror.is_as_told(upstreams, held, name)):
        try:
            return _held_file(request, upstreams, held)
        except MissingBytes:
            upstreams.keeper.let_go(held)
    if source is Answer.HELD:
        raise NotFound(f"crate `{project.name}`")
    wanted = mirror.wanted_file(upstreams, project, name, version)
    if request.method == "HEAD" or request.headers.get("Range"):
        return _held_file(request, upstreams, upstreams.fetch(wanted))
    arriving = upstreams.arriving(wanted)
    if isinstance(arriving, FileRecord):
        return _held_file(request, upstreams, arriving)
    answer = answers.arriving_file(
        request,
        arriving,
        wanted.blob,
        filename=wanted.filename,
        modified=wanted.uploaded_at,
        shared=request.services.guard.everyone_reads(project),
    )
    return counted(request, answer, wanted)


def search(request: Request) -> Response:
    """GET /cargo/mirror/api/v1/crates with ``q`` and paging: among the crates that are held; nothing is asked
    elsewhere.
    """
    upstreams, services = _upstreams(request), request.services
    words = normalize(dict(query_of(request)).get("q", "")[:100])
    reads = services.guard.readable(request.caller, CARGO)
    known = (each for each in upstreams.held.projects(CARGO) if each in reads and words in each.name)
    found = [told for project in known if (told := _found(request, project)) is not None]
    return paged(request, "crates", found, list)


def refuse(_request: Request) -> Response:
    """Whatever would change a crate of somebody else."""
    raise Forbidden("this is a mirror of another registry: publish with `--registry` to the one of your own")


def _found(request: Request, project: Project) -> MirrorFound | None:
    """A crate by the newest of its versions that could be had here now; None if it is ours meanwhile, or all
    of them are too young.
    """
    if answer_for(request.services, request.caller, project, normalize) not in _SERVED:
        return None
    files = _upstreams(request).held_files(project, normalize)
    newest = max(files, key=lambda file: (file.uploaded_at, file.filename), default=None)
    if newest is None:
        return None
    return {"name": newest.display_name, "max_version": newest.version, "description": ""}


def _held_index(request: Request, upstreams: Upstreams, project: Project, name: str) -> Response:
    body = mirror.held_lines(upstreams, project, name)
    if not body:
        raise NotFound(str(project))
    page = answers.rendered(Rendering(body, own_index.CONTENT_TYPE))
    return answers.page(request, page, shared=same_for_all(request.services, project))


def _held_file(request: Request, upstreams: Upstreams, held: FileRecord) -> Response:
    response = answers.stored_file(
        request,
        held.blob,
        filename=held.filename,
        modified=held.uploaded_at,
        shared=request.services.guard.everyone_reads(held.project),
        content_type=CONTENT_TYPE,
    )
    upstreams.served(held)
    return counted(request, response, held)


def _answer(request: Request, project: Project) -> Answer:
    """Where the crate comes from. Our own crates have an index of their own, and no upstream hears of them.

    :raises NotFound: it is none of an upstream's
    """
    answer = answer_for(request.services, request.caller, project, normalize)
    if answer not in _SERVED:
        raise NotFound(str(project))
    return answer


def _upstreams(request: Request) -> Upstreams:
    upstreams: Upstreams | None = request.services.upstreams
    if upstreams is None or not upstreams.of(CARGO):
        raise NotFound("A mirror of crates")
    return upstreams
