"""Upstreams: which there are, how well what is held serves, and names that could be confused."""

from __future__ import annotations

from datetime import timedelta

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.names import parse_project
from pypicloud_like.core.errors import Conflict, InvalidRequest, NotFound
from pypicloud_like.core.model import Project
from pypicloud_like.registry.confusion import confusable
from pypicloud_like.registry.rebuild import ECOSYSTEMS
from pypicloud_like.registry.services import Services
from pypicloud_like.upstream.upstreams import Upstreams
from pypicloud_like.web.browse.common import presenters, query_of
from pypicloud_like.web.control.common import Params, acting, administrator, line, shown, turn_of
from pypicloud_like.web.control.figures import figure
from pypicloud_like.web.control.storage import held_use

_EACH = 50
_FROM_HERE = ("fresh", "confirmed", "stale")
"""Pages that were answered from what is held, though some were asked about."""
_MOST_DAYS = 36500


def upstreams(request: Request, *, fault: str = "", status: int = 200) -> Response:
    """GET /admin/upstreams with ``q`` (a part of names), ``by`` (``size`` or ``age``) and ``page``"""
    administrator(request)
    services: Services = request.services
    known = services.upstreams
    if known is None:
        return shown(request, "upstreams", "no_upstreams", fault=fault, status=status, confusion=False)
    query = query_of(request)
    part, oldest = query.get("q", "").strip()[:100].replace("\0", ""), query.get("by") == "age"
    size = known.held.overview(containing=part, limit=1)[1]
    turn = turn_of(request, size, each=_EACH, label="Projects", keep=("q", "by"), fragment="#held")
    found, _ = known.held.overview(containing=part, oldest_first=oldest, start=turn.start, limit=_EACH)
    pages, files = dict(known.documents.counts), dict(known.counts)
    return shown(
        request,
        "upstreams",
        "upstreams",
        fault=fault,
        status=status,
        fallback=known.fallback,
        all=[each for ecosystem in ECOSYSTEMS for each in known.of(ecosystem)],
        presenters=presenters(request),
        use=held_use(request),
        pages=pages,
        files=files,
        page_rate=_share(sum(pages.get(name, 0) for name in _FROM_HERE), sum(pages.values())),
        file_rate=_share(files.get("held", 0) + files.get("joined", 0), sum(files.values())),
        found=found,
        size=size,
        turn=turn,
        sought=part,
        oldest=oldest,
        now=services.clock(),
    )


def confusion(request: Request) -> Response:
    """GET /admin/confusion: names of ours that an upstream has too, as far as is known here."""
    administrator(request)
    services: Services = request.services
    if services.upstreams is None:
        return shown(request, "confusion", "no_upstreams", confusion=True)

    def load() -> list[Project]:
        return [project for ecosystem in ECOSYSTEMS for project in confusable(services, ecosystem)]

    known = figure(request, "confusion", load)
    turn = turn_of(request, len(known or ()), each=_EACH, label="Projects")
    found = [(project, _is_mixed(services, project)) for project in (known or ())[turn.start : turn.end]]
    return shown(
        request,
        "confusion",
        "confusion",
        known=known is not None,
        found=found,
        size=len(known or ()),
        turn=turn,
        fallback=services.upstreams.fallback,
        presenters=presenters(request),
    )


def _is_mixed(services: Services, project: Project) -> bool:
    record = services.cache.record(project)
    return record is not None and record.mixed


def _share(some: int, everything: int) -> float | None:
    return some / everything if everything else None


def _known(request: Request) -> Upstreams:
    known: Upstreams | None = request.services.upstreams
    if known is None:
        raise NotFound("An upstream")
    return known


def _project(params: Params) -> Project:
    return parse_project(line(params, "project"))


def _ask_again(request: Request, params: Params) -> str:
    project = _project(params)
    if not _known(request).documents.doubt(project):
        raise NotFound(f"A page about {project}")
    request.services.state.audit("upstream.doubt", str(project), actor=request.caller.name)
    return "asked-again"


def _let_go(request: Request, params: Params) -> str:
    known, project = _known(request), _project(params)
    files = known.held.files(project)
    if not files:
        raise NotFound(f"A held file of {project}")
    if known.held.is_pinned(project):
        raise Conflict(f"{project} is kept for good: allow first that it goes")
    for file in files:
        known.keeper.let_go(file)
    request.services.state.audit("upstream.drop", str(project), actor=request.caller.name, files=len(files))
    return "let-go"


def _let_go_of_unused(request: Request, params: Params) -> str:
    days = line(params, "days", most=6)
    if not (days.isascii() and days.isdecimal() and 1 <= int(days) <= _MOST_DAYS):
        raise InvalidRequest("days", f"must be a number from 1 to {_MOST_DAYS}")
    before = request.services.clock() - timedelta(days=int(days))
    files = _known(request).keeper.prune(keep=0, before=before)
    subject = f"unused for {int(days)} days"
    request.services.state.audit("upstream.drop", subject, actor=request.caller.name, files=files)
    return "let-go"


def _pin(request: Request, params: Params) -> str:
    return _pinned(request, params, pinned=True)


def _unpin(request: Request, params: Params) -> str:
    return _pinned(request, params, pinned=False)


def _pinned(request: Request, params: Params, *, pinned: bool) -> str:
    project = _project(params)
    if not _known(request).held.pin(project, pinned):
        raise NotFound(f"A held file of {project}")
    action = "upstream.pin" if pinned else "upstream.unpin"
    request.services.state.audit(action, str(project), actor=request.caller.name)
    return "pinned" if pinned else "unpinned"


change_upstreams = acting(
    upstreams,
    {
        "ask-again": _ask_again,
        "let-go": _let_go,
        "let-go-unused": _let_go_of_unused,
        "pin": _pin,
        "unpin": _unpin,
    },
)
