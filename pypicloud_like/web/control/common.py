"""What the pages for administrators share: who may see them, their frame, and forms that do something."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import signature
from typing import Any
from urllib.parse import quote, urlencode

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.policy import Act
from pypicloud_like.core.errors import (
    AlreadyExists,
    Conflict,
    Forbidden,
    InvalidRequest,
    NotFound,
    ReadOnlyBackend,
    RegistryError,
    UpstreamFailed,
)
from pypicloud_like.core.model import Project
from pypicloud_like.core.ports import MutableAccess
from pypicloud_like.http import answers, forms
from pypicloud_like.http.errors import status_of
from pypicloud_like.http.routing import View
from pypicloud_like.http.security import mutable, require
from pypicloud_like.http.urls import prefix
from pypicloud_like.web.browse.common import presenters, query_of
from pypicloud_like.web.browse.turning import Turn, turned
from pypicloud_like.web.control.sentences import SAID
from pypicloud_like.web.pages import page
from pypicloud_like.web.people import require_person

SECTIONS: Mapping[str, str] = {
    "": "Overview",
    "users": "Users",
    "groups": "Groups",
    "rights": "Rights",
    "scopes": "Scopes",
    "publishers": "Publishers",
    "index": "Index",
    "storage": "Storage",
    "downloads": "Downloads",
    "upstreams": "Upstreams",
    "confusion": "Confusion",
    "curation": "Catalogue",
    "audit": "Audit",
}
"""The pages, by the last part of their address, in the order of the menu."""

Params = Mapping[str, Any]
Deed = Callable[[Request, Params], str | Response]
"""What a form does: gives the key of the sentence that tells so (of ``SAID``), or an answer of its own."""
Show = Callable[..., Response]
_TOLD = (AlreadyExists, Conflict, Forbidden, InvalidRequest, NotFound, ReadOnlyBackend, UpstreamFailed)


def administrator(request: Request) -> str:
    """The administrator who is there in person.

    :raises LoginRequired, Forbidden: whoever asks is none, or a token
    """
    require(request, Act.ADMIN)
    return require_person(request)


def shown(
    request: Request, section: str, template: str, *, fault: str = "", status: int = 200, **values: Any
) -> Response:
    """A page of a section, with what was done just now or could not be."""
    return page(
        request,
        f"control/{template}.jinja2",
        status=status,
        section=section,
        sections=SECTIONS,
        **told(request, fault),
        page_of=lambda project: page_of(request, project),
        changeable=isinstance(request.services.access, MutableAccess),
        backend=request.services.access.name,
        **values,
    )


def told(request: Request, fault: str) -> Mapping[str, Any]:
    """What could not be done, or else what was done just now, as the macro of that name takes it."""
    return {"fault": fault, "sentence": "" if fault else SAID.get(query_of(request).get("done", ""), "")}


def acting(show: Show, deeds: Mapping[str, Deed], who: Callable[[Request], str] = administrator) -> View:
    """The view of a POST: does what the button ``do`` says, and leads back to the page by GET. What cannot be
    done is told on the page.

    :param show: the view of the GET, which takes ``fault`` and ``status`` too; perhaps ``given``: what the
        form said, for it to be mended
    :param who: gives the name of whoever may do it, or raises LoginRequired, Forbidden or NotFound
    """

    def change(request: Request) -> Response:
        who(request)
        params = forms.read_params(request, request.services.settings.limits)
        try:
            deed = deeds.get(str(params.get("do")))
            if deed is None:
                raise InvalidRequest("do", "is nothing that can be done here")
            done = deed(request, params)
        except _TOLD as error:
            told = {"given": params} if "given" in signature(show).parameters else {}
            return show(request, fault=_sentence(error), status=status_of(error), **told)
        return done if isinstance(done, Response) else again(request, done)

    return change


def again(request: Request, done: str) -> Response:
    """Back to the same page, which tells what was done."""
    query = {name: value for name, value in query_of(request).items() if name not in {"done", "before"}}
    return to(request, request.path_info, **query, done=done)


def to(request: Request, path: str, /, **query: str) -> Response:
    """To another page of ours; any name may stand in the query. :param path: as it is, not percent-encoded"""
    location = f"{prefix(request)}{quote(path)}?{urlencode(query)}"
    return answers.redirect(location, status=303, private=True)


def access_of(request: Request) -> MutableAccess:
    """The access backend, which is going to be changed. :raises ReadOnlyBackend: it cannot be"""
    return mutable(request.services.access)


def line(params: Params, name: str, *, most: int = 200, empty: bool = False) -> str:
    """A text of one line, without the space around it.

    :raises InvalidRequest: it is missing, too long, or has what nobody can see
    """
    value = forms.text({name: params.get(name, "") if empty else params.get(name)}, name, most=most).strip()
    if not value.isprintable() or not (value or empty):
        raise InvalidRequest(name, f"must be one line of at most {most} characters")
    return value


def confirmed(params: Params, name: str) -> None:
    """:raises InvalidRequest: the field ``confirm`` does not repeat the name of what would go"""
    if str(params.get("confirm", "")).strip() != name:
        raise InvalidRequest("", f"To confirm it, write {name} into the field beside the button")


def turn_of(
    request: Request, size: int, *, each: int, label: str, keep: tuple[str, ...] = (), fragment: str = ""
) -> Turn:
    """The page of a list that the query asks for. :param keep: what of the query the other pages keep"""
    query = query_of(request)
    asked = {name: query[name] for name in (*keep, "page") if query.get(name)}
    return turned(asked, size, each=each, label=label, fragment=fragment)


def page_of(request: Request, project: Project) -> str:
    """The path of a project's page, empty where there is none."""
    presenter = presenters(request).get(project.ecosystem)
    return "" if presenter is None else prefix(request) + presenter.page(project.name)


def _sentence(error: RegistryError) -> str:
    return str(error)[:500] or "That cannot be done"
