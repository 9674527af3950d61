"""What deno asks before it publishes: is the version there already, and is there such a package."""

from __future__ import annotations

from typing import Any

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.policy import Act
from pypicloud_like.core.errors import NotFound
from pypicloud_like.core.model import FileRecord
from pypicloud_like.core.ports import Cache
from pypicloud_like.core.records import time_text
from pypicloud_like.ecosystems.jsr import modules
from pypicloud_like.ecosystems.jsr.names import PackageName, checked
from pypicloud_like.ecosystems.jsr.versions import check_version, latest_stable
from pypicloud_like.http import answers
from pypicloud_like.http.security import require


def package(request: Request) -> Response:
    """GET /api/scopes/{scope}/packages/{package}. A name that the caller may publish counts as there: its
    first version brings it into being, and nobody has to make it on a page before.
    """
    name = checked(request.matchdict["scope"], request.matchdict["package"])
    services, project = request.services, name.project
    cache: Cache = services.cache
    if not cache.exists(project) and services.guard.may(request.caller, Act.WRITE, project, exists=False):
        return answers.answer_json(_package(name, [], None))
    require(request, Act.READ, project)
    if not cache.exists(project) or not modules.is_offered(cache, project):
        raise NotFound(str(project))
    offered = [file.version for file in cache.files(project) if file.yanked is None]
    return answers.answer_json(_package(name, offered, latest_stable(offered)))


def version(request: Request) -> Response:
    """GET /api/scopes/{scope}/packages/{package}/versions/{version}"""
    name = checked(request.matchdict["scope"], request.matchdict["package"])
    text = str(check_version(request.matchdict["version"]))
    require(request, Act.READ, name.project)
    return answers.answer_json(
        _version(name, modules.version_file(request.services.cache, name.project, text))
    )


def _package(name: PackageName, versions: list[str], latest: str | None) -> dict[str, Any]:
    return {
        "scope": name.scope,
        "name": name.package,
        "versionCount": len(versions),
        "latestVersion": latest,
    }


def _version(name: PackageName, file: FileRecord) -> dict[str, Any]:
    return {
        "scope": name.scope,
        "name": name.package,
        "package": name.package,
        "version": file.version,
        "yanked": file.yanked is not None,
        "license": file.facts.get("license"),
        "readmePath": file.facts.get("readme"),
        "createdAt": time_text(file.uploaded_at),
        "updatedAt": time_text(file.stamp.at),
    }
