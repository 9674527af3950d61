"""Rebuilding the index, and the export of the access lists."""

from __future__ import annotations

import gzip
import json

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.policy import Act
from pypicloud_like.admin.common import administered
from pypicloud_like.admin.shapes import Rebuilt
from pypicloud_like.http import answers, forms
from pypicloud_like.http.security import refuse_foreign, refuse_link, require
from pypicloud_like.registry import jobs


def rebuild(request: Request) -> Response:
    """GET or POST /admin/rebuild: synchronous, while everything goes on; tells what it found.

    ``confirmed=true`` removes rows without a record even if they are many. A rebuild that is running
    already answers 409.
    """
    refuse_foreign(request)  # this GET changes something
    refuse_link(request)
    require(request, Act.ADMIN)
    params = forms.read_params(request, request.services.settings.limits)
    services = request.services
    confirmed = forms.boolean(params, "confirmed", default=False)
    report = jobs.rebuild(services, actor=request.caller.name, confirmed=confirmed)
    return answers.answer_json(
        Rebuilt(
            projects=report.projects,
            records=report.records,
            changed=report.changed,
            removed=report.removed,
            kept_without_record=report.doubtful,
            problems=report.problems,
        )
    )


def acl(request: Request) -> Response:
    """GET /admin/acl.json.gz: users, groups and grants, password hashes included."""
    dump = administered(request).dump()
    request.services.state.audit("export", "access lists", actor=request.caller.name)
    body = gzip.compress(json.dumps(dump).encode(), mtime=0)
    return Response(
        headerlist=[
            ("Content-Type", "application/gzip"),
            ("Content-Disposition", 'attachment; filename="acl.json.gz"'),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
        ],
        app_iter=(body,),
    )
