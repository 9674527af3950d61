"""Who owns a project: those who were made its owners, and those whom an administrator lets write it."""

from __future__ import annotations

from collections.abc import Sequence

from pypicloud_like.access.policy import BUILT_IN_GROUPS
from pypicloud_like.core.errors import Conflict, NotFound
from pypicloud_like.core.model import Project, Right
from pypicloud_like.core.spelling import normal_form
from pypicloud_like.registry.services import Services


def owners(services: Services, project: Project) -> Sequence[str]:
    """The names of the users who own a project, or were granted to write it by name or by a group of theirs;
    sorted. Groups that follow from who somebody is (everyone, authenticated, admin) are nobody in particular.
    """
    found = set(services.state.owners(project))
    grants = services.access.grants().get(project)
    if grants is not None:
        found.update(name for name, rights in grants.users.items() if Right.WRITE in rights)
        groups = services.access.groups()
        for group, rights in grants.groups.items():
            if Right.WRITE in rights and group not in BUILT_IN_GROUPS:
                found.update(groups.get(group, ()))
    return sorted(found)


def add(services: Services, project: Project, name: str, *, actor: str | None) -> bool:
    """Make a user an owner; False if they own the project already.

    :raises NotFound: there is no such user
    """
    account = services.access.account(name)
    if account is None:
        raise NotFound(f"The user `{name[:100]}`")
    if account.name in services.state.owners(project):
        return False
    services.state.add_owner(project, account.name, actor=actor)
    return True


def remove(services: Services, project: Project, name: str, *, actor: str | None) -> None:
    """Take ownership away from a user, be their account gone meanwhile or not.

    :raises NotFound: they are no owner
    :raises Conflict: they are the only owner, or own it by what an administrator granted
    """
    name = normal_form(name)
    if name in services.state.owners(project):
        services.state.remove_owner(project, name, actor=actor)
    elif name in owners(services, project):
        raise Conflict(f"`{name}` may write by a grant: only an administrator can take that away")
    else:
        raise NotFound(f"The owner `{name[:100]}`")
