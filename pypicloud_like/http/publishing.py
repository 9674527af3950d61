"""Whether the caller of a request may publish, asked alike by every way of publishing."""

from __future__ import annotations

from pyramid.request import Request

from pypicloud_like.access.policy import Act
from pypicloud_like.core import moment
from pypicloud_like.core.errors import Forbidden
from pypicloud_like.core.model import Project
from pypicloud_like.http.security import require
from pypicloud_like.registry.publish import is_unclaimed

_BRIEF = 0.05
"""Seconds within which a body counts as received at once: what held before it holds after it."""


def require_any_write(request: Request, ecosystem: str) -> None:
    """Refuse callers without credentials, unless there is anything that they may write: to be asked before
    a body is read.

    :raises LoginRequired: they have to log in first
    """
    if request.caller.account is None and not request.services.guard.anonymous_may_write():
        require(request, Act.WRITE, Project(ecosystem, "-"), exists=False)


@moment.one()
def require_write(request: Request, project: Project) -> bool:
    """Whether the caller may write only because the name is new; if not, they may write the project.

    :raises LoginRequired, Forbidden: they may not publish it at all, or an upstream has the name
    """
    moment.renew_after(_BRIEF)
    services, caller = request.services, request.caller
    guard = services.guard
    may_write = guard.may(caller, Act.WRITE, project)
    if may_write and services.upstreams is None and guard.may(caller, Act.WRITE, project, exists=False):
        return False  # so it makes no difference whether the name is new, which would have to be looked up
    is_new = not services.cache.exists(project)
    if not is_new and not may_write:
        is_new = is_unclaimed(services, project, caller)
    require(request, Act.WRITE, project, exists=not is_new)
    if is_new:
        _require_claim(request, project)
    return is_new and not may_write


def _require_claim(request: Request, project: Project) -> None:
    """Refuse a name that is served from an upstream: whoever installs it would get other files from one
    day to the next. Administrators may take it, and those to whom they granted it.

    :raises Forbidden: it is such a name
    """
    services, account = request.services, request.caller.account
    if services.upstreams is None or not services.upstreams.held.knows(project):
        return
    if not (account is not None and account.admin) and project not in services.access.grants():
        raise Forbidden("This name is served from an upstream; an administrator can grant it to you")
