"""PyPI's JSON API: a project, a release, and the three words that stand for one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from urllib.parse import quote

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.policy import Act
from pypicloud_like.core.errors import NotFound
from pypicloud_like.core.model import File, FileRecord, Project, ProjectRecord
from pypicloud_like.core.ports import Cache
from pypicloud_like.ecosystems.pypi import json_api
from pypicloud_like.ecosystems.pypi.names import normalize
from pypicloud_like.ecosystems.pypi.ours import is_quarantined, last_serial
from pypicloud_like.ecosystems.pypi.releases import LATEST_WORDS, named_release, releases
from pypicloud_like.ecosystems.pypi.views import upstream
from pypicloud_like.ecosystems.pypi.views.simple import redirect, requested_project
from pypicloud_like.http import answers
from pypicloud_like.http.security import require
from pypicloud_like.http.urls import base_url, prefix
from pypicloud_like.registry.pages import Rendering
from pypicloud_like.registry.serve import Answer, answer_for

_JSON = "application/json"


def project(request: Request) -> Response:
    """GET /pypi/{project}/json"""
    wanted = requested_project(request)
    require(request, Act.READ, wanted)
    if wanted.name != request.matchdict["project"]:
        return redirect(request, f"/pypi/{wanted.name}/json")
    answer = answer_for(request.services, request.caller, wanted, normalize)
    if answer is Answer.REDIRECT:
        return answers.redirect(upstream.json_elsewhere(request, wanted, "json"), status=302, private=True)
    return _project_page(request, wanted, _source(request, wanted, answer))


def project_of_ours(request: Request) -> Response:
    """GET /{project}/json: as :func:`project`, and never answered from elsewhere."""
    wanted = requested_project(request)
    require(request, Act.READ, wanted)
    if wanted.name != request.matchdict["project"]:
        return redirect(request, f"/pypi/{wanted.name}/json")
    return _project_page(request, wanted, _Ours(request, wanted))


def _project_page(request: Request, wanted: Project, source: Source) -> Response:
    services, base = request.services, base_url(request)

    def render() -> Rendering:
        serial = last_serial(services.cache, wanted)
        body = json_api.project_json(
            wanted,
            source.record(),
            source.files(None),
            base_url=base,
            last_serial=serial,
            owners=services.state.owners(wanted),
        )
        return Rendering(body, _JSON, serial)

    return _page(request, wanted, ("json", wanted, base), source, render)


def version(request: Request) -> Response:
    """GET /pypi/{project}/{version}/json"""
    wanted = requested_project(request)
    require(request, Act.READ, wanted)
    name: str = request.matchdict["version"]
    if name in LATEST_WORDS:
        return _latest(request, wanted, name)
    if wanted.name != request.matchdict["project"]:
        return redirect(request, f"/pypi/{wanted.name}/{name}/json")
    answer = answer_for(request.services, request.caller, wanted, normalize)
    if answer is Answer.REDIRECT:
        elsewhere = upstream.json_elsewhere(request, wanted, f"{quote(name)}/json")
        return answers.redirect(elsewhere, status=302, private=True)
    return _version_page(request, wanted, name, _source(request, wanted, answer))


def _version_page(request: Request, wanted: Project, name: str, source: Source) -> Response:
    services, base = request.services, base_url(request)
    with_releases = services.settings.pypi.releases_in_version_answer

    def render() -> Rendering:
        serial = last_serial(services.cache, wanted)
        body = json_api.version_json(
            wanted,
            source.record(),
            name,
            source.files(name),
            base_url=base,
            last_serial=serial,
            owners=services.state.owners(wanted),
            with_releases=with_releases,
        )
        return Rendering(body, _JSON, serial)

    # by its spelling: where two spellings of one version are stored, each is a release of its own
    return _page(request, wanted, ("json", wanted, name, base), source, render)


def _latest(request: Request, wanted: Project, word: str) -> Response:
    """Redirect to the release's own address; with a last slash first to the address without it."""
    start = f"{prefix(request)}/pypi/{wanted.name}"
    if request.path_info.endswith("/"):
        return answers.redirect(f"{start}/{word}/json")
    answer = answer_for(request.services, request.caller, wanted, normalize)
    if answer is Answer.REDIRECT:
        elsewhere = upstream.json_elsewhere(request, wanted, f"{word}/json")
        return answers.redirect(elsewhere, status=302, private=True)
    release = named_release(word, releases(_source(request, wanted, answer).names()))
    if release is None:
        raise NotFound(f"{wanted.name} {word}")
    response = answers.redirect(f"{start}/{quote(release.version)}/json", status=307)
    if request.services.guard.everyone_reads(wanted):
        response.headers["Cache-Control"] = "no-cache"
    else:
        response.headers.update({"Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"})
    return response


class Source(Protocol):
    """Where the files come from that an answer shows."""

    @property
    def version(self) -> object:
        """Changes when the files do."""

    def record(self) -> ProjectRecord | None:
        """The project's own record."""

    def names(self) -> Sequence[File]:
        """The files, without what it costs to describe them.

        :raises NotFound: there is no such project
        """

    def files(self, version: str | None) -> Sequence[FileRecord]:
        """The files, those of one release (None: the one that speaks for the project) described.

        :raises NotFound: there is no such project
        """


class _Ours:
    """What is ours. Unknown projects and private ones are told with the same words."""

    def __init__(self, request: Request, wanted: Project) -> None:
        self._cache: Cache = request.services.cache
        self._wanted = wanted
        self.version: object = "ours"

    def record(self) -> ProjectRecord | None:
        return self._cache.record(self._wanted)

    def names(self) -> Sequence[File]:
        self._refuse_unknown()
        return [] if is_quarantined(self._cache, self._wanted) else self._cache.files(self._wanted)

    def files(self, _version: str | None) -> Sequence[FileRecord]:
        self._refuse_unknown()
        return self._cache.described(self._wanted)

    def _refuse_unknown(self) -> None:
        if not self._cache.exists(self._wanted):
            raise NotFound(self._wanted.name)


def _source(request: Request, wanted: Project, answer: Answer) -> Source:
    if answer in upstream.THROUGH_US:
        return upstream.Shown(request, wanted, answer)
    if answer is Answer.NOT_FOUND:
        raise NotFound(wanted.name)
    return _Ours(request, wanted)


def _page(
    request: Request, wanted: Project, key: tuple[object, ...], source: Source, render: answers.Render
) -> Response:
    services = request.services
    # owners are part of the answer and belong to state
    moved = (source.version, services.cache.touched(wanted), services.state.moved())
    page = services.pages.get(key, moved, render)
    return answers.page(request, page, shared=services.guard.everyone_reads(wanted))
