"""By which rule somebody may do something: the decision of :mod:`~pypicloud_like.access.policy` in words."""

from __future__ import annotations

from pypicloud_like.access.policy import Act, principals
from pypicloud_like.core.model import Account, Grants, Project, Right
from pypicloud_like.settings.model import AccessSettings


def rule_of(
    account: Account | None,
    right: Right,
    project: Project,
    *,
    grants: Grants | None,
    owner: bool,
    rules: AccessSettings,
    exists: bool = True,
    held: bool = False,
) -> str:
    """The first rule that gives a right on a project, or the sentence that none does. ``exists`` and ``held``
    as :func:`~pypicloud_like.access.policy.allows` has them.
    """
    groups = principals(account)
    if account is not None and account.admin:
        return "administrators may do everything"
    if account is not None and owner:
        return f"{account.name} owns {project}"
    if grants is not None and (grants.users or grants.groups):
        return _granted(account, right, groups, grants)
    if right is Right.WRITE and held and project.space is not None:
        return f"{project.space.name.partition('/')[0]} belongs to its members, and {project} has no grants"
    by_default, name = _by_default(right, rules, exists=exists)
    common = sorted(groups & by_default)
    if common:
        return f"{project} has no grants, and {name} has the group {common[0]}"
    return f"{project} has no grants, and {name} has none of the groups {', '.join(sorted(groups))}"


def _by_default(right: Right, rules: AccessSettings, *, exists: bool) -> tuple[frozenset[str], str]:
    """The groups that have a right where nothing is granted, and the setting that says so."""
    if right is Right.READ:
        return rules.default_read, "pypi.default_read"
    if not exists and rules.create_groups is not None:
        return rules.create_groups, "pypi.allow_create_groups"
    return rules.default_write, "pypi.default_write"


def _granted(account: Account | None, right: Right, groups: frozenset[str], grants: Grants) -> str:
    if account is not None and right in grants.users.get(account.name, ()):
        return f"{right} is granted to {account.name}"
    for group, rights in sorted(grants.groups.items()):
        if group in groups and right in rights:
            return f"{right} is granted to the group {group}"
    return f"there are explicit grants, and none gives {right}"


ACT_OF = {Right.READ: Act.READ, Right.WRITE: Act.WRITE}
"""The act that each right allows first of all."""
