"""XML-RPC search for ``pip search`` and pypicloud's clients."""

from __future__ import annotations

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.core.model import PYPI
from pypicloud_like.ecosystems.pypi import xmlrpc
from pypicloud_like.ecosystems.pypi.releases import project_release, releases
from pypicloud_like.ecosystems.pypi.views.simple import listings
from pypicloud_like.http import forms

MOST_HITS = 1000


def search(request: Request) -> Response:
    """POST /pypi with an XML-RPC call ``search(criteria, operator)``; only what the caller may read."""
    try:
        body = xmlrpc.render_results(
            _hits(request, xmlrpc.parse_search(forms.read_body(request, xmlrpc.LARGEST_CALL)))
        )
    except xmlrpc.CallRefused as refusal:
        body = xmlrpc.render_fault(refusal.code, str(refusal))
    response = Response(body, content_type="text/xml", charset="utf-8")
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _hits(request: Request, call: xmlrpc.SearchCall) -> list[xmlrpc.Hit]:
    cache = request.services.cache
    shown = {line.project for line in listings(request)}
    found = cache.search(PYPI, name=call.name, summary=call.summary, every=call.every)
    hits = []
    for project in [project for project in found if project in shown][:MOST_HITS]:
        release = project_release(releases(cache.files(project)))
        if release is not None:
            summary = next((file.summary for file in release.files if file.summary), None)
            hits.append(xmlrpc.Hit(project.name, summary, release.version))
    return hits
