"""Members of scopes, and those who were asked to become such."""

from __future__ import annotations

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.policy import Act
from pypicloud_like.core.errors import Conflict, NotFound
from pypicloud_like.core.ports import Invite, Member, Person
from pypicloud_like.ecosystems.jsr import api
from pypicloud_like.ecosystems.jsr.errors import Malformed, Missing, Refused
from pypicloud_like.ecosystems.jsr.scopes import everything
from pypicloud_like.ecosystems.jsr.shapes import JsrInvite, JsrMember
from pypicloud_like.ecosystems.jsr.views.common import (
    answer,
    body_of,
    checked_id,
    known_scope,
    nothing,
    only_key,
    person_by_id,
    person_of,
    require_admin,
    require_user,
)
from pypicloud_like.registry.services import Services

_LONGEST_NAME = 255


def listed(request: Request) -> Response:
    """GET /api/scopes/{scope}/members: for users"""
    scope = known_scope(request)
    require_user(request, Act.READ, everything(scope.name))
    services = request.services
    return answer([member_json(services, each) for each in services.scopes.members(scope.name)])


def invite(request: Request) -> Response:
    """POST of the same with ``githubLogin`` (a name here), ``gitlabUsername`` (the same) or ``id``: ask
    somebody, who becomes a member by saying yes.
    """
    scope = known_scope(request)
    user = require_admin(request, scope, Act.OWNERS)
    target = _invited(request)
    services = request.services
    try:
        made = services.scopes.invite(scope.name, target.name, inviter=user)
    except Conflict as error:
        raise Refused("alreadyScopeMember", str(error)) from error
    if made is None:
        raise Refused("alreadyInvited", f"{target.name} was invited already")
    return answer(invite_json(services, made))


def change(request: Request) -> Response:
    """PATCH /api/scopes/{scope}/members/{id} with ``isAdmin``"""
    scope = known_scope(request)
    user = require_admin(request, scope, Act.OWNERS)
    admin = body_of(request).get("isAdmin")
    if not isinstance(admin, bool):
        raise Malformed("'isAdmin' must be true or false")
    person = _member_by_id(request)
    services = request.services
    try:
        member = services.scopes.set_admin(scope.name, person.name, admin, actor=user)
    except NotFound as error:
        raise _no_member() from error
    except Conflict as error:
        raise Refused("scopeMustHaveAdmin", str(error)) from error
    return answer(member_json(services, member))


def remove(request: Request) -> Response:
    """DELETE of the same, by an admin or by the member"""
    scope = known_scope(request)
    user = require_user(request, Act.OWNERS, everything(scope.name))
    if request.matchdict["id"].lower() != person_of(request.services, user).uuid:
        require_admin(request, scope, Act.OWNERS)
    person = _member_by_id(request)
    try:
        request.services.scopes.remove_member(scope.name, person.name, actor=user)
    except NotFound as error:
        raise _no_member() from error
    except Conflict as error:
        raise Refused("scopeMustHaveAdmin", str(error)) from error
    return nothing()


def invites(request: Request) -> Response:
    """GET /api/scopes/{scope}/invites: for admins"""
    scope = known_scope(request)
    require_admin(request, scope, Act.OWNERS)
    services = request.services
    return answer([invite_json(services, each) for each in services.scopes.invites(scope.name)])


def withdraw(request: Request) -> Response:
    """DELETE /api/scopes/{scope}/invites/{id}"""
    scope = known_scope(request)
    user = require_admin(request, scope, Act.OWNERS)
    person = person_by_id(request, request.matchdict["id"])
    try:
        request.services.scopes.remove_invite(scope.name, person.name, actor=user)
    except NotFound as error:
        raise no_invite() from error
    return nothing()


def member_json(services: Services, member: Member) -> JsrMember:
    """A membership with the user it is of."""
    return api.member_json(member, person_of(services, member.user))


def invite_json(services: Services, made: Invite) -> JsrInvite:
    """An invite with both users."""
    return api.invite_json(made, person_of(services, made.user), person_of(services, made.inviter))


def no_invite() -> Missing:
    """There is none."""
    return Missing("scopeInviteNotFound", "There is no such invite")


def _no_member() -> Missing:
    return Missing("scopeMemberNotFound", "There is no such member")


def _invited(request: Request) -> Person:
    body = body_of(request)
    key = only_key(body, ("githubLogin", "gitlabUsername", "id"))
    said = body[key]
    if not isinstance(said, str):
        raise Malformed(f"'{key}' must be a text")
    if key == "id":
        return person_by_id(request, said)
    services: Services = request.services
    possible = 0 < len(said) <= _LONGEST_NAME and said.isprintable()
    account = services.access.account(said) if possible else None
    if account is None:
        raise Missing("userNotFound", "There is no such user")
    return person_of(services, account.name)


def _member_by_id(request: Request) -> Person:
    """The person of the address: a member whose account is gone can still be removed."""
    person: Person | None = request.services.people.by_uuid(checked_id(request.matchdict["id"]))
    if person is None:
        raise _no_member()
    return person
