"""The index: rebuilding it from storage and checking it, with their progress."""

from __future__ import annotations

from functools import partial

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.core.errors import Conflict
from pypicloud_like.http import answers, forms
from pypicloud_like.registry import jobs
from pypicloud_like.registry.jobs import Job
from pypicloud_like.registry.services import Services
from pypicloud_like.web.control.common import Params, acting, administrator, shown
from pypicloud_like.web.control.figures import figure

_TITLES = {jobs.REBUILD: "Rebuild", jobs.CHECK: "Check"}


def index(request: Request, *, fault: str = "", status: int = 200) -> Response:
    """GET /admin/index"""
    administrator(request)
    services: Services = request.services
    found = {name: jobs.look(services, name) for name in _TITLES}
    now = services.clock()
    return shown(
        request,
        "index",
        "index",
        fault=fault,
        status=status,
        found=found,
        titles=_TITLES,
        running={name for name, job in found.items() if job is not None and job.is_running(now)},
        progress={name: _told(job, services) for name, job in found.items() if job is not None},
        serial=services.cache.serial(),
        due=figure(request, "due", lambda: len(services.cache.due(limit=1000)), moved=services.cache.moved()),
    )


def progress(request: Request) -> Response:
    """GET /admin/index/progress: how the work gets on, as JSON, for the page's script."""
    administrator(request)
    services = request.services
    told = {name: _told(job, services) for name in _TITLES if (job := jobs.look(services, name)) is not None}
    response = answers.answer_json(told)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _told(job: Job, services: Services) -> dict[str, object]:
    running = job.is_running(services.clock())
    if running:
        of = f" of about {job.total:,}" if job.total >= job.done else ""
        said = f"{job.done:,}{of} {job.stage}" if job.done else "It has begun"
    elif job.ended_at is None:
        said = f"It was broken off at {job.done:,} {job.stage}: start it again"
    else:
        said = job.failure or "It is done"
    total = job.total if job.stage in {"records", "files"} and job.total >= job.done else 0
    return {"running": running, "done": job.done, "total": total, "said": said}


def _require_idle(request: Request, name: str) -> None:
    job = jobs.look(request.services, name)
    if job is not None and job.is_running(request.services.clock()):
        raise Conflict(f"A {_TITLES[name].lower()} is already running")


def _rebuild(request: Request, params: Params) -> str:
    _require_idle(request, jobs.REBUILD)
    confirmed = forms.boolean(params, "confirmed", default=False)
    work = partial(jobs.rebuild, request.services, actor=request.caller.name, confirmed=confirmed)
    jobs.start(jobs.REBUILD, lambda tell: work(tell=tell))
    return "rebuild-began"


def _check(request: Request, params: Params) -> str:
    _require_idle(request, jobs.CHECK)
    verify, repair = (forms.boolean(params, name, default=False) for name in ("verify", "repair"))
    work = partial(jobs.check, request.services, actor=request.caller.name, verify=verify, repair=repair)
    jobs.start(jobs.CHECK, lambda tell: work(tell=tell))
    return "check-began"


change_index = acting(index, {"rebuild": _rebuild, "check": _check})
