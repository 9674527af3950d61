"""Groups and their members."""

from __future__ import annotations

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.admin.common import administered, changeable, rights_json
from pypicloud_like.admin.shapes import Granted, Group
from pypicloud_like.core.spelling import normal_form
from pypicloud_like.http import answers


def groups(request: Request) -> Response:
    """GET /admin/group: their names; the built-in ones are not listed."""
    return answers.answer_json(sorted(administered(request).groups()))


def group(request: Request) -> Response:
    """GET /admin/group/{group}: members and grants; an unknown or built-in one has no members."""
    access = administered(request)
    name = normal_form(request.matchdict["group"])
    packages = [
        Granted(package=str(project), permissions=rights_json(grants.groups[name]))
        for project, grants in sorted(access.grants().items())
        if grants.groups.get(name)
    ]
    members = sorted(access.groups().get(name, ()))
    return answers.answer_json(Group(members=members, packages=packages))


def add(request: Request) -> Response:
    """PUT /admin/group/{group}"""
    changeable(request).add_group(request.matchdict["group"], actor=request.caller.name)
    return answers.empty()


def remove(request: Request) -> Response:
    """DELETE /admin/group/{group}; fine if unknown."""
    changeable(request).remove_group(request.matchdict["group"], actor=request.caller.name)
    return answers.empty()


def add_member(request: Request) -> Response:
    """PUT /admin/user/{username}/group/{group}"""
    match = request.matchdict
    changeable(request).add_member(match["group"], match["username"], actor=request.caller.name)
    return answers.empty()


def remove_member(request: Request) -> Response:
    """DELETE /admin/user/{username}/group/{group}"""
    match = request.matchdict
    changeable(request).remove_member(match["group"], match["username"], actor=request.caller.name)
    return answers.empty()
