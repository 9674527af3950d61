"""Giving and taking away rights on a project."""

from __future__ import annotations

from dataclasses import dataclass

from pypicloud_like.access.policy import EVERYONE
from pypicloud_like.core.errors import Conflict
from pypicloud_like.core.model import Grants, Project, Right
from pypicloud_like.core.ports import MutableAccess
from pypicloud_like.core.spelling import normal_form
from pypicloud_like.registry.services import Services


@dataclass(frozen=True, slots=True)
class Grant:
    """A right on a project, which need not exist. ``kind`` is ``user`` or ``group``, ``principal`` a name."""

    project: Project
    kind: str
    principal: str
    right: Right


def give(services: Services, access: MutableAccess, grant: Grant, *, actor: str | None) -> None:
    """Grant a right.

    :raises NotFound: there is no such user or group
    :raises Conflict: cargo could not read the crate any more
    """
    _keep_open(services, grant, given=True)
    access.grant(grant.project, grant.kind, grant.principal, grant.right, actor=actor)


def take(services: Services, access: MutableAccess, grant: Grant, *, actor: str | None) -> None:
    """Take a right away; fine if it was not granted.

    :raises Conflict: cargo could not read the crate any more
    """
    _keep_open(services, grant, given=False)
    access.revoke(grant.project, grant.kind, grant.principal, grant.right, actor=actor)


def _keep_open(services: Services, grant: Grant, *, given: bool) -> None:
    """Where cargo is told never to send a token, a crate must stay readable without.

    :raises Conflict: after this change it would not be
    """
    if grant.project.ecosystem != "cargo" or services.settings.cargo.auth_required != "never":
        return
    now = services.access.grants().get(grant.project, Grants())
    after = {("user", name, each) for name, rights in now.users.items() for each in rights}
    after |= {("group", name, each) for name, rights in now.groups.items() for each in rights}
    change = {(grant.kind, normal_form(grant.principal), grant.right)}
    after = after | change if given else after - change
    if after and ("group", EVERYONE, Right.READ) not in after:
        raise Conflict(
            f"cargo.auth_required = never: {grant.project} has to be readable by everyone; grant that first"
        )
