"""Modules as deno fetches them: ``meta.json``, ``<version>_meta.json`` and files; and as browsers show them.

What was uploaded is nobody's we trust. It is never sent to a browser as a page: a browser gets its text,
escaped, and everything else carries a policy under which nothing of it runs.
"""

from __future__ import annotations

import re
from html import escape

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.policy import Act
from pypicloud_like.core.errors import MissingBytes, NotFound
from pypicloud_like.core.model import Blob, Project
from pypicloud_like.core.ports import Cache, Storage
from pypicloud_like.ecosystems.jsr import metadata, modules
from pypicloud_like.ecosystems.jsr.errors import Missing
from pypicloud_like.ecosystems.jsr.modules import Part
from pypicloud_like.ecosystems.jsr.names import PackageName, requested
from pypicloud_like.ecosystems.jsr.versions import version_of
from pypicloud_like.ecosystems.jsr.views import upstream
from pypicloud_like.http import answers
from pypicloud_like.http.counting import count
from pypicloud_like.http.security import require
from pypicloud_like.registry.pages import Page, Rendering
from pypicloud_like.registry.serve import Answer, same_for_all
from pypicloud_like.registry.services import Services

SAFE = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
DEPENDS_ON = "Accept, Sec-Fetch-Dest, Sec-Fetch-Site"
_REPLACED = frozenset({*SAFE, "Cross-Origin-Resource-Policy", "Vary"})

_MANIFEST = re.compile(r"(?P<version>[^/]+)_meta\.json\Z")
_LARGEST_SHOWN = 1024 * 1024


def module(request: Request) -> Response:
    """GET /@{scope}/{package}/{path}. There are no redirects here: deno refuses them."""
    package = requested(request.matchdict["scope"], request.matchdict["package"])
    require(request, Act.READ, package.project)
    source = upstream.source_of(request, package)
    answer = _answer(request, package, request.matchdict["path"], source)
    open_to_all = request.services.guard.everyone_reads(package.project)
    known = [name for key, value in answer.headerlist if key == "Vary" for name in value.split(", ") if name]
    # at once: WebOb's view of the headers goes through all of them at every question
    answer.headerlist = [
        *(pair for pair in answer.headerlist if pair[0] not in _REPLACED),
        *SAFE.items(),
        ("Cross-Origin-Resource-Policy", "cross-origin" if open_to_all else "same-origin"),
        ("Vary", ", ".join([DEPENDS_ON, *known])),
    ]
    return answer


def elsewhere(_request: Request) -> Response:
    """GET of any other address that begins like a package's: never a redirect, not even to a slash."""
    raise NotFound("The page")


def wants_page(request: Request) -> bool:
    """Whether a browser asks in order to show something, and not code that fetches (Fetch Metadata)."""
    environ = request.environ
    if environ.get("HTTP_ACCEPT", "").lstrip().lower().startswith("text/html"):
        return True
    destination = environ.get("HTTP_SEC_FETCH_DEST", "empty")
    if destination in {"image", "video"}:
        return bool(environ.get("HTTP_SEC_FETCH_SITE") != "same-origin")
    return bool(destination != "empty")


def _answer(request: Request, package: PackageName, path: str, source: Answer | None) -> Response:
    """:param source: where it comes from that is not ours, if it is not"""
    if path == "meta.json":
        return _package(request, package, source)
    manifest = _MANIFEST.match(path)
    if manifest is not None:
        return _manifest(request, package.project, _version(manifest["version"]), source)
    version, slash, rest = path.partition("/")
    if not slash:
        raise Missing("packagePathNotFound", f"{package} has no such file")
    return _file(request, package.project, _version(version), f"/{rest}", source)


def _version(text: str) -> str:
    if version_of(text) is None:
        raise Missing("packageVersionNotFound", "There is no such version")
    return text


def _package(request: Request, package: PackageName, source: Answer | None) -> Response:
    """``meta.json``: always asked about again, for a version is to be seen as soon as it is published."""
    project, stale = package.project, False
    if source is None:
        page, shared = _own_package(request, package), request.services.guard.everyone_reads(project)
    else:
        page, stale = upstream.package_page(request, project, source)
        shared = same_for_all(request.services, project)
    if wants_page(request):
        return _shown(request, project, "meta.json", page.body)
    answer = answers.page(request, page, shared=shared, repeatable=source is None)
    if stale:
        answers.mark_stale(answer)
    return answer


