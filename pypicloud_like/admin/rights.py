"""Explicit grants on projects."""

from __future__ import annotations

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.names import parse_project
from pypicloud_like.access.policy import EVERYONE
from pypicloud_like.admin.common import administered, changeable, rights_json
from pypicloud_like.admin.shapes import Granted, PackageGrants
from pypicloud_like.core.errors import Conflict
from pypicloud_like.core.model import Grants, Project, Right
from pypicloud_like.core.spelling import normal_form
from pypicloud_like.http import answers


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
    match = request.matchdict
    project, right = parse_project(match["project"]), Right(match["right"])
    access = changeable(request)
    _keep_open(request, project, match["kind"], match["principal"], right, given=True)
    access.grant(project, match["kind"], match["principal"], right, actor=request.caller.name)
    return answers.empty()


def revoke(request: Request) -> Response:
    """DELETE of the same"""
    match = request.matchdict
    project, right = parse_project(match["project"]), Right(match["right"])
    access = changeable(request)
    _keep_open(request, project, match["kind"], match["principal"], right, given=False)
    access.revoke(project, match["kind"], match["principal"], right, actor=request.caller.name)
    return answers.empty()


def _keep_open(
    request: Request, project: Project, kind: str, principal: str, right: Right, *, given: bool
) -> None:
    """Where cargo is told never to send a token, a crate must stay readable without.

    :raises Conflict: after this change it would not be
    """
    if project.ecosystem != "cargo" or request.services.settings.cargo.auth_required != "never":
        return
    now = request.services.access.grants().get(project, Grants())
    after = {("user", name, each) for name, rights in now.users.items() for each in rights}
    after |= {("group", name, each) for name, rights in now.groups.items() for each in rights}
    change = {(kind, normal_form(principal), right)}
    after = after | change if given else after - change
    if after and ("group", EVERYONE, Right.READ) not in after:
        raise Conflict(
            f"cargo.auth_required = never: {project} has to be readable by everyone; grant that first"
        )
