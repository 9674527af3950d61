"""pypicloud's package API: lists of packages and files, deletion, fetching."""

from __future__ import annotations

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.policy import Act
from pypicloud_like.core.errors import InvalidRequest, NotEnabled
from pypicloud_like.core.model import PYPI, File, Project
from pypicloud_like.ecosystems.pypi.fetching import MOST_LINES, Choice, fetch_all, requirements_in
from pypicloud_like.ecosystems.pypi.names import normalize
from pypicloud_like.ecosystems.pypi.ours import is_quarantined
from pypicloud_like.ecosystems.pypi.releases import named_release, ordered, releases
from pypicloud_like.ecosystems.pypi.shapes import (
    Fetched,
    PackageFile,
    PackageFiles,
    PackageMetadata,
    PackageNames,
    PackageSummaries,
    PackageSummary,
)
from pypicloud_like.ecosystems.pypi.simple import file_path
from pypicloud_like.ecosystems.pypi.upstream import held_files
from pypicloud_like.ecosystems.pypi.views import upstream
from pypicloud_like.ecosystems.pypi.views.simple import listings, requested_project
from pypicloud_like.http import answers, forms
from pypicloud_like.http.security import require
from pypicloud_like.http.urls import prefix
from pypicloud_like.registry import curate
from pypicloud_like.registry.serve import answer_for


def list_packages(request: Request) -> Response:
    """GET /api/package/ and ?verbose=true"""
    query = dict(forms.parse_query(request.environ.get("QUERY_STRING", "")))
    names = [line.project.name for line in listings(request)]
    if not forms.boolean(query, "verbose", default=False):
        return answers.answer_json(PackageNames(packages=names))
    return answers.answer_json(PackageSummaries(packages=_verbose(request, set(names))))


def list_files(request: Request) -> Response:
    """GET /api/package/{project}/: newest version first; an unknown package has no files."""
    project = requested_project(request)
    require(request, Act.READ, project)
    services = request.services
    files = [] if is_quarantined(services.cache, project) else list(services.cache.files(project))
    if answer_for(services, request.caller, project, normalize) in upstream.THROUGH_US:
        files = upstream.merged(files, held_files(services.upstreams, project))
    at = prefix(request)
    shown = [file_json(file, at) for file in reversed(ordered(files))]
    return answers.answer_json(
        PackageFiles(packages=shown, write=services.guard.may(request.caller, Act.WRITE, project))
    )


def delete_file(request: Request) -> Response:
    """DELETE /api/package/{project}/{filename}"""
    project = requested_project(request)
    require(request, Act.DELETE, project)
    filename: str = request.matchdict["filename"]
    file = request.services.cache.file(project, filename)
    if file is None and _let_go(request, project, filename):
        return answers.empty()
    if file is None:
        raise InvalidRequest("", f"Could not find {filename}")
    curate.delete(request.services, [file], actor=request.caller.name)
    return answers.empty()


def _let_go(request: Request, project: Project, filename: str) -> bool:
    """Forget a file held from an upstream, for an administrator; whether there was one."""
    upstreams = request.services.upstreams
    held = upstreams.held.file(project, filename) if upstreams is not None else None
    if held is None:
        return False
    require(request, Act.ADMIN)
    upstreams.keeper.let_go(held)
    request.services.state.audit("upstream.drop", str(project), actor=request.caller.name, filename=filename)
    return True


def fetch(request: Request) -> Response:
    """POST /api/fetch: hold what the lines of ``requirements`` need (pypicloud)."""
    require(request, Act.CACHE_UPDATE)
    services = request.services
    params = forms.read_params(request, services.settings.limits)
    wanted = list(requirements_in(forms.text(params, "requirements", most=500_000)))
    wrong = next((written for written, requirement in wanted if requirement is None), None)
    if wrong is not None:
        raise InvalidRequest("requirements", f"{wrong[:100]!r} is not a requirement")
    if len(wanted) > MOST_LINES:
        raise InvalidRequest("requirements", f"at most {MOST_LINES} at once")
    if services.upstreams is None or services.settings.fallback.mode not in {"cache", "mirror"}:
        raise NotEnabled("Fetching from an upstream index")
    choice = Choice(
        wheels=forms.boolean(params, "wheel", default=True),
        prereleases=forms.boolean(params, "prerelease", default=False),
    )
    done = list(fetch_all(services, request.caller, wanted, choice))
    at = prefix(request)
    return answers.answer_json(
        Fetched(
            pkgs=[file_json(file, at) for each in done for file in each.files],
            problems=[
                {"requirement": each.requirement, "message": each.problem} for each in done if each.problem
            ],
        )
    )


def file_json(file: File, at: str) -> PackageFile:
    """One file as pypicloud tells it; ``last_modified`` in UNIX seconds."""
    path = file_path(at, file.project.name, file.filename)
    told: PackageFile = {
        "name": file.project.name,
        "filename": file.filename,
        "version": file.version,
        "last_modified": int(file.uploaded_at.timestamp()),
        "url": f"{path}#sha256={file.blob.sha256}",
        "summary": file.summary,
        "yanked": file.yanked is not None,
        "metadata": _metadata_json(file),
    }
    if file.origin:
        told["origin"] = {"upstream": file.origin.upstream, "url": file.origin.url}
    return told


def _metadata_json(file: File) -> PackageMetadata:
    told: PackageMetadata = {}
    if file.summary is not None:
        told["summary"] = file.summary
    if file.requires_python is not None:
        told["requires_python"] = file.requires_python
    if file.blob.sha256 is not None:
        told["hash_sha256"] = file.blob.sha256
    if file.blob.md5 is not None:
        told["hash_md5"] = file.blob.md5
    if file.uploader is not None:
        told["uploader"] = file.uploader
    return told


def _verbose(request: Request, names: set[str]) -> list[PackageSummary]:
    """Every package with the summary of its newest upload and its newest versions."""
    grouped: dict[str, list[File]] = {}
    for file in request.services.cache.all_files(PYPI):
        if file.project.name in names:
            grouped.setdefault(file.project.name, []).append(file)
    return [_summary(name, files) for name, files in sorted(grouped.items())]


def _summary(name: str, files: list[File]) -> PackageSummary:
    newest = max(files, key=lambda file: (file.uploaded_at, file.filename))
    known = releases(files)
    stable = named_release("latest-stable", known)
    unstable = named_release("latest-unstable", known)
    return {
        "name": name,
        "summary": newest.summary,
        "last_modified": int(newest.uploaded_at.timestamp()),
        "stable": stable.version if stable else None,
        "unstable": unstable.version if unstable else None,
    }
