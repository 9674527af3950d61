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


def add(
    services: Services, project: Project, names: Sequence[str], *, actor: str | None
) -> tuple[Sequence[str], Sequence[str]]:
    """Make users owners, all of them or none; gives who is one now, and who was before.

    :raises NotFound: there is no such user
    """
    accounts = {name: services.access.account(name) for name in names}
    owned = services.state.owners(project)
    new: list[tuple[str, str]] = []
    known: list[str] = []
    for name, account in accounts.items():
        if account is None:
            raise NotFound(f"The user `{name[:100]}`")
        if account.name in owned:
            known.append(name)
        else:
            new.append((name, account.name))
    for _, username in new:
        services.state.add_owner(project, username, actor=actor)
    return [name for name, _ in new], known


def remove(services: Services, project: Project, names: Sequence[str], *, actor: str | None) -> None:
    """Take ownership away from users, from all of them or from none, be their accounts gone meanwhile or not.

    :raises NotFound: one of them is no owner
    :raises Conflict: nobody would be left, or one owns it by what an administrator granted
    """
    unwanted = list(map(normal_form, names))
    owned = services.state.owners(project)
    for name in unwanted:
        if name in owned:
            continue
        if name in owners(services, project):
            raise Conflict(f"`{name}` may write by a grant: only an administrator can take that away")
        raise NotFound(f"The owner `{name[:100]}`")
    services.state.remove_owner(project, *unwanted, actor=actor)
