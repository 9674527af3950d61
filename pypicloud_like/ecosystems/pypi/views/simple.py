"""The installers' pages: the list of projects, a project's page, and their aliases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import quote

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.policy import Act
from pypicloud_like.core.errors import NotFound
from pypicloud_like.core.model import PYPI, Listing, Project
from pypicloud_like.core.ports import Cache
from pypicloud_like.ecosystems.pypi import simple
from pypicloud_like.ecosystems.pypi.names import is_valid_name, normalize
from pypicloud_like.ecosystems.pypi.ours import last_serial
from pypicloud_like.ecosystems.pypi.views import upstream
from pypicloud_like.http import answers
from pypicloud_like.http.negotiate import TEXT_HTML, Chosen, simple_format
from pypicloud_like.http.security import require
from pypicloud_like.http.urls import prefix
from pypicloud_like.registry.pages import Page, Rendering
from pypicloud_like.registry.serve import Answer, answer_for


def requested_project(request: Request) -> Project:
    """The project the address names, normalised. A name that cannot be one is not found."""
    name = request.matchdict["project"]
    if not is_valid_name(name):
        raise NotFound
    return Project(PYPI, normalize(name))


def project(request: Request) -> Response:
    """GET /simple/{project}/ (PEP 503, PEP 691)."""
    wanted = requested_project(request)
    require(request, Act.READ, wanted)
    if wanted.name != request.matchdict["project"]:
        return redirect(request, request.path_info.replace(request.matchdict["project"], wanted.name))
    return project_page(request, wanted, negotiated(request))


def project_of_ours(request: Request) -> Response:
    """GET /{project}/: as :func:`project` and never answered from elsewhere: that is the host's root."""
    wanted = requested_project(request)
    require(request, Act.READ, wanted)
    if wanted.name != request.matchdict["project"]:
        return redirect(request, request.path_info.replace(request.matchdict["project"], wanted.name))
    return our_page(request, wanted, negotiated(request))


def project_html(request: Request) -> Response:
    """GET /+simple/{project}/: always HTML and ours alone, for uploaders that look before they upload. No
    upstream hears of the name of what is going to be published.
    """
    wanted = requested_project(request)
    require(request, Act.READ, wanted)
    return our_page(request, wanted, Chosen(TEXT_HTML, "html"))


def project_list(request: Request) -> Response:
    """GET /simple/: the projects the caller may read."""
    chosen = negotiated(request)
    cache: Cache = request.services.cache
    reads = request.services.guard.readable(request.caller, PYPI)
    key = ("list", chosen.kind, prefix(request), reads.digest)
    held = upstream.held_projects(request)

    def render() -> Rendering:
        listings = [line for line in with_held(cache.projects(PYPI), held) if line.project in reads]
        serial = max((line.serial for line in listings), default=0)
        if chosen.kind == "json":
            return Rendering(simple.render_list_json(listings, serial), chosen.media_type, serial)
        return Rendering(simple.render_list_html(listings, prefix(request)), chosen.media_type, serial)

    page = request.services.pages.get(key, (cache.moved(), held), render)
    repeatable = not upstream.shows_held(request)
    return answers.page(request, page, vary="Accept", content_type=chosen.media_type, repeatable=repeatable)


def with_held(ours: Sequence[Listing], held: Sequence[Project]) -> Iterable[Listing]:
    """Our projects, and those of which something is held, by name."""
    if not held:
        return ours
    named = {line.project: line for line in ours}
    for project in held:
        named.setdefault(project, Listing(project, project.name, 0))
    return sorted(named.values(), key=lambda line: line.project)


def all_files(request: Request) -> Response:
    """GET /packages/: every file the caller may read on one flat page (pypicloud)."""
    cache: Cache = request.services.cache
    reads = request.services.guard.readable(request.caller, PYPI)

    def render() -> Rendering:
        shown = {line.project for line in cache.projects(PYPI) if line.project in reads}
        files = (file for file in cache.all_files(PYPI) if file.project in shown)
        return Rendering(simple.render_packages_html(files, prefix(request)), "text/html; charset=utf-8")

    key = ("packages", prefix(request), reads.digest)
    return answers.page(request, request.services.pages.get(key, cache.moved(), render))


def add_slash(request: Request) -> Response:
    """The address with its last slash, the query kept."""
    return redirect(request, request.path_info + "/")


def listings(request: Request) -> list[Listing]:
    """The projects the caller may read, by name."""
    reads = request.services.guard.readable(request.caller, PYPI)
    return [line for line in request.services.cache.projects(PYPI) if line.project in reads]


def project_page(request: Request, wanted: Project, chosen: Chosen) -> Response:
    """The page of a project from wherever its name is answered from."""
    answer = answer_for(request.services, request.caller, wanted, normalize)
    if answer is Answer.OURS:
        return our_page(request, wanted, chosen)
    return upstream.project_page(request, wanted, chosen, answer)


def our_page(request: Request, wanted: Project, chosen: Chosen) -> Response:
    """The page of what is ours, kept rendered until the project is changed."""
    cache: Cache = request.services.cache
    at, public = prefix(request), request.services.settings.server.public_url
    key = (wanted, chosen.kind, at)

    def render() -> Rendering:
        if not cache.exists(wanted):
            raise NotFound(wanted.name)
        renderer = simple.render_project_json if chosen.kind == "json" else simple.render_project_html
        serial = last_serial(cache, wanted)
        body = renderer(
            wanted,
            cache.record(wanted),
            cache.files(wanted),
            prefix=at,
            last_serial=serial,
            public_url=public,
        )
        return Rendering(body, chosen.media_type, serial)

    page: Page = request.services.pages.get(key, cache.touched(wanted), render)
    shared = request.services.guard.everyone_reads(wanted)
    return answers.page(
        request, page, vary="Accept", shared=shared, content_type=chosen.media_type, repeatable=True
    )


def negotiated(request: Request) -> Chosen:
    """The form of an index page that the client likes best."""
    query = request.environ.get("QUERY_STRING")
    wish = request.GET.get("format") if query else None
    on_none = request.services.settings.pypi.not_acceptable
    return simple_format(request.environ.get("HTTP_ACCEPT"), wish, on_none=on_none)


def redirect(request: Request, path: str) -> Response:
    """To another path below the mount point, the query kept."""
    # escapes stay as they are; what no address may hold is escaped
    query = quote(request.environ.get("QUERY_STRING", ""), safe="%/?:@!$&'()*+,;=[]~", encoding="latin-1")
    location = prefix(request) + quote(path, safe="/+@") + (f"?{query}" if query else "")
    # "//host" would lead to another server
    return answers.redirect("/" + location.lstrip("/"))
