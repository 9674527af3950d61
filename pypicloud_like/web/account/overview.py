"""One's own page: what one owns and follows, invitations, the password."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.core.errors import (
    Forbidden,
    InvalidRequest,
    NotFound,
    ReadOnlyBackend,
    TooManyAttempts,
)
from pypicloud_like.core.model import Project
from pypicloud_like.http import answers, forms
from pypicloud_like.http.errors import status_of
from pypicloud_like.http.security import start_session
from pypicloud_like.http.urls import prefix
from pypicloud_like.registry.services import Services
from pypicloud_like.web.account.accounts import set_password
from pypicloud_like.web.browse.common import presenters, query_of, seen
from pypicloud_like.web.pages import page
from pypicloud_like.web.people import person, require_person, to_login

_SAID = {"password": "The password is changed; all other sessions have ended."}
"""What a page says after a redirect to it."""


def overview(request: Request) -> Response:
    """GET /account"""
    name = person(request)
    said = query_of(request).get("said", "")
    return to_login(request) if name is None else _page(request, name, sentence=_SAID.get(said, ""))


def change_password(request: Request) -> Response:
    """POST /account/password with ``old``, ``new`` and ``again``; all other sessions end."""
    name = require_person(request)
    params = forms.read_params(request, request.services.settings.limits)
    old, new = forms.text(params, "old"), forms.text(params, "new")
    if new != forms.text(params, "again"):
        return _page(request, name, fault="The new password was not written twice alike.", status=400)
    try:
        set_password(request, name, old, new)
    except (Forbidden, InvalidRequest, ReadOnlyBackend, TooManyAttempts) as error:
        return _page(request, name, fault=str(error), status=status_of(error))
    response = answers.redirect(f"{prefix(request)}/account?said=password", status=303, private=True)
    start_session(request, response, name)
    return response


def answer_invite(request: Request) -> Response:
    """POST /account/invites with ``scope`` and ``answer`` (accept or decline)"""
    name = require_person(request)
    params = forms.read_params(request, request.services.settings.limits)
    scope, accepted = forms.text(params, "scope"), forms.text(params, "answer") == "accept"
    try:
        if accepted:
            request.services.scopes.accept(scope, name)
        else:
            request.services.scopes.remove_invite(scope, name, actor=name)
    except NotFound:
        return _page(request, name, fault="That invitation is no longer there.", status=404)
    said = f"You are a member of @{scope} now." if accepted else f"You have declined @{scope}."
    return _page(request, name, sentence=said)


def follow(request: Request) -> Response:
    """POST /account/follow with ``ecosystem``, ``name`` and ``follow`` (yes or no); back to the project."""
    user = require_person(request)
    params = forms.read_params(request, request.services.settings.limits)
    presenter = presenters(request).get(forms.text(params, "ecosystem"))
    if presenter is None:
        raise InvalidRequest("ecosystem", "is none that is here")
    project = presenter.project(forms.text(params, "name"))
    package = seen(request).by_project.get(project)
    if package is None:
        raise NotFound(project.name)
    request.services.people.follow(user, project, forms.boolean(params, "follow"))
    return answers.redirect(prefix(request) + presenter.page(package.title), status=303, private=True)


def _page(request: Request, name: str, *, sentence: str = "", fault: str = "", status: int = 200) -> Response:
    services: Services = request.services
    owned = services.state.owned(name)
    patterns = sorted(str(each) for each in owned if each.name.endswith("*"))
    return page(
        request,
        "account/overview.jinja2",
        status=status,
        sentence=sentence,
        fault=fault,
        owned=_told(request, owned),
        patterns=patterns,
        followed=_told(request, services.people.followed(name)),
        invites=services.scopes.invites_of(name),
        presenters=presenters(request),
        groups=sorted(request.caller.account.groups),
    )


def _told(request: Request, projects: Collection[Project]) -> Sequence[Mapping[str, Any]]:
    """Projects by name, with their packages in the catalogue where they have any."""
    known = seen(request).by_project
    plain = sorted(each for each in projects if not each.name.endswith("*"))
    return [{"project": each, "package": known.get(each)} for each in plain]
