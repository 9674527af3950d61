"""What may be done to a scope on its page, by the administrators of the server and its own."""

from __future__ import annotations

from collections.abc import Mapping

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.policy import Act
from pypicloud_like.core.errors import Conflict, NotFound
from pypicloud_like.core.model import Project
from pypicloud_like.core.ports import ScopeRecord
from pypicloud_like.http import forms
from pypicloud_like.http.security import require
from pypicloud_like.registry.scoping import SCOPE_RULES, ScopeRules
from pypicloud_like.web.control.common import Deed, Params, confirmed, line, to


def rules_of(request: Request) -> ScopeRules:
    """The rules of the ecosystem that has scopes."""
    rules: ScopeRules = request.registry[SCOPE_RULES]
    return rules


def scope_of(request: Request) -> ScopeRecord:
    """The scope of the address. :raises NotFound: there is none"""
    record: ScopeRecord | None = request.services.scopes.scope(request.matchdict["scope"])
    if record is None:
        raise NotFound("The scope")
    return record


def make(request: Request, params: Params) -> Response:
    """A new scope, from ``scope`` and ``description``, for whoever may publish new names; to its page.

    :raises Forbidden: they may not
    :raises InvalidRequest, Conflict: nothing can be called so, or may be now
    """
    rules, name = rules_of(request), line(params, "scope").removeprefix("@")
    description = rules.description(line(params, "description", empty=True))
    if request.services.scopes.scope(name) is None:
        require(request, Act.WRITE, Project(rules.ecosystem, f"@{name}/*"), exists=False)
    made = rules.make(request.services, name, creator=request.caller.account, description=description)
    return to(request, f"{request.path_info.rstrip('/')}/{made.name}", done="scope-added")


def _change(request: Request, params: Params) -> str:
    description = rules_of(request).description(line(params, "description", empty=True))
    request.services.scopes.update(
        scope_of(request).name,
        actor=request.caller.name,
        description=description,
        ci_only=forms.boolean(params, "ci_only", default=False),
        verify_actor=forms.boolean(params, "verify_actor", default=False),
    )
    return "scope-changed"


def _remove(request: Request, params: Params) -> Response:
    name = scope_of(request).name
    confirmed(params, f"@{name}")
    if rules_of(request).is_used(request.services, name):
        raise Conflict(f"@{name} has packages: a scope goes when nothing is in it")
    request.services.scopes.remove(name, actor=request.caller.name)
    return to(request, request.path_info.rstrip("/").rpartition("/")[0], done="scope-removed")


def _set_admin(request: Request, params: Params) -> str:
    admin = forms.boolean(params, "admin")
    name = scope_of(request).name
    request.services.scopes.set_admin(name, line(params, "user"), admin, actor=request.caller.name)
    return "member-admin" if admin else "member-plain"


def _remove_member(request: Request, params: Params) -> str:
    name = scope_of(request).name
    request.services.scopes.remove_member(name, line(params, "user"), actor=request.caller.name)
    return "member-removed"


def _invite(request: Request, params: Params) -> str:
    services, name = request.services, line(params, "user")
    account = services.access.account(name)
    if account is None:
        raise NotFound(f"The user {name[:100]}")
    if services.scopes.invite(scope_of(request).name, account.name, inviter=request.caller.name) is None:
        raise Conflict(f"{account.name} was invited already")
    return "invited"


def _remove_invite(request: Request, params: Params) -> str:
    name = scope_of(request).name
    request.services.scopes.remove_invite(name, line(params, "user"), actor=request.caller.name)
    return "invite-removed"


DEEDS: Mapping[str, Deed] = {
    "change": _change,
    "remove": _remove,
    "admin": _set_admin,
    "remove-member": _remove_member,
    "invite": _invite,
    "remove-invite": _remove_invite,
}
"""By the buttons of the page of a scope."""
