"""Downloads of crates."""

from __future__ import annotations

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.policy import Act
from pypicloud_like.ecosystems.cargo.config import download_path
from pypicloud_like.ecosystems.cargo.shapes import DownloadAddress
from pypicloud_like.ecosystems.cargo.views.common import requested_crate, requested_version
from pypicloud_like.http import answers
from pypicloud_like.http.counting import counted
from pypicloud_like.http.negotiate import read_accept
from pypicloud_like.http.security import require
from pypicloud_like.http.urls import base_url

CONTENT_TYPE = "application/gzip"
_JSON = "application/json"


def download(request: Request) -> Response:
    """GET /api/v1/crates/{crate}/{version}/download: the archive, yanked or not. Who asks for JSON is told
    the address, as crates.io does.
    """
    project = requested_crate(request)
    require(request, Act.READ, project)
    file = requested_version(request, project)
    accepted = read_accept(request.environ.get("HTTP_ACCEPT"))
    offers = accepted.acceptable_offers([CONTENT_TYPE, _JSON])
    if offers and offers[0][0] == _JSON:
        answer = answers.answer_json(DownloadAddress(url=base_url(request) + download_path(file)))
        answer.headers["Vary"] = "Accept, Authorization, Cookie"
        return answer
    rules = request.services.settings.access
    answer = answers.stored_file(
        request,
        file.blob,
        filename=file.filename,
        modified=file.uploaded_at,
        shared=request.services.guard.everyone_reads(project),
        content_type=CONTENT_TYPE,
        lasting=not rules.allow_reuse_of_deleted,
        repeatable=True,
    )
    answer.headers["Vary"] = ", ".join(filter(None, ["Accept", answer.headers.get("Vary")]))
    return counted(request, answer, file)
