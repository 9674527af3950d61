"""Users, groups and grants as rows of the state database: how they are read and written.

Whoever writes runs inside :meth:`pypicloud_like.state.changes.Recorder.change`, so nothing that was
read before changes until the commit.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from pypicloud_like.core.errors import Conflict
from pypicloud_like.core.model import Account, Grants, Project, Right
from pypicloud_like.state.tables import grants, groups, memberships, settings, users

_ALLOW_REGISTER = "allow_register"


@dataclass(frozen=True, slots=True)
class People:
    """Everything decisions depend on, as of one moment. ``accounts`` are the approved ones by name."""

    accounts: Mapping[str, Account]
    pending: tuple[str, ...]
    groups: Mapping[str, frozenset[str]]
    grants: Mapping[Project, Grants]
    registration: bool


def read_people(connection: sa.Connection) -> People:
    """All of it, in one snapshot."""
    members = read_groups(connection)
    groups_of: dict[str, set[str]] = defaultdict(set)
    for group, names in members.items():
        for name in names:
            groups_of[name].add(group)
    columns = (users.c.name, users.c.admin, users.c.pending, users.c.created_at)
    found = sorted(connection.execute(sa.select(*columns)).all())
    return People(
        accounts={
            row.name: Account(row.name, row.admin, frozenset(groups_of[row.name]), created_at=row.created_at)
            for row in found
            if not row.pending
        },
        pending=tuple(row.name for row in found if row.pending),
        groups=members,
        grants=read_grants(connection),
        registration=read_registration(connection),
    )


def read_groups(connection: sa.Connection) -> dict[str, frozenset[str]]:
    """Group → members, by group."""
    members: dict[str, set[str]] = {name: set() for name in sorted(connection.scalars(sa.select(groups)))}
    for row in connection.execute(sa.select(memberships)):
        members[row.group_name].add(row.user_name)
    return {group: frozenset(names) for group, names in members.items()}


def read_grants(connection: sa.Connection) -> dict[Project, Grants]:
    """All grants by project."""
    held: dict[Project, dict[str, dict[str, frozenset[Right]]]] = {}
    for row in connection.execute(sa.select(grants)):
        kinds = held.setdefault(Project(row.ecosystem, row.project), {"user": {}, "group": {}})
        kinds[row.kind][row.principal] = _rights(row)
    return {project: Grants(kinds["user"], kinds["group"]) for project, kinds in sorted(held.items())}


def read_registration(connection: sa.Connection) -> bool:
    """Whether newcomers may register; not until somebody says so."""
    value = connection.scalar(sa.select(settings.c.value).where(settings.c.key == _ALLOW_REGISTER))
    return bool(value)


def write_registration(connection: sa.Connection, allowed: bool) -> None:
    """Keep whether newcomers may register."""
    connection.execute(sa.delete(settings).where(settings.c.key == _ALLOW_REGISTER))
    connection.execute(sa.insert(settings).values(key=_ALLOW_REGISTER, value=allowed))


def user_exists(connection: sa.Connection, name: str) -> bool:
    """Whether there is such a user, approved or pending."""
    return connection.scalar(sa.select(users.c.id).where(users.c.name == name)) is not None


def group_exists(connection: sa.Connection, name: str) -> bool:
    """Whether somebody made such a group."""
    return connection.scalar(sa.select(groups.c.name).where(groups.c.name == name)) is not None


def admin_exists(connection: sa.Connection) -> bool:
    """Whether there is an approved administrator."""
    found = sa.select(users.c.id).where(users.c.admin, sa.not_(users.c.pending)).limit(1)
    return connection.scalar(found) is not None


def keep_an_admin(connection: sa.Connection, *, without: str) -> None:
    """:raises Conflict: this user is the last approved administrator"""
    approved = sa.select(users.c.name).where(users.c.admin, sa.not_(users.c.pending)).limit(2)
    if list(connection.scalars(approved)) == [without]:
        raise Conflict(f"{without} is the last administrator")


def insert_user(
    connection: sa.Connection, name: str, hashed: str, *, admin: bool, pending: bool, at: datetime
) -> None:
    """Add a user, who must not exist."""
    connection.execute(
        sa.insert(users).values(
            uuid=str(uuid.uuid4()), name=name, password=hashed, admin=admin, pending=pending, created_at=at
        )
    )


def add_rights(
    connection: sa.Connection, project: Project, kind: str, principal: str, rights: Collection[Right]
) -> bool:
    """Grant rights beside those that are there (none at all is a row too: the defaults end where a
    project has one). Gives whether anything changed.
    """
    held = _held(connection, project, kind, principal)
    if held is None:
        connection.execute(sa.insert(grants).values(_key(project, kind, principal) | _columns(rights)))
        return True
    if held >= frozenset(rights):
        return False
    connection.execute(
        sa.update(grants).filter_by(**_key(project, kind, principal)).values(_columns(held.union(rights)))
    )
    return True


def remove_right(
    connection: sa.Connection, project: Project, kind: str, principal: str, right: Right
) -> bool:
    """Take one right back; with the last one the row goes. Gives whether anything changed."""
    held = _held(connection, project, kind, principal)
    if held is None or right not in held:
        return False
    key = _key(project, kind, principal)
    left = held - {right}
    if left:
        connection.execute(sa.update(grants).filter_by(**key).values(_columns(left)))
    else:
        connection.execute(sa.delete(grants).filter_by(**key))
    return True


def _held(connection: sa.Connection, project: Project, kind: str, principal: str) -> frozenset[Right] | None:
    row = connection.execute(sa.select(grants).filter_by(**_key(project, kind, principal))).one_or_none()
    return None if row is None else _rights(row)


def _key(project: Project, kind: str, principal: str) -> dict[str, Any]:
    return {"ecosystem": project.ecosystem, "project": project.name, "kind": kind, "principal": principal}


def _columns(rights: Collection[Right]) -> dict[str, Any]:
    return {"read": Right.READ in rights, "write": Right.WRITE in rights}


def _rights(row: sa.Row[Any]) -> frozenset[Right]:
    return frozenset(right for right, given in ((Right.READ, row.read), (Right.WRITE, row.write)) if given)
