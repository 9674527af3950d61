"""Modules of other registries, as the views of modules ask for them."""

from __future__ import annotations

from dataclasses import replace

from pyramid.request import Request

from pypicloud_like.core.errors import MissingBytes, NotFound
from pypicloud_like.core.model import Blob, Project
from pypicloud_like.ecosystems.jsr import metadata, modules, upstream
from pypicloud_like.ecosystems.jsr.errors import Missing
from pypicloud_like.ecosystems.jsr.modules import Part
from pypicloud_like.ecosystems.jsr.names import PackageName
from pypicloud_like.ecosystems.jsr.views.common import is_ours
from pypicloud_like.http import answers
from pypicloud_like.registry.pages import Page, Rendering
from pypicloud_like.registry.serve import Answer, answer_for
from pypicloud_like.upstream.upstreams import Upstreams

_ELSEWHERE = frozenset({Answer.FETCH, Answer.HELD})


def source_of(request: Request, package: PackageName) -> Answer | None:
    """Where a package comes from that is not ours; None for one that is, or that is nowhere.

    A scope in which there is anything of ours is ours as a whole: none of its names is told to an upstream.
    """
    services, project = request.services, package.project
    if services.upstreams is None or not services.upstreams.of(project.ecosystem):
        return None
    if is_ours(request, package.scope):
        return None
    answer = answer_for(services, request.caller, project, upstream.same)
    return answer if answer in _ELSEWHERE else None


def package_page(request: Request, project: Project, source: Answer) -> tuple[Page, bool]:
    """``meta.json`` as the upstream has it, or of what is held; and whether it is stale."""
    upstreams: Upstreams = request.services.upstreams
    if source is Answer.HELD:
        body = upstream.held_package(upstreams, project)
        return answers.rendered(Rendering(body, metadata.JSON)), False
    found = upstream.offer(upstreams, project)
    if found is None:
        raise NotFound(str(project))
    rendering = Rendering(found.body, metadata.JSON)
    return request.services.pages.get((project, "far"), found.key, lambda: rendering), found.stale


def manifest_page(request: Request, project: Project, version: str, source: Answer) -> Page:
    """``<version>_meta.json``, byte for byte."""

    def render() -> Rendering:
        return Rendering(_manifest(request, project, version, source), metadata.JSON)

    page: Page = request.services.pages.get((project, "far manifest", version), source, render)
    return page


def let_go(request: Request, project: Project, version: str, path: str) -> None:
    """Forget a held file whose bytes are lost."""
    upstreams: Upstreams = request.services.upstreams
    held = upstreams.held.file(project, version + path)
    if held is not None:
        upstreams.keeper.let_go(held)


def file_part(
    request: Request, project: Project, version: str, path: str, source: Answer
) -> tuple[Blob, Part]:
    """The bytes of a file of a version, verified and held."""
    services = request.services
    upstreams: Upstreams = services.upstreams
    asking = source is Answer.FETCH
    told = upstream.manifest(upstreams, project, version, asking=asking)

    def render() -> Rendering:
        manifest = _manifest(request, project, version, source)
        return Rendering(modules.render_layout(told.blob, manifest), "text/plain")

    layout = services.pages.get((project, "far layout", version), told.blob.sha256, render)
    found = modules.find_part(layout.body, path)
    if found is None:
        raise Missing("packagePathNotFound", f"{project.name}@{version} has no such file")
    held = upstream.file(upstreams, told, found[1], asking=asking)
    return held.blob, replace(found[1], start=0)


def _manifest(request: Request, project: Project, version: str, source: Answer) -> bytes:
    """The held bytes of a manifest; if they are lost they are fetched again."""
    services = request.services
    upstreams: Upstreams = services.upstreams
    asking = source is Answer.FETCH
    found = upstream.manifest(upstreams, project, version, asking=asking)
    upstreams.held.used(project, found.filename)
    try:
        return modules.read_blob(services.storage, found.blob)
    except MissingBytes:
        upstreams.keeper.let_go(found)
    return modules.read_blob(
        services.storage, upstream.manifest(upstreams, project, version, asking=asking).blob
    )
