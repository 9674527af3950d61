"""The bodies of pypicloud's administration API as types."""

from __future__ import annotations

from typing import Literal, TypedDict

from pypicloud_like.http.openapi.kinds import Count, Flag, Uri

Permission = Literal["read", "write"]


class Rebuilt(TypedDict):
    """What a rebuild found and did."""

    projects: Count
    records: Count
    changed: Count
    removed: Count
    kept_without_record: Count
    problems: list[str]


class RebuildTerms(TypedDict, total=False):
    """``confirmed`` removes rows without a record even if they are many."""

    confirmed: Flag


class Listed(TypedDict):
    """A user in a list."""

    username: str
    admin: bool


class User(Listed):
    """A user and the groups that they are in."""

    groups: list[str]


class Granted(TypedDict):
    """What is explicitly granted on a project; other ecosystems than Python are named before its name."""

    package: str
    permissions: list[Permission]


class GrantedToUser(TypedDict):
    """What a user may do."""

    username: str
    permissions: list[Permission]


class GrantedToGroup(TypedDict):
    """What a group may do."""

    group: str
    permissions: list[Permission]


class PackageGrants(TypedDict):
    """Who was given what on a project."""

    user: list[GrantedToUser]
    group: list[GrantedToGroup]


class Group(TypedDict):
    """A group's members, and what it was given."""

    members: list[str]
    packages: list[Granted]


class NewUser(TypedDict):
    """An account that needs no approval."""

    password: str


class AdminMark(TypedDict):
    """Whether somebody administers."""

    admin: Flag


class RegistrationMark(TypedDict):
    """Whether newcomers may register."""

    allow: Flag


class Invitation(TypedDict):
    """By which one user may register."""

    token: str
    token_url: Uri
