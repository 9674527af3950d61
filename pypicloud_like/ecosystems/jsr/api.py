"""The objects of the JSR API, as pure functions of records (its published description). Where older and newer
descriptions call a member differently it has both names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pypicloud_like.core.model import FileRecord
from pypicloud_like.core.ports import Invite, Member, Person, PublishingTask, ScopeRecord
from pypicloud_like.core.records import time_text
from pypicloud_like.ecosystems.jsr.directory import Entry
from pypicloud_like.ecosystems.jsr.names import PackageName, package_of
from pypicloud_like.ecosystems.jsr.profile import Profile
from pypicloud_like.ecosystems.jsr.shapes import (
    JsrDependency,
    JsrFullScope,
    JsrInvite,
    JsrMember,
    JsrMyself,
    JsrPackage,
    JsrQuotas,
    JsrRepository,
    JsrScope,
    JsrTask,
    JsrUser,
    JsrVersion,
)


def user_json(person: Person) -> JsrUser:
    """A user as everybody may see them."""
    return {
        "id": person.uuid,
        "name": person.name,
        "avatarUrl": "",
        "githubId": None,
        "gitlabId": None,
        "createdAt": time_text(person.since),
        "updatedAt": time_text(person.since),
    }


def full_user_json(person: Person, *, staff: bool, scopes: int, scope_limit: int, invites: int) -> JsrMyself:
    """A user as they see themselves. Accounts here have no e-mail address."""
    return {
        **user_json(person),
        "email": None,
        "isBlocked": False,
        "isStaff": staff,
        "scopeUsage": scopes,
        "scopeLimit": scope_limit,
        "inviteCount": invites,
        "newerTicketMessagesCount": 0,
    }


def scope_json(scope: ScopeRecord) -> JsrScope:
    """A scope as everybody may see it."""
    return {
        "scope": scope.name,
        "description": scope.description,
        "createdAt": time_text(scope.created_at),
        "updatedAt": time_text(scope.updated_at),
    }


def full_scope_json(scope: ScopeRecord, creator: Person, quotas: JsrQuotas) -> JsrFullScope:
    """A scope as its admins see it."""
    return {
        **scope_json(scope),
        "creator": user_json(creator),
        "quotas": quotas,
        "ghActionsVerifyActor": scope.verify_actor,
        "requirePublishingFromCI": scope.ci_only,
    }


def member_json(member: Member, person: Person) -> JsrMember:
    """A membership."""
    return {
        "scope": member.scope,
        "user": user_json(person),
        "isAdmin": member.admin,
        "createdAt": time_text(member.created_at),
        "updatedAt": time_text(member.updated_at),
    }


def invite_json(invite: Invite, target: Person, inviter: Person) -> JsrInvite:
    """An invite."""
    at = time_text(invite.created_at)
    asking = user_json(inviter)
    return {
        "scope": invite.scope,
        "targetUser": user_json(target),
        "inviter": asking,
        "requestingUser": asking,
        "createdAt": at,
        "updatedAt": at,
    }


def package_json(entry: Entry, *, dependents: int) -> JsrPackage:
    """A package. Nothing here parses declarations, so it has no score."""
    profile = entry.profile
    return {
        "scope": entry.name.scope,
        "name": entry.name.package,
        "description": profile.description,
        "runtimeCompat": dict(profile.runtimes),
        "githubRepository": _repository_json(profile),
        "createdAt": time_text(entry.created_at),
        "updatedAt": time_text(entry.updated_at),
        "versionCount": entry.offered,
        "dependencyCount": entry.dependencies,
        "dependentCount": dependents,
        "score": None,
        "latestVersion": entry.latest,
        "whenFeatured": _time(profile.featured_at),
        "isArchived": entry.archived,
        "readmeSource": profile.readme_source,
    }


def unborn_json(name: PackageName, now: datetime) -> JsrPackage:
    """A package that its first version will bring into being."""
    at = time_text(now)
    return {
        "scope": name.scope,
        "name": name.package,
        "description": "",
        "runtimeCompat": {},
        "githubRepository": None,
        "createdAt": at,
        "updatedAt": at,
        "versionCount": 0,
        "dependencyCount": 0,
        "dependentCount": 0,
        "score": None,
        "latestVersion": None,
        "whenFeatured": None,
        "isArchived": False,
        "readmeSource": "readme",
    }


def version_json(file: FileRecord, *, newer: int, downloads: int) -> JsrVersion:
    """A version.

    :param newer: how many versions are higher
    :param downloads: how often it was downloaded in all
    """
    name = package_of(file.project)
    needed: Sequence[Mapping[str, Any]] = file.facts.get("dependencies", ())
    return {
        "scope": name.scope,
        "name": name.package,
        "package": name.package,
        "version": file.version,
        "yanked": file.yanked is not None,
        "usesNpm": any(each["kind"] == "npm" for each in needed),
        "newerVersionsCount": newer,
        "lifetimeDownloadCount": downloads,
        "rekorLogId": None,
        "license": file.facts.get("license"),
        "readmePath": file.facts.get("readme"),
        "createdAt": time_text(file.uploaded_at),
        "updatedAt": time_text(file.stamp.at),
    }


def dependency_json(told: Mapping[str, Any]) -> JsrDependency:
    """What a version depends on."""
    return {
        "kind": told["kind"],
        "name": told["name"],
        "constraint": told["constraint"],
        "path": told["path"],
        "fallbackUrl": None,
    }


def task_json(task: PublishingTask, person: Person | None) -> JsrTask:
    """A publishing task."""
    name = package_of(task.project)
    return {
        "id": task.id,
        "status": task.status,
        "error": {"code": task.error[0], "message": task.error[1]} if task.error else None,
        "userId": person.uuid if person else None,
        "user": user_json(person) if person else None,
        "packageScope": name.scope,
        "packageName": name.package,
        "packageVersion": task.version,
        "createdAt": time_text(task.created_at),
        "updatedAt": time_text(task.updated_at),
    }


def _repository_json(profile: Profile) -> JsrRepository | None:
    told = profile.repository
    if told is None:
        return None
    since = told.get("createdAt")
    # numbers of repositories are GitHub's to give, and nobody is asked here
    return {"id": 0, "owner": told["owner"], "name": told["name"], "createdAt": since, "updatedAt": since}


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else time_text(moment)
