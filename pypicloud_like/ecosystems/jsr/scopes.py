"""Rules of scopes: what they may be called, and how much may be in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from pypicloud_like.core.errors import Conflict
from pypicloud_like.core.model import Account, Project
from pypicloud_like.core.ports import ScopeRecord
from pypicloud_like.ecosystems.jsr.directory import Entry
from pypicloud_like.ecosystems.jsr.errors import Malformed, Refused, Taken
from pypicloud_like.ecosystems.jsr.names import JSR, check_scope, without_hyphens
from pypicloud_like.ecosystems.jsr.profile import profile_of
from pypicloud_like.ecosystems.jsr.shapes import JsrQuotas
from pypicloud_like.registry.services import Services

WEEK = timedelta(days=7)
_SHORTEST_DESCRIPTION, _LONGEST_DESCRIPTION = 5, 200


def make_scope(services: Services, name: str, *, creator: Account, description: str = "") -> ScopeRecord:
    """Make a scope for a user. One of which packages are served from an upstream is an administrator's to
    make: from then on they are not, and its members could put others in their place. So is one in which there
    is anything of ours: its members will read and write whatever is called so.

    :raises Malformed: no scope can be called so
    :raises Refused: the name is reserved, or the user has made enough
    :raises Taken: there is one of this name, hyphens aside
    """
    rules = services.settings.jsr
    check_scope(name)
    upstreams = services.upstreams
    if not creator.admin and upstreams is not None and upstreams.held.knows(everything(name)):
        raise Refused("scopeNameReserved", f"Packages of @{name} are served from an upstream")
    if not creator.admin and services.scopes.scope(name) is None and is_begun(services, name):
        raise Refused("scopeNameReserved", f"@{name} is in use already: an administrator has to make it")
    if without_hyphens(name) in map(without_hyphens, rules.reserved_scopes):
        raise Refused("scopeNameReserved", f"The name @{name} is reserved")
    if services.scopes.created_by(creator.name) >= rules.scope_limit:
        raise Refused("scopeLimitReached", f"You have made {rules.scope_limit} scopes, which is the most")
    try:
        return services.scopes.add(name, creator=creator.name, description=description)
    except Conflict as error:
        raise Taken("scopeAlreadyExists", str(error)) from error


def is_begun(services: Services, scope: str) -> bool:
    """Whether anything in a scope is ours: a version, be it deleted or quarantined, something that is said of
    a package, or who may read or write one.
    """
    granted = any(project.space == everything(scope) for project in services.access.grants())
    return granted or any(map(services.cache.exists, _known(services, scope)))


def has_contents(services: Services, scope: str) -> bool:
    """Whether there is a package in a scope that has versions, or that somebody made; also one that is
    quarantined, and so in no list.
    """
    cache = services.cache
    return any(
        cache.described(project) or profile_of(cache.record(project)).made_at
        for project in _known(services, scope)
    )


def everything(scope: str) -> Project:
    """The pattern of all packages of a scope."""
    return Project(JSR, f"@{scope}/*")


def _known(services: Services, scope: str) -> list[Project]:
    return [each for each in services.cache.known_projects(JSR) if each.space == everything(scope)]


def check_scope_description(value: object) -> str:
    """The description of a scope, which may be empty.

    :raises Malformed: it is none
    """
    if value is None:
        return ""
    if not isinstance(value, str) or not value.isprintable():
        raise Malformed("'description' must be one line of text")
    size = len(value.encode("utf-8", "replace"))
    if value and not _SHORTEST_DESCRIPTION <= size <= _LONGEST_DESCRIPTION:
        raise Malformed(
            f"'description' must be empty or have {_SHORTEST_DESCRIPTION} to {_LONGEST_DESCRIPTION} bytes"
        )
    return value


def quotas(services: Services, scope: str, packages: Sequence[Entry]) -> JsrQuotas:
    """How much of its limits a scope uses.

    :param packages: all that are in it
    """
    rules, since = services.settings.jsr, services.clock() - WEEK
    return {
        "packageUsage": len(packages),
        "packageLimit": rules.package_limit,
        "newPackagePerWeekUsage": sum(entry.created_at > since for entry in packages),
        "newPackagePerWeekLimit": rules.weekly_packages,
        "publishAttemptsPerWeekUsage": services.tasks.attempts(JSR, f"@{scope}/", since=since),
        "publishAttemptsPerWeekLimit": rules.weekly_attempts,
    }


def check_room_for_package(services: Services, scope: str, packages: Sequence[Entry]) -> None:
    """:raises Refused: the scope may not have another package, or not this week"""
    used = quotas(services, scope, packages)
    if used["packageUsage"] >= used["packageLimit"]:
        raise Refused(
            "packageLimitExceeded", f"@{scope} has {used['packageUsage']} packages, which is the most"
        )
    if used["newPackagePerWeekUsage"] >= used["newPackagePerWeekLimit"]:
        raise Refused("weeklyPackageLimitExceeded", f"@{scope} has had its new packages of this week")


def check_room_for_attempt(services: Services, scope: str) -> None:
    """:raises Refused: the scope has published too often this week"""
    since = services.clock() - WEEK
    if services.tasks.attempts(JSR, f"@{scope}/", since=since) >= services.settings.jsr.weekly_attempts:
        raise Refused("weeklyPublishAttemptsLimitExceeded", f"@{scope} has published too often this week")