def _own_package(request: Request, package: PackageName) -> Page:
    services, project = request.services, package.project
    cache: Cache = services.cache
    real_times = services.settings.jsr.created_at == "real"

    def render() -> Rendering:
        files = cache.files(project)
        if not files or not modules.is_offered(cache, project):
            raise NotFound(str(project))
        body = metadata.render_package(package, files, real_times=real_times)
        return Rendering(body, metadata.JSON)

    page: Page = services.pages.get((project, "meta"), cache.touched(project), render)
    return page


def _manifest(request: Request, project: Project, version: str, source: Answer | None) -> Response:
    """``<version>_meta.json``: the bytes that were stored when it was published."""
    services = request.services
    if source is None:
        page = _own_manifest(services, project, version)
    else:
        page = upstream.manifest_page(request, project, version, source)
    if wants_page(request):
        return _shown(request, project, f"{version}_meta.json", page.body)
    shared = services.guard.everyone_reads(project)
    answer = answers.page(request, page, shared=shared, repeatable=source is None)
    answer.headers["Cache-Control"] = _lasting(request, project)
    if request.method == "GET" and answer.status_int == 200:
        # whoever uses a version fetches this once
        count(request, project, version)
    return answer


def _own_manifest(services: Services, project: Project, version: str) -> Page:
    def render() -> Rendering:
        file = modules.version_file(services.cache, project, version)
        body = modules.read_blob(services.storage, modules.manifest_blob(file))
        return Rendering(body, metadata.JSON)

    return services.pages.get((project, "manifest", version), services.cache.touched(project), render)


def _file(request: Request, project: Project, version: str, path: str, source: Answer | None) -> Response:
    """A file of a version, by exactly the path that the manifest has."""
    if source is None:
        own = _own_part(request.services, project, version, path)
        return _part(request, project, path, *own, repeatable=True)

    def fetched() -> Response:
        return _part(request, project, path, *upstream.file_part(request, project, version, path, source))

    try:
        return fetched()
    except MissingBytes:  # what is held can be fetched again
        upstream.let_go(request, project, version, path)
        return fetched()


def _part(
    request: Request, project: Project, path: str, pack: Blob, part: Part, *, repeatable: bool = False
) -> Response:
    services = request.services
    if wants_page(request):
        return _shown(request, project, path, _read_part(services.storage, pack, part))
    return answers.stored_part(
        request,
        pack,
        start=part.start,
        size=part.size,
        sha256=part.sha256,
        filename=path.rpartition("/")[2],
        content_type=modules.content_type(path),
        cache_control=_lasting(request, project),
        shared=services.guard.everyone_reads(project),
        repeatable=repeatable,
    )


def _own_part(services: Services, project: Project, version: str, path: str) -> tuple[Blob, Part]:
    cache: Cache = services.cache

    def render() -> Rendering:
        file = modules.version_file(cache, project, version)
        manifest = modules.read_blob(services.storage, modules.manifest_blob(file))
        return Rendering(modules.render_layout(file.blob, manifest), "text/plain")

    layout = services.pages.get((project, "layout", version), cache.touched(project), render)
    found = modules.find_part(layout.body, path)
    if found is None:
        raise Missing("packagePathNotFound", f"{project.name}@{version} has no such file")
    return found


def _lasting(request: Request, project: Project) -> str:
    """These bytes never change, unless numbers of deleted versions may be used again."""
    services = request.services
    who = "public" if services.guard.everyone_reads(project) else "private"
    if services.settings.access.allow_reuse_of_deleted:
        return f"{who}, no-cache"
    return f"{who}, max-age={services.settings.server.package_max_age}, immutable"


def _read_part(storage: Storage, pack: Blob, part: Part) -> bytes:
    if part.size > _LARGEST_SHOWN:
        return b""
    with storage.open(pack.key, start=part.start, length=part.size) as source:
        return source.read()


def _shown(request: Request, project: Project, path: str, body: bytes) -> Response:
    """A page with a file's text for people, made of escaped text alone."""
    try:
        text = body.decode("utf-8") if b"\0" not in body[:8000] else ""
    except UnicodeDecodeError:
        text = ""
    title = escape(f"{project.name} {path}")
    content = f"<pre>{escape(text)}</pre>" if text else "<p>This file cannot be shown here.</p>"
    page = f"<!DOCTYPE html>\n<html lang=en><title>{title}</title>\n<h1>{title}</h1>\n{content}\n</html>\n"
    raw = page.encode()
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(raw))),
        ("Cache-Control", "private, no-cache"),
        ("Vary", "Authorization, Cookie"),
    ]
    return Response(status=200, headerlist=headers, app_iter=() if request.method == "HEAD" else (raw,))
