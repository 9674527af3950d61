"""What pages for everyone share: who presents what, the catalogue as the caller sees it, the query."""

from __future__ import annotations

from collections.abc import Mapping

from pyramid.request import Request

from pypicloud_like.access.policy import Act
from pypicloud_like.catalogue.snapshot import Catalogue
from pypicloud_like.catalogue.view import View
from pypicloud_like.catalogue.views.common import CATALOGUE
from pypicloud_like.core.errors import LoginRequired
from pypicloud_like.core.model import Project
from pypicloud_like.http.forms import parse_query
from pypicloud_like.registry.presented import PRESENTERS, Presenter
from pypicloud_like.web.browse.readmes import READMES, Readmes

MAINTAINING = (Act.WRITE, Act.YANK, Act.DELETE, Act.OWNERS)
"""What maintainers do with a project."""
_FIRST = ("pypi", "cargo", "jsr")
"""The order in which people know them."""


def presenters(request: Request) -> Mapping[str, Presenter]:
    """Ecosystem → its presenter, in the order of showing."""
    known: Mapping[str, Presenter] = request.registry[PRESENTERS]
    return {name: known[name] for name in (*_FIRST, *sorted(known.keys() - set(_FIRST)))}


def seen(request: Request) -> View:
    """The catalogue as the caller sees it; an empty one for who may see nothing."""
    services = request.services
    catalogue: Catalogue = request.registry[CATALOGUE]
    readable = {each: services.guard.readable(request.caller, each) for each in catalogue.ecosystems}
    return catalogue.view(services, readable)


def reads(request: Request) -> bool:
    """Whether there may be something for the caller: they are logged in, or need not be."""
    return request.caller.name is not None or request.services.guard.may(request.caller, Act.READ)


def require_reader(request: Request) -> None:
    """:raises LoginRequired: whoever is not logged in may read nothing in particular"""
    if not reads(request):
        raise LoginRequired


def maintains(request: Request, project: Project) -> bool:
    """Whether there is something that the caller may do with a project."""
    return any(request.services.guard.may(request.caller, act, project) for act in MAINTAINING)


def wake_renderer(request: Request) -> None:
    """Whoever looks at a list is going to look at a README: what renders it takes its time to start.
    For people only, whose browsers say that they follow a link (Fetch Metadata): others look at lists too.
    """
    if request.headers.get("Sec-Fetch-Mode") != "navigate":
        return
    if request.caller.name is not None or request.services.guard.anonymous_reads_by_default():
        readmes: Readmes = request.registry[READMES]
        readmes.wake()


def query_of(request: Request) -> Mapping[str, str]:
    """The query, the last value of each name."""
    return dict(parse_query(request.environ.get("QUERY_STRING", "")))
