"""Explicit grants on projects."""

from __future__ import annotations

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.names import parse_project
from pypicloud_like.admin.common import administered, changeable, rights_json
from pypicloud_like.admin.shapes import Granted, PackageGrants
from pypicloud_like.core.model import Grants, Right
from pypicloud_like.core.spelling import normal_form
from pypicloud_like.http import answers
from pypicloud_like.registry import granting


def of_user(request: Request) -> Response:
    """GET /admin/user/{username}/permissions: explicit ones only."""
    name = normal_form(request.matchdict["username"])
    return answers.answer_json(
        [
            Granted(package=str(project), permissions=rights_json(grants.users[name]))
            for project, grants in sorted(administered(request).grants().items())
            if grants.users.get(name)
        ]
    )


def of_package(request: Request) -> Response:
    """GET /admin/package/{project}: what is granted on it, to whom."""
    project = parse_project(request.matchdict["project"])
    grants = administered(request).grants().get(project, Grants())
    return answers.answer_json(
        PackageGrants(
            user=[
                {"username": name, "permissions": rights_json(rights)}
                for name, rights in sorted(grants.users.items())
            ],
            group=[
                {"group": name, "permissions": rights_json(rights)}
                for name, rights in sorted(grants.groups.items())
            ],
        )
    )


def grant(request: Request) -> Response:
    """PUT /admin/package/{project}/{user or group}/{name}/{read or write}; the project need not exist."""
    asked = _asked(request)
    granting.give(request.services, changeable(request), asked, actor=request.caller.name)
    return answers.empty()


def revoke(request: Request) -> Response:
    """DELETE of the same"""
    asked = _asked(request)
    granting.take(request.services, changeable(request), asked, actor=request.caller.name)
    return answers.empty()


def _asked(request: Request) -> granting.Grant:
    match = request.matchdict
    project = parse_project(match["project"])
    return granting.Grant(project, match["kind"], match["principal"], Right(match["right"]))
