"""The page of a project or a release: what it is, how to get it, what is in it, who depends on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.policy import Act
from pypicloud_like.core.errors import MissingBytes
from pypicloud_like.core.model import Project
from pypicloud_like.http.security import require
from pypicloud_like.http.urls import base_url
from pypicloud_like.registry.owners import owners
from pypicloud_like.registry.pages import PageCache, Rendering
from pypicloud_like.registry.presented import Presented, Presenter, Readme
from pypicloud_like.registry.services import Services
from pypicloud_like.web.browse.charts import Bars, by_day
from pypicloud_like.web.browse.common import maintains, presenters, query_of, seen
from pypicloud_like.web.browse.readmes import READMES, Readmes
from pypicloud_like.web.browse.releases import Shown, described, shown
from pypicloud_like.web.browse.turning import turned
from pypicloud_like.web.pages import page

DAYS = 90
_FILES = 100
_RELEASES = 20
_DEPENDENTS = 50
_NEEDS = 100
_LINKS = 30
_LONGEST_README = 40_000
"""Characters of a README's HTML that stand in the page; a longer one has a page of its own."""


def python(request: Request) -> Response:
    """GET /project/{name}/ and /project/{name}/{version}/"""
    return _page(request, "pypi", request.matchdict["name"])


def crate(request: Request) -> Response:
    """GET /crates/{name} and /crates/{name}/{version}"""
    return _page(request, "cargo", request.matchdict["name"])


def jsr(request: Request) -> Response:
    """GET /@{scope}/{name} and /@{scope}/{name}@{version}, where deno sends people after publishing"""
    match = request.matchdict
    return _page(request, "jsr", f"@{match['scope']}/{match['name']}")


def _page(request: Request, ecosystem: str, spelled: str) -> Response:
    presenter = presenters(request)[ecosystem]
    project = presenter.project(spelled)
    require(request, Act.READ, project)
    services: Services = request.services
    moved = services.cache.touched(
        project
    )  # before its rows are read: what is kept may be newer than it, not older
    found = shown(services, request.caller, presenter, project, request.matchdict.get("version"))
    files = described(services, found)
    presented = presenter.present(services.storage, files, found.record)
    query = query_of(request)
    whole = query.get("readme") == "whole"
    readme, cut = _readme(request, found, presented.readme, moved=moved, whole=whole)
    values: dict[str, Any] = {
        "found": found,
        "presented": presented,
        "presenter": presenter,
        "ecosystem": ecosystem,
        "versioned": "version" in request.matchdict,
        "readme": readme,
        "readme_cut": cut,
    }
    if not whole:
        values |= _tables(found, presented, query) | _company(request, project, presenter, presented)
        values |= _standing(request, found, presenter)
    return page(request, "browse/readme.jinja2" if whole else "browse/project.jinja2", **values)


def _readme(
    request: Request, found: Shown, read: Callable[[], Readme | None], *, moved: int, whole: bool
) -> tuple[str, bool]:
    """A README as HTML, empty if there is none, and whether it is too long for the page. What was written is
    kept until the project moves: it may lie in a storage far away.
    """
    pages: PageCache = request.services.pages

    def written() -> Rendering:
        readme = read()
        told = f"{readme.kind}\n{readme.text}" if readme is not None else ""
        return Rendering(told.encode("utf-8", "replace"), "text/plain")

    try:
        kept = pages.get((found.project, "readme", found.chosen.version, found.held), moved, written)
    except MissingBytes:
        return "", False
    if not kept.body:
        return "", False
    kind, _, text = kept.body.decode().partition("\n")
    readmes: Readmes = request.registry[READMES]
    html = readmes.page(pages, Readme(text, kind))
    return ("", True) if len(html) > _LONGEST_README and not whole else (html, False)


def _tables(found: Shown, presented: Presented, query: Mapping[str, str]) -> dict[str, Any]:
    """The lists of releases, of files and of dependencies, a page of each; the first links."""
    kept = {name: query[name] for name in ("releases", "files", "needs") if name in query}
    releases = turned(
        kept, len(found.releases), each=_RELEASES, name="releases", label="Releases", fragment="#releases"
    )
    files = turned(kept, len(found.chosen.files), each=_FILES, name="files", label="Files", fragment="#files")
    needs = turned(
        kept, len(presented.needs), each=_NEEDS, name="needs", label="Dependencies", fragment="#needs"
    )
    return {
        "links": presented.links[:_LINKS],
        "need_turn": needs,
        "needs": presented.needs[needs.start : needs.end],
        "release_turn": releases,
        "releases": found.releases[releases.start : releases.end],
        "file_turn": files,
        "files": found.chosen.files[files.start : files.end],
    }


def _company(
    request: Request, project: Project, presenter: Presenter, presented: Presented
) -> dict[str, Any]:
    """What it needs and what needs it, as far as the caller may know; the comparisons that it is in."""
    view = seen(request)
    package = view.by_project.get(project)
    dependents = view.dependents(project)
    known = {
        need.project: presenter.page(view.by_project[need.project].title)
        for need in presented.needs
        if need.project is not None and need.project in view.by_project
    }
    grids = [grid for grid in view.grids if package is not None and grid.id in package.grids]
    return {
        "needs_here": known,
        "dependents": dependents[:_DEPENDENTS],
        "dependents_more": max(0, len(dependents) - _DEPENDENTS),
        "package": package,
        "grids": grids,
    }


def _standing(request: Request, found: Shown, presenter: Presenter) -> dict[str, Any]:
    """Downloads, people, and what the caller may do."""
    services: Services = request.services
    caller, project = request.caller, found.project
    version = found.chosen.version
    return {
        "install": presenter.install(found.name, version, base_url(request)),
        "downloads": _downloads(services, project),
        "total": sum(services.downloads.totals(project).values()),
        "owners": owners(services, project) if caller.name is not None else (),
        "may_maintain": not found.held and maintains(request, project),
        "follows": caller.name is not None and project in services.people.followed(caller.name),
        "yanked": found.chosen.yanked,
    }


def _downloads(services: Services, project: Project) -> Bars:
    today: date = services.clock().date()
    counts: Counter[date] = Counter()
    for each in services.downloads.daily(project, since=today - timedelta(days=DAYS - 1), until=today):
        counts[each.day] += each.count
    return by_day(counts, until=today, days=DAYS, what="downloads")
